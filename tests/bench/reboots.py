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

import yaml
from demo.runs import ROOT, FleetProcess, Recording

FOLDER = ROOT / "build" / "bench-reboots"
#: Seconds a host takes to start: most, and every tenth.
QUICK, SLOW = 5.0, 20.0
RUNS = [(5, "linear"), (25, "linear"), (25, "free"), (25, "host_pinned"), (50, "linear"), (50, "free"), (50, "host_pinned")]
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
        {"name": f"host{number:03}", "profile": "server-2022-core", "boot_seconds": QUICK if number % 10 else SLOW}
        for number in range(1, hosts + 1)
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
    print("forks  strategy      whole run  most down  out of service: median  longest")
    print("\n".join(lines))
    return 1 if failed else 0


def line(run: Recording, forks: int, strategy: str) -> str:
    """One line of the table."""
    out = outages(run)
    lengths = [end - start for start, _up, end in out] or [0.0]
    median, longest = statistics.median(lengths), max(lengths)
    return f"{forks:5}  {strategy:12} {run.seconds:8.0f} s {most_at_once(out):10} {median:21.0f} s {longest:6.0f} s"


def outages(run: Recording) -> list[tuple[float, float, float]]:
    """Of each host: when the restart was ordered, when it was back, and when the task after that was done."""
    found = []
    for host in run.hosts:
        times = {line["task"]: line for line in run.lines if line["host"] == host and line["outcome"] == "ok"}
        if {"Reboot", "Take back into service"} <= set(times):
            back = times["Reboot"]["time"]
            found.append((back - times["Reboot"]["result"]["elapsed"], back, times["Take back into service"]["time"]))
    return found


def most_at_once(outs: list[tuple[float, float, float]]) -> int:
    """How many hosts were rebooting at the same time, at most."""
    return max((sum(start <= moment < up for start, up, _end in outs) for moment, _up, _end in outs), default=0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
