# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of the guide "Migrating from community.docker".

``python -m compare.guide`` writes the tables of options from options.yml, our modules and their refusals; with ``--check`` it only says whether
they are stale. The table of results is written by ``python -m compare``.
"""

from __future__ import annotations

import importlib
import re
import sys
import textwrap
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.winfleet.containers.plugins.module_utils.container_options import REFUSED

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst" / "guide_migrating.rst"
MODULES = GUIDE.parents[3] / "plugins" / "modules"
OPTIONS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("options.yml").read_text(encoding="utf-8"))
_MODULES = "ansible_collections.winfleet.containers.plugins.modules"
_BEGIN, _END = ".. begin of {}, written by tests/compare", ".. end of {}"


def main() -> int:
    text = GUIDE.read_text(encoding="utf-8")
    wanted = filled(text, "the options", option_tables())
    if "--check" in sys.argv:
        if text != wanted:
            print("The tables of options in guide_migrating.rst are stale: run python -m compare.guide")
        return int(text != wanted)
    GUIDE.write_text(wanted, encoding="utf-8")
    return 0


def filled(text: str, part: str, content: str) -> str:
    """The guide with another content of one of its written parts. Raises ValueError where the guide has no such part."""
    begin, end = _BEGIN.format(part), _END.format(part)
    before, found, rest = text.partition(begin)
    _unused, found_end, after = rest.partition(end)
    if not (found and found_end):
        raise ValueError(f'the guide lacks the lines "{begin}" and "{end}"')
    return f"{before}{begin}\n\n{content}\n{end}{after}"


def list_table(header: Sequence[str], rows: Iterable[Sequence[str]], widths: str = "auto") -> str:
    """A table as reStructuredText."""
    lines = [".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", ""]
    for row in [header, *rows]:
        for number, cell in enumerate(row):
            mark = "   * - " if number == 0 else "     - "
            lines.append(mark + textwrap.indent(cell, " " * 7).strip() if cell else mark.rstrip())
    return "\n".join(lines) + "\n"


def names(module: str) -> set[str]:
    """The options of one of our modules, with their aliases."""
    spec: Mapping[str, Mapping[str, Any]] = importlib.import_module(f"{_MODULES}.{module}").ARGUMENT_SPEC
    return {name for option, entry in spec.items() for name in (option, *entry.get("aliases", ()))}


def option_tables() -> str:
    """Every module with its options."""
    parts = [_heading("Connection", '"'), list_table(_HEADER, _rows(OPTIONS["connection"], ())).rstrip(), ""]
    nothing = []
    for peer, entry in OPTIONS["modules"].items():
        if entry["here"] is None:
            nothing.append((f"``{peer}``", entry["missing"]))
            continue
        parts += [
            _heading(f"{peer}: {entry['here']}", '"'),
            list_table(_HEADER, _rows(entry["options"], names(entry["here"]))).rstrip(),
            "",
        ]
    nothing.append((", ".join(f"``{name}``" for name in OPTIONS["not_for_windows_hosts"]), "No part of this collection."))
    parts += [_heading("Modules without a counterpart", '"'), list_table(("Module", "Instead"), nothing).rstrip(), ""]
    return "\n".join(parts)


_HEADER = ("Option", "Here", "To know")


def _heading(text: str, mark: str) -> str:
    return f"{text}\n{mark * len(text)}\n"


def _rows(options: Mapping[str, Any], ours: Collection[str]) -> Iterator[tuple[str, str, str]]:
    for name, entry in options.items():
        yield (f"``{name}``", *_stands_for(name, entry or {}, ours))


def _stands_for(name: str, entry: Mapping[str, str], ours: Collection[str]) -> tuple[str, str]:
    """What stands for an option here, and what there is to know. Raises ValueError where options.yml and our modules contradict each other."""
    if "missing" in entry:
        if name in ours:
            raise ValueError(f"the option {name} is called missing, and is there")
        return "no", f"{entry['missing']}."
    if "differs" in entry:
        return "no", f"{entry['differs']}."
    if "here" in entry:
        head = re.split("[.:]", entry["here"])[0]
        if head != "inventory" and head not in ours and not (MODULES / f"{head}.py").is_file():
            raise ValueError(f"{entry['here']}, which is said to stand for {name}, is no option and no module here")
        return f"``{entry['here']}``" if entry["here"] != "inventory" else "inventory", entry.get("note", "")
    if name in ours:
        return "the same", entry.get("note", "")
    if name in REFUSED:
        why, advice = REFUSED[name]
        return "refused", f"{why[0].upper()}{why[1:]}. {advice}."
    raise ValueError(f"nothing is known of the option {name}: it is no option here, and it is not refused")


if __name__ == "__main__":
    sys.exit(main())
