# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine's service: its image path, the choice among several, and the words of its failures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.service import (
    EngineService,
    choose_service,
    newest_message,
    parse_service,
)
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.transport import check_pipe
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.cim import Instance


@pytest.mark.parametrize(
    ("image_path", "client"),
    [
        # The image path is the one recorded in native/sc-qc-docker-server2019.txt.
        (
            r'"C:\Program Files\Docker\dockerd.exe" --run-service -H npipe:// -H 0.0.0.0:2376 --tlsverify',
            r"C:\Program Files\Docker\docker.exe",
        ),
        (r"C:\Windows\System32\dockerd.exe --run-service", r"C:\Windows\System32\docker.exe"),
        (r"C:\Program Files\docker\dockerd.exe --run-service", r"C:\Program Files\docker\docker.exe"),
        (r"D:\docker\DOCKERD", r"D:\docker\docker.exe"),
        (r'"C:\Program Files\Docker\Docker\com.docker.service" --data C:\dockerd.exe', None),
        (r"C:\tools\watch.exe --service dockerd", None),
        ("", None),
    ],
)
def test_the_client_lies_beside_the_service_program(image_path: str, client: str | None) -> None:
    service = parse_service({"Name": "docker", "PathName": image_path, "State": "Running"})
    assert (service.client if service else None) == client


def test_a_running_engine_is_preferred_then_the_usual_name() -> None:
    stopped, other, usual = (
        EngineService(name, r"C:\d\dockerd.exe", state) for name, state in [("docker", "Stopped"), ("b", "Running"), ("Docker", "Running")]
    )
    assert choose_service([stopped, other]) is other
    assert choose_service([other, usual]) is usual
    assert choose_service([]) is None


@pytest.mark.parametrize("name", ["", "npipe:////./pipe/docker_engine", "a b", "x%y%", "..\\x", 'a"b'])
def test_a_pipe_is_given_by_its_plain_name(name: str) -> None:
    with pytest.raises(OptionError, match="engine_pipe"):
        check_pipe(name)


def test_only_a_late_event_explains_a_failed_start() -> None:
    now = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    old: Instance = {"TimeGenerated": now - timedelta(days=2), "Message": "fatal: old"}
    late: Instance = {
        "TimeGenerated": now - timedelta(seconds=4),
        "Message": "",
        "InsertionStrings": ["fatal: unable to configure\r\nthe Docker daemon."],
    }
    assert newest_message([late, old], now) == "unable to configure the Docker daemon"
    assert newest_message([old], now) == ""
