# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions about the Docker Engine and the way to it, for hosts that have one (facts/docker-on-windows.md; facts/wsman.md 4.5, 10.7;
facts/windows-containers.md 13.3, 13.4). Those that run a container need a base image that lies on the host already."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.client import EngineClient
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.errors import EngineError
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.service import EngineService, find_service
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.transport import WinrsTransport
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ContainersError
from ansible_collections.winfleet.containers.plugins.plugin_utils.host.facts import read_system
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.compatibility import base_image_tag
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.cim import CimClass
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.program import Output

from .question import Answer, NotAsked, question, yes_no
from .site import MARK, Site

PIPE = "docker_engine"
DIAL = "docker.exe -H npipe:////./pipe/docker_engine system dial-stdio"
_PING = b"GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n"
_CLIENTS = CimClass("Win32_Process", {"ProcessId": int, "CommandLine": str})
NANO = "mcr.microsoft.com/windows/nanoserver"


def service_of(site: Site) -> EngineService:
    """The service that runs dockerd. Raises NotAsked when there is none, or it is not running."""
    service = find_service(site.host)
    if service is None or service.state != "Running":
        raise NotAsked("no engine runs on this host")
    return service


@contextmanager
def dialled(site: Site, pipe: str = PIPE) -> Iterator[WinrsTransport]:
    """``docker system dial-stdio`` on the host."""
    transport = WinrsTransport(site.session, service_of(site), pipe)
    transport.open()
    try:
        yield transport
    finally:
        transport.close()


def read_until(transport: WinrsTransport, seconds: float, *, enough: bytes = b"") -> tuple[bytes, Output | None]:
    """Output until it holds ``enough`` or the program ends, and the last piece if it ended."""
    give_up, text = time.monotonic() + seconds, b""
    while (left := give_up - time.monotonic()) > 0 and not (enough and enough in text):
        output = transport.read(left)
        if output is not None:
            text += output.stdout
            if output.exit_code is not None:
                return text, output
    return text, None


@question(
    "tunnel", "Does the Engine API come through docker system dial-stdio unharmed?", fact="wsman.md 10.1, 4.5", starts=[DIAL], contract=True
)
def tunnel(site: Site) -> Answer:
    service = service_of(site)
    engine = EngineClient.open(site.host, PIPE, service)
    with engine.errors():
        info: dict[str, Any] = engine.api.info()
    seen = {"version": engine.version.get("Version"), "api": engine.version.get("ApiVersion"), "isolation": info.get("Isolation")}
    return Answer("yes", f"Docker Engine {seen['version']}, isolation {seen['isolation']} by default", seen=seen)


@question("dial-half-close", "What does dial-stdio do when its stdin ends?", fact="docker-on-windows.md 9; wsman.md 4.5", starts=[DIAL])
def half_close(site: Site) -> Answer:
    with dialled(site) as transport:
        transport.write(_PING, end=True)
        text, last = read_until(transport, 10)
    answered, ended = b" 200 OK" in text, last is not None
    value = f"it {'answers' if answered else 'does not answer'} and {'ends' if ended else 'stays'}"
    said = last.stderr.decode("utf-8", "replace").strip() if last else ""
    return Answer(value, said, seen={"answered": answered, "ended": ended})


@question("dial-delete", "Does Delete of the shell end dial-stdio?", fact="wsman.md 10.7", starts=[DIAL])
def dial_delete(site: Site) -> Answer:
    def clients() -> set[int]:
        rows = site.host.cim.query(_CLIENTS, "Name = 'docker.exe'")
        return {int(str(row["ProcessId"])) for row in rows}

    before = clients()
    with dialled(site) as transport:
        transport.write(_PING)
        read_until(transport, 10, enough=b"OK")
        mine = clients() - before
    give_up = time.monotonic() + 15
    while mine & clients() and time.monotonic() < give_up:
        time.sleep(0.3)
    return yes_no(not mine & clients(), f"{len(mine)} processes of docker.exe")


@question(
    "dial-missing-pipe",
    "What does dial-stdio say of a pipe that does not exist?",
    fact="docker-on-windows.md 9",
    starts=[DIAL.replace(PIPE, MARK)],
)
def missing_pipe(site: Site) -> Answer:
    with dialled(site, MARK) as transport:
        _text, last = read_until(transport, 20)
    if last is None:
        return Answer("nothing within 20 s", breaks=True)
    said = last.stderr.decode("utf-8", "replace").strip().splitlines()
    return Answer(said[-1] if said else "nothing", f"exit code {last.exit_code}")


