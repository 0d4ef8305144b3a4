# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator as somebody meets it who only wants to test a playbook: its help, its log, its plugin, and its errors."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from simulator.fleet import Fleet
from simulator.fleet_file import FleetError
from simulator.live_log import LiveLog
from simulator.windows.machine import LogLine

ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "tests"), "COLUMNS": "200"}
WS = {"name": "ws", "profile": "server-2022"}


def simulator(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "simulator", *arguments], env=ENVIRONMENT, capture_output=True, text=True, timeout=30, check=False
    )


def host(**settings: Any) -> dict[str, Any]:
    return {"hosts": [{**WS, **settings}]}


def test_the_help_says_what_one_can_write() -> None:
    done = simulator("--help")
    assert done.returncode == 0
    for word in ("windows-11-24h2", "hyperv-guest-nested", "--inventory", "program,refused", "hosts:"):
        assert word in done.stdout


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"hosts": [WS], "host": []}, 'unknown keys in the fleet: host. Did you mean "hosts"?'),
        ({"hosts": {"ws": {}}}, '"hosts" takes a list'),
        ({"hosts": ["ws"]}, "the host 'ws' is no mapping. Write it as {name: ws2022, profile: server-2022}."),
        ({"hosts": [WS, WS]}, 'two hosts are named "ws". Give each a name of its own.'),
        ({"hosts": [{"name": "x"}]}, "lacks profile"),
        ({"hosts": [WS], "defaults": []}, '"defaults" takes a mapping'),
        ({"hosts": [WS], "registry": {"colour": 1}}, "registry: unknown keys"),
        ({"hosts": [WS], "mirror": {"colour": 1}}, "mirror: unknown keys"),
        (host(profile="windows-11-24h"), 'host "ws": there is no profile "windows-11-24h". Did you mean "windows-11-24h2"?'),
        (host(edition="datacentre"), 'there is no edition of server-2022 "datacentre". Did you mean "datacenter"?'),
        (host(language="de"), 'there is no language "de".'),
        (host(platform="iron"), 'there is no platform "iron". Known are azure'),
        (host(boot_secs=1), 'there is no setting "boot_secs". Did you mean "boot_seconds"?'),
        (host(boot_seconds="soon"), "\"boot_seconds\" takes a number, not 'soon'"),
        (host(progress_bars="yes"), "\"progress_bars\" takes true or false, not 'yes'"),
        (host(name="no name!"), "this is no name for a host"),
        (host(port="http"), '"port" takes a number'),
        (host(port=70000), '"port" takes a port from 1 to 65535, not 70000'),
        (host(address="here"), '"here" is no IPv4 address. Use a loopback address'),
        (host(address="192.0.2.1"), "192.0.2.1 is no address of this computer"),
        (host(accounts={}), "it has no account"),
        (host(features={"Colour": "enabled"}), "there is no 'Colour'"),
        (host(features={"Containers": "enbled"}), 'there is no state of the feature Containers "ENBLED". Did you mean "ENABLED"?'),
        (host(winrm={"basics": True}), 'there is no WinRM setting "basics". Did you mean "basic"?'),
        (host(winrm={"switches": {"first_item": 1}}), 'Did you mean "first_items"?'),
        (host(winrm={"switches": {"first_items": 7}}), '"first_items" takes 1 or 0 or -1, not "7"'),
        (host(winrm={"limits": {"max_envelope_kb": "big"}}), '"max_envelope_kb" takes a number'),
        (host(faults=[{"do": "cut", "colour": "red"}]), 'there is no fault setting "colour"'),
        (host(faults={"do": "cut"}), '"faults" takes a list'),
    ],
)
def test_what_cannot_be_is_refused_by_a_sentence(data: dict[str, Any], words: str) -> None:
    with pytest.raises(FleetError) as caught:
        Fleet.load(data)
    sentence = caught.value.sentence("fleet.yml")
    assert sentence.startswith("Cannot start the fleet fleet.yml: ")
    assert words in sentence
    assert sentence[-1] in ".?" and ".." not in sentence


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "the file does not exist"),
        ("", "it names no host"),
        ("hosts: [", "it is not YAML in line 1"),
        ("hosts: [{name: ws, profile: server-2023x}]", 'host "ws": there is no profile'),
    ],
)
def test_a_wrong_file_is_one_line_on_stderr(tmp_path: Path, text: str | None, words: str) -> None:
    path = tmp_path / "fleet.yml"
    if text is not None:
        path.write_text(text)
    done = simulator(path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Cannot start the fleet {path}: ")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.9.8.7", 0))
        other.listen()
        port = other.getsockname()[1]
        (tmp_path / "fleet.yml").write_text(yaml.safe_dump(host(address="127.9.8.7", port=port)))
        done = simulator(tmp_path / "fleet.yml")
    assert done.returncode == 1
    assert f'host "ws": the address 127.9.8.7 with port {port} is in use. End the program that has it' in done.stderr


