# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""cmd.exe: runs a line, finds programs, joins pipes and files."""

from __future__ import annotations

import asyncio
import ntpath
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..streams import Pipe
from ..windows.environment import Variables, expand
from ..windows.files import FileError, absolute
from . import argv
from .cmd_builtins import BUILTINS, Exit, matches
from .cmd_parser import COMPARISONS, Group, If, Node, Simple, SyntaxFault, Unsupported, parse, strip_quotes
from .process import PROGRAMS, Main, Process, program
from .redirect import redirected

if TYPE_CHECKING:
    from ..windows.machine import Machine

SYSTEM32 = "C:\\Windows\\System32"
CMD = f"{SYSTEM32}\\cmd.exe"
_NAME_ENDS = " \t,;="
#: How many characters a line of cmd may have (native-tools.md 5).
LONGEST_LINE = 8191


@dataclass
class Shell:
    """One running cmd.exe. ``process`` carries its current streams, variables and folder."""

    process: Process
    exit_code: int = 0

    @property
    def machine(self) -> Machine:
        return self.process.machine

    @property
    def variables(self) -> Variables:
        return self.process.environment

    def visible_variables(self) -> Variables:
        """The variables with those that cmd itself makes up, unless they are really set."""
        now = self.machine.now()
        made_up = {
            "CD": self.process.working_directory,
            "DATE": now.strftime("%a %m/%d/%Y"),
            "TIME": now.strftime("%H:%M:%S.%f")[:-4],
            "RANDOM": str(random.randrange(32768)),
            "ERRORLEVEL": str(self.machine.exit_code(self.exit_code)),
            "CMDEXTVERSION": "2",
            "CMDCMDLINE": self.process.command_line,
        }
        return Variables({**made_up, **dict(self.variables)})

    def path(self, text: str) -> str:
        """A path as typed, made absolute."""
        return absolute(text, self.process.working_directory)

    async def run_line(self, line: str) -> int:
        """Expand, parse, run. The exit code."""
        process = self.process
        if len(line) > LONGEST_LINE:
            await process.complain("The command line is too long.\n")
            return 1
        try:
            tree = parse(expand(line, self.visible_variables()))
            if tree is not None:
                self.exit_code = await self.run(tree)
        except Exit as ended:
            self.exit_code = ended.code
        except SyntaxFault as fault:
            await process.complain(f"{fault}\n")
            self.exit_code = 1
        except Unsupported as fault:
            self.machine.log("refused", f"{fault}: {line}")
            await process.complain(f"The simulated cmd.exe does not know {fault}.\n")
            self.exit_code = 1
        return self.exit_code

    # --- the tree ------------------------------------------------------------------------------------------------------------

    async def run(self, node: Node) -> int:
        """Run a part of the line; its exit code."""
        if isinstance(node, Simple):
            self.exit_code = await redirected(self, node.redirections, lambda: self._simple(node.text))
        elif isinstance(node, Group):
            self.exit_code = await redirected(self, node.redirections, lambda: self.run(node.body))
        elif isinstance(node, If):
            chosen = node.then if self._holds(node) else node.otherwise
            self.exit_code = await self.run(chosen) if chosen else 0
        elif node.operator == "|":
            self.exit_code = await self._pipe(node.left, node.right)
        else:
            code = await self.run(node.left)
            goes_on = {"&": True, "&&": code == 0, "||": code != 0}[node.operator]
            self.exit_code = await self.run(node.right) if goes_on else code
        return self.exit_code

    def _holds(self, node: If) -> bool:
        first, second = node.operands[0], node.operands[-1]
        if node.kind == "exist":
            found = self._exists(first)
        elif node.kind == "errorlevel":
            found = self.exit_code >= int(first or 0)
        elif node.kind == "defined":
            found = first in self.variables
        elif node.kind in COMPARISONS:
            found = COMPARISONS[node.kind](*_comparable(first, second))
        else:
            found = first == second if node.kind == "same" else first.lower() == second.lower()
        return found != node.negated

    def _exists(self, path: str) -> bool:
        path = path.replace('"', "")
        if path.endswith("\\"):
            return self.machine.files.is_folder(self.path(path))
        if path.lower().endswith("\\nul"):
            return self.machine.files.is_folder(self.path(path[:-4]))
        return bool(matches(self, path))

    async def _pipe(self, left: Node, right: Node) -> int:
        between = Pipe()
        first = Shell(replace(self.process, stdout=between, environment=self.variables.copy()))
        second = Shell(replace(self.process, stdin=between, environment=self.variables.copy()))

        async def feed() -> None:
            try:
                await first.run(left)
            except BrokenPipeError:
                pass
            finally:
                await between.end()

        task = asyncio.ensure_future(feed())
        try:
            return await second.run(right)
        except asyncio.CancelledError:
            task.cancel()
            raise
        finally:
            await between.close()
            await asyncio.wait({task})

    # --- simple commands -----------------------------------------------------------------------------------------------------

    async def _simple(self, text: str) -> int:
        text = text.lstrip(_NAME_ENDS)
        name, rest = _split_name(text)
        word = name.lower()
        if word == "call":
            return await self._call(rest)
        if word == "start":
            return await self._start_apart(rest)
        builtin = BUILTINS.get(word)
        if builtin is None and not name.startswith('"'):
            head = next((one for one in BUILTINS if word.startswith(one) and word[len(one) :][:1] in (".", "\\", "/")), None)
            if head and self.find_program(name) is None:
                builtin, rest = BUILTINS[head], name[len(head) :] + rest
        if builtin is not None:
            try:
                return await builtin(self, rest)
            except FileError as error:
                await self.process.complain(self.process.say(error.text) + "\n")
                return 1
        return await self._start(name, rest)

    async def _call(self, rest: str) -> int:
        """``call PROGRAM``: the line is expanded once more. Labels and batch files are refused."""
        if rest.strip().startswith(":"):
            raise Unsupported("the cmd command call with a label")
        return await self._simple(expand(rest.strip(), self.visible_variables()))

    async def _start_apart(self, rest: str) -> int:
        """``start ["title"] [/b] [/wait] PROGRAM``: runs beside this cmd, which does not wait unless told to. Nobody sees a window."""
        text = rest.strip()
        if text.startswith('"'):
            text = text[1:].partition('"')[2].strip()
        options = set()
        while text.startswith("/"):
            word, _unused, text = text.partition(" ")
            options.add(word.lower())
            text = text.strip()
        if not text or options - {"/b", "/wait", "/min", "/low", "/normal", "/high"}:
            raise Unsupported(f"the cmd command start with {rest.strip() or 'nothing'}")
        if "/wait" in options:
            return await self._simple(text)
        apart = Shell(replace(self.process, environment=self.variables.copy()))
        self.machine.keep(asyncio.ensure_future(apart.run_line(text)))
        return 0

    def find_program(self, name: str) -> str | None:
        """The file a command name stands for: as given or in the current folder, then along PATH, with PATHEXT."""
        name = name.replace('"', "").replace("/", "\\")
        if not name:
            return None
        extensions = [""] if "." in ntpath.basename(name) else []
        extensions += self.variables.get("PATHEXT", ".EXE").split(";")
        folders = [self.process.working_directory]
        if "\\" not in name and ":" not in name:
            folders += [part.strip('"') for part in self.variables.get("PATH", "").split(";") if part]
        for folder in folders:
            for extension in extensions:
                candidate = absolute(name + extension, absolute(folder))
                if self.machine.files.is_file(candidate):
                    return self.machine.files.real_path(candidate)
        return None

    async def _start(self, name: str, rest: str) -> int:
        path = self.find_program(name)
        if path is None:
            self.machine.log("refused", f"not found: {name}{rest}")
            clean = name.replace('"', "")
            folder = self.path(ntpath.dirname(clean)) if "\\" in clean else None
            if folder and not self.machine.files.is_folder(folder):
                await self.process.complain(self.process.say("The system cannot find the path specified.") + "\n")
            else:
                text = "'{}' is not recognized as an internal or external command,\noperable program or batch file.\n"
                await self.process.complain(self.process.say(text, name))
            return 1
        return await run_program(self.process, path, name + rest)


