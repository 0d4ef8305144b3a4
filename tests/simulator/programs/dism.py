# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""dism.exe: optional features of the running system (native-tools.md 1; texts: native/dism-exe-message-table.tsv and the recordings)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from ..windows.features import Feature, Outcome
from ..windows.messages import system_message
from . import dism_log
from .dism_log import LOG
from .process import Process, program

_COMMANDS = {"get-features", "get-featureinfo", "enable-feature", "disable-feature"}
#: Options that take a value after a colon, and those that take none.
_VALUES = {"featurename", "format", "logpath", "loglevel", "scratchdir", "source", "packagename", "image", "windir"}
_FLAGS = {"online", "english", "norestart", "quiet", "all", "limitaccess", "remove"} | _COMMANDS
#: How much room servicing wants; less is a full disk.
ROOM = 50_000_000

_HELP = "For more information, refer to the help by running DISM.exe /?.\n"
UNKNOWN_OPTION = "The {} option is unknown. \n" + _HELP
MISSING_ARGUMENT = "The {0} option is missing a required argument. \nFor more information, refer to the help by running DISM {0} /?.\n"
MISSING_COMMAND = (
    "The command-line is missing a required servicing command. \nFor more information, refer to the help by running DISM.exe /Online /?.\n"
)
ELEVATION = "Elevated permissions are required to run DISM. \nUse an elevated command prompt to complete these tasks.\n"
_UNKNOWN_FEATURE = (
    "Feature name {} is unknown.\nA Windows feature name was not recognized.\n"
    "Use the /Get-Features option to find the name of the feature in the image and try the command again.\n"
)
_NOT_ENABLED = "The operation is complete but {} feature was not enabled.\n"
_NO_PARENT = (
    "A required parent feature may not be enabled. You can use the /enable-feature /all option to automatically enable each parent feature "
    "from the following list. If the parent feature(s) are already enabled, refer to the log file for further diagnostics.\n"
)
_SOURCE = (
    'Use the "Source" option to specify the location of the files that are required to restore the feature. For more information on '
    "specifying a source location, see https://go.microsoft.com/fwlink/?LinkId=243077.\n"
)
FAILED = "DISM failed. No operation was performed. \nFor more information, review the log file.\n"
#: Texts of failures (native-tools.md 1.2); a Win32 code that is not here has its system message, an HRESULT the general text.
_FAILURES = {
    0x800F081F: "The source files could not be found.\n" + _SOURCE,
    0x800F0906: "The source files could not be downloaded.\n" + _SOURCE,
    0x80073701: "The referenced assembly could not be found.\n",
    0x80073712: "The component store has been corrupted.\n",
    0x8007371B: "One or more required members of the transaction are not present.\n",
    0x80070490: "Element not found.\n",
    14081: "The referenced assembly could not be found.\n",
    14098: "The component store has been corrupted.\n",
}
DONE = "The operation completed successfully.\n"
_NEEDLESS_ARGUMENT = "The {} option does not take an argument. \nRemove the argument and run DISM again.\n"
_BAD_FORMAT = "The {} argument given for the format option is invalid.\n" + _HELP


class _Bad(Exception):
    """A command line dism does not take: a template of its message table and the word that fills it."""

    def __init__(self, template: str, word: str = "") -> None:
        super().__init__(template)
        self.template, self.word = template, word


@dataclass
class _Options:
    command: str = ""
    names: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)


def _options(arguments: list[str]) -> _Options:
    options = _Options()
    for argument in arguments:
        if argument[:1] not in "/-" or len(argument) < 2:
            raise _Bad(UNKNOWN_OPTION, argument)
        name, colon, value = argument[1:].partition(":")
        lowered = name.lower()
        if lowered in _VALUES:
            if not colon or not value:
                raise _Bad(MISSING_ARGUMENT, lowered)
            if lowered == "featurename":
                options.names.append(value)
            else:
                options.values[lowered] = value
        elif lowered in _FLAGS:
            if colon:
                raise _Bad(_NEEDLESS_ARGUMENT, lowered)
            options.flags.add(lowered)
        else:
            raise _Bad(UNKNOWN_OPTION, lowered)
    _settle(options)
    return options


