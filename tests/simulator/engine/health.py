# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Health checks: the monitor of a running container. Source: moby daemon/health.go (the same from 20.10 to 29)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .values import now, show_time

if TYPE_CHECKING:
    from .containers import Container
    from .engine import Engine

Json = dict[str, Any]
_NANOSECONDS = 1e9
_DEFAULT_SECONDS = 30.0
_RETRIES = 3
_KEPT, _OUTPUT = 5, 4096


@dataclass
class Health:
    """What the checks of a container found."""

    status: str = "starting"
    failing: int = 0
    log: list[Json] = field(default_factory=list)

    def shown(self) -> Json:
        return {"Status": self.status, "FailingStreak": self.failing, "Log": self.log}

    def take(self, start: datetime, code: int, output: str, *, in_start_period: bool, retries: int) -> None:
        """One result. A failure in the start period counts only after the first success."""
        self.log = [*self.log[-(_KEPT - 1) :], {"Start": show_time(start), "End": show_time(now()), "ExitCode": code, "Output": output}]
        if code == 0:
            self.status, self.failing = "healthy", 0
        elif not (self.status == "starting" and in_start_period):
            self.failing += 1
            if self.failing >= retries:
                self.status = "unhealthy"


def probe_command(container: Container) -> list[str] | None:
    """The command of its check: ``CMD-SHELL`` runs the image's shell, ``cmd /S /C`` on Windows. None without a check."""
    test = list((container.config.get("Healthcheck") or {}).get("Test") or ())
    if test[:1] == ["CMD"]:
        return test[1:]
    if test[:1] == ["CMD-SHELL"]:
        shell = container.config.get("Shell") or (["/bin/sh", "-c"] if container.image.busybox else ["cmd", "/S", "/C"])
        return [*shell, *test[1:]]
    return None


def begin(engine: Engine, container: Container) -> None:
    """The container has started: watch it if it has a check."""
    command = probe_command(container)
    if command:
        container.health = container.health or Health()
        container.health.status, container.health.failing = "starting", 0
        container.monitor = engine.spawn(_watch(engine, container, container.health, command))


def end(container: Container) -> None:
    """The container has stopped: the monitor ends, which leaves it unhealthy."""
    if container.monitor is not None:
        container.monitor.cancel()
        container.monitor = None
        if container.health is not None:
            container.health.status = "unhealthy"


async def _watch(engine: Engine, container: Container, health: Health, command: list[str]) -> None:
    check = container.config["Healthcheck"]
    seconds = {key: (check.get(key) or 0) / _NANOSECONDS for key in ("Interval", "Timeout", "StartPeriod", "StartInterval")}
    timeout, interval = seconds["Timeout"] or _DEFAULT_SECONDS, seconds["Interval"] or _DEFAULT_SECONDS
    while True:
        young = (now() - (container.state.started or now())).total_seconds() < seconds["StartPeriod"]
        # From 25 on checks come faster in the start period: every 5 s, or as StartInterval says.
        quick = engine.version.major >= 25 and health.status == "starting" and young
        await asyncio.sleep((seconds["StartInterval"] or 5.0) if quick else interval)
        if container.state.paused:
            continue
        before, start = health.status, now()
        try:
            code, output = await asyncio.wait_for(engine.execs.probe(container, command), timeout)
        except TimeoutError:
            code, output = -1, f"Health check exceeded timeout ({timeout:g}s)"
        in_start_period = (start - (container.state.started or start)).total_seconds() < seconds["StartPeriod"]
        health.take(start, code, output[:_OUTPUT], in_start_period=in_start_period, retries=check.get("Retries") or _RETRIES)
        if health.status != before:
            engine.events.container(container, f"health_status: {health.status}")
