# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each task of the demo costs: WS-Man messages, CIM requests, programs, Engine requests, CPU seconds of the controller."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from demo.runs import DEMO, ROOT, FleetFailed, FleetProcess, Recording

NAME = "winfleet.containers"
COLUMNS = ("wsman_messages", "cim_requests", "programs", "engine_requests", "cpu_seconds")
#: A task of the module container that finds everything as it should be may cost this much for each container.
BUDGET = {"engine_requests": 4, "cim_requests": 4, "programs": 0}


def main() -> int:
    try:
        with FleetProcess(DEMO / "fleet.yml", ROOT / "build" / "bench") as fleet:
            recordings = {name: fleet.playbook(DEMO / "site.yml", name, WINFLEET_STATISTICS="1") for name in ("first", "second")}
    except FleetFailed as error:
        print(f"The simulated fleet did not start:\n{error}")
        return 1
    if any(recording.returncode for recording in recordings.values()):
        print("The playbook failed, so the figures would mean nothing.")
        return 1
    for name, recording in recordings.items():
        table(f"{name.capitalize()} run", recording)
    return budget(recordings["second"])


def measured(recording: Recording) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Host, task and result of everything that carries statistics; of a loop each item."""
    for line in recording.lines:
        statistics = line["result"].get("statistics")
        if statistics:
            # The program that carries a tunnel is none of the task's own.
            statistics["programs"] = statistics["commands"] - statistics.get("tunnels", 0)
            yield line["host"], line["task"], line["result"]


def table(title: str, recording: Recording) -> None:
    print(f"\n{title} ({recording.seconds:.0f} s): one line a task and host\n")
    print(f"{'host':14} {'task':62} {'messages':>9} {'CIM':>5} {'programs':>9} {'Engine':>7} {'CPU s':>7}  changed")
    for host, task, result in sorted(measured(recording), key=lambda row: row[0]):
        figures = [result["statistics"].get(column, 0) for column in COLUMNS]
        print(
            f"{host:14} {task.removeprefix('winfleet.containers.')[:62]:62} {figures[0]:9} {figures[1]:5} {figures[2]:9} {figures[3]:7} {figures[4]:7.2f}"
            f"  {'yes' if result.get('changed') else ''}"
        )


def budget(recording: Recording) -> int:
    """Hold the container tasks that changed nothing against the budget; the exit code."""
    wrong, checked = [], 0
    for host, task, result in measured(recording):
        containers = [entry for entry in result.get("containers", []) if "differences" in entry] or [result] * ("container" in result)
        if not containers or result.get("changed") or result.get("failed"):
            continue
        checked += 1
        wrong += [
            f"{task} on {host}: {column} {result['statistics'].get(column)}, allowed {allowed * len(containers)}"
            for column, allowed in BUDGET.items()
            if result["statistics"].get(column, 0) > allowed * len(containers)
        ]
    print(
        "\nBudget of a task that changes nothing, for each container: "
        f"{BUDGET['engine_requests']} Engine requests, {BUDGET['cim_requests']} CIM requests, no program"
    )
    for text in wrong or ([] if checked else ["no container task was measured"]):
        print(f"WRONG: {text}")
    print(f"{checked} tasks checked, {len(wrong)} over the budget")
    return 1 if wrong or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
