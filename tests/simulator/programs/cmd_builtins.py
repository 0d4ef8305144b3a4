# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""cmd's own commands. Texts are those of an English Windows (native-tools.md 5; the plain ones are unverified)."""

from __future__ import annotations

import fnmatch
import ntpath
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from ..windows.files import File, FileError, Folder, absolute, split
from .dir_listing import list_folder

if TYPE_CHECKING:
    from .cmd import Shell

Builtin = Callable[["Shell", str], Awaitable[int]]
BUILTINS: dict[str, Builtin] = {}


class Exit(Exception):
    """The built-in ``exit``."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def builtin(*names: str) -> Callable[[Builtin], Builtin]:
    """Register an async function of shell and the rest of the line."""

    def register(function: Builtin) -> Builtin:
        BUILTINS.update(dict.fromkeys(names, function))
        return function

    return register


def words(rest: str) -> tuple[list[str], set[str]]:
    """Operands without quotes, and lower-case switches."""
    operands: list[str] = []
    switches: set[str] = set()
    for word in _split(rest):
        if word.startswith("/") and len(word) > 1:
            switches.update("/" + part for part in word.lower().split("/") if part)
        else:
            operands.append(word.replace('"', ""))
    return operands, switches


def _split(rest: str) -> list[str]:
    out, current, quoted = [], "", False
    for character in rest:
        if character == '"':
            quoted = not quoted
        if character in " \t,;=" and not quoted:
            out.append(current)
            current = ""
        elif character == "/" and not quoted and current and current[0] == "/":
            out.append(current)
            current = character
        else:
            current += character
    return [word for word in [*out, current] if word]


def matches(shell: Shell, pattern: str) -> list[str]:
    """Paths a pattern with ``*`` and ``?`` stands for; a plain path stands for itself when it exists."""
    path = shell.path(pattern)
    folder, name = split(path)
    if not set("*?") & set(name):
        return [path] if shell.machine.files.exists(path) else []
    patterns = {name.lower(), name.lower().removesuffix(".*")}  # "x.*" stands for names without an extension too
    children = shell.machine.files.list(folder) if shell.machine.files.is_folder(folder) else []
    found = [child.name for child in children if any(fnmatch.fnmatchcase(child.name.lower(), pattern) for pattern in patterns)]
    return [absolute(child, folder) for child in found]


async def _syntax(shell: Shell) -> int:
    await shell.process.complain("The syntax of the command is incorrect.\n")
    return 1


@builtin("echo")
async def echo(shell: Shell, rest: str) -> int:
    text = rest[1:] if rest[:1] in (" ", ".", "\t", ",", ";", "=", "/", "\\", ":") else rest
    if not rest.strip():
        text = "ECHO is on."
    elif text.strip().lower() in ("on", "off") and rest[:1] == " ":
        return 0
    await shell.process.print(text + "\n")
    return 0


@builtin("rem")
async def rem(shell: Shell, rest: str) -> int:
    return 0


@builtin("exit")
async def leave(shell: Shell, rest: str) -> int:
    operands, _unused = words(rest)
    try:
        raise Exit(int(operands[0]) if operands else shell.exit_code)
    except ValueError:
        raise Exit(shell.exit_code) from None


@builtin("ver")
async def ver(shell: Shell, rest: str) -> int:
    profile = shell.machine.profile
    await shell.process.print(f"\nMicrosoft Windows [Version {profile.version}.{profile.revision}]\n")
    return 0


@builtin("cd", "chdir")
async def change_folder(shell: Shell, rest: str) -> int:
    operands, switches = words(rest)
    if not operands:
        await shell.process.print(shell.process.working_directory + "\n")
        return 0
    path = shell.path(" ".join(operands))
    if not shell.machine.files.is_folder(path):
        raise FileError(3, path)
    if "/d" in switches or path[:2].lower() == shell.process.working_directory[:2].lower():
        shell.process.working_directory = shell.machine.files.real_path(path)
    return 0


@builtin("set")
async def set_variable(shell: Shell, rest: str) -> int:
    text = rest.strip()
    if text.startswith('"'):
        text = text[1 : text.rfind('"')] if text.count('"') > 1 else text[1:]
    if text.lower().startswith(("/a", "/p")):
        shell.machine.log("refused", f"set {text}")
        return await _syntax(shell)
    name, equals, value = text.partition("=")
    if equals:
        if value:
            shell.variables[name] = value
        else:
            shell.variables.pop(name, None)
        return 0
    found = [one for one in shell.variables if one.lower().startswith(name.lower())]
    if name and not found:
        await shell.process.complain(f"Environment variable {name} not defined\n")
        return 1
    await shell.process.print("".join(f"{one}={shell.variables[one]}\n" for one in found))
    return 0


@builtin("type")
async def type_file(shell: Shell, rest: str) -> int:
    """Raw bytes; UTF-16 with a byte order mark is converted (native-tools.md 5)."""
    operands, _unused = words(rest)
    if not operands:
        return await _syntax(shell)
    code = 0
    for operand in operands:
        paths = matches(shell, operand)
        if not paths:
            shell.machine.files.file(shell.path(operand))
        for path in paths:
            content = shell.machine.files.read(path)
            if content.startswith(b"\xff\xfe"):
                content = content[2:].decode("utf-16-le", "replace").encode()
            await shell.process.stdout.write(content)
    return code


@builtin("dir")
async def directory(shell: Shell, rest: str) -> int:
    operands, switches = words(rest)
    return await list_folder(shell, operands, switches, matches)


@builtin("mkdir", "md")
async def make_folder(shell: Shell, rest: str) -> int:
    operands, _unused = words(rest)
    if not operands:
        return await _syntax(shell)
    for operand in operands:
        path = shell.path(operand)
        if shell.machine.files.exists(path):
            await shell.process.complain(f"A subdirectory or file {operand} already exists.\n")
            return 1
        shell.machine.files.make_folder(path)
    return 0


@builtin("rmdir", "rd")
async def remove_folder(shell: Shell, rest: str) -> int:
    operands, switches = words(rest)
    if not operands:
        return await _syntax(shell)
    if "/s" in switches and "/q" not in switches:
        await shell.process.print(f"{operands[0]}, Are you sure (Y/N)? ")
        answer = (await shell.process.stdin.read()).strip().lower()
        if answer[:1] != b"y":
            return 0
    for operand in operands:
        shell.machine.files.remove_folder(shell.path(operand), recursive="/s" in switches)
    return 0


@builtin("del", "erase")
async def delete(shell: Shell, rest: str) -> int:
    """Exit code 0 also when nothing was found, as cmd has it (unverified)."""
    operands, _unused = words(rest)
    if not operands:
        return await _syntax(shell)
    for operand in operands:
        path = shell.path(operand)
        if shell.machine.files.is_folder(path):
            found = [absolute(child.name, path) for child in shell.machine.files.list(path) if isinstance(child, File)]
        else:
            found = [one for one in matches(shell, operand) if shell.machine.files.is_file(one)]
        if not found and not shell.machine.files.is_folder(path):
            await shell.process.complain(f"Could Not Find {path}\n")
        for one in found:
            try:
                shell.machine.files.delete(one)
            except FileError as error:
                await shell.process.complain(f"{one}\n{error.text}\n")
    return 0


@builtin("move")
async def move(shell: Shell, rest: str) -> int:
    operands, _unused = words(rest)
    if len(operands) != 2:
        return await _syntax(shell)
    files = shell.machine.files
    sources = matches(shell, operands[0])
    if not sources:
        raise FileError(2, operands[0])
    target = shell.path(operands[1])
    folders = 0
    for source in sources:
        folders += files.is_folder(source)
        into = files.is_folder(target) and source.lower() != target.lower()
        files.move(source, absolute(ntpath.basename(source), target) if into else target)
    what = "dir(s)" if folders else "file(s)"
    await shell.process.print(f"        {len(sources)} {what} moved.\n")
    return 0


@builtin("ren", "rename")
async def rename(shell: Shell, rest: str) -> int:
    operands, _unused = words(rest)
    if len(operands) != 2 or "\\" in operands[1]:
        return await _syntax(shell)
    source = shell.path(operands[0])
    if not shell.machine.files.exists(source):
        raise FileError(2, source)
    target = absolute(operands[1], split(source)[0])
    if shell.machine.files.exists(target):
        await shell.process.complain("A duplicate file name exists, or the file\ncannot be found.\n")
        return 1
    shell.machine.files.move(source, target)
    return 0


@builtin("copy")
async def copy(shell: Shell, rest: str) -> int:
    """``copy SOURCE TARGET``; joining with ``+`` is refused."""
    operands, _unused = words(rest)
    if not 1 <= len(operands) <= 2 or "+" in operands:
        return await _syntax(shell)
    files = shell.machine.files
    sources = [one for one in matches(shell, operands[0]) if files.is_file(one)]
    if not sources:
        raise FileError(2, operands[0])
    target = shell.path(operands[1]) if len(operands) > 1 else shell.process.working_directory
    for source in sources:
        node = files.find(target)
        files.copy(source, absolute(ntpath.basename(source), target) if isinstance(node, Folder) else target)
    await shell.process.print(f"        {len(sources)} file(s) copied.\n")
    return 0
