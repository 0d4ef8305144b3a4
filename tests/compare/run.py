# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays every case twice with a collection, and says what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import yaml
from demo.runs import COLLECTIONS, ROOT, Recording, settings

from simulator.fleet import RunningFleet, running_fleet
from simulator.http import SocketStream
from simulator.programs.dockerd import ENGINES
from simulator.windows.machine import Machine

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("cases.yml").read_text(encoding="utf-8"))
IMAGE, TOO_NEW = (f"mcr.microsoft.com/windows/nanoserver:{tag}" for tag in ("ltsc2022", "ltsc2025"))
VERSION = "28.5.2"
#: Stands for what is different in each run.
ID = "<id>"
#: A command that goes on and on.
WAITING = "ping -t localhost"
OURS, PEER = "winfleet.containers", "community.docker"
CREDENTIAL_SPECS = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Virtualization\\Containers\\CredentialSpecs"
_MODULES = {
    "container": "docker_container",
    "container_exec": "docker_container_exec",
    "image": "docker_image",
    "network": "docker_network",
    "volume": "docker_volume",
}


@dataclass(frozen=True)
class Outcome:
    """What a collection made of a case.

    Attributes:
        case: Its name.
        first: ``changed``, ``ok`` or ``failed``.
        second: The same of the same task once more.
        error: What the first run said where it failed.
        seen: What the engine holds afterwards at the place the case looks at; None where there is nothing.
    """

    case: str
    first: str
    second: str
    error: str
    seen: Any


