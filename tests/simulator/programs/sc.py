# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sc.exe: the service control manager's tool. Its exit code is the Win32 code (native-tools.md 2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ..windows.messages import system_message
from ..windows.service import DRIVERS, Service
from .process import Process, program

_STATES = {
    "Stopped": (1, "STOPPED"),
    "Start Pending": (2, "START_PENDING"),
    "Stop Pending": (3, "STOP_PENDING"),
    "Running": (4, "RUNNING"),
}
_TYPES = {1: "KERNEL_DRIVER", 2: "FILE_SYSTEM_DRIVER", 16: "WIN32_OWN_PROCESS", 32: "WIN32_SHARE_PROCESS"}
_STARTS = {
    "Boot": (0, "BOOT_START"),
    "System": (1, "SYSTEM_START"),
    "Auto": (2, "AUTO_START"),
    "Manual": (3, "DEMAND_START"),
    "Disabled": (4, "DISABLED"),
}
_ERRORS = {0: "IGNORE", 1: "NORMAL", 2: "SEVERE", 3: "CRITICAL"}
_START_WORDS = {"boot": "Boot", "system": "System", "auto": "Auto", "delayed-auto": "Auto", "demand": "Manual", "disabled": "Disabled"}
_ACTIONS = {"restart": "RESTART", "reboot": "REBOOT", "run": "RUN PROCESS", "": "NONE"}


async def _fail(process: Process, call: str, code: int) -> int:
    await process.print(f"{process.say('[SC] {} FAILED {}:', call, code)}\n\n{process.say(system_message(code))}\n\n")
    return code


async def _succeed(process: Process, call: str) -> int:
    await process.print(process.say("[SC] {} SUCCESS", call) + "\n")
    return 0


def _status(service: Service, *, extended: bool = False) -> str:
    number, word = _STATES[service.state]
    running = service.state == "Running"
    stoppable = "STOPPABLE" if running and service.accept_stop else "NOT_STOPPABLE"
    accepts = f"({stoppable}, NOT_PAUSABLE, {'ACCEPTS_SHUTDOWN' if running else 'IGNORES_SHUTDOWN'})"
    text = (
        f"\nSERVICE_NAME: {service.name} \n"
        f"        TYPE               : {service.type:x}  {_TYPES.get(service.type, '')}  \n"
        f"        STATE              : {number}  {word} \n"
        + (f"                                {accepts}\n" if service.state != "Stopped" else "")
        + f"        WIN32_EXIT_CODE    : {service.exit_code}  ({service.exit_code:#x})\n"
        f"        SERVICE_EXIT_CODE  : {service.specific_code}  ({service.specific_code:#x})\n"
        "        CHECKPOINT         : 0x0\n"
        "        WAIT_HINT          : 0x0\n"
    )
    if extended:
        text += f"        PID                : {service.pid}\n        FLAGS              : \n"
    return text


async def _query(process: Process, words: list[str], *, extended: bool = False) -> int:
    services = process.machine.services
    if words and "=" not in words[0]:
        service = services.get(words[0])
        if service is None:
            return await _fail(process, "EnumQueryServicesStatus:OpenService", 1060)
        await process.print(_status(service, extended=extended))
        return 0
    options = _pairs(words)
    if options is None or set(options) - {"type", "state", "bufsize", "ri", "group"}:
        return await _usage(process, "query")
    kind, state = options.get("type", "service").lower(), options.get("state", "active").lower()
    if kind not in ("service", "all", "driver") or state not in ("active", "inactive", "all"):
        return await _usage(process, "query")
    kinds = {"service": (False,), "driver": (True,), "all": (False, True)}[kind]
    states = {"active": (False,), "inactive": (True,), "all": (False, True)}[state]
    for service in services.all():
        if (service.type in DRIVERS) in kinds and (service.state == "Stopped") in states:
            status = _status(service, extended=extended)
            await process.print(status.replace("\n        TYPE", f"\nDISPLAY_NAME: {service.display_name}\n        TYPE", 1))
    return 0


async def _queryex(process: Process, words: list[str]) -> int:
    return await _query(process, words, extended=True)


