# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo: five bare Windows machines become container hosts with proved isolation, twice, and the second time changes nothing."""

from __future__ import annotations

import re
import sys
from typing import Any

from .runs import DEMO, ROOT, FleetFailed, FleetProcess, Recording

NAME = "winfleet.containers"


def main() -> int:
    print("Starting a simulated fleet of five bare Windows machines.", flush=True)
    try:
        with FleetProcess(DEMO / "fleet.yml", ROOT / "build" / "demo") as fleet:
            print("\nFirst run: from bare Windows to running containers.", flush=True)
            first = fleet.playbook(DEMO / "site.yml", "first")
            if first.returncode:
                print(f"\nThe first run failed. The simulator's log is {fleet.folder / 'fleet.log'}")
                return 1
            print("\nSecond run: nothing may change.", flush=True)
            second = fleet.playbook(DEMO / "site.yml", "second")
            print("\nThe report on the fleet.", flush=True)
            report = fleet.playbook(f"{NAME}.fleet_report", "report", ["-e", f"fleet_report_dest={fleet.folder}"])
            log = fleet.log()
    except FleetFailed as error:
        print(f"The simulated fleet did not start:\n{error}")
        return 1
    show(first, second)
    wrong = violations(first, second, log) + unreported(report)
    programs = sorted(set(re.findall(r"([\w-]+\.exe)", "\n".join(started(log)), re.IGNORECASE)))
    print(f"Programs started on the hosts: {', '.join(programs)}.")
    print(
        f"First run {first.seconds:.0f} s, {len(first.changes)} changes. Second run {second.seconds:.0f} s, {len(second.changes)} changes."
    )
    print(f"The report on the fleet, for a browser: {written(report).get('page')}")
    for text in wrong:
        print(f"WRONG: {text}")
    print("The demo failed." if wrong else "All as promised: isolation proved, no PowerShell, nothing changed by the second run.")
    return 1 if wrong else 0


def started(log: str) -> list[str]:
    """The lines of the simulator's log about started (or refused) programs."""
    return [line for line in log.splitlines() if re.search(r"^\S+ \S+ (cmd|program|refused): ", line)]


def show(first: Recording, second: Recording) -> None:
    """The summary, a few lines a host."""
    print("\nSummary")
    for host in second.hosts:
        info = second.last(host, f"{NAME}.host_info")
        system, engine = info.get("os", {}), info.get("engine", {})
        print(
            f"\n{host}: {system.get('caption')}, build {system.get('build')}.{system.get('revision')}, {info.get('platform')}, engine {engine.get('version')}"
        )
        for container in isolation(second, host):
            print(f"  {container['name']:14} {container['verdict']:9} {container['reason']}")
        if info.get("isolation", {}).get("hyperv", {}).get("verdict") != "yes":
            print(f"  no Hyper-V isolation here: {info.get('isolation', {}).get('hyperv', {}).get('reason')}")
            print(f"  asked for it all the same: {second.last(host, f'{NAME}.container').get('msg')}")
        print(f"  changes: {changes(first, host)} in the first run, {changes(second, host)} in the second")
    print()


def isolation(recording: Recording, host: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = recording.last(host, f"{NAME}.isolation_info").get("containers", [])
    return found


def changes(recording: Recording, host: str) -> int:
    return sum(line["host"] == host for line in recording.changes)


def violations(first: Recording, second: Recording, log: str) -> list[str]:
    """What the demo promises and the runs did not keep."""
    wrong = []
    if second.returncode:
        wrong.append("the second run failed")
    wrong += [f"the second run changed something: {line['task']} on {line['host']}" for line in second.changes]
    if len(first.hosts) != 5 or len(second.hosts) != 5:
        wrong.append(f"five hosts were to take part, seen were {len(first.hosts)} and {len(second.hosts)}")
    for host in first.hosts:
        verdicts = {container["verdict"] for container in isolation(first, host)}
        capable = first.last(host, f"{NAME}.host_info").get("isolation", {}).get("hyperv", {}).get("verdict") == "yes"
        expected = {"process", "hyperv"} if capable else {"process"}
        if verdicts != expected:
            wrong.append(f"{host} was to run containers in {sorted(expected)}, proved is {sorted(verdicts)}")
        if not changes(first, host):
            wrong.append(f"{host} was not bare: the first run changed nothing")
    if sum(len(isolation(first, host)) == 2 for host in first.hosts) != 4:
        wrong.append("four of the five hosts were to prove both isolations")
    if not started(log):
        wrong.append("the simulator logged no program, so nothing can be said about PowerShell")
    wrong += [f"PowerShell was started: {line}" for line in started(log) if "powershell" in line.lower() or "pwsh" in line.lower()]
    return wrong


def written(report: Recording) -> dict[str, Any]:
    """The result of the task that wrote the report."""
    return next((report.last(host, f"{NAME}.fleet_report") for host in report.hosts if report.last(host, f"{NAME}.fleet_report")), {})


def unreported(report: Recording) -> list[str]:
    """What the report promises and did not keep."""
    summary = written(report).get("summary", {})
    expected = {"reached": {"value": 5, "of": 5}, "proved": {"value": 9, "of": 9}}
    told = {key: summary.get(key) for key in expected}
    return [] if told == expected else [f"the report was to tell {expected}, it tells {told}"]


if __name__ == "__main__":
    sys.exit(main())
