# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""dism.exe: optional features of the running system (native-tools.md 1; texts: native/dism-exe-message-table.tsv and the recordings)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from ..windows.features import Feature, Outcome
from .process import Process, program

LOG = "C:\\Windows\\Logs\\DISM\\dism.log"
_COMMANDS = {"get-features", "get-featureinfo", "enable-feature", "disable-feature"}
#: Options that take a value after a colon, and those that take none.
_VALUES = {"featurename", "format", "logpath", "loglevel", "scratchdir", "source", "packagename", "image", "windir"}
_FLAGS = {"online", "english", "norestart", "quiet", "all", "limitaccess", "remove"} | _COMMANDS

_UNKNOWN_FEATURE = (
    "Feature name {} is unknown.\nA Windows feature name was not recognized.\n"
    "Use the /Get-Features option to find the name of the feature in the image and try the command again.\n"
)
_NO_PARENT = (
    "A required parent feature may not be enabled. You can use the /enable-feature /all option to automatically enable each parent feature "
    "from the following list. If the parent feature(s) are already enabled, refer to the log file for further diagnostics.\n"
)
_NO_SOURCE = (
    "The source files could not be found.\n"
    'Use the "Source" option to specify the location of the files that are required to restore the feature. For more information on '
    "specifying a source location, see https://go.microsoft.com/fwlink/?LinkId=243077.\n"
)


class _Bad(Exception):
    """A command line dism does not take; the text is from its message table."""


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
            raise _Bad(f"The {argument} option is unknown. \nFor more information, refer to the help by running DISM.exe /?.\n")
        name, colon, value = argument[1:].partition(":")
        lowered = name.lower()
        if lowered in _VALUES:
            if not colon or not value:
                raise _Bad(
                    f"The {name.lower()} option is missing a required argument. \nFor more information, refer to the help by running "
                    f"DISM {name.lower()} /?.\n"
                )
            if lowered == "featurename":
                options.names.append(value)
            else:
                options.values[lowered] = value
        elif lowered in _FLAGS:
            options.flags.add(lowered)
        else:
            raise _Bad(f"The {name.lower()} option is unknown. \nFor more information, refer to the help by running DISM.exe /?.\n")
    commands = [name for name in options.flags if name in _COMMANDS]
    if not {"online"} & options.flags or len(commands) != 1:
        raise _Bad(
            "The command-line is missing a required servicing command. \nFor more information, refer to the help by running DISM.exe /Online /?.\n"
        )
    options.command = commands[0]
    if options.command != "get-features" and not options.names:
        raise _Bad(
            f"The {options.command} option is missing a required argument. \nFor more information, refer to the help by running "
            f"DISM {options.command} /?.\n"
        )
    return options


