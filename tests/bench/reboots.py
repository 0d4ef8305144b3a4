# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a fleet takes to reboot, and how long each of its hosts is out of service, by forks and strategy.

``python -m bench.reboots [hosts]``; every tenth host takes four times as long to start. A host is out of service from the order to restart
until the task after the reboot has been done.
"""

from __future__ import annotations

import statistics
import sys
from datetime import datetime

import yaml
from demo.runs import ROOT, FleetProcess, Recording

FOLDER = ROOT / "build" / "bench-reboots"
#: Seconds a host takes to start: most, and every tenth.
QUICK, SLOW = 5.0, 20.0
#: From the order to the restart.
DELAY = 2
RUNS = [
    (5, "linear"),
    (5, "host_pinned"),
    (25, "linear"),
    (25, "free"),
    (25, "host_pinned"),
    (50, "linear"),
    (50, "free"),
    (50, "host_pinned"),
]
PLAY = {
    "hosts": "all",
    "gather_facts": False,
    "tasks": [
        {"name": "Reboot", "winfleet.containers.host_reboot": {"reboot_timeout": 300}},
        {"name": "Take back into service", "winfleet.containers.host_info": {"gather_subset": ["!all"]}},
    ],
}


def main(hosts: int) -> int:
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    fleet, playbook = FOLDER.with_suffix(".fleet.yml"), FOLDER.with_suffix(".yml")
    entries = [
        {"name": f"host{number:03}", "profile": "server-2022-core", "boot_seconds": boot_seconds(number)} for number in range(1, hosts + 1)
    ]
    fleet.write_text(yaml.safe_dump({"hosts": entries}))
    lines, failed = [], 0
    with FleetProcess(fleet, FOLDER) as running:
        for forks, strategy in RUNS:
            playbook.write_text(yaml.safe_dump([{**PLAY, "strategy": f"ansible.builtin.{strategy}"}]))
            run = running.playbook(playbook, f"{strategy}-{forks}", ("--forks", str(forks)), 1800, ANSIBLE_DISPLAY_OK_HOSTS="false", CI="1")
            lines.append(line(run, forks, strategy))
            failed += sum(entry["outcome"] != "ok" for entry in run.lines) + run.returncode
    print(f"\n{hosts} hosts that start within {QUICK:.0f} s, every tenth within {SLOW:.0f} s; {failed} failures\n")
    print("forks  strategy      whole run  out of service: median  longest")
    print("\n".join(lines))
    return 1 if failed else 0


def line(run: Recording, forks: int, strategy: str) -> str:
    """One line of the table."""
    out = outages(run) or [0.0]
    return f"{forks:5}  {strategy:12} {run.seconds:8.0f} s {statistics.median(out):21.0f} s {max(out):6.0f} s"


def outages(run: Recording) -> list[float]:
    """Of each host the seconds from the restart until the task after it was done.

    The restart is told from the host's own boot time: with a busy controller a result is recorded some time after it came about.
    """
    found = []
    for host in run.hosts:
        times = {line["task"]: line for line in run.lines if line["host"] == host and line["outcome"] == "ok"}
        if {"Reboot", "Take back into service"} <= set(times):
            booted = datetime.fromisoformat(times["Reboot"]["result"]["boot_time_after"]).timestamp()
            found.append(times["Take back into service"]["time"] - booted + DELAY + boot_seconds(int(host[-3:])))
    return found


def boot_seconds(number: int) -> float:
    """How long the host of this number takes to start."""
    return QUICK if number % 10 else SLOW


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