def peer_version(peers: str) -> str:
    """The release of community.docker below a folder of collections; empty where it is not there."""
    manifest = Path(peers) / "ansible_collections" / "community" / "docker" / "MANIFEST.json"
    return str(json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"]) if peers and manifest.is_file() else ""


def play(collection: str, peers: str = "", engine: str = VERSION) -> list[Outcome]:
    """Every case with one collection, on a host of its own.

    Args:
        collection: ``winfleet.containers`` or ``community.docker``.
        peers: Where ``ansible_collections/community/docker`` lies.
        engine: Release of the engine.
    """
    host = {
        "name": "host1",
        "profile": "server-2022",
        "platform": "metal",
        "features": {"Containers": "enabled"},
    }
    fleet_file = {"hosts": [host], "mirror": {"versions": [engine]}}
    with tempfile.TemporaryDirectory(prefix="winfleet-compare-") as name, running_fleet(fleet_file) as fleet:
        folder, machine = Path(name), fleet.machines["host1"]
        fleet.call(lambda: machine.files.make_folder("C:\\data"))
        fleet.call(lambda: machine.registry.set(CREDENTIAL_SPECS, "web", "{}"))
        with bridge(fleet, machine, folder / "engine.sock") as socket:
            run = _playbook(fleet, folder, _plays(fleet, collection, socket, engine), peers)
            client = docker.APIClient(base_url=socket, version="auto", timeout=20)
            try:
                return [_outcome(number, case, run, client) for number, case in enumerate(CASES)]
            finally:
                client.close()


@contextlib.contextmanager
def bridge(fleet: RunningFleet, machine: Machine, path: Path) -> Iterator[str]:
    """A unix socket that leads to the engine of a machine, for clients that know no WinRM; its address for ``docker_host``."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ENGINES[machine].serve(SocketStream(reader, writer))

    server = fleet.call(functools.partial(asyncio.start_unix_server, connected, path))
    try:
        yield f"unix://{path}"
    finally:
        fleet.call(server.close)


@dataclass(frozen=True)
class Run:
    """A finished playbook: the results by the names of the tasks, and what was printed."""

    results: Mapping[str, Mapping[str, Any]]
    output: str


def _tasks(collection: str, socket: str) -> list[dict[str, Any]]:
    tasks = []
    for number, case in enumerate(CASES):
        own = case.get("ours" if collection == OURS else "peer", {})
        for before in case.get("before", ()):
            tasks.append(_task(collection, socket, number, {**before, "image": case.get("image", IMAGE)}, "before"))
        merged = {**case, **own, "options": {**case.get("options", {}), **own.get("options", {})}}
        tasks += [_task(collection, socket, number, merged, run) for run in ("first", "second")]
    return tasks


def _task(collection: str, socket: str, number: int, case: Mapping[str, Any], run: str) -> dict[str, Any]:
    kind = case.get("module", "container")
    options = dict(case["options"])
    if kind == "container":
        options = {"name": case.get("name", f"case{number}"), "image": case.get("image", IMAGE), **options}
    elif kind == "container_exec":
        options = {"container": f"case{number}", **options}
    elif kind == "image":
        options = {"name": case["image"], **options}
    module = kind
    if collection == PEER:
        module, options = _MODULES[kind], {"docker_host": socket, **options}
    return {"name": f"{number} {run}", f"{collection}.{module}": options, "ignore_errors": True, "check_mode": case.get("check", False)}


def _plays(fleet: RunningFleet, collection: str, socket: str, engine: str) -> list[dict[str, Any]]:
    """Engine and images are provided through WinRM; then the tasks are played, ours through WinRM, the other's from the controller."""
    provided = {
        "version": engine,
        "url": f"{fleet.mirror_url}/docker-{engine}.zip",
        "sha256": f"{{{{ winfleet_engine_sha256['{engine}'] }}}}",
    }
    images = {case.get("image", IMAGE) for case in CASES if case.get("module", "container") == "container"} - {TOO_NEW}
    prepared = [
        {"name": "Engine", f"{OURS}.docker_engine": provided},
        {"name": "Image", f"{OURS}.image": {"name": "{{ item }}", "progress": "never"}, "loop": sorted(images)},
    ]
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    return [
        {"hosts": "windows", "gather_facts": False, "tasks": prepared},
        {"hosts": "windows", "gather_facts": False, "tasks": _tasks(collection, socket), "vars": local if collection == PEER else {}},
    ]


def _playbook(fleet: RunningFleet, folder: Path, plays: list[dict[str, Any]], peers: str) -> Run:
    playbook, recording = folder / "play.yml", folder / "recording.jsonl"
    playbook.write_text(yaml.safe_dump(plays, sort_keys=False))
    recording.touch()
    inventory = fleet.write_inventory(folder / "inventory.yml")
    environment = {**settings(), "WINFLEET_RECORD": str(recording)}
    if peers:
        environment["ANSIBLE_COLLECTIONS_PATH"] = f"{COLLECTIONS}:{peers}"
    done = subprocess.run(
        [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(inventory), str(playbook)],
        env=environment, cwd=ROOT / "tests" / "demo", capture_output=True, text=True, timeout=400, check=False,
    )  # fmt: skip
    output = done.stdout + done.stderr
    results = {line["task"]: line for line in Recording(recording, done.returncode, 0).lines}
    if f"{len(CASES) - 1} second" not in results:
        raise RuntimeError(f"the playbook ended early:\n{output[-4000:]}")
    return Run(results, output)


def _outcome(number: int, case: Mapping[str, Any], run: Run, client: Any) -> Outcome:
    first, second = (run.results[f"{number} {which}"] for which in ("first", "second"))
    error = str(first["result"].get("msg", "")) if _word(first) == "failed" else ""
    return Outcome(case["case"], _word(first), _word(second), _plain(error), _seen(number, case, run, client))


def _word(line: Mapping[str, Any]) -> str:
    if line["outcome"] not in ("ok", "item"):
        return "failed"
    return "changed" if line["changed"] else "ok"


def _plain(error: str) -> str:
    """Without what is different in each run, and without the list of all options."""
    return re.sub(r"[0-9a-f]{64}", ID, " ".join(error.split())).partition(" Supported parameters include")[0]


def _seen(number: int, case: Mapping[str, Any], run: Run, client: Any) -> Any:
    look = case.get("look")
    if look == "output":
        return run.results[f"{number} first"]["result"].get("stdout")
    if look == "progress":
        return sum(bool(re.match(r"\[host1\] .*%", line)) for line in run.output.splitlines())
    if look is None:
        return None
    try:
        found = client.inspect_container(f"case{number}")
    except docker.errors.NotFound:
        return None
    for part in look.split("."):
        found = (found or {}).get(part)
    return json.loads(re.sub(r"[0-9a-f]{64}", ID, json.dumps(found)))
