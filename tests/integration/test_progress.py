# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Progress as it comes out of ansible-playbook: for a person, for a log, beside a callback for programs, and in results."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from demo.runs import settings

from simulator.fleet import RunningFleet, running_fleet

from .conftest import Play
from .containers.conftest import prepare

PROBE, CALLBACKS = (Path(__file__).parent / name for name in ("contract_probe", "callbacks"))
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst" / "guide_progress.rst"
HOSTS = ("host1", "host2", "host3")
UNSPEAKABLE = "registry.example.com/unspeakable"


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    with running_fleet({"hosts": [{"name": name, "profile": "server-2022"} for name in HOSTS]}) as running:
        yield running


def probe(name: str, keywords: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    return {"name": name, "probe": options, **(keywords or {})}


class Playbook:
    """What to run, and where: the program itself, because it matters what its streams are."""

    def __init__(self, fleet: RunningFleet, folder: Path, tasks: list[dict[str, Any]], hosts: str = "all") -> None:
        self.folder = folder
        (folder / "ansible.cfg").write_text("[defaults]\nnocows = true\nforks = 5\ndeprecation_warnings = false\nsystem_warnings = false\n")
        (folder / "inventory.yml").write_text(yaml.safe_dump(fleet.inventory()))
        (folder / "play.yml").write_text(yaml.safe_dump([{"hosts": hosts, "gather_facts": False, "tasks": tasks}]))

    def command(self, *options: str) -> list[str]:
        return [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "inventory.yml", "play.yml", *options]

    def environment(self, **variables: str) -> dict[str, str]:
        kept = {name: value for name, value in settings().items() if name not in ("CI", "WINFLEET_PROGRESS", "NO_COLOR", "TERM")}
        return {
            **kept,
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_ACTION_PLUGINS": str(PROBE),
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            **variables,
        }

    def run(self, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*options),
            env=self.environment(**variables),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def on_a_terminal(self, **variables: str) -> str:
        """All that a person sees."""
        controller, terminal = pty.openpty()
        process = subprocess.Popen(
            self.command(),
            env=self.environment(TERM="xterm", **variables),
            cwd=self.folder,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
        )
        os.close(terminal)
        seen = b""
        try:
            while piece := _read(controller):
                seen += piece
            process.wait(60)
        finally:
            process.kill()
            process.wait()
            os.close(controller)
        return seen.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    """Empty when the last program has left the terminal (Linux says EIO then)."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def lines(text: str, host: str = r"\w+") -> list[str]:
    """Lines of progress, without the host."""
    return re.findall(rf"^\[{host}\] (.*)$", text, re.MULTILINE)


STEP = "set the value to X with None"
PERCENTAGES = [f"{percent} % of None" for percent in range(10, 101, 10)]


@pytest.mark.parametrize("options", [(), ("--forks", "1")], ids=["at once", "one after the other"])
def test_a_document_on_stdout_stays_one_beside_many_hosts(fleet: RunningFleet, tmp_path: Path, options: tuple[str, ...]) -> None:
    """And every line on the other stream is whole, in order, without colours, and nothing of a task that must not be logged."""
    tasks = [
        probe("talk", do="talk", value="x"),
        probe("hidden", {"no_log": True}, do="talk", value=UNSPEAKABLE, progress="always"),
        probe("silent", do="talk", value="x", progress="never"),
        probe("failed", {"ignore_errors": True}, do="deny", value="x", progress="never"),
    ]
    playbook = Playbook(fleet, tmp_path, tasks)
    variables = {"ANSIBLE_STDOUT_CALLBACK": "one_document", "ANSIBLE_FORCE_COLOR": "1", "CI": "true", "WINFLEET_PROGRESS": "always"}
    done = playbook.run(*options, **variables)
    results = json.loads(done.stdout)["results"]
    assert [line for line in done.stderr.splitlines() if not re.fullmatch(r"\[host[123]\] [\x20-\x7e]+", line)] == []
    for host in HOSTS:
        assert lines(done.stderr, host) == [STEP, *PERCENTAGES]
    assert "unspeakable" not in done.stdout.lower() + done.stderr.lower()
    for task in ("talk", "silent", "failed"):
        found = {entry["host"]: entry["result"] for entry in results if entry["task"] == task}
        assert sorted(found) == list(HOSTS)
        for result in found.values():
            [step] = result["progress"]
            assert (step["action"], step["step"]) == ("set", STEP)
            assert step["elapsed"] == result["elapsed"] >= 0


@pytest.mark.parametrize(("ci", "expected"), [("", [STEP]), ("true", [])], ids=["person", "build service"])
def test_a_step_that_takes_long_is_shown_to_a_person(fleet: RunningFleet, tmp_path: Path, ci: str, expected: list[str]) -> None:
    """Once, and without colours where they are not wanted."""
    tasks = [probe("long", do="last", value="x"), probe("silent", do="talk", value="x", progress="never")]
    seen = Playbook(fleet, tmp_path, tasks, hosts="host1").on_a_terminal(NO_COLOR="1", CI=ci)
    assert "failed=0" in seen and "\x1b[" not in seen, seen
    assert lines(seen) == expected


def test_the_play_of_the_guide(play: Play, tmp_path: Path) -> None:
    """The groups silence it, an option speaks up again, and the figures stand in both results."""
    shown = GUIDE.read_text().partition("   :caption: progress.yml\n\n")[2]
    (tmp_path / "progress.yml").write_text(textwrap.dedent(re.split(r"\n(?=\S)", shown)[0]))
    with running_fleet({"hosts": [{"name": "host1", "profile": "server-2022", "features": {"Containers": "enabled"}}]}) as fleet:
        prepare(fleet)
        run = play(fleet, str(tmp_path / "progress.yml"))
    assert run.ok, run.output
    pulled, started = run.result("Pull the base image"), run.result("Run a container, and report each step")
    assert lines(run.output) == started["plan"]
    [pull] = pulled["progress"]
    assert (pull["action"], pull["step"]) == ("pull", pulled["plan"][0])
    assert pull["bytes"] > 50_000_000, "as many as the layers of the image have"
    [create] = started["progress"]
    assert create["action"] == "create" and "bytes" not in create
