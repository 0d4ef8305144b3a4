# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks against a simulated fleet: what a user types, and what a user sees."""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from demo.runs import Recording, settings

from simulator.fleet import RunningFleet

from .prefork import PAUSES, REBOOT, Prefork

VERSION = "28.5.2"
#: What the role needs to take the engine from the fleet's own mirror.
MIRROR = {
    "container_host_engine_version": VERSION,
    "container_host_engine_url": "{{ winfleet_mirror_url }}/docker-" + VERSION + ".zip",
    "container_host_engine_sha256": "{{ winfleet_engine_sha256['" + VERSION + "'] }}",
}

#: Behind the name of a task that runs in check mode before, and behind that of its second run.
PREDICTED, DONE, AGAIN = " (predicted)", "", " (again)"


@dataclass
class Run:
    """A finished ansible-playbook.

    Attributes:
        recording: Every result.
        output: stdout and stderr together.
    """

    recording: Recording
    output: str

    @property
    def ok(self) -> bool:
        return self.recording.returncode == 0

    def result(self, task: str, host: str = "") -> dict[str, Any]:
        """The result of a task by its name, without the role's (and host, when several have it)."""
        found = [line for line in self.recording.lines if short(line["task"]) == task and host in ("", line["host"])]
        if not found:
            raise KeyError(f"no task {task!r} ran; the output was\n{self.output[-4000:]}")
        return {"failed": found[-1]["outcome"] not in ("ok", "item"), **found[-1]["result"]}

    @property
    def changed(self) -> list[str]:
        """``host: task`` of everything that changed, but what was only predicted."""
        return [f"{line['host']}: {short(line['task'])}" for line in self.recording.changes if not line["task"].endswith(PREDICTED)]

    def surprises(self) -> list[str]:
        """What did other than check mode had said, or changed something the second time: see `thrice`."""
        did: dict[tuple[str, str], set[str]] = {}
        for line in self.recording.lines:
            task, ending = ending_of(line["task"])
            if line["changed"]:
                did.setdefault((line["host"], task), set()).add(ending)
        tried = {ending_of(line["task"])[0] for line in self.recording.lines if line["task"].endswith(AGAIN)}
        return [f"{host}: {task}: {sorted(when)}" for (host, task), when in did.items() if task in tried and when != {PREDICTED, DONE}]


Play = Callable[..., Run]


def ending_of(task: str) -> tuple[str, str]:
    """A task's name, and which of its three runs it is."""
    ending = next((ending for ending in (PREDICTED, AGAIN) if task.endswith(ending)), DONE)
    return task.removesuffix(ending), ending


def thrice(tasks: Iterable[dict[str, Any]], once: Container[str] = ()) -> list[dict[str, Any]]:
    """Each task of ours in check mode, as it stands, and a second time; those named in ``once`` as they stand only."""
    found: list[dict[str, Any]] = []
    for task in tasks:
        parts = {key: thrice(task[key], once) for key in ("block", "rescue", "always") if key in task}
        if parts:
            found.append({**task, **parts})
            continue
        ours = any(key.startswith("winfleet.containers.") for key in task) and task.get("name") not in once
        name = task.get("name", "")
        found += [{**task, "name": name + PREDICTED, "check_mode": True}] if ours else []
        found += [task, {**task, "name": name + AGAIN}] if ours else [task]
    return found


def short(task: str) -> str:
    """A task's name without that of its role."""
    return task.rpartition(" : ")[2]


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a simulated host no longer than it takes."""
    for name, seconds in PAUSES.items():
        monkeypatch.setattr(f"{REBOOT}.{name}", seconds)


@pytest.fixture(scope="session")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """Run tasks, or a playbook by name, against a fleet; or another program of Ansible, whose first word then stands for the playbook."""

    def run(
        fleet: RunningFleet,
        tasks: Sequence[dict[str, Any]] | str,
        *options: str,
        hosts: str = "all",
        variables: dict[str, Any] | None = None,
        timeout: float = 150,
        program: str = "ansible-playbook",
        **keywords: Any,
    ) -> Run:
        folder = tmp_path_factory.mktemp("play")
        inventory, extra, recording = folder / "inventory.yml", folder / "variables.yml", folder / "recording.jsonl"
        inventory.write_text(yaml.safe_dump(fleet.inventory()))
        extra.write_text(yaml.safe_dump(variables or {}))
        recording.touch()
        playbook = tasks
        if not isinstance(tasks, str):
            playbook = str(folder / "play.yml")
            Path(playbook).write_text(yaml.safe_dump([{"hosts": hosts, "gather_facts": False, "tasks": list(tasks), **keywords}]))
        behind = [] if program == "ansible-doc" else ["-i", str(inventory), "-e", f"@{extra}"]
        command = [str(Path(sys.executable).with_name(program)), *behind, str(playbook), *options]
        environment = {**settings(), "WINFLEET_RECORD": str(recording)}
        returncode, output = Prefork.run(command, environment, folder, timeout)
        return Run(Recording(recording, returncode, 0), output)

    yield run
    Prefork.close_all()


def foretellable(result: dict[str, Any]) -> dict[str, Any]:
    """A result without what check mode cannot know: how long it took."""
    return {key: value for key, value in result.items() if key not in ("elapsed", "progress")}


def programs(fleet: RunningFleet, host: str) -> list[str]:
    """Every program the host has started so far."""
    found: list[str] = fleet.call(lambda: list(fleet.machines[host].started_programs))
    return found


def reboots(fleet: RunningFleet, host: str) -> int:
    """How often the host was asked to reboot."""
    return sum("shutdown.exe" in line.lower() and "/r" in line.lower() for line in programs(fleet, host))