@contextmanager
def container(engine: EngineClient, image: str, isolation: str) -> Iterator[str]:
    """A container that pings itself, removed afterwards."""
    host_config = engine.api.create_host_config(isolation=isolation)
    made = engine.api.create_container(image, ["ping", "-t", "localhost"], name=f"{MARK}-{isolation}", host_config=host_config)
    try:
        engine.api.start(made["Id"])
        yield made["Id"]
    finally:
        engine.api.remove_container(made["Id"], force=True)


def engine_and_image(site: Site, tag: str = "", repository: str = NANO) -> tuple[EngineClient, str]:
    """The engine and the base image of this tag, or of this host's build, if it lies there."""
    engine = EngineClient.open(site.host, PIPE, service_of(site))
    image = f"{repository}:{tag or base_image_tag(read_system(site.host).version, repository.rpartition('/')[2])}"
    if image not in [tag for each in engine.api.images() for tag in each.get("RepoTags") or ()]:
        raise NotAsked(f"the image {image} is not on the host")
    return engine, image


def _run(site: Site, isolation: str) -> Answer:
    engine, image = engine_and_image(site)
    before = {name: _count(site, name) for name in ("ping.exe", "vmwp.exe", "CExecSvc.exe")}
    try:
        with engine.errors(), container(engine, image, isolation) as made:
            inspected = engine.api.inspect_container(made)
            top = engine.api.top(made)
            more = {name: _count(site, name) - count for name, count in before.items()}
            listed = _compute_systems(site)
            engine.api.stop(made, timeout=2)
            refusal = _exec_refusal(engine, made)
    except EngineError as error:
        return Answer(f"not run: {error.cause}")
    host_config = inspected["HostConfig"]
    seen = {
        "memory": host_config.get("Memory"),
        "processors": host_config.get("CpuCount") or host_config.get("NanoCpus"),
        "network mode": "its id" if len(str(host_config.get("NetworkMode"))) > 40 else host_config.get("NetworkMode"),
        "top": len(top.get("Processes") or ()),
        "more on the host": more,
        "hcsdiag": listed,
        "exec when stopped": refusal,
    }
    return Answer(
        f"{more['ping.exe']} ping.exe and {more['vmwp.exe']} vmwp.exe more on the host", f"exec when stopped: {refusal}", seen=seen
    )


def _count(site: Site, name: str) -> int:
    return len(site.host.cim.query(_CLIENTS, f"Name = '{name}'"))


def _compute_systems(site: Site) -> list[str]:
    if site.host.programs.shell_builtin("if exist C:\\Windows\\System32\\hcsdiag.exe (exit 0) else (exit 44)").exit_code:
        return []
    text = site.host.programs.run("hcsdiag.exe", ["list"]).text
    return [line.strip().split(",")[0] for line in text.splitlines() if "," in line]


def _exec_refusal(engine: EngineClient, made: str) -> str:
    try:
        with engine.errors():
            engine.api.exec_create(made, ["ping"])
    except ContainersError as error:
        return f"HTTP {getattr(error, 'status', None)}"
    return "not refused"


_STARTS = (DIAL, "hcsdiag.exe list", "ping.exe -t localhost, in a container")


@question(
    "process-container",
    "What shows on the host of a process-isolated container?",
    fact="docker-on-windows.md 2, 7; windows-containers.md 13.4",
    starts=_STARTS,
    changes=["a container winfleet-contract-process, for some seconds"],
    group="container",
)
def process_container(site: Site) -> Answer:
    return _run(site, "process")


@question(
    "hyperv-container",
    "What shows on the host of a Hyper-V-isolated container, and which memory has it by default?",
    fact="docker-on-windows.md 2.9; windows-containers.md 13.3, 13.4",
    starts=_STARTS,
    changes=["a container winfleet-contract-hyperv, for some seconds"],
    group="container",
)
def hyperv_container(site: Site) -> Answer:
    return _run(site, "hyperv")


@question(
    "older-image",
    "Does an image of build 20348 run with process isolation above build 26100?",
    fact="windows-containers.md 3.3, 13.1",
    starts=(DIAL, "ping.exe -t localhost, in a container"),
    changes=["a container winfleet-contract-process, for some seconds"],
    group="container",
)
def older_image(site: Site) -> Answer:
    build = read_system(site.host).version.build
    if build <= 26100:
        raise NotAsked(f"this host is build {build}")
    engine, image = engine_and_image(site, "ltsc2022")
    try:
        with engine.errors(), container(engine, image, "process"):
            return Answer("yes", position={"narrow_process_window": False})
    except EngineError as error:
        return Answer("no", error.cause, {"narrow_process_window": True})
