# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control address of a running fleet: what it shows, what it breaks, what it refuses; and faults of a whole fleet in its file."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from winrm.protocol import Protocol

from simulator.fleet import RunningFleet
from simulator.fleet_file import FleetError

WS2022 = {"name": "ws2022", "profile": "server-2022", "boot_seconds": 0.2}


class Caller:
    """Speaks to the control address."""

    def __init__(self, running: RunningFleet) -> None:
        self.running = running
        running.call(running.fleet.control.start)
        self.url = running.fleet.control.url

    def get(self, path: str) -> Any:
        return self._checked(requests.get(self.url + path, timeout=10))

    def post(self, path: str, **body: Any) -> Any:
        return self._checked(requests.post(self.url + path, json=body, timeout=10))

    def delete(self, path: str) -> Any:
        return self._checked(requests.delete(self.url + path, timeout=10))

    @staticmethod
    def _checked(response: requests.Response) -> Any:
        assert response.status_code == 200, response.text
        return response.json()


@pytest.fixture
def control(fleet: Callable[..., RunningFleet]) -> Callable[..., Caller]:
    return lambda *hosts, **settings: Caller(fleet(*(hosts or (WS2022,)), **settings))


def run(running: RunningFleet, line: str, name: str = "ws2022") -> tuple[bytes, int]:
    host = running.inventory()["all"]["children"]["windows"]["hosts"][name]
    endpoint = f"http://{host['ansible_host']}:{host['ansible_port']}/wsman"
    client = Protocol(endpoint, transport="ntlm", username=host["ansible_user"], password=host["ansible_password"])
    shell = client.open_shell(codepage=65001)
    command = client.run_command(shell, line, console_mode_stdin=False)
    stdout, _stderr, code = client.get_command_output(shell, command)
    client.close_shell(shell)
    return bytes(stdout), int(code)


def test_what_it_shows(control: Any) -> None:
    caller = control(WS2022, {"name": "other", "profile": "server-2019"})
    run(caller.running, "whoami")
    found = {host["name"]: host for host in caller.get("/hosts")}
    assert found["ws2022"]["messages"] > 3 and found["other"]["messages"] == 0
    assert caller.get("/hosts/ws2022/programs") == ["whoami"]
    assert caller.get("/hosts/ws2022/messages")["Command"] == 1
    assert {line["kind"] for line in caller.get("/hosts/ws2022/log")} == {"cmd", "program"}
    detail = caller.get("/hosts/ws2022")
    assert (detail["running"], detail["boots"], detail["services"]["WinRM"]) == (
        True,
        0,
        "Running",
    )
    assert caller.get("/hosts/*/messages")["other"] == {}
    assert caller.running.inventory()["all"]["children"]["windows"]["vars"]["winfleet_control_url"] == caller.url


def test_faults_come_and_go(control: Any) -> None:
    caller = control()
    caller.post("/hosts/ws2022/faults", do="status", status=503, kind="Create", times=0)
    with pytest.raises(Exception, match="503"):
        run(caller.running, "ver")
    assert [rule["seen"] for rule in caller.get("/hosts/ws2022/faults")] == [1]
    assert caller.delete("/faults") == {"ws2022": []}
    assert run(caller.running, "ver")[1] == 0


def test_faults_of_the_whole_fleet_in_its_file_are_counted_per_host(fleet: Any) -> None:
    hosts = ({**WS2022, "faults": [{"do": "delay", "seconds": 0.0}]}, {"name": "other", "profile": "server-2019"})
    running = fleet(*hosts, faults=[{"kind": "Create", "do": "status", "status": 500}])
    for name in ("ws2022", "other"):
        with pytest.raises(Exception, match="500"):
            run(running, "ver", name)
        assert run(running, "ver", name)[1] == 0
    assert [rule.do for rule in running.hosts["ws2022"].faults.rules] == ["status", "delay"]


def test_a_reboot_that_rolls_back(control: Any) -> None:
    caller = control()
    caller.post("/hosts/ws2022/features", rollback=["Containers"])
    assert run(caller.running, "dism.exe /Online /Enable-Feature /FeatureName:Containers /NoRestart /Quiet")[1] == 3010
    caller.post("/hosts/ws2022/reboot")
    wait(lambda: caller.get("/hosts/ws2022")["boots"] == 1 and caller.get("/hosts/ws2022")["running"])
    assert caller.get("/hosts/ws2022")["features"]["Containers"] == "disabled"


def test_a_reboot_that_never_ends(control: Any) -> None:
    caller = control()
    caller.post("/hosts/ws2022/switches", never_returns=True)
    caller.post("/hosts/ws2022/reboot")
    wait(lambda: not caller.get("/hosts/ws2022")["running"])
    time.sleep(0.5)
    assert caller.get("/hosts/ws2022")["boots"] == 0


