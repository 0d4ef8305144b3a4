# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wait for a container: until it is healthy, or until it has ended. The container is looked at again and again, so a broken tunnel costs nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ..errors import RemoteError, RemoteTimeout
from .options import Inspected, at
from .state import health, running

Look = Callable[[], Inspected]
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0
#: Of what a container or its check said last, this much goes into an error.
_MOST_WORDS = 300
_HIDDEN, _SHORTEST_SECRET = "********", 6


def wait_until(look: Look, done: Callable[[Inspected], bool], timeout: float, what: str, advice: str) -> Inspected:
    """Look until it is done; the pauses grow.

    Args:
        look: Inspects the container.
        done: Judges what was seen; raises when it can never be.
        timeout: Seconds.
        what: For the error: ``it was not healthy``.
        advice: For the error.

    Raises:
        RemoteTimeout: The time is over.
    """
    end, pause = time.monotonic() + timeout, _FIRST_PAUSE
    while True:
        container = look()
        if done(container):
            return container
        left = end - time.monotonic()
        if left <= 0:
            raise RemoteTimeout(f"{what} within {timeout:g} seconds", advice)
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def wait_healthy(look: Look, timeout: float, healthy_after: float, tell: Callable[[str], None]) -> None:
    """Wait until a container is healthy: its check says so, or without one it has kept running for a while.

    Args:
        tell: Takes what is waited for, a clause.

    Raises:
        RemoteError: It ended, or its check says that it is unhealthy.
        RemoteTimeout: Neither within ``timeout``; without a check that is at least ``healthy_after``.
    """
    runs_since: dict[str, float] = {}

    def done(container: Inspected) -> bool:
        state: Any = container.get("State") or {}
        status = health(container)
        if not running(container) or state.get("Restarting"):
            raise RemoteError(
                f"the container did not keep running, it ended with exit code {state.get('ExitCode')}",
                "Correct its command, or what that works on",
            )
        if status == "unhealthy":
            raise RemoteError(f"the container is unhealthy{_last_check(state)}", "Correct what it runs, or the command of its health check")
        if status:
            tell(f"its health check says {status}")
            return status == "healthy"
        tell(f"it has no health check and is to keep running for {healthy_after:g} s")
        begun = runs_since.setdefault(str(state.get("StartedAt")), time.monotonic())
        return time.monotonic() - begun >= healthy_after

    # Without a check the time to prove good is part of what was asked for.
    patience = timeout if health(look()) else max(timeout, healthy_after + 0.5)
    wait_until(look, done, patience, "the container was not healthy", "Correct what it runs, or raise wait_timeout")


def _last_check(state: Any) -> str:
    log = (state.get("Health") or {}).get("Log") or [{}]
    words = one_line(str(log[-1].get("Output") or ""))
    return f" (its check ended with {log[-1].get('ExitCode')} and said: {words})" if words else ""


def one_line(text: str) -> str:
    """The end of a text, on one line."""
    words = " ".join(text.split()).rstrip(".")
    return words if len(words) <= _MOST_WORDS else f"... {words[-_MOST_WORDS:]}"


def without_values(container: Inspected, text: str) -> str:
    """A container's words without the values of its environment variables: they are often secrets, and programs like to print them.

    What is shorter than a password worth its name is left: it would only tear holes into the text.
    """
    values = {str(entry).partition("=")[2] for entry in at(container, "Config.Env") or ()}
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, _HIDDEN) if len(value) >= _SHORTEST_SECRET else text
    return text


def wait_end(look: Look, timeout: float) -> Inspected:
    """Wait until a container has ended. Raises RemoteTimeout."""
    advice = "Look at its log, or raise wait_timeout"
    return wait_until(look, lambda container: not running(container), timeout, "the container had not ended", advice)
