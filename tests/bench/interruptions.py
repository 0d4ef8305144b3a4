# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cut the connection at every single message of the role container_host, and see whether the next run finishes the work.

``make interruptions``, or ``python -m bench.interruptions --from 40 --to 60 --when before``. Each of many bare hosts is cut at another
message. Then the role runs on all of them again, which must succeed, and once more, which must change nothing. In the end every host
must look like the one that nobody cut. It takes an hour, so it is no part of ``make test``, which takes a sample
(integration/test_interruptions.py).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from demo.runs import Recording, settings
from integration.prefork import Prefork

from simulator.engine.engine import Engine
from simulator.fleet import Host, RunningFleet, running_fleet
from simulator.programs.dockerd import ENGINES, version_of

ENTRY = {"profile": "server-2022", "platform": "metal", "boot_seconds": 0.2, "servicing_seconds": 0.05, "time_scale": 0.01}
REGISTRY = {"bytes_per_second": 1e10, "tick": 0.01}
PROGRAM = "C:\\Program Files\\docker\\dockerd.exe"
CONFIGURATION = "C:\\ProgramData\\docker\\config\\daemon.json"
VARIABLES = {
    "winfleet_hosts": "all",
    "container_host_engine_url": "{{ winfleet_mirror_url }}/docker-{version}.zip",
    "container_host_engine_sha256": "{{ winfleet_engine_sha256 }}",
    "docker_engine_config": {"log-opts": {"max-size": "10m"}},
    "docker_engine_add_to_path": True,
}


def prepare(fleet: RunningFleet, forks: int) -> tuple[Recording, str]:
    """The playbook prepare_hosts on all hosts; every result, and the output."""
    folder = Path(tempfile.mkdtemp(prefix="winfleet-interruptions-"))
    inventory, extra, recording = folder / "inventory.yml", folder / "variables.yml", folder / "recording.jsonl"
    inventory.write_text(yaml.safe_dump(fleet.inventory()))
    extra.write_text(yaml.safe_dump(VARIABLES))
    recording.touch()
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(inventory), "-e", f"@{extra}", f"--forks={forks}"]
    environment = {**settings(), "WINFLEET_RECORD": str(recording), "CI": "1"}
    code, output = Prefork.run([*command, "winfleet.containers.prepare_hosts"], environment, folder, 3600)
    return Recording(recording, code, 0), output


def end(host: Host) -> dict[str, Any]:
    """All that a user could tell apart at the end."""
    machine = host.machine
    service = machine.services.get("docker")
    engine: Engine | None = ENGINES.get(machine)
    return {
        "features": [str(machine.features.find(name).state.value) for name in ("Containers", "Microsoft-Hyper-V")],
        "boots": machine.power.boots,
        "service": service.state if service else None,
        "engine": str(version_of(machine, PROGRAM)) if machine.files.is_file(PROGRAM) else None,
        "configuration": machine.files.read(CONFIGURATION) if machine.files.is_file(CONFIGURATION) else None,
        "images": sorted(name for image in engine.state.images.images.values() for name in image.tags) if engine else [],
        "leftovers": [path for path, _unused in machine.files.walk("C:") if "winfleet" in path.lower()],
    }


def errors(recording: Recording, host: str) -> list[str]:
    """What a run said of a host it could not finish; of a loop the items' own words."""
    failed = ("failed", "item failed", "unreachable")
    return [
        str(line["result"].get("msg")).removeprefix("Task failed: ")
        for line in recording.lines
        if line["host"] == host and line["outcome"] in failed and not line["loop"]
    ]


def problems(fleet: RunningFleet, forks: int = 2) -> Iterator[str]:
    """Run three times, the first time into the cuts, and say which hosts did not end as the host ``whole``, which has none."""
    cut, _unused = prepare(fleet, forks)
    for host in fleet.hosts.values():
        host.faults.clear()
    again, output = prepare(fleet, forks)
    third, _unused = prepare(fleet, forks)
    expected = fleet.call(lambda: end(fleet.hosts["whole"]))
    for name, host in fleet.hosts.items():
        first = "; ".join(errors(cut, name)) or "no error"
        if not all(message.startswith("Cannot ") and "unexpected error" not in message for message in errors(cut, name)):
            yield f"{name}: the error is none of ours: {first}"
        if errors(again, name):
            yield f"{name}: {first} / the next run failed: {errors(again, name)}"
        elif changes := [line["task"] for line in third.changes if line["host"] == name]:
            yield f"{name}: {first} / the run after the next changed {changes}"
        elif (found := fleet.call(lambda host=host: end(host))) != expected:
            yield f"{name}: {first} / ended as { {key: found[key] for key in found if found[key] != expected[key]} }"
    if not again.lines:
        yield output[-2000:]


def hosts(cuts: Sequence[tuple[int, str]]) -> list[dict[str, Any]]:
    """One that nobody cuts, and one for each cut."""
    cut = [{"name": f"{when}-{nth}", **ENTRY, "faults": [{"do": "cut", "nth": nth, "when": when}]} for nth, when in cuts]
    return [{"name": "whole", **ENTRY}, *cut]


def uninterrupted() -> int:
    """How many messages one host takes."""
    with running_fleet({"hosts": hosts([]), "registry": REGISTRY}) as fleet:
        done, output = prepare(fleet, 1)
        if done.returncode:
            raise RuntimeError(output)
        return sum(fleet.hosts["whole"].messages.values())


def cut_points(messages: range, when: str | None) -> list[tuple[int, str]]:
    """At which messages to cut, before or after they are carried out."""
    if when == "in turns":
        return [(nth, ("before", "after")[nth % 2]) for nth in messages]
    return [(nth, one) for one in ([when] if when else ["after", "before"]) for nth in messages]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="first", type=int, default=1, help="first message to cut at")
    parser.add_argument("--to", dest="last", type=int, help="last message; default: as many as there are")
    parser.add_argument("--when", choices=("before", "after", "in turns"), help="it is carried out; default: both, one after the other")
    parser.add_argument("--together", type=int, default=20, help="hosts in one fleet")
    parser.add_argument("--forks", type=int, default=2)
    options = parser.parse_args(arguments)
    messages = uninterrupted()
    last, found = options.last or messages, 0
    print(f"{messages} messages make a bare machine a container host.", flush=True)
    cuts = cut_points(range(options.first, last + 1), options.when)
    for start in range(0, len(cuts), options.together):
        batch, begun = cuts[start : start + options.together], time.monotonic()
        with running_fleet({"hosts": hosts(batch), "registry": REGISTRY}) as fleet:
            for problem in problems(fleet, options.forks):
                found += 1
                print(problem, flush=True)
        print(f"{start + len(batch)} of {len(cuts)} cuts, {found} problems ({time.monotonic() - begun:.0f} s)", flush=True)
    Prefork.close_all()
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
