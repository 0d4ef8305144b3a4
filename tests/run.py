# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the stages of the tests, two checks at a time, and end with one line that counts everything.

Every stage runs even when an earlier one failed, so that one run tells all. ``python tests/run.py unit sanity`` runs these two. Much of
the time goes into waiting (for reboots, for time-outs) and into checks that use one processor: two at a time keep two processors busy.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
COLLECTION = "build/collections/ansible_collections/winfleet/containers"


#: How many checks run side by side, and the processes of those that do.
AT_ONCE = 2
RUNNING: set[int] = set()


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


#: In the order in which they start: what uses one processor beside what uses several, and the longest not last. Each process has simulated
#: fleets, on addresses nobody else has, and a real engine of its own, so that several run side by side.
STAGES: dict[str, Sequence[Check]] = {
    "unit": [pytest("unit", "-n", "2")],
    "sanity": [Check("ansible-test sanity", ["tests/tools/sanity"])],
    "integration": [pytest("integration", "-n", "3", "--dist", "loadfile", limit=1500)],
    "contract": [pytest("contract", "-n", "2", "--dist", "loadfile"), pytest("host_contract", "-n", "2", "--dist", "loadfile")],
    "recorded": [pytest("recorded")],
    "molecule": [Check("molecule test", ["tests/tools/molecule", "test", "--all"])],
    "galaxy": [Check("galaxy-importer", ["tests/tools/galaxy"])],
    "docs-check": [Check("documentation", ["tests/tools/check_docs"])],
    "lint": [
        Check("ruff check", ["ruff", "check", "."]),
        Check("ruff format", ["ruff", "format", "--check", "--quiet", "."]),
        Check("mypy", ["mypy", f"{COLLECTION}/plugins", "tests/simulator", "tests/host_contract"]),
        Check("yamllint", ["yamllint", "--strict", "."]),
        Check("changelog", ["tests/tools/changelog"]),
        # In a home of its own: what lies in another's is found before the collection that is here.
        Check("ansible-lint", ["env", f"ANSIBLE_HOME={ROOT}/build/lint", "ansible-lint", "--strict", "--nocolor", "-q"]),
    ],
}


def counted(check: Check, output: str, returncode: int) -> Count:
    """What a finished check says: pytest's last line, sanity's list of tests, or one check that passed or not."""
    if check.name.startswith("pytest"):
        last = re.findall(r"^.*\d+ (?:passed|failed|skipped|errors?)\b.* in [\d.]+s", output, re.MULTILINE)[-1:]
        numbers = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|error)", "".join(last))}
        failed = numbers.get("failed", 0) + numbers.get("error", 0)
        return Count(numbers.get("passed", 0), failed or int(returncode != 0), numbers.get("skipped", 0))
    if check.name == "ansible-test sanity":
        run = len(re.findall(r'^Running sanity test "', output, re.MULTILINE))
        found = re.search(r"FATAL: The (\d+) sanity test", output)
        failed = int(found[1]) if found else int(returncode != 0)
        return Count(max(run - failed, 0), failed)
    return Count(passed=1) if returncode == 0 else Count(failed=1)


@dataclass(frozen=True)
class Done:
    """A finished check: what it said, how long it took, in seconds, and what it counts."""

    stage: str
    check: Check
    output: str
    seconds: float
    count: Count


def output_of(check: Check) -> tuple[str, int]:
    """What a command wrote and its code, once it has ended or has been ended. Into a file: what it left behind may hold its output open."""
    with tempfile.TemporaryFile() as written:
        with subprocess.Popen(check.command, cwd=ROOT, stdout=written, stderr=subprocess.STDOUT, start_new_session=True) as process:
            RUNNING.add(process.pid)
            try:
                process.wait(check.limit)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                written.write(f"\nIt was ended, since it took longer than {check.limit} seconds.\n".encode())
            finally:
                RUNNING.discard(process.pid)
        written.seek(0)
        return written.read().decode(errors="replace"), process.returncode


def run(stage: str, check: Check) -> Done:
    """Run a check to its end; one that hangs is ended and counts as failed, as does one whose tool is missing."""
    begun = time.monotonic()
    print(f"--- {check.name} has started", flush=True)
    try:
        output, returncode = output_of(check)
    except OSError as error:
        output, returncode = f"Cannot start it: {error}\n", 127
    count = counted(check, output, returncode)
    print(f"\n--- {check.name}: {count}\n{output}", flush=True)
    return Done(stage, check, output, time.monotonic() - begun, count)


def run_all(checks: Sequence[tuple[str, Check]]) -> list[Done]:
    """Run checks, each as soon as fewer than ``AT_ONCE`` run; all are ended when the user breaks it off."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            return list(pool.map(lambda pair: run(*pair), checks))
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            for pid in list(RUNNING):
                os.killpg(pid, signal.SIGTERM)
            raise


def main(stages: Sequence[str]) -> int:
    if unknown := [stage for stage in stages if stage not in STAGES]:
        print(f"There is no stage {', '.join(unknown)}. The stages are {', '.join(STAGES)}.", file=sys.stderr)
        return 2
    started = time.monotonic()
    done = run_all([(stage, check) for stage in stages for check in STAGES[stage]])
    print("\n--- summary")
    for one in done:
        print(f"{'FAILED' if one.count.failed else 'ok':6}  {one.stage:12} {one.check.name:24} {one.count} ({one.seconds:.0f} s)")
    total = sum((one.count for one in done), Count())
    print(f"{total} in {time.monotonic() - started:.1f}s", flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(STAGES)))
