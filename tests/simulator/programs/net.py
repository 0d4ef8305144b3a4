# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""net.exe: ``start`` and ``stop`` wait, and fail with exit code 2 (native-tools.md 2; texts *unverified*); ``start`` alone lists what runs."""

from __future__ import annotations

from ..windows.messages import system_message
from ..windows.service import DRIVERS, Service
from .process import Process, program


async def _error(process: Process, text: str, number: int | None = None) -> int:
    more = "\n" + process.say("More help is available by typing NET HELPMSG {}.", number) + "\n" if number else ""
    await process.complain(f"{text}\n{more}\n")
    return 2


async def _system_error(process: Process, code: int, before: str = "") -> int:
    text = process.say("System error {} has occurred.", code) + "\n\n" + process.say(system_message(code))
    return await _error(process, before + text)


async def _list(process: Process) -> int:
    names = sorted(
        (one.display_name for one in process.machine.services.all() if one.state == "Running" and one.type not in DRIVERS), key=str.lower
    )
    head = process.say("These Windows services are started:")
    done = process.say("The command completed successfully.")
    await process.print(f"{head}\n\n" + "".join(f"   {name}\n" for name in names) + f"\n{done}\n\n")
    return 0


async def _change(process: Process, service: Service, verb: str) -> int:
    services, name = process.machine.services, service.display_name
    code = await (services.start if verb == "start" else services.stop)(service.name)
    if code == 1056:
        return await _error(process, process.say("The requested service has already been started."), 2182)
    if code == 1062:
        return await _error(process, process.say("The {} service is not started.", name), 3521)
    await process.print(process.say(f"The {{}} service is {'starting' if verb == 'start' else 'stopping'}.", name) + "\n")
    await service.settled()
    done = "started" if verb == "start" else "stopped"
    if code or service.state != ("Running" if verb == "start" else "Stopped"):
        code = code or service.exit_code or 1053
        before = process.say(f"The {{}} service could not be {done}.", name) + "\n\n"
        if code in (1066, 1067):
            before += process.say("A system error has occurred.") + "\n\n"
        return await _system_error(process, code, before)
    await process.print(process.say(f"The {{}} service was {done} successfully.", name) + "\n\n")
    return 0


async def net(process: Process) -> int:
    words = process.arguments[1:]
    verb = words[0].lower() if words else ""
    if verb == "start" and len(words) == 1:
        return await _list(process)
    if verb not in ("start", "stop") or len(words) != 2:
        process.machine.log("refused", process.command_line)
        return await _error(process, process.say("The syntax of this command is:") + "\n\nNET [ START | STOP ] service")
    services = process.machine.services
    service = services.get(words[1]) or services.by_display_name(words[1])
    if service is None:
        return await _error(process, process.say("The service name is invalid."), 2185)
    if not process.elevated:
        return await _system_error(process, 5)
    return await _change(process, service, verb)


program("net.exe")(net)
program("net1.exe")(net)