def _comparable(first: str, second: str) -> tuple[int, int] | tuple[str, str]:
    """Both as numbers where both are, else as texts."""
    try:
        return int(first, 0), int(second, 0)
    except ValueError:
        return first, second


def _split_name(text: str) -> tuple[str, str]:
    """The command word (quotes kept) and the rest as it stands."""
    quoted = False
    for position, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif not quoted and (character in _NAME_ENDS or (character == "/" and position)):
            return text[:position], text[position:]
    return text, ""


async def run_program(parent: Process, path: str, command_line: str) -> int:
    """Start a program as a child of ``parent`` with its streams; the exit code as an unsigned number."""
    machine = parent.machine
    machine.log("program", command_line)
    name = ntpath.basename(path).lower()
    main = PROGRAMS.get(name)
    if main is None:
        machine.log("refused", f"{name} is not simulated: {command_line}")
        await parent.complain(
            f"This version of {path} is not compatible with the version of Windows you're running. Check your computer's system "
            "information and then contact the software publisher.\n"
        )
        return 216
    if machine.switches.program_seconds:
        await asyncio.sleep(machine.switches.program_seconds)
    pid = machine.processes.add(
        ntpath.basename(path), parent=parent.pid, command_line=command_line, path=path, owner=parent.user or "SYSTEM"
    )
    environment = Variables(parent.environment)
    child = replace(parent, command_line=command_line, arguments=argv.split(command_line), environment=environment, pid=pid, path=path)
    task = asyncio.ensure_future(_live(child, main))
    row = machine.processes.get(pid)
    if row:
        row.kill = task.cancel
    try:
        await asyncio.wait({task})
    except asyncio.CancelledError:
        task.cancel()
        await asyncio.wait({task})
        raise
    finally:
        machine.processes.remove(pid)
    return 1 if task.cancelled() else task.result()