class _Run:
    """One run of dism."""

    def __init__(self, process: Process, options: _Options) -> None:
        self.process, self.options = process, options
        self.machine = process.machine
        self.features = process.machine.features
        self.after_blank_line = False

    async def say(self, text: str) -> None:
        self.after_blank_line = text.endswith("\n\n")
        if "quiet" not in self.options.flags:
            await self.process.print(text)

    async def fail(self, code: int, text: str) -> int:
        """dism's error block: Win32 codes decimal, HRESULTs in lower-case hexadecimal."""
        number = f"0x{code:x}" if code & 0x80000000 else str(code)
        lead = "" if self.after_blank_line else "\n"
        await self.say(f"{lead}Error: {number}\n\n{text}\nThe DISM log file can be found at {LOG}\n")
        return code

    async def go(self) -> int:
        profile = self.machine.profile
        await self.say(
            "\nDeployment Image Servicing and Management tool\n"
            f"Version: {profile.version}.{profile.dism_revision}\n\nImage Version: {profile.version}.{profile.revision}\n\n"
        )
        if self.options.command == "get-features":
            return await self.list_features()
        if self.options.command == "get-featureinfo":
            return await self.show_feature()
        return await self.change()

    async def list_features(self) -> int:
        features = self.features.all()
        await self.say(
            "Features listing for package : Microsoft-Windows-Foundation-Package~31bf3856ad364e35~amd64~~"
            f"{self.machine.profile.version}.1\n\n"
        )
        if self.options.values.get("format", "list").lower() == "table":
            await self.say(_table(features))
        else:
            await self.say("".join(f"Feature Name : {one.name}\nState : {one.state.value}\n\n" for one in features))
        await self.say("The operation completed successfully.\n")
        return 0

    async def show_feature(self) -> int:
        """Field order of the header part is unverified; the custom properties are as recorded."""
        feature = self.features.find(self.options.names[0])
        if feature is None:
            return await self.fail(0x800F080C, _UNKNOWN_FEATURE.format(self.options.names[0]))
        custom = ""
        if feature.id:
            custom = f"\nServerComponent\\DisplayName : {feature.display}\nServerComponent\\Id : {feature.id}\n"
        await self.say(
            f"Feature Information:\n\nFeature Name : {feature.name}\nDisplay Name : {feature.display}\nDescription : {feature.display}\n"
            f"Restart Required : {feature.restart}\nState : {feature.state.value}\n\nCustom Properties:\n"
            f"{custom or chr(10) + '(No custom properties found)' + chr(10)}\nThe operation completed successfully.\n"
        )
        return 0

    async def change(self) -> int:
        enabling = self.options.command == "enable-feature"
        for name in self.options.names:
            if self.features.find(name) is None:
                return await self.fail(0x800F080C, _UNKNOWN_FEATURE.format(name))
        if self.machine.files.free_bytes < 50_000_000:
            return await self.fail(112, "There is not enough space on the disk.\n")
        await self.say("Enabling feature(s)\n" if enabling else "Disabling feature(s)\n")
        await self.progress()
        names, everything = self.options.names, "all" in self.options.flags
        outcome = self.features.enable(names, parents=everything) if enabling else self.features.disable(names)
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
            text = f"The operation is complete but {outcome.feature} feature was not enabled.\n"
            text += _NO_PARENT + "".join(f"{name}\n" for name in outcome.parents) if outcome.parents else "\n"
            return await self.fail(50, text)
        if outcome.code == 0x800F081F:
            return await self.fail(outcome.code, _NO_SOURCE)
        await self.say("The operation completed successfully.\n")
        if outcome.code == 3010 and "norestart" not in self.options.flags:
            return await self.offer_restart()
        return outcome.code

    async def offer_restart(self) -> int:
        """Without /norestart: asked on the console, done at once under /quiet (native-tools.md 1.1)."""
        if "quiet" in self.options.flags:
            self.machine.power.schedule(0.1)
            return 3010
        await self.say("Restart Windows to complete this operation.\nDo you want to restart the computer now? (Y/N) ")
        answer = await self.process.stdin.read(1)
        if answer.lower() == b"y":
            self.machine.power.schedule(0.1)
        return 3010


def _table(features: list[Feature]) -> str:
    width = max(len(one.name) for one in features)
    states = max(len(one.state.value) for one in features)
    line = f"{'-' * width} | {'-' * states}\n"
    rows = "".join(f"{one.name:<{width}} | {one.state.value}\n" for one in features)
    return f"\n{line}{'Feature Name':<{width}} | State\n{line}{rows}\n"


@program("dism.exe")
async def dism(process: Process) -> int:
    if not process.elevated:
        await process.print(
            "\nError: 740\n\nElevated permissions are required to run DISM. \nUse an elevated command prompt to complete these tasks.\n"
        )
        return 740
    try:
        options = _options(process.arguments[1:])
    except _Bad as bad:
        process.machine.log("refused", process.command_line)
        return await _Run(process, _Options()).fail(87, str(bad))
    return await _Run(process, options).go()