async def _qc(process: Process, words: list[str]) -> int:
    service = process.machine.services.get(words[0]) if words else None
    if service is None:
        return await _fail(process, "OpenService", 1060)
    number, word = _STARTS[service.start_mode]
    start = f"{number}   {word}" + ("  (DELAYED)" if service.delayed else "")
    dependencies = [*service.dependencies] or [""]
    await process.print(
        f"{process.say('[SC] {} SUCCESS', 'QueryServiceConfig')}\n\n"
        f"SERVICE_NAME: {service.name}\n"
        f"        TYPE               : {service.type:x}  {_TYPES.get(service.type, '')} \n"
        f"        START_TYPE         : {start}\n"
        f"        ERROR_CONTROL      : {service.error_control}   {_ERRORS.get(service.error_control, '')}\n"
        f"        BINARY_PATH_NAME   : {service.path}\n"
        "        LOAD_ORDER_GROUP   : \n"
        "        TAG                : 0\n"
        f"        DISPLAY_NAME       : {service.display_name}\n"
        f"        DEPENDENCIES       : {dependencies[0]}\n"
        + "".join(f"                           : {one}\n" for one in dependencies[1:])
        + f"        SERVICE_START_NAME : {service.account}\n"
    )
    return 0


def _pairs(words: list[str]) -> dict[str, str] | None:
    """``name= value`` pairs; None when an option is not of that form (sc wants the blank, native-tools.md 2)."""
    if len(words) % 2 or any(not name.endswith("=") for name in words[::2]):
        return None
    return {name[:-1].lower(): value for name, value in zip(words[::2], words[1::2], strict=True)}


async def _usage(process: Process, what: str) -> int:
    process.machine.log("refused", process.command_line)
    await process.print(
        f"DESCRIPTION:\n        {what}\nUSAGE:\n        sc <server> {what} [service name] <option1> <option2>...\n\nOPTIONS:\nNOTE: The option name "
        "includes the equal sign.\n      A space is required between the equal sign and the value.\n"
    )
    return 1639


def _split_dependencies(text: str) -> list[str]:
    return [part for part in text.split("/") if part]


async def _create(process: Process, words: list[str]) -> int:
    options = _pairs(words[1:]) if words else None
    known = {"type", "start", "error", "binpath", "displayname", "depend", "obj", "password", "group", "tag"}
    if options is None or "binpath" not in options or set(options) - known or options.get("start", "demand").lower() not in _START_WORDS:
        return await _usage(process, "create")
    start = options.get("start", "demand").lower()
    code = process.machine.services.create(
        words[0],
        options["binpath"],
        display_name=options.get("displayname", ""),
        start_mode=_START_WORDS[start],
        delayed=start == "delayed-auto",
        account=options.get("obj", "LocalSystem"),
        dependencies=_split_dependencies(options.get("depend", "")),
    )
    if code:
        return await _fail(process, "CreateService", code)
    return await _succeed(process, "CreateService")


async def _config(process: Process, words: list[str]) -> int:
    options = _pairs(words[1:]) if words else None
    known = {"type", "start", "error", "binpath", "displayname", "depend", "obj", "password", "group", "tag"}
    if not options or set(options) - known or options.get("start", "demand").lower() not in _START_WORDS:
        return await _usage(process, "config")
    service = process.machine.services.get(words[0])
    if service is None:
        return await _fail(process, "OpenService", 1060)
    if service.marked_for_deletion:
        return await _fail(process, "ChangeServiceConfig", 1072)
    if "start" in options:
        service.start_mode = _START_WORDS[options["start"].lower()]
        service.delayed = options["start"].lower() == "delayed-auto"
    service.path = options.get("binpath", service.path)
    service.display_name = options.get("displayname", service.display_name)
    service.account = options.get("obj", service.account)
    if "depend" in options:
        service.dependencies = _split_dependencies(options["depend"])
    process.machine.services.save(service)
    return await _succeed(process, "ChangeServiceConfig")


async def _failure(process: Process, words: list[str]) -> int:
    options = _pairs(words[1:]) if words else None
    if not options or set(options) - {"reset", "reboot", "command", "actions"}:
        return await _usage(process, "failure")
    service = process.machine.services.get(words[0])
    if service is None:
        return await _fail(process, "OpenService", 1060)
    if "actions" in options:
        parts = options["actions"].split("/")
        actions = list(zip(parts[::2], parts[1::2], strict=False))
        if any(name.lower() not in _ACTIONS or not delay.isdigit() for name, delay in actions):
            return await _usage(process, "failure")
        service.failure_actions = [(name.lower(), int(delay)) for name, delay in actions]
    if "reset" in options:
        service.failure_reset = int(options["reset"]) if options["reset"].isdigit() else 0xFFFFFFFF
    service.failure_reset = service.failure_reset or 0
    process.machine.services.save(service)
    return await _succeed(process, "ChangeServiceConfig2")


