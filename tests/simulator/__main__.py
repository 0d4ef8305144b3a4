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

import yaml

from .fleet import Fleet
from .windows.machine import LogLine


def main() -> int:
    """Parse the arguments and run until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m simulator", description="Simulate a fleet of Windows hosts behind WinRM.")
    parser.add_argument("fleet", type=Path, help="the fleet file (YAML), see README.md")
    parser.add_argument("--inventory", type=Path, help="write the inventory to this file instead of printing it")
    parser.add_argument("--ready-file", type=Path, help="create this file when all ports are open")
    arguments = parser.parse_args()
    try:
        asyncio.run(run(arguments.fleet, arguments.inventory, arguments.ready_file))
    except (OSError, TypeError, ValueError, KeyError, yaml.YAMLError) as problem:
        print(f"Cannot start the fleet {arguments.fleet}: {problem}", file=sys.stderr)
        return 1
    return 0


async def run(source: Path, inventory: Path | None, ready_file: Path | None) -> None:
    """Run the fleet until a signal ends it."""
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
    fleet = Fleet.load(source)
    fleet.on_log(show)
    async with fleet:
        text = yaml.safe_dump(fleet.inventory(), sort_keys=False)
        if inventory:
            inventory.write_text(text, encoding="utf-8")
        else:
            print(text, flush=True)
        if ready_file:
            ready_file.write_text("ready\n", encoding="utf-8")
        print(f"{len(fleet.hosts)} hosts are up.", flush=True)
        await ended.wait()
        for host in fleet.hosts.values():
            print(f"{host.name} wsman: messages {dict(host.messages)}", flush=True)


def show(name: str, line: LogLine) -> None:
    """One line of the live log."""
    print(f"{line.time:%H:%M:%S} {name} {line.kind}: {line.text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
