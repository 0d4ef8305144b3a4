# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reboot a host, prove it by a changed boot time, and wait until it is ready (facts/native-tools.md 3; facts/wsman.md 1.2)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ..errors import ConnectError, ContainersError, OptionError, ProtocolError, RemoteError, RemoteTimeout
from .cim import CimClass, Instance, quote
from .restart_order import LONGEST_MESSAGE, order_by_task, order_restart, remove_leftover

if TYPE_CHECKING:
    from .host import RemoteHost

_OPERATING_SYSTEM = CimClass("Win32_OperatingSystem", {"LastBootUpTime": datetime})
_SERVICE = CimClass("Win32_Service", {"Name": str, "State": str, "StartMode": str})
#: A volatile key that Windows creates when the logon prompt is about to show, that is, after "configuring features": answering is not
#: yet ready. A host that had it before the reboot is awaited to have it again (facts/native-tools.md 3).
_LOGON_PROMPT = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon\\AutoLogonChecked"
#: Servicing goes on after the boot in this service. It is set to start by itself as long as there is such work (CBS.log of Windows:
#: "No startup processing required, TrustedInstaller service was not set as autostart").
_SERVICING = "TrustedInstaller"
#: It may also be set so for good, and then runs on for minutes without work: no reason to wait longer than this after the first answer.
_SERVICING_SECONDS = 300.0
#: With less, the host went away before it had answered (facts/native-tools.md 3).
_LEAST_DELAY = 2
#: WinRM may reset once more after its first answer, so it must answer several times in a row.
STEADY_ANSWERS = 3
_STEADY_PAUSE, _FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 1.0, 6.0
#: A host that answers as if nothing were, this many seconds after the restart was due (or this part of the time-out), ignores the order.
_PATIENCE, _PATIENCE_SHARE = 60.0, 0.25
_TEST_SECONDS = 60.0


@dataclass(frozen=True)
class RebootRequest:
    """How to reboot. Times in seconds.

    Args:
        message: Shown to logged-on users, at most 512 characters.
        delay: From the order to the restart, at least 2.
        timeout: For the host to come back, counted from the end of ``delay``.
        settle: To wait after it is back.
        services: Names of services that must run again; one that no longer exists is not awaited.
        test: A program and its arguments whose exit code 0 ends the wait.
        steady: How many good answers in a row count as ready.
    """

    message: str = ""
    delay: int = _LEAST_DELAY
    timeout: float = 600
    settle: float = 0
    services: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    steady: int = STEADY_ANSWERS


@dataclass(frozen=True)
class Rebooted:
    """The proof: boot time before and after, and how long it took in seconds.

    Attributes:
        task_reason: Why it took a scheduled task of SYSTEM, a clause; empty where ``shutdown.exe`` did it.
    """

    boot_time_before: datetime
    boot_time_after: datetime
    elapsed: float
    task_reason: str = ""


@dataclass
class _Watch:
    """What is waited for, and what was seen so far, for the error."""

    request: RebootRequest
    before: datetime
    prompt: bool
    task_reason: str = ""
    started: float = field(default_factory=time.monotonic)
    last_error: str = ""
    went_away: bool = False
    away: bool = False
    after: datetime | None = None
    attempts: int = 0
    untouched_since: float = float("inf")
    back_since: float = float("inf")
    insisted: str = ""

    def left(self) -> float:
        return self.started + self.request.timeout - time.monotonic()

    def ignored(self) -> bool:
        """The host has answered all along, long after it should have gone, and was not yet told again."""
        patience = min(_PATIENCE, self.request.timeout * _PATIENCE_SHARE)
        return not self.insisted and time.monotonic() - self.untouched_since >= patience


def reboot(host: RemoteHost, request: RebootRequest) -> Rebooted:
    """Reboot and wait until the boot time has changed, servicing is done, the services run and the host answers steadily.

    Returns:
        The proof; the host is connected again, and no task of ours is left on it.

    Raises:
        OptionError: The message is too long or cannot stand on a command line.
        RemoteError: The host refuses to reboot (with its code and cause).
        RemoteTimeout: It did not go down, or did not come back, in time; says what was seen.
    """
    if len(request.message) > LONGEST_MESSAGE:
        raise OptionError(f"the message has {len(request.message)} characters, and shutdown.exe takes {LONGEST_MESSAGE}", "Shorten it")
    started = time.monotonic()
    before, prompt = boot_time(host), _logon_prompt(host)
    remove_leftover(host)
    delay = max(request.delay, _LEAST_DELAY)
    denied = order_restart(host, request.message, delay)
    host.disconnect()
    host.progress(f"reboot: ordered, waiting up to {request.timeout:.0f} s for it to come back")
    time.sleep(delay)
    watch = _Watch(request, before, prompt, "the account may not restart Windows" if denied else "")
    after = _wait(host, watch)
    if watch.task_reason or watch.insisted:
        remove_leftover(host)
    if request.settle:
        time.sleep(request.settle)
    return Rebooted(before, after, time.monotonic() - started, watch.task_reason)


def boot_time(host: RemoteHost) -> datetime:
    """When the host last started."""
    rows = host.cim.query(_OPERATING_SYSTEM)
    value = rows[0]["LastBootUpTime"] if rows else None
    if not isinstance(value, datetime):
        raise ProtocolError("Win32_OperatingSystem has no LastBootUpTime")
    return value


def _logon_prompt(host: RemoteHost) -> bool:
    return host.registry.value_names(_LOGON_PROMPT) is not None


