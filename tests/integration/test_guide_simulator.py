# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide "Test your Windows playbooks without Windows": its files are the example's files, and each of its commands works."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml
from pages import code_of

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "docsite" / "rst" / "guide_simulator.rst").read_text()
EXAMPLE = ROOT / "docs" / "examples" / "simulated_fleet"
BLOCKS = code_of(GUIDE)
FILES = {block.caption: block.text for block in BLOCKS if block.caption}
COMMANDS = [
    line.removeprefix("$ ")
    for kind, options, text in BLOCKS
    if kind == "console" and "install" not in options
    for line in text.splitlines()
    if line.startswith("$ ")
]
START = next(command for command in COMMANDS if "--inventory" in command)


def body(path: Path) -> str:
    """A file without the licence and the start of a YAML document, which a guide need not show."""
    return re.sub(r"\A(?:#.*\n|---\n|\n)+", "", path.read_text())


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_the_guide_is_the_examples(name: str) -> None:
    assert FILES[name] == body(EXAMPLE / name)


def test_the_scenario_starts_the_simulator_as_ours_does() -> None:
    """One way to do it: only the place of the fleet file differs."""
    for name in ("create.yml", "destroy.yml"):
        ours = (ROOT / "extensions" / "molecule" / "default" / name).read_text()
        assert (EXAMPLE / "molecule" / "default" / name).read_text() == ours.replace(
            "{{ scenario }}/fleet.yml", "{{ scenario }}/../../fleet.yml"
        )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's copy of the example."""
    folder = tmp_path_factory.mktemp("user") / "project"
    shutil.copytree(EXAMPLE, folder)
    return folder


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """As after the guide's first step."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "MOLECULE_", "PYTEST"))},
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "tests"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "collections"),
        "ANSIBLE_HOME": str(tmp_path_factory.mktemp("home")),
    }


@pytest.fixture(scope="module")
def started(project: Path, environment: dict[str, str]) -> Iterator[None]:
    """The guide's own command, in another terminal."""
    with (
        (project / "log").open("wb") as log,
        subprocess.Popen(START.split(), cwd=project, env=environment, stdout=log, stderr=log) as process,
    ):
        give_up = time.monotonic() + 30
        while not (project / "ready").exists() and process.poll() is None and time.monotonic() < give_up:
            time.sleep(0.05)
        yield
        process.terminate()
        try:
            assert process.wait(20) == 0
        finally:
            process.kill()


@pytest.mark.slow
@pytest.mark.usefixtures("started")
@pytest.mark.parametrize("command", [command for command in COMMANDS if command != START])
def test_a_command_of_the_guide_works(project: Path, environment: dict[str, str], command: str) -> None:
    done = subprocess.run(
        command.split(), cwd=project, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:]
    shown = GUIDE.partition(f"$ {command}\n")[2].partition("\n\n")[0].splitlines()
    assert [line.strip() for line in shown if line.strip() and "$ " not in line] == [] or shown[0].strip() in done.stdout


@pytest.mark.usefixtures("started")
@pytest.mark.parametrize(
    "options",
    [["-m", "ansible.builtin.raw", "-a", "hostname"], ["-m", "ansible.builtin.command", "-a", "hostname"],
     ["-m", "ansible.builtin.raw", "-a", "hostname", "-e", "ansible_connection=psrp", "-e", "ansible_psrp_protocol=http", "-e", "ansible_psrp_auth=ntlm"]],
    ids=["raw", "command", "psrp"],
)  # fmt: skip
def test_a_module_that_needs_powershell_says_that_there_is_none(project: Path, environment: dict[str, str], options: list[str]) -> None:
    told = next(text for kind, _options, text in BLOCKS if kind == "text").strip()
    done = subprocess.run(
        ["ansible", "-i", "inventory.yml", "ws2022", *options],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert told in " ".join(done.stdout.split())


def test_the_paths_of_the_first_step_are_those_of_the_collection() -> None:
    """What galaxy installs holds the simulator and the example: nothing in build_ignore leaves them out, and the files named are there."""
    ignored = yaml.safe_load((ROOT / "galaxy.yml").read_text())["build_ignore"]
    files = (Path("tests/simulator/__main__.py"), (EXAMPLE / "fleet.yml").relative_to(ROOT))
    needed = [str(path) for file in files for path in (file, *file.parents[:-1])]
    assert not [(path, pattern) for path in needed for pattern in ignored if fnmatch(path, pattern)]
    install = next(text for _kind, options, text in BLOCKS if "install" in options)
    for path in re.findall(r"winfleet/containers/(\S+)", install):
        assert (ROOT / path).exists()