def test_a_file_can_be_checked_without_starting_it(tmp_path: Path) -> None:
    (tmp_path / "fleet.yml").write_text(yaml.safe_dump(host()))
    done = simulator(tmp_path / "fleet.yml", "--check")
    assert (done.returncode, done.stderr) == (0, "")
    assert "ws" in done.stdout


def test_it_says_where_everything_is_and_ends_with_a_summary(tmp_path: Path) -> None:
    (tmp_path / "fleet.yml").write_text(yaml.safe_dump(host()))
    command = [sys.executable, "-m", "simulator", str(tmp_path / "fleet.yml")]
    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process:
        lines = []
        for line in process.stdout or ():
            lines.append(line.rstrip())
            if "hosts are up" in line:
                process.send_signal(signal.SIGINT)
        process.wait(10)
    assert process.returncode == 0
    inventory = yaml.safe_load("\n".join(lines[: lines.index(next(line for line in lines if line.startswith("ws:")))]))
    address = inventory["all"]["children"]["windows"]["hosts"]["ws"]["ansible_host"]
    assert f"ws: Microsoft Windows Server 2022 Standard, metal, WinRM at {address} port 5985" in lines
    assert lines[-1] == "ws: 0 WinRM messages, 0 programs started"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_log_is_plain_in_a_file_and_aligned_on_a_terminal() -> None:
    lines = [("ws", LogLine(datetime(2026, 11, 1, tzinfo=UTC), kind, text)) for kind, text in [("program", "ver"), ("refused", "no")]]
    file, terminal = io.StringIO(), Terminal()
    for output, kinds in ((file, ()), (terminal, ("refused",))):
        log = LiveLog(output, kinds, 6)
        for name, line in lines:
            log(name, line)
        assert log.refused == {"ws": 1}
    assert file.getvalue() == "00:00:00 ws program: ver\n00:00:00 ws refused: no\n"
    assert " ws      \x1b[31mrefused " in terminal.getvalue()
    assert "ver" not in terminal.getvalue()


def test_an_unknown_kind_of_line_is_refused() -> None:
    done = simulator("fleet.yml", "--log", "colour")
    assert done.returncode == 2
    assert 'there is no kind "colour"' in done.stderr


def test_the_plugin_gives_the_fixture_to_somebody_elses_tests(tmp_path: Path) -> None:
    """As in the guide: a conftest.py with one line, and a fleet file or hosts in the test."""
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["simulator.pytest_plugin"]\n')
    (tmp_path / "fleet.yml").write_text(yaml.safe_dump(host()))
    (tmp_path / "test_mine.py").write_text(
        textwrap.dedent(
            """
            import yaml

            def test_hosts(fleet, tmp_path):
                running = fleet({"name": "one", "profile": "server-2019"})
                inventory = running.write_inventory(tmp_path / "inventory.yml")
                assert "one" in yaml.safe_load(inventory.read_text())["all"]["children"]["windows"]["hosts"]
                assert not running.machines["one"].features.enabled("Containers")

            def test_file(fleet):
                assert list(fleet("fleet.yml").machines) == ["ws"]
            """
        )
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "2 passed" in done.stdout, done.stdout
