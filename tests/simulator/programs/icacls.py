# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""icacls.exe: grants, removes and lists rights (native-tools.md 5, uncertain there; the listing as seen in pastes).

Rights have no effect in the simulation: they are only remembered.
"""

from __future__ import annotations

import re

from ..windows.files import FileError, Folder
from .process import Process, program

#: Well-known SIDs, which work on a Windows of any language (native-tools.md 5).
_SIDS = {
    "S-1-5-32-544": "BUILTIN\\Administrators",
    "S-1-5-32-545": "BUILTIN\\Users",
    "S-1-5-18": "NT AUTHORITY\\SYSTEM",
    "S-1-5-11": "NT AUTHORITY\\Authenticated Users",
    "S-1-1-0": "Everyone",
    "S-1-5-19": "NT AUTHORITY\\LOCAL SERVICE",
    "S-1-5-20": "NT AUTHORITY\\NETWORK SERVICE",
}
_INHERITED = [("S-1-5-18", "(I){}(F)"), ("S-1-5-32-544", "(I){}(F)"), ("S-1-5-32-545", "(I){}(RX)")]
_RIGHT = re.compile(r"((?:\((?:OI|CI|IO|NP|I)\))*)(F|M|RX|R|W|D|N|\([A-Z,]+\))", re.IGNORECASE)


class _Bad(Exception):
    """Not a command line of icacls, or an account that does not exist; with the exit code."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


def _account(process: Process, text: str) -> str:
    """The name behind ``*SID`` or a name, in the machine's language. Raises _Bad 1332 for one nobody knows."""
    if text.startswith("*"):
        sid = text[1:].upper()
        return process.say(_SIDS[sid]) if sid in _SIDS else text[1:]
    names = [process.say(name) for name in _SIDS.values()]
    for name in names:
        if text.lower() in (name.lower(), name.rpartition("\\")[2].lower()):
            return name
    users = [user.rpartition("\\")[2] for user in process.machine.accounts]
    for user in users:
        if text.lower().rpartition("\\")[2] == user.lower():
            return f"{process.machine.name}\\{user}"
    raise _Bad(1332, f"{text}: No mapping between account names and security IDs was done.")


def _grant(process: Process, rights: list[tuple[str, str]], text: str) -> list[tuple[str, str]]:
    """``ACCOUNT:(OI)(CI)F`` added to a path's own rights. Raises _Bad."""
    account, colon, mask = text.rpartition(":")
    match = _RIGHT.fullmatch(mask)
    if not colon or not match:
        raise _Bad(87, f'Invalid parameter "{text}"')
    name = _account(process, account)
    right = match[2] if match[2].startswith("(") else f"({match[2].upper()})"
    return [one for one in rights if one[0] != name] + [(name, match[1].upper() + right)]


def _change(process: Process, path: str, words: list[str]) -> bool:
    """Carry out the switches; whether there were any. Raises _Bad."""
    rights = process.machine.ntfs_rights
    key = path.lower()
    own = list(rights.get(key, []))
    rest, changed = list(words), False
    while rest:
        word = rest.pop(0)
        name = word.lower()
        if name in ("/t", "/c", "/q", "/l"):
            continue
        changed = True
        if name in ("/grant", "/grant:r") and rest:
            while rest and not rest[0].startswith("/"):
                own = _grant(process, own, rest.pop(0))
        elif name in ("/remove", "/remove:g", "/remove:d") and rest:
            while rest and not rest[0].startswith("/"):
                gone = _account(process, rest.pop(0))
                own = [one for one in own if one[0] != gone]
        elif name in ("/inheritance:r", "/inheritance:d", "/inheritance:e"):
            own = [one for one in own if one[0] != "/inheritance"] + ([] if name[-1] == "e" else [("/inheritance", name[-1])])
        elif name == "/reset":
            own = []
        else:
            raise _Bad(87, f'Invalid parameter "{word}"')
    if changed:
        rights[key] = own
    return changed


def _listing(process: Process, typed: str, path: str) -> str:
    own = process.machine.ntfs_rights.get(path.lower(), [])
    folder = isinstance(process.machine.files.find(path), Folder)
    flags = "(OI)(CI)" if folder else ""
    mode = next((mask for name, mask in own if name == "/inheritance"), "")
    rows = [f"{name}:{mask}" for name, mask in own if name != "/inheritance"]
    if mode != "r":
        shown = [(sid, mask.replace("(I)", "") if mode == "d" else mask) for sid, mask in _INHERITED]
        rows += [f"{process.say(_SIDS[sid])}:{mask.format(flags)}" for sid, mask in shown]
    lead = " " * (len(typed) + 1)
    return f"{typed} " + f"\n{lead}".join(rows) + "\n\n"


@program("icacls.exe")
async def icacls(process: Process) -> int:
    words = process.arguments[1:]
    if not words or words[0].startswith("/"):
        process.machine.log("refused", process.command_line)
        await process.complain("Invalid parameter\n")
        return 87
    path, failed, text = process.absolute(words[0]), 0, ""
    try:
        if process.machine.files.find(path) is None:
            process.machine.files.file(path)
        if _change(process, path, words[1:]):
            if not process.elevated:
                raise _Bad(5, f"{words[0]}: {process.say('Access is denied.')}")
            text = process.say("processed file: {}", words[0]) + "\n"
        else:
            text = _listing(process, words[0], path)
    except (_Bad, FileError) as error:
        failed = error.code
        await process.complain(f"{words[0]}: {process.say(error.text)}\n" if isinstance(error, FileError) else f"{error}\n")
    if failed == 87:
        process.machine.log("refused", process.command_line)
        return 87
    counts = process.say("Successfully processed {} files; Failed processing {} files", int(not failed), int(bool(failed)))
    if "/q" not in (word.lower() for word in words) or failed:
        await process.print(f"{text}{counts}\n")
    return failed