async def _failure_flag(process: Process, words: list[str]) -> int:
    service = process.machine.services.get(words[0]) if words else None
    if service is None:
        return await _fail(process, "OpenService", 1060)
    if len(words) != 2 or words[1] not in ("0", "1"):
        return await _usage(process, "failureflag")
    service.recovers_from_codes = words[1] == "1"
    process.machine.services.save(service)
    return await _succeed(process, "ChangeServiceConfig2")


async def _query_failure_flag(process: Process, words: list[str]) -> int:
    service = process.machine.services.get(words[0]) if words else None
    if service is None:
        return await _fail(process, "OpenService", 1060)
    flag = "TRUE" if service.recovers_from_codes else "FALSE"
    await process.print(
        f"{process.say('[SC] {} SUCCESS', 'QueryServiceConfig2')}\n\nSERVICE_NAME: {service.name}\n"
        f"        FAILURE_ACTIONS_ON_NONCRASH_FAILURES: {flag}\n"
    )
    return 0


async def _query_description(process: Process, words: list[str]) -> int:
    service = process.machine.services.get(words[0]) if words else None
    if service is None:
        return await _fail(process, "OpenService", 1060)
    await process.print(
        f"{process.say('[SC] {} SUCCESS', 'QueryServiceConfig2')}\n\nSERVICE_NAME: {service.name}\nDESCRIPTION:  {service.description}\n"
    )
    return 0


async def _query_failure(process: Process, words: list[str]) -> int:
    service = process.machine.services.get(words[0]) if words else None
    if service is None:
        return await _fail(process, "OpenService", 1060)
    actions = [f"{_ACTIONS[name]} -- Delay = {delay} milliseconds." for name, delay in service.failure_actions] or [""]
    await process.print(
        f"{process.say('[SC] {} SUCCESS', 'QueryServiceConfig2')}\n\nSERVICE_NAME: {service.name}\n"
        f"        RESET_PERIOD (in seconds)    : {service.failure_reset or 0}\n"
        "        REBOOT_MESSAGE               : \n        COMMAND_LINE                 : \n"
        f"        FAILURE_ACTIONS              : {actions[0]}\n" + "".join(f"{'':39}{action}\n" for action in actions[1:])
    )
    return 0


async def _description(process: Process, words: list[str]) -> int:
    service = process.machine.services.get(words[0]) if words else None
    if service is None:
        return await _fail(process, "OpenService", 1060)
    service.description = words[1] if len(words) > 1 else ""
    process.machine.services.save(service)
    return await _succeed(process, "ChangeServiceConfig2")


async def _delete(process: Process, words: list[str]) -> int:
    code = process.machine.services.delete(words[0]) if words else 1060
    if code:
        return await _fail(process, "OpenService" if code == 1060 else "DeleteService", code)
    return await _succeed(process, "DeleteService")


async def _start(process: Process, words: list[str]) -> int:
    code = await process.machine.services.start(words[0]) if words else 1060
    if code:
        return await _fail(process, "OpenService" if code == 1060 else "StartService", code)
    await _after(process, words[0])
    return 0


async def _stop(process: Process, words: list[str]) -> int:
    code = await process.machine.services.stop(words[0]) if words else 1060
    if code:
        return await _fail(process, "OpenService" if code == 1060 else "ControlService", code)
    await _after(process, words[0])
    return 0


async def _after(process: Process, name: str) -> None:
    service = process.machine.services.get(name)
    if service:
        await process.print(_status(service, extended=True))


_VERBS: dict[str, Callable[[Process, list[str]], Awaitable[int]]] = {
    "query": _query,
    "queryex": _queryex,
    "qc": _qc,
    "create": _create,
    "config": _config,
    "failure": _failure,
    "failureflag": _failure_flag,
    "qfailure": _query_failure,
    "qfailureflag": _query_failure_flag,
    "qdescription": _query_description,
    "description": _description,
    "delete": _delete,
    "start": _start,
    "stop": _stop,
}
#: Those that do nothing without the name of a service.
_NAMED = set(_VERBS) - {"query", "queryex"}
_READING = {"query", "queryex", "qc", "qfailure", "qfailureflag", "qdescription"}


@program("sc.exe")
async def sc(process: Process) -> int:
    words = process.arguments[1:]
    verb = words[0].lower() if words else ""
    action = _VERBS.get(verb)
    if action is None:
        return await _usage(process, verb or "query")
    if verb in _NAMED and len(words) < 2:
        return await _usage(process, verb)
    if not process.elevated and verb not in _READING:
        return await _fail(process, "OpenService", 5)
    return await action(process, words[1:])