def wait(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_disk_clock_and_limits(control: Any) -> None:
    caller = control()
    assert caller.post("/hosts/ws2022/disk", free_bytes=0) == {"free_bytes": 0}
    assert run(caller.running, "curl.exe -s -o C:\\x.zip " + caller.running.mirror_url + "/docker-28.5.2.zip")[1] == 23
    before = caller.get("/hosts/ws2022")["now"]
    assert caller.post("/hosts/ws2022/clock", jump_seconds=86400)["now"][:10] > before[:10]
    caller.post("/hosts/*/limits", max_shells_per_user=0)
    with pytest.raises(Exception, match="maximum number of 0 concurrent shells|concurrent shells"):
        run(caller.running, "ver")


def test_a_service_that_does_not_start_and_one_that_crashes(control: Any) -> None:
    caller = control()
    assert run(caller.running, "sc.exe create agent binPath= C:\\Windows\\System32\\svchost.exe")[1] == 0
    assert run(caller.running, "sc.exe start agent")[1] == 0
    assert caller.post("/hosts/ws2022/crash", service="agent")["state"] == "Stopped"
    caller.post("/hosts/ws2022/services", agent=1069)
    assert run(caller.running, "sc.exe start agent")[1] == 1069
    assert caller.post("/hosts/ws2022/services", agent=0) == {}
    assert run(caller.running, "sc.exe start agent")[1] == 0


@pytest.mark.parametrize(("fault", "code"), [("reset", 56), ("truncate", 18), ("503", 22), ("corrupt", 0)])
def test_a_broken_mirror(control: Any, fault: str, code: int) -> None:
    caller = control(mirror={"versions": ["28.5.2"]})
    download = f"curl.exe -f -s -o C:\\docker.zip {caller.running.mirror_url}/docker-28.5.2.zip"
    assert run(caller.running, download)[1] == 0
    good = run(caller.running, "certutil.exe -hashfile C:\\docker.zip SHA256")[0]
    caller.post("/mirror", fault=fault)
    assert run(caller.running, download)[1] == code
    if not code:
        assert run(caller.running, "certutil.exe -hashfile C:\\docker.zip SHA256")[0] != good
    assert caller.post("/mirror", fault="")["requests"]
    assert run(caller.running, download)[1] == 0


def test_a_registry_that_is_down(control: Any) -> None:
    caller = control()
    assert caller.running.fleet.registry.knows_host("mcr.microsoft.com")
    assert caller.post("/registry", down=True)["down"] is True
    assert not caller.running.fleet.registry.knows_host("mcr.microsoft.com")
    version = {"os_version": "10.0.20348.9999", "tags": ["ltsc2022"], "compressed": 1, "on_disk": 1}
    caller.post("/registry", publish={"bases": [{"repository": "mcr.microsoft.com/windows/nanoserver", "versions": [version]}]})
    tags = caller.running.fleet.registry.repositories["mcr.microsoft.com/windows/nanoserver"]
    assert tags["ltsc2022"].manifests[0].os_version == "10.0.20348.9999"


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/hosts/nobody/reboot", {}, 404, 'no host "nobody"'),
        ("/hosts/ws2022/explode", {}, 400, 'no trouble "explode"'),
        ("/hosts/ws2022/faults", {"do": "explode"}, 400, "unknown fault"),
        ("/hosts/ws2022/faults", {"colour": "red"}, 400, "colour"),
        ("/hosts/ws2022/disk", {"free_bytes": "much"}, 400, "takes a number"),
        ("/registry", {"publish": {"base": []}}, 400, "known: bases, applications"),
        ("/hosts/ws2022/switches", {"never_returns": "yes"}, 400, "takes a value like False"),
        ("/hosts/ws2022/crash", {"service": "docker"}, 400, "is running"),
        ("/hosts/ws2022/disk/more", {"free_bytes": 1}, 404, "nothing below"),
        ("/elsewhere", {}, 404, "no /elsewhere"),
        ("/mirror", {"speed": 1}, 400, 'no setting "speed"'),
    ],
)
def test_what_it_refuses(control: Any, path: str, body: dict[str, Any], status: int, words: str) -> None:
    response = requests.post(control().url + path, json=body, timeout=10)
    assert (response.status_code, words in response.json()["error"]) == (status, True), response.text


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"}])
def test_a_web_page_cannot_break_anything(control: Any, headers: dict[str, str]) -> None:
    caller = control()
    response = requests.post(caller.url + "/hosts/ws2022/disk", data=b'{"free_bytes": 0}', headers=headers, timeout=10)
    assert response.status_code == 400
    assert caller.get("/hosts/ws2022")["free_bytes"] > 0


# --- a port per host -----------------------------------------------------------------------------------------------------------


def test_a_port_per_host(fleet: Any) -> None:
    running = fleet(WS2022, {"name": "other", "profile": "server-2019"}, ports=23456)
    hosts = running.inventory()["all"]["children"]["windows"]["hosts"]
    assert {host["ansible_host"] for host in hosts.values()} == {"127.0.0.1"}
    assert [host["ansible_port"] >= 23456 for host in hosts.values()] == [True, True]
    assert len({host["ansible_port"] for host in hosts.values()}) == 2
    assert b"10.0.17763" in run(running, "ver", "other")[0]


def test_a_port_per_host_for_https_too(fleet: Any) -> None:
    hosts = ({"name": name, "profile": "server-2022"} for name in ("one", "two"))
    running = fleet(*hosts, ports=23456, defaults={"winrm": {"https_port": 5986}})
    ports = [port for host in running.hosts.values() for port in (host.port, host.settings.https_port)]
    assert len(set(ports)) == 4 and min(ports) >= 23456


@pytest.mark.parametrize(
    ("settings", "words"), [({"ports": "many"}, "ports"), ({"faults": [{"colour": 1}]}, "colour"), ({"control": "yes"}, "control")]
)
def test_the_file_is_checked(fleet: Any, settings: dict[str, Any], words: str) -> None:
    with pytest.raises(FleetError, match=words):
        fleet(WS2022, **settings)
