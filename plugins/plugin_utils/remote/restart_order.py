# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order to restart: by ``shutdown.exe``, and where that is denied or ignored by a task of SYSTEM (facts/native-tools.md 3).

The task withdraws an order that stands, gives its own and deletes itself, in this order: whatever happens to a task that is deleted
while it runs, the restart has been ordered by then. Its time lies in the past, so it never starts by itself (schtasks.exe warns of that),
and one that an interrupted run has left behind does nothing until :func:`remove_leftover` finds it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import ConnectError, RemoteError, ShellGoneError, refusal
from .command_line import quote_argument

if TYPE_CHECKING:
    from .host import RemoteHost
    from .program import Completed

TASK = "winfleet.containers.reboot"
#: Where the task scheduler keeps one key for each task.
TASK_KEY = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Schedule\\TaskCache\\Tree\\" + TASK
#: Characters of shutdown.exe's comment (facts/native-tools.md 3), and of a task's command line (schtasks.exe refuses more).
LONGEST_MESSAGE, _LONGEST_TASK = 512, 261
_ALREADY_SCHEDULED, _IN_PROGRESS, _NOTHING_TO_ABORT = 1190, 1115, 1116
#: Access denied, and a privilege that is not held.
DENIED = (5, 1314)
#: OS reconfiguration, planned (facts/native-tools.md 3).
_REASON = "p:2:4"
#: What may stand in the task's line, which cmd reads a second time, outside of quotes.
_PLAIN = re.compile(r"[\w .,:;/+-]+")


def order_restart(host: RemoteHost, message: str, delay: int) -> bool:
    """Order the restart; one that somebody else has ordered is replaced by ours, one that is under way is taken for ours.

    Returns:
        Whether it took a task, because the account may not restart Windows.

    Raises:
        RemoteError: The host refuses, with its code and cause.
    """
    try:
        done = _shutdown(host, message, delay)
    except (ConnectError, ShellGoneError):
        # The host went down before its answer was through; the boot time will tell.
        return False
    if done.exit_code in (0, _IN_PROGRESS):
        return False
    error = refusal(done.exit_code, done.error_text or done.text)
    if error.code not in DENIED:
        raise error
    try:
        order_by_task(host, message, delay)
    except RemoteError as task_error:
        error.cause += f", and no scheduled task of SYSTEM could be made instead: {task_error.cause}"
        error.advice = "Give the account the right 'Force shutdown from a remote system', or use an administrator"
        raise error from task_error
    return True


def _shutdown(host: RemoteHost, message: str, delay: int) -> Completed:
    arguments = ["/r", "/t", str(delay), "/d", _REASON, *(["/c", message] if message else [])]
    done = host.programs.run("shutdown.exe", arguments, timeout=60)
    if done.exit_code != _ALREADY_SCHEDULED:
        return done
    aborted = host.programs.run("shutdown.exe", ["/a"], timeout=60)
    if aborted.exit_code not in (0, _NOTHING_TO_ABORT):
        return aborted
    return host.programs.run("shutdown.exe", arguments, timeout=60)


def order_by_task(host: RemoteHost, message: str, delay: int) -> None:
    """Let a task of SYSTEM, which holds every privilege, order the restart. Raises RemoteError when it cannot be made."""
    create = ["/create", "/tn", TASK, "/sc", "once", "/st", "00:00", "/ru", "SYSTEM", "/rl", "highest", "/f", "/tr"]
    words = " ".join(quote_argument(word) for word in create)
    # The quotes inside are escaped for schtasks.exe; cmd takes them for the end and the beginning of its own, hence _PLAIN.
    line = task_line(message, delay).replace('"', '\\"')
    _judged(host.programs.literal(f'%SystemRoot%\\System32\\schtasks.exe {words} "{line}"'))
    try:
        _judged(host.programs.run("schtasks.exe", ["/run", "/tn", TASK], timeout=60))
    except (ConnectError, ShellGoneError):
        return
    except RemoteError:
        remove_leftover(host)
        raise


def task_line(message: str, delay: int) -> str:
    """What the task runs. A message that is too long for it, or that holds more than words, is left out. Pure."""
    order = f"shutdown.exe /r /t {delay} /d {_REASON}"
    said = f'{order} /c "{message}"' if _PLAIN.fullmatch(message) else order
    lines = [f"cmd.exe /c shutdown.exe /a & {each} & schtasks.exe /delete /tn {TASK} /f" for each in (said, order)]
    return lines[0] if len(lines[0]) <= _LONGEST_TASK else lines[1]


def _judged(done: Completed) -> None:
    if done.exit_code:
        lines = [line.strip() for line in (done.error_text or done.text).splitlines() if line.strip()]
        raise RemoteError(
            f"schtasks.exe ended with code {done.exit_code}" + (f" and said: {lines[-1]}" if lines else ""), code=done.exit_code
        )


def remove_leftover(host: RemoteHost) -> bool:
    """Delete the task if there is one; whether there was. One CIM request where there is none."""
    if host.registry.value_names(TASK_KEY) is None:
        return False
    host.programs.run("schtasks.exe", ["/delete", "/tn", TASK, "/f"], timeout=60)
    return True
