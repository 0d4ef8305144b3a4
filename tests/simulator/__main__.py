# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python -m simulator fleet.yml``: start a fleet, print its inventory, then a line for everything that happens."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path

try:
    import yaml

    from .fleet import Fleet
except ModuleNotFoundError as missing:
    needed = Path(__file__).with_name("requirements.txt")
    sys.exit(f"Cannot start the simulator: the Python package {missing.name} is not installed. Run: python -m pip install -r {needed}")

from .fleet_file import FleetError
from .live_log import KINDS, LiveLog
from .windows.profiles import read_data

EXAMPLE = """hosts:
  - {name: ws2022, profile: server-2022, platform: hyperv-guest-nested}
  - {name: win11, profile: windows-11-24h2}
"""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    kinds = "\n".join(f"  {name:10} {text}" for name, (text, _colour) in KINDS.items())
    result = argparse.ArgumentParser(
        prog="python -m simulator",
        description="Simulate a fleet of Windows hosts behind WinRM, until Ctrl+C or SIGTERM ends it.",
        epilog=(
            f"a fleet file:\n{EXAMPLE}\n"
            f"profiles: {', '.join(read_data('profiles.yml'))}\n"
            f"platforms: {', '.join(read_data('platforms.yml'))}\n\n"
            f"kinds of log lines:\n{kinds}\n\n"
            "Everything else a fleet file may hold stands in README.md beside this program."
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    result.add_argument("fleet", type=Path, help="the fleet file (YAML)")
    result.add_argument(
        "--inventory", type=Path, metavar="FILE", help="write the inventory for Ansible to this file instead of printing it"
    )
    result.add_argument("--ready-file", type=Path, metavar="FILE", help="create this file when all ports are open")
    result.add_argument("--check", action="store_true", help="only look whether the fleet file is right")
    result.add_argument(
        "--log",
        metavar="KINDS",
        type=_kinds,
        default=(),
        help="show only these kinds of log lines, for example program,refused; default: all",
    )
    return result


def _kinds(text: str) -> tuple[str, ...]:
    kinds = tuple(text.split(","))
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise argparse.ArgumentTypeError(f'there is no kind "{unknown[0]}" (known: {", ".join(KINDS)})')
    return kinds


def main() -> int:
    """Parse the arguments and run until SIGINT or SIGTERM."""
    arguments = parser().parse_args()
    try:
        asyncio.run(run(arguments))
    except FleetError as problem:
        print(problem.sentence(arguments.fleet), file=sys.stderr)
        return 1
    except OSError as problem:
        print(f"Cannot start the fleet {arguments.fleet}: {problem.filename or ''} {problem.strerror or problem}.", file=sys.stderr)
        return 1
    return 0


async def run(arguments: argparse.Namespace) -> None:
    """Run the fleet until a signal ends it."""
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
    fleet = Fleet.load(arguments.fleet)
    if arguments.check:
        print(f"{arguments.fleet} is a right fleet file: {', '.join(fleet.hosts)}.")
        return
    log = LiveLog(sys.stdout, arguments.log, max(map(len, fleet.hosts)))
    fleet.on_log(log)
    async with fleet:
        await fleet.control.start()
        announce(fleet, arguments)
        await ended.wait()
        summarize(fleet, log)


def announce(fleet: Fleet, arguments: argparse.Namespace) -> None:
    """All ports are open: where, and how to get there."""
    text = yaml.safe_dump(fleet.inventory(), sort_keys=False)
    if arguments.inventory:
        arguments.inventory.write_text(text, encoding="utf-8")
    else:
        print(text, flush=True)
    for host in fleet.hosts.values():
        machine = host.machine
        print(f"{host.name}: {machine.profile.caption}, {machine.platform.name}, WinRM at {host.address} port {host.port}")
    print(f"Engines are downloaded from {fleet.mirror.url}")
    print(f"The control address is {fleet.control.url}")
    print(f"{len(fleet.hosts)} hosts are up. Ctrl+C ends them.", flush=True)
    if arguments.ready_file:
        arguments.ready_file.write_text("ready\n", encoding="utf-8")


def summarize(fleet: Fleet, log: LiveLog) -> None:
    """What came to pass, a line a host."""
    for host in fleet.hosts.values():
        refused = f", {log.refused[host.name]} things refused" if log.refused[host.name] else ""
        programs = len(host.machine.started_programs)
        print(f"{host.name}: {host.messages.total()} WinRM messages, {programs} programs started{refused}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
