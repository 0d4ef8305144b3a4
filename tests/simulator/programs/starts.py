# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a program comes to run without another that starts it: by WinRM, by the task scheduler, by ``Win32_Process.Create``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..streams import Pipe
from ..windows.environment import Variables
from . import argv
from .cmd import CMD, SYSTEM32, Shell, run_program, slash_c
from .process import Process

if TYPE_CHECKING:
    from ..windows.machine import Machine


async def run_under_cmd(
    machine: Machine,
    line: str,
    *,
    stdin: Pipe,
    stdout: Pipe,
    stderr: Pipe,
    environment: Variables,
    working_directory: str,
    user: str,
    elevated: bool,
) -> int:
    """What WinRM does with a command: ``cmd.exe /C`` and the line."""
    shown = f'"{line}"' if machine.switches.winrs_quotes_line else line
    machine.log("cmd", f"cmd.exe /C {shown}")
    task = asyncio.current_task()
    pid = machine.processes.add(
        "cmd.exe",
        parent=machine.processes.winrm,
        command_line=f"{CMD} /C {shown}",
        path=CMD,
        kill=task.cancel if task else None,
        owner=user,
    )
    process = Process(
        machine=machine,
        command_line=f"{CMD} /C {shown}",
        arguments=[CMD, "/C", shown],
        environment=environment,
        working_directory=working_directory,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        pid=pid,
        path=CMD,
        user=user,
        elevated=elevated,
    )
    try:
        if not machine.files.is_folder(working_directory):
            process.working_directory = "C:\\"
        return await slash_c(process, shown)
    except BrokenPipeError:
        return 1
    finally:
        machine.processes.remove(pid)


async def run_as_service(
    machine: Machine,
    command_line: str,
    *,
    stdin: Pipe,
    stdout: Pipe,
    stderr: Pipe,
    environment: Variables,
    working_directory: str = SYSTEM32,
) -> int:
    """CreateProcess by the task scheduler, as SYSTEM and without cmd.exe in between; 2 when there is no such program."""
    process = Process(
        machine, command_line, [], environment, working_directory, stdin, stdout, stderr, pid=machine.processes.services, user="SYSTEM"
    )
    path = Shell(process).find_program(argv.split(command_line)[0])
    if path is None:
        machine.log("refused", f"not found: {command_line}")
        return 2
    return await run_program(process, path, command_line)


async def start_detached(machine: Machine, command_line: str, working_directory: str, user: str = "") -> int:
    """CreateProcess outside any shell, as Win32_Process.Create does; the process id, or 0 when there is no such program."""
    stdin, stdout, stderr = Pipe(), Pipe(), Pipe()
    await stdin.end()
    process = Process(
        machine,
        command_line,
        [],
        machine.environment(),
        working_directory,
        stdin,
        stdout,
        stderr,
        pid=machine.processes.services,
        user=user,
        elevated=machine.switches.elevated,
    )
    path = Shell(process).find_program(argv.split(command_line)[0])
    if path is None:
        machine.log("refused", f"not found: {command_line}")
        return 0
    for pipe in (stdout, stderr):
        machine.keep(asyncio.ensure_future(pipe.read_all()))
    before = {row.pid for row in machine.processes.all()}
    machine.keep(asyncio.ensure_future(run_program(process, path, command_line)))
    await asyncio.sleep(0)
    started = [row.pid for row in machine.processes.all() if row.pid not in before and row.command_line == command_line]
    return started[0] if started else process.pid
