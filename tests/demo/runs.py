# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulated fleet of its own process, and ansible-playbook against it, with every result recorded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "tests" / "demo"
COLLECTIONS = ROOT / "build" / "collections"


class FleetFailed(Exception):
    """The simulator did not start; the text says what it printed."""


class FleetProcess:
    """``python -m simulator`` for as long as the block lasts.

    Args:
        fleet: The fleet file.
        folder: Where inventory, log and recordings go; emptied first.
    """

    def __init__(self, fleet: Path, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder = folder
        self.inventory = folder / "inventory.yml"
        self._fleet = fleet
        self._log = folder / "fleet.log"

    def __enter__(self) -> FleetProcess:
        ready = self.folder / "ready"
        command = [sys.executable, "-m", "simulator", self._fleet, "--inventory", self.inventory, "--ready-file", ready]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT, env=settings())
        give_up = time.monotonic() + 30
        while not ready.exists():
            if self._process.poll() is not None or time.monotonic() > give_up:
                self.__exit__(None, None, None)
                raise FleetFailed(self.log()[-2000:])
            time.sleep(0.05)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def log(self) -> str:
        """What the simulator printed so far: among other things every program that was started."""
        return self._log.read_text(errors="replace")

    def playbook(self, playbook: Path | str, name: str, options: Sequence[str] = (), timeout: float = 300, **environment: str) -> Recording:
        """Run a playbook, a file or one of a collection, against the fleet, its output shown; what it did under ``name``."""
        recording = self.folder / f"{name}.jsonl"
        recording.touch()
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(self.inventory), str(playbook), *options]
        started = time.monotonic()
        done = subprocess.run(
            command, env={**settings(), **environment, "WINFLEET_RECORD": str(recording)}, timeout=timeout, check=False, cwd=DEMO
        )
        return Recording(recording, done.returncode, time.monotonic() - started)


def settings() -> dict[str, str]:
    """Ansible's settings for these runs, nothing of the user's own."""
    return {
        **os.environ,
        "PYTHONPATH": f"{COLLECTIONS}:{ROOT / 'tests'}",
        "ANSIBLE_CONFIG": str(DEMO / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_HOME": str(ROOT / "build" / "ansible"),
    }


class Recording:
    """What one run of ansible-playbook did.

    Attributes:
        lines: One dictionary for each result (see the callback).
        returncode: Of ansible-playbook.
        seconds: How long it took.
    """

    def __init__(self, path: Path, returncode: int, seconds: float) -> None:
        self.lines: list[dict[str, Any]] = [json.loads(line) for line in path.read_text().splitlines()]
        self.returncode = returncode
        self.seconds = seconds

    @property
    def hosts(self) -> list[str]:
        return list(dict.fromkeys(line["host"] for line in self.lines))

    @property
    def changes(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["changed"]]

    def last(self, host: str, action: str) -> dict[str, Any]:
        """The last result of an action on a host; empty when there was none."""
        found = [line["result"] for line in self.lines if line["host"] == host and line["action"] == action]
        return found[-1] if found else {}
