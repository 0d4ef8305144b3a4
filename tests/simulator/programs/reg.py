# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""reg.exe: query, add, delete. Exit codes 0 and 1 only (native-tools.md 5)."""

from __future__ import annotations

from ..windows.registry import REG_BINARY, REG_DWORD, REG_MULTI_SZ, REG_QWORD, TYPE_NAMES, Data, Key, RegistryValue
from .process import Process, program

_HIVES = {
    "HKLM": "HKEY_LOCAL_MACHINE",
    "HKCU": "HKEY_CURRENT_USER",
    "HKCR": "HKEY_CLASSES_ROOT",
    "HKU": "HKEY_USERS",
    "HKCC": "HKEY_CURRENT_CONFIG",
}
_TYPES = {name: number for number, name in TYPE_NAMES.items()}


def _options(words: list[str]) -> dict[str, str | None] | None:
    """Switches with their values (``/f`` without); None for one that isn't known."""
    found: dict[str, str | None] = {}
    rest = list(words)
    while rest:
        name = rest.pop(0).lower()
        if name.startswith("/reg:"):
            continue
        if name in ("/v", "/t", "/d"):
            if not rest:
                return None
            found[name] = rest.pop(0)
        elif name in ("/f", "/ve", "/va", "/s"):
            found[name] = None
        else:
            return None
    return found


def _place(text: str) -> tuple[str, str] | None:
    """Hive and path of a key as typed."""
    head, _unused, path = text.partition("\\")
    hive = _HIVES.get(head.upper(), head.upper())
    return (hive, path.strip("\\")) if hive in _HIVES.values() else None


def _shown(value: RegistryValue) -> str:
    name = value.name or "(Default)"
    data: Data = value.data
    if isinstance(data, bytes):
        text = data.hex().upper()
    elif isinstance(data, list):
        text = "\\0".join(data)
    else:
        text = f"{data:#x}" if isinstance(data, int) else data
    return f"    {name}    {TYPE_NAMES[value.type]}    {text}\n"


def _data(kind: int, text: str) -> Data | None:
    """Typed data of a ``/d`` text; None when it is none."""
    try:
        if kind in (REG_DWORD, REG_QWORD):
            return int(text or "0", 0)
        if kind == REG_BINARY:
            return bytes.fromhex(text)
    except ValueError:
        return None
    return text.split("\\0") if kind == REG_MULTI_SZ else text


async def _wrong(process: Process, text: str) -> int:
    await process.complain(f"{process.say('ERROR:')} {process.say(text)}\n")
    return 1


async def _invalid(process: Process, verb: str) -> int:
    process.machine.log("refused", process.command_line)
    return await _wrong(process, f'Invalid syntax.\nType "REG {verb.upper()} /?" for usage.')


async def _query(process: Process, hive: str, path: str, options: dict[str, str | None]) -> int:
    key = process.machine.registry.key(path, hive)
    missing = "The system was unable to find the specified registry key or value."
    if key is None:
        return await _wrong(process, missing)
    name = options.get("/v", "" if "/ve" in options else None)
    if name is not None:
        value = key.values.get(name.lower())
        if value is None:
            return await _wrong(process, missing)
        await process.print(f"\n{hive}\\{path}\n{_shown(value)}\n")
        return 0
    await process.print("\n" + _tree(key, f"{hive}\\{path}", deep="/s" in options))
    return 0


def _tree(key: Key, full: str, *, deep: bool) -> str:
    values = "".join(_shown(value) for value in key.values.values())
    text = f"{full}\n{values}\n" if values else ""
    for child in key.children.values():
        text += _tree(child, f"{full}\\{child.name}", deep=True) if deep else f"{full}\\{child.name}\n"
    return text


async def _add(process: Process, hive: str, path: str, options: dict[str, str | None]) -> int:
    registry = process.machine.registry
    kind = _TYPES.get(str(options.get("/t") or "REG_SZ").upper())
    name = options.get("/v", "")
    data = _data(kind, options.get("/d") or "") if kind else None
    if kind is None or data is None:
        return await _invalid(process, "add")
    if not process.elevated and hive == "HKEY_LOCAL_MACHINE":
        return await _wrong(process, "Access is denied.")
    if "/v" in options or "/ve" in options:
        if (
            registry.get(path, name or "", hive)
            and "/f" not in options
            and not await _agreed(process, f"Value {name} exists, overwrite(Yes/No)? ")
        ):
            return 0
        registry.set(path, name or "", data, kind, hive)
    else:
        registry.create(path, hive=hive)
    await process.print(process.say("The operation completed successfully.") + "\n")
    return 0


async def _agreed(process: Process, question: str) -> bool:
    """The question hangs until somebody answers or stdin ends (native-tools.md 5)."""
    await process.print(question)
    return (await process.stdin.read()).strip().lower().startswith(b"y")


async def _delete(process: Process, hive: str, path: str, options: dict[str, str | None]) -> int:
    registry = process.machine.registry
    if not process.elevated and hive == "HKEY_LOCAL_MACHINE":
        return await _wrong(process, "Access is denied.")
    if "/f" not in options and not await _agreed(process, f"Permanently delete the registry key {hive}\\{path} (Yes/No)? "):
        return 0
    if "/v" in options or "/ve" in options:
        code = registry.delete_value(path, options.get("/v") or "", hive)
    elif "/va" in options:
        key = registry.key(path, hive)
        code = 2 if key is None else 0
        if key:
            key.values.clear()
    else:
        code = registry.delete_key(path, hive)
    if code:
        return await _wrong(process, "The system was unable to find the specified registry key or value.")
    await process.print(process.say("The operation completed successfully.") + "\n")
    return 0


_VERBS = {"query": _query, "add": _add, "delete": _delete}


@program("reg.exe")
async def reg(process: Process) -> int:
    words = process.arguments[1:]
    verb = words[0].lower() if words else ""
    action = _VERBS.get(verb)
    options = _options(words[2:])
    if action is None or len(words) < 2 or options is None:
        return await _invalid(process, verb or "query")
    place = _place(words[1])
    if place is None:
        return await _wrong(process, f'Invalid key name.\nType "REG {verb.upper()} /?" for usage.')
    return await action(process, *place, options)