async def _live(process: Process, main: Main) -> int:
    """A program's run. Writing to a closed pipe ends it; a fault of the simulation itself looks like a crash and is logged as refused."""
    try:
        return await main(process) & 0xFFFFFFFF
    except BrokenPipeError:
        return 1
    except Exception as error:
        process.machine.log("refused", f"the simulated {process.arguments[0]} failed: {error!r}: {process.command_line}")
        return 0xC0000005


async def slash_c(process: Process, text: str, *, slash_s: bool = False) -> int:
    """What ``cmd.exe /C`` does with the rest of its line; ``slash_s``: with ``/S``."""
    shell = Shell(process)
    line = strip_quotes(text, lambda name: shell.find_program(name) is not None, always=slash_s)
    return await shell.run_line(line)


@program("cmd.exe")
async def cmd(process: Process) -> int:
    """cmd.exe started by name: ``/C`` and ``/S`` and ``/D``; an interactive one is refused."""
    text = _after_name(process.command_line).lstrip()
    slash_s = False
    while text[:1] == "/":
        letter = text[1:2].lower()
        text = text[2:].lstrip() if letter not in "ck" else text[2:]
        if letter == "c":
            return await slash_c(process, text, slash_s=slash_s)
        if letter not in ("s", "d", "q", "u", "a"):
            break
        slash_s = slash_s or letter == "s"
    process.machine.log("refused", f"cmd.exe without /C: {process.command_line}")
    await process.complain("The simulated cmd.exe runs only with /C.\n")
    return 1


def _after_name(command_line: str) -> str:
    name, rest = _split_name(command_line)
    return rest if name else command_line
