# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both collections side by side: ``python -m compare [--write] COLLECTIONS``.

``COLLECTIONS`` is the folder that holds ``ansible_collections/community/docker``. With ``--write`` the table of the guide is written anew.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import yaml

from .guide import GUIDE, filled, list_table
from .run import CASES, ID, OURS, PEER, VERSION, WAITING, Outcome, peer_version, play


def main() -> int:
    parser = argparse.ArgumentParser(prog="compare", description="Plays the same tasks with community.docker and with this collection.")
    parser.add_argument("collections", help="folder that holds ansible_collections/community/docker")
    parser.add_argument("--engine", default=VERSION, help=f"release of the engine (default {VERSION}, which the guide's table is of)")
    parser.add_argument("--write", action="store_true", help="write the table of the guide")
    arguments = parser.parse_args()
    there = peer_version(arguments.collections)
    if not there:
        print(f"There is no ansible_collections/community/docker in {arguments.collections!r}.")
        return 1
    theirs, ours = play(PEER, arguments.collections, arguments.engine), play(OURS, engine=arguments.engine)
    for one, other in zip(theirs, ours, strict=True):
        print(f"\n{one.case}")
        for name, outcome in ((PEER, one), (OURS, other)):
            print(f"  {name:20} first {outcome.first}, second {outcome.second}, {json.dumps(outcome.seen)}  {outcome.error}")
    if arguments.write and arguments.engine == VERSION:
        text = filled(GUIDE.read_text(encoding="utf-8"), "the results", results(there, theirs, ours))
        GUIDE.write_text(text, encoding="utf-8")
    return 0


def results(there: str, theirs: list[Outcome], ours: list[Outcome]) -> str:
    """The table of the guide, with what was compared and when."""
    rows = [(_title(case), _cell(case, one), _cell(case, other)) for case, one, other in zip(CASES, theirs, ours, strict=True)]
    day = datetime.now(UTC).date()
    played = (
        f"Recorded on {day} with ansible-core {version('ansible-core')} and community.docker {there}, against Docker Engine {VERSION} on Windows\n"
        f"Server 2022, both of the simulated fleet.\n"
    )
    return f"{played}\n{list_table(('Case', PEER, OURS), rows, '24 38 38')}"


def _title(case: Mapping[str, Any]) -> str:
    """What is done, and the options that matter."""
    options = {key: value for key, value in case.get("options", {}).items() if key != "state" and value != WAITING}
    shown = yaml.safe_dump(options, default_flow_style=True, width=1000).strip()[1:-1]
    return f"{case['case']}: ``{shown}``" if shown else str(case["case"])


def _cell(case: Mapping[str, Any], outcome: Outcome) -> str:
    if outcome.first == "failed":
        left = f" Afterwards the container is ``{outcome.seen}``." if case.get("look") == "State.Status" and outcome.seen else ""
        return f"fails: ``{outcome.error}``{left}"
    again = (
        "" if outcome.second == "ok" or case.get("module") == "container_exec" or case.get("check") else " **Each run changes it again.**"
    )
    return f"{outcome.first}{_seen(case.get('look'), outcome.seen)}{again}"


def _seen(look: str | None, seen: Any) -> str:
    if look is None or seen is None:
        return ""
    if look == "progress":
        return f", {seen} lines of progress" if seen else ", without a sign of life meanwhile"
    if look == "Mounts":
        return "".join(map(_mount, seen))
    words = seen if isinstance(seen, list) and all(isinstance(word, str) for word in seen) else [seen]
    return ", " + " ".join(f"``{word}``" for word in words)


def _mount(mount: Mapping[str, Any]) -> str:
    what = "an empty, nameless volume" if mount.get("Name") == ID else f"{mount['Type']} ``{mount['Source']}``"
    return f", {what} at ``{mount['Destination']}``{'' if mount['RW'] else ', read-only'}"


if __name__ == "__main__":
    raise SystemExit(main())
