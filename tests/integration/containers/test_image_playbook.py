# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules ``base_image`` and ``image`` as a playbook uses them, and that a registry's password goes nowhere but to the registry."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from simulator.fleet import RunningFleet
from simulator.windows.files import Folder
from simulator.windows.machine import Machine

from ..conftest import Play, programs
from .conftest import IMAGE, NANO, install_engine

PASSWORD, WRONG = "registry-Pa55word", "another-Pa55word"
OWN = "private.example.com"
LOGIN = {"registry_username": "puller", "registry_password": "{{ right }}"}
MADE = "example/shop:4"


def _contents(machine: Machine, folder: str = "C:\\") -> Iterator[bytes]:
    """Every file of a drive."""
    for node in machine.files.list(folder):
        path = f"{folder.rstrip(chr(92))}\\{node.name}"
        if isinstance(node, Folder):
            yield from _contents(machine, path)
        else:
            yield machine.files.read(path)


def _task(title: str, module: str, /, **options: Any) -> dict[str, Any]:
    return {"name": title, f"winfleet.containers.{module}": options}


def test_a_day_of_images(fleet: Callable[..., RunningFleet], play: Play, tmp_path: Path) -> None:
    entries = ({"name": name, "profile": "server-2022", "features": {"Containers": "enabled"}} for name in ("builder", "ws2022"))
    running = fleet(*entries)
    builder, where = (install_engine(running, host, "28.5.2") for host in running.hosts.values())

    def lock() -> None:
        registry = where.engine.registry
        registry.repositories[f"{OWN}/windows/nanoserver"] = registry.repositories[NANO]
        registry.accounts[OWN] = {"puller": PASSWORD}

    running.call(lock)
    assert builder.image(tags=[MADE]).error == ""
    (tmp_path / "Dockerfile").write_text(f"FROM {OWN}/windows/nanoserver:1809\nRUN echo hello\n")
    build = {"path": str(tmp_path), "isolation": "hyperv"}
    tasks = [
        {
            **_task("wrong", "base_image", family="nanoserver", registry=OWN, **{**LOGIN, "registry_password": "{{ wrong }}"}),
            "ignore_errors": True,
        },
        {**_task("half", "base_image", family="nanoserver", registry_username="puller"), "ignore_errors": True},
        _task("base", "base_image", family="nanoserver", registry=OWN, keep=1, **LOGIN),
        {**_task("detached", "image", name=f"{OWN}/windows/nanoserver:1809", detached=True, **LOGIN), "ignore_errors": True},
        {**_task("build", "image", name=f"{OWN}/made:1", source="build", build=build, **LOGIN), "ignore_errors": True},
        _task("copy", "image", name=MADE, source="load", from_host="builder"),
        _task("copy again", "image", name=MADE, source="load", from_host="builder"),
        {**_task("twice", "image", name=MADE, source="load", from_host="builder", path="/x.tar"), "ignore_errors": True},
        _task("begin", "image", name=f"{NANO}:10.0.20348.1487", detached=True),
    ]
    run = play(running, tasks, "-vvvvv", "--diff", hosts="ws2022", variables={"right": PASSWORD, "wrong": WRONG})
    assert run.ok, run.output
    assert run.changed == ["ws2022: base", "ws2022: copy", "ws2022: begin"]
    assert "the registry refuses access" in run.result("wrong")["msg"]
    assert "required together" in run.result("half")["msg"] and "mutually exclusive" in run.result("twice")["msg"]
    assert run.result("base")["image"]["tags"] == [IMAGE, f"{OWN}/windows/nanoserver:ltsc2022"]
    assert "would need them on its command line" in run.result("detached")["msg"]
    assert "the host cannot run Hyper-V isolation" in run.result("build")["msg"]
    assert run.result("begin")["pull"]["state"] == "started"
    for secret in (PASSWORD, WRONG, base64.b64encode(PASSWORD.encode()).decode()):
        assert secret not in run.output
        assert [line for name in ("builder", "ws2022") for line in programs(running, name) if secret in line] == []
        assert not any(secret.encode() in content for content in running.call(lambda: list(_contents(where.machine))))