def _wait(host: RemoteHost, watch: _Watch) -> datetime:
    """Until the host says that it has started anew and is ready, several times in a row, and passes the test."""
    pause, steady = _FIRST_PAUSE, 0
    while True:
        seen = _look(host, watch)
        if seen is not None:
            # A second restart while features are configured changes the boot time once more: start counting anew.
            steady = steady + 1 if seen == watch.after else 1
            watch.after = seen
            if steady >= watch.request.steady and _passes(host, watch):
                host.session.relax()
                return seen
            pause = _STEADY_PAUSE if steady <= watch.request.steady else min(pause * 1.5, _LONGEST_PAUSE)
        else:
            steady = 0
            if watch.ignored():
                _insist(host, watch)
            host.session.forget()
            pause = min(pause * 1.5, _LONGEST_PAUSE)
        if watch.left() <= 0:
            raise _not_back(watch)
        host.progress(f"reboot: {_seen(watch)}")
        time.sleep(min(pause, watch.left()))


def _seen(watch: _Watch) -> str:
    """What the wait is at, a clause."""
    if watch.away:
        return f"it does not answer yet ({watch.last_error})"
    if watch.after is None:
        return "it has not gone down yet"
    return f"it is back, but {watch.last_error}" if watch.last_error else "it is back, making sure that it stays so"


def _look(host: RemoteHost, watch: _Watch) -> datetime | None:
    """The new boot time; None while the host is away, not yet down, or still busy with its start."""
    watch.attempts += 1
    try:
        if watch.after is None or watch.last_error:
            host.reconnect()
        seen = boot_time(host)
        watch.last_error, watch.away = "", False
        if seen == watch.before:
            watch.untouched_since = min(watch.untouched_since, time.monotonic())
            return None
        watch.untouched_since = float("inf")
        watch.last_error = _busy(host, watch)
        if watch.last_error:
            watch.after = seen
            return None
    except (ConnectError, RemoteError, RemoteTimeout, ProtocolError) as error:
        # Also rejected credentials: while Windows starts, they are not known yet (facts/wsman.md 1.2).
        watch.last_error = error.cause
        watch.went_away, watch.away, watch.untouched_since = True, True, float("inf")
        return None
    return seen


def _busy(host: RemoteHost, watch: _Watch) -> str:
    """What the start of Windows has not finished yet, a clause; empty when it has."""
    if watch.prompt and not _logon_prompt(host):
        return "it is still configuring itself"
    names = watch.request.services
    watch.back_since = min(watch.back_since, time.monotonic())
    if time.monotonic() - watch.back_since < _SERVICING_SECONDS:
        names = (_SERVICING, *names)
    if not names:
        return ""
    return unfinished(host.cim.query(_SERVICE, where=" OR ".join(f"Name={quote(name)}" for name in names)))


def unfinished(services: list[Instance]) -> str:
    """Of servicing and of the services that must run, the first that is not as it should be, a clause. Pure."""
    for service in services:
        name, state = str(service.get("Name")), str(service.get("State"))
        if name.lower() != _SERVICING.lower():
            if state != "Running":
                return f"the service {name} is {state.lower()}"
        elif state != "Stopped" and service.get("StartMode") == "Auto":
            return "Windows servicing is still at work"
    return ""


def _passes(host: RemoteHost, watch: _Watch) -> bool:
    """Whether the test program, if any, ends with 0."""
    if not watch.request.test:
        return True
    program, *arguments = watch.request.test
    try:
        done = host.programs.run(program, arguments, timeout=max(1.0, min(_TEST_SECONDS, watch.left())))
    except (ConnectError, RemoteError, RemoteTimeout) as error:
        watch.last_error = f"the test could not be run: {error.cause}"
    else:
        watch.last_error = f"the test {program} ended with code {done.exit_code}" if done.exit_code else ""
    if watch.last_error:
        host.programs.close()  # the next look connects anew, and knows nothing of the test's shell any more
    return not watch.last_error


def _insist(host: RemoteHost, watch: _Watch) -> None:
    """Order again, by a task. Where the shutdown is only slow this changes nothing: Windows answers that one is in progress."""
    host.progress("reboot: the order is ignored, a scheduled task gives it again")
    try:
        order_by_task(host, watch.request.message, _LEAST_DELAY)
    except (ConnectError, RemoteTimeout):
        # It may be going down; what the task came to shows in the boot time.
        watch.insisted = ", and then did not take a scheduled task"
    except RemoteError as error:
        watch.insisted = f", and no scheduled task of SYSTEM could be made instead ({error.cause})"
    else:
        watch.insisted = ", also when a scheduled task of SYSTEM ordered it"
        watch.task_reason = watch.task_reason or "Windows accepted the order to restart and ignored it"


def _not_back(watch: _Watch) -> ContainersError:
    tries = f"{watch.attempts} attempts within {watch.request.timeout:.0f} seconds"
    last = f"; last: {watch.last_error}" if watch.last_error else ""
    if watch.after is not None:
        return RemoteTimeout(f"it restarted, but is not steadily ready ({tries}{last})", "Look at its console, or raise reboot_timeout")
    if watch.went_away:
        return RemoteTimeout(f"it went away and did not come back ({tries}{last})", "Look at its console, or raise reboot_timeout")
    return RemoteTimeout(
        f"it accepted the restart but did not go down{watch.insisted}: its boot time is still {watch.before.isoformat()} ({tries})",
        "See on the host which program holds up the shutdown, or raise reboot_timeout",
    )
