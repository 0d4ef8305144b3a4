# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the stages of the tests one after another, and end with one line that counts everything.

Every stage runs even when an earlier one failed, so that one run tells all. ``python tests/run.py unit sanity`` runs these two.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
COLLECTION = "build/collections/ansible_collections/winfleet/containers"


@dataclass
class Count:
    """How many tests had which outcome."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else "")


@dataclass(frozen=True)
class Check:
    """One command of a stage.

    Args:
        name: What the summary calls it.
        command: The words of the command.
        limit: Seconds after which it counts as failed.
    """

    name: str
    command: Sequence[str]
    limit: int = 600


def pytest(folder: str, *options: str, limit: int = 600) -> Check:
    return Check(f"pytest {folder}", ["python", "-m", "pytest", "-q", *options, f"tests/{folder}"], limit)


#: Each process has simulated fleets, on addresses nobody else has, and a real engine of its own, so that two run side by side.
STAGES: dict[str, Sequence[Check]] = {
    "lint": [
        Check("ruff check", ["ruff", "check", "."]),
        Check("ruff format", ["ruff", "format", "--check", "--quiet", "."]),
        Check("mypy", ["mypy", f"{COLLECTION}/plugins", "tests/simulator", "tests/host_contract"]),
        Check("yamllint", ["yamllint", "--strict", "."]),
        Check("ansible-lint", ["ansible-lint", "--strict", "--nocolor", "-q"]),
    ],
    "unit": [pytest("unit", "-n", "2")],
    "recorded": [pytest("recorded")],
    "contract": [pytest("contract", "-n", "2", "--dist", "loadfile"), pytest("host_contract", "-n", "2", "--dist", "loadfile")],
    "integration": [pytest("integration", "-n", "2", "--dist", "loadfile", limit=1500)],
    "sanity": [Check("ansible-test sanity", ["tests/tools/sanity"])],
    "molecule": [Check("molecule test", ["tests/tools/molecule", "test", "--all"])],
}


def counted(check: Check, output: str, returncode: int) -> Count:
    """What a finished check says: pytest's last line, sanity's list of tests, or one check that passed or not."""
    if check.name.startswith("pytest"):
        numbers = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|errors?)", output[-2000:])}
        failed = numbers.get("failed", 0) + numbers.get("error", 0) + numbers.get("errors", 0)
        if returncode not in (0, 5):  # 5: nothing was collected
            failed = max(failed, 1)
        return Count(numbers.get("passed", 0), failed, numbers.get("skipped", 0))
    if check.name == "ansible-test sanity":
        run = len(re.findall(r'^Running sanity test "', output, re.MULTILINE))
        found = re.search(r"FATAL: The (\d+) sanity test", output)
        failed = int(found[1]) if found else int(returncode != 0)
        return Count(max(run - failed, 0), failed)
    return Count(passed=1) if returncode == 0 else Count(failed=1)


def run(check: Check) -> Count:
    """Run a check with its output shown as it comes; one that hangs is ended and counts as failed."""
    print(f"\n--- {check.name}", flush=True)
    output: list[str] = []
    with subprocess.Popen(
        check.command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True
    ) as process:
        alarm = threading.Timer(check.limit, lambda: os.killpg(process.pid, signal.SIGKILL))
        alarm.start()
        try:
            for line in process.stdout or ():
                output.append(line)
                print(line, end="", flush=True)
        except KeyboardInterrupt:
            os.killpg(process.pid, signal.SIGTERM)
            raise
        finally:
            alarm.cancel()
    return counted(check, "".join(output), process.returncode)


def main(stages: Sequence[str]) -> int:
    started = time.monotonic()
    rows: list[tuple[str, str, Count, float]] = []
    for stage in stages:
        for check in STAGES[stage]:
            begun = time.monotonic()
            rows.append((stage, check.name, run(check), time.monotonic() - begun))
    print("\n--- summary")
    for stage, name, count, seconds in rows:
        print(f"{'FAILED' if count.failed else 'ok':6}  {stage:12} {name:24} {count} ({seconds:.0f} s)")
    total = sum((count for _stage, _name, count, _seconds in rows), Count())
    print(f"{total} in {time.monotonic() - started:.1f}s", flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(STAGES)))