def _settle(options: _Options) -> None:
    """Find the command and what it needs. An offline image is not simulated and looks like no command."""
    commands = [name for name in options.flags if name in _COMMANDS]
    if "online" not in options.flags or "image" in options.values or len(commands) != 1:
        raise _Bad(MISSING_COMMAND)
    options.command = commands[0]
    if options.command != "get-features" and not options.names:
        raise _Bad(MISSING_ARGUMENT, options.command)
    if options.values.get("format", "list").lower() not in ("list", "table"):
        raise _Bad(_BAD_FORMAT, options.values["format"])


class _Run:
    """One run of dism."""

    def __init__(self, process: Process, options: _Options) -> None:
        self.process, self.options = process, options
        self.machine = process.machine
        self.features = process.machine.features
        self.after_blank_line = False
        self.english = any(word[1:].lower() == "english" for word in process.arguments[1:])

    def text(self, template: str, *values: object) -> str:
        """A text in the machine's language, or in English when told so (native-tools.md 1.1)."""
        return (template.format(*values) if values else template) if self.english else self.process.say(template, *values)

    async def say(self, text: str) -> None:
        self.after_blank_line = text.endswith("\n\n")
        if "quiet" not in self.options.flags:
            await self.process.print(text)

    async def fail(self, code: int, text: str) -> int:
        """dism's error block: Win32 codes decimal, HRESULTs in lower-case hexadecimal."""
        number = f"0x{code:x}" if code & 0x80000000 else str(code)
        lead = "" if self.after_blank_line else "\n"
        log = self.text("The DISM log file can be found at {}", self.options.values.get("logpath", LOG))
        await self.say(f"{lead}{self.text('Error:')} {number}\n\n{text}\n{log}\n")
        return code

    async def banner(self) -> None:
        profile = self.machine.profile
        await self.say(
            f"\n{self.text('Deployment Image Servicing and Management tool')}\n"
            f"Version: 10.0.{profile.base_build}.{profile.dism_revision}\n\n"
            f"{self.text('Image Version:')} {profile.version}.{profile.revision}\n\n"
        )

    async def go(self) -> int:
        await self.banner()
        if self.options.command == "get-features":
            return await self.list_features()
        if self.options.command == "get-featureinfo":
            return await self.show_feature()
        return await self.change()

    async def list_features(self) -> int:
        features = self.features.all()
        package = f"Microsoft-Windows-Foundation-Package~31bf3856ad364e35~amd64~~10.0.{self.machine.profile.base_build}.1"
        await self.say(self.text("Features listing for package : {}", package) + "\n\n")
        if self.options.values.get("format", "list").lower() == "table":
            await self.say(self.table(features))
        else:
            name, state = self.text("Feature Name"), self.text("State")
            await self.say("".join(f"{name} : {one.name}\n{state} : {self.text(one.state.value)}\n\n" for one in features))
        await self.say(self.text(DONE))
        return 0

    def table(self, features: list[Feature]) -> str:
        width = max(len(one.name) for one in features)
        states = max(len(self.text(one.state.value)) for one in features)
        line = f"{'-' * width} | {'-' * states}\n"
        rows = "".join(f"{one.name:<{width}} | {self.text(one.state.value)}\n" for one in features)
        return f"\n{line}{self.text('Feature Name'):<{width}} | {self.text('State')}\n{line}{rows}\n"

    async def show_feature(self) -> int:
        """Field order of the header part is unverified; the custom properties are as recorded."""
        feature = self.features.find(self.options.names[0])
        if feature is None:
            return await self.unknown(self.options.names[0])
        rows = [
            ("Feature Name", feature.name),
            ("Display Name", feature.display),
            ("Description", feature.display),
            ("Restart Required", self.text(feature.restart)),
            ("State", self.text(feature.state.value)),
        ]
        custom = "".join(f"{one}\n" for one in feature.custom)
        await self.say(
            self.text("Feature Information:")
            + "\n\n"
            + "".join(f"{self.text(name)} : {value}\n" for name, value in rows)
            + f"\n{self.text('Custom Properties:')}\n\n"
            + (custom or f"({self.text('No custom properties found')})\n")
            + f"\n{self.text(DONE)}"
        )
        return 0

    async def unknown(self, name: str) -> int:
        dism_log.unknown_feature(self.machine, self.process.pid, name, self.options.command)
        return await self.fail(0x800F080C, self.text(_UNKNOWN_FEATURE, name))

    async def change(self) -> int:
        enabling = self.options.command == "enable-feature"
        for name in self.options.names:
            if self.features.find(name) is None:
                return await self.unknown(name)
        if self.machine.files.free_bytes < ROOM:
            return await self.fail(112, self.text(system_message(112)) + "\n")
        await self.say(self.text("Enabling feature(s)" if enabling else "Disabling feature(s)") + "\n")
        await self.progress()
        names, everything = self.options.names, "all" in self.options.flags
        pending = self.features.reboot_pending
        outcome = (
            self.features.enable(names, parents=everything, source=self.options.values.get("source", ""))
            if enabling
            else self.features.disable(names, remove="remove" in self.options.flags)
        )
        dism_log.session(self.machine, pending=pending, restart=outcome.code == 3010 or pending)
        return await self.report(outcome)

    async def progress(self) -> None:
        """The work takes time; the bar is drawn only where the switch says that a captured run has one."""
        for percent in (20.0, 60.0, 100.0):
            await asyncio.sleep(self.machine.servicing_seconds / 3)
            if self.machine.switches.progress_bars:
                done = "=" * round(58 * percent / 100)
                drawn = f"{done:<58}"
                await self.say(f"\r[{drawn[:26]}{percent:.1f}%{drawn[32:]}] ")
        if self.machine.switches.progress_bars:
            await self.say("\n")

    async def report(self, outcome: Outcome) -> int:
        if outcome.code == 50:
            text = self.text(_NOT_ENABLED, outcome.feature)
            text += self.text(_NO_PARENT) + "".join(f"{name}\n" for name in outcome.parents) if outcome.parents else "\n"
            return await self.fail(50, text)
        if outcome.code not in (0, 3010):
            general = FAILED if outcome.code & 0x80000000 else system_message(outcome.code) + "\n"
            return await self.fail(outcome.code, self.text(_FAILURES.get(outcome.code, general)))
        await self.say(self.text(DONE))
        if outcome.code == 3010 and "norestart" not in self.options.flags:
            return await self.offer_restart()
        return outcome.code

    async def offer_restart(self) -> int:
        """Without /norestart: asked on the console, done at once under /quiet (native-tools.md 1.1)."""
        if "quiet" in self.options.flags:
            self.machine.power.schedule(0.1)
            return 3010
        await self.say(self.text("Restart Windows to complete this operation.\nDo you want to restart the computer now? (Y/N)") + " ")
        answer = await self.process.stdin.read(1)
        if answer.lower() in (b"y", b"j"):
            self.machine.power.schedule(0.1)
        return 3010


@program("dism.exe")
async def dism(process: Process) -> int:
    if not process.elevated:
        run = _Run(process, _Options())
        await process.print(f"\n{run.text('Error:')} 740\n\n{run.text(ELEVATION)}")
        return 740
    try:
        options = _options(process.arguments[1:])
    except _Bad as bad:
        process.machine.log("refused", process.command_line)
        run = _Run(process, _Options())
        return await run.fail(87, run.text(bad.template, *([bad.word] if bad.word else [])))
    return await _Run(process, options).go()
