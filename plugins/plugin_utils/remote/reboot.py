# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reboot a host and prove it by a changed boot time (facts/native-tools.md 3; facts/wsman.md 1.2)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..errors import ConnectError, ContainersError, OptionError, ProtocolError, RemoteError, RemoteTimeout, ShellGoneError, refusal
from .cim import CimClass

if TYPE_CHECKING:
    from .host import RemoteHost

_OPERATING_SYSTEM = CimClass("Win32_OperatingSystem", {"LastBootUpTime": datetime})
#: A volatile key that Windows creates when the logon prompt is about to show, that is, after "configuring features": answering is not
#: yet ready. A host that had it before the reboot is awaited to have it again (facts/native-tools.md 3).
_LOGON_PROMPT = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon\\AutoLogonChecked"
#: With less, the host went away before it had answered (facts/native-tools.md 3).
_LEAST_DELAY = 2
#: Characters of shutdown.exe's comment (facts/native-tools.md 3).
LONGEST_MESSAGE = 512
_ALREADY_SCHEDULED, _IN_PROGRESS, _NOTHING_TO_ABORT = 1190, 1115, 1116
#: WinRM may reset once more after its first answer, so it must answer several times in a row.
_STEADY_ANSWERS, _STEADY_PAUSE = 3, 1.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 6.0


@dataclass(frozen=True)
class Rebooted:
    """The proof: boot time before and after, and how long it took in seconds."""

    boot_time_before: datetime
    boot_time_after: datetime
    elapsed: float


@dataclass
class _Watch:
    """What is waited for, and what was seen so far, for the error."""

    before: datetime
    prompt: bool
    deadline: float
    last_error: str = ""
    went_away: bool = False
    after: datetime | None = None
    attempts: int = 0

    def left(self) -> float:
        return self.deadline - time.monotonic()


def reboot(host: RemoteHost, *, message: str = "", delay: int = 2, timeout: float = 600, settle: float = 0) -> Rebooted:
    """Reboot through ``shutdown.exe`` and wait until the boot time has changed and the host answers steadily.

    Args:
        host: Reconnected when this returns.
        message: Shown to logged-on users, at most 512 characters.
        delay: Seconds between the request and the restart, at least 2.
        timeout: Seconds for the host to come back, counted from the end of ``delay``.
        settle: Seconds to wait after it is back.

    Raises:
        OptionError: The message is too long or cannot stand on a command line.
        RemoteError: The host refuses to reboot (with its code and cause).
        RemoteTimeout: It did not go down, or did not come back, in time; says what was seen.
    """
    if len(message) > LONGEST_MESSAGE:
        raise OptionError(f"the message has {len(message)} characters, and shutdown.exe takes {LONGEST_MESSAGE}", "Shorten it")
    started = time.monotonic()
    before, prompt = boot_time(host), _logon_prompt(host)
    delay = max(delay, _LEAST_DELAY)
    _request(host, message, delay)
    host.disconnect()
    host.progress(f"rebooting, back within {timeout:.0f} s")
    time.sleep(delay)
    after = _wait(host, _Watch(before, prompt, time.monotonic() + timeout), timeout)
    if settle:
        time.sleep(settle)
    return Rebooted(before, after, time.monotonic() - started)


def boot_time(host: RemoteHost) -> datetime:
    """When the host last started."""
    rows = host.cim.query(_OPERATING_SYSTEM)
    value = rows[0]["LastBootUpTime"] if rows else None
    if not isinstance(value, datetime):
        raise ProtocolError("Win32_OperatingSystem has no LastBootUpTime")
    return value


def _logon_prompt(host: RemoteHost) -> bool:
    return host.registry.value_names(_LOGON_PROMPT) is not None


def _request(host: RemoteHost, message: str, delay: int) -> None:
    """Ask for the restart; one that somebody else has scheduled is replaced by ours, one that is under way is taken for ours."""
    arguments = ["/r", "/t", str(delay), "/d", "p:2:4", *(["/c", message] if message else [])]
    try:
        done = host.programs.run("shutdown.exe", arguments, timeout=60)
        if done.exit_code == _ALREADY_SCHEDULED:
            aborted = host.programs.run("shutdown.exe", ["/a"], timeout=60)
            if aborted.exit_code not in (0, _NOTHING_TO_ABORT):
                raise refusal(aborted.exit_code, aborted.error_text)
            done = host.programs.run("shutdown.exe", arguments, timeout=60)
    except (ConnectError, ShellGoneError):
        # The host went down before its answer was through; the boot time will tell.
        return
    if done.exit_code not in (0, _IN_PROGRESS):
        error = refusal(done.exit_code, done.error_text or done.text)
        if error.code == 5:
            error.advice = "Give the account the right 'Force shutdown from a remote system', or use an administrator"
        raise error


def _wait(host: RemoteHost, watch: _Watch, timeout: float) -> datetime:
    """Until the host says that it has started anew and is ready, several times in a row."""
    pause, steady = _FIRST_PAUSE, 0
    while True:
        seen = _look(host, watch)
        if seen is not None:
            # A second restart while features are configured changes the boot time once more: start counting anew.
            steady = steady + 1 if seen == watch.after else 1
            watch.after = seen
            if steady >= _STEADY_ANSWERS:
                host.session.relax()
                return seen
            pause = _STEADY_PAUSE
        else:
            steady = 0
            host.session.forget()
            pause = min(pause * 1.5, _LONGEST_PAUSE)
        if watch.left() <= 0:
            raise _not_back(watch, timeout)
        time.sleep(min(pause, watch.left()))


def _look(host: RemoteHost, watch: _Watch) -> datetime | None:
    """The new boot time; None while the host is away, not yet down, or still configuring."""
    watch.attempts += 1
    try:
        if watch.after is None or watch.last_error:
            host.reconnect()
        seen = boot_time(host)
        watch.last_error = ""
        if seen == watch.before:
            return None
        if watch.prompt and not _logon_prompt(host):
            watch.after, watch.last_error = seen, "it is still configuring itself"
            return None
    except (ConnectError, RemoteError, RemoteTimeout, ProtocolError) as error:
        # Also rejected credentials: while Windows starts, they are not known yet (facts/wsman.md 1.2).
        watch.last_error = error.cause
        watch.went_away = True
        return None
    return seen


def _not_back(watch: _Watch, timeout: float) -> ContainersError:
    tries = f"{watch.attempts} attempts within {timeout:.0f} seconds"
    if watch.after is not None:
        last = f"; last: {watch.last_error}" if watch.last_error else ""
        return RemoteTimeout(f"it restarted, but is not steadily ready ({tries}{last})", "Look at its console, or raise reboot_timeout")
    if watch.went_away:
        return RemoteTimeout(
            f"it went away and did not come back ({tries}; last: {watch.last_error})", "Look at its console, or raise reboot_timeout"
        )
    return RemoteTimeout(
        f"it accepted the restart but did not go down: its boot time is still {watch.before.isoformat()} ({tries})",
        "See on the host which program holds up the shutdown, or raise reboot_timeout",
    )
