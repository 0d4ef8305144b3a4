# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python -m host_contract``: the open questions, asked to a real Windows host (``make test-host``)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Container
from datetime import UTC, datetime
from pathlib import Path

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ContainersError

from .question import QUESTIONS
from .report import Report
from .runner import ASKED_FOR, GROUPS, announcement, ask_all, chosen
from .site import NoSuchHost, Site, variables_of


def parser() -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(
        prog="python -m host_contract",
        description="Ask a real Windows host what no public source settles. Without --confirm it only says what it would do.",
    )
    result.add_argument("--inventory", type=Path, required=True, help="an Ansible inventory")
    result.add_argument("--confirm", default="", metavar="HOST", help="the host to ask, exactly as the inventory names it; it is restarted")
    result.add_argument("--report", type=Path, default=Path("build/host-contract"), metavar="FOLDER", help="where the report goes")
    result.add_argument("--hide-names", action="store_true", help="keep the host's and the user's names out of the report")
    result.add_argument("--only", type=_keys, default=(), metavar="KEYS", help=f"only these questions: {', '.join(QUESTIONS)}")
    result.add_argument("--with", dest="include", type=_groups, default=(), metavar="GROUPS", help=f"also these: {', '.join(ASKED_FOR)}")
    result.add_argument("--without", dest="exclude", type=_groups, default=(), metavar="GROUPS", help=f"not these: {', '.join(GROUPS)}")
    return result


def _listed(text: str, known: Container[str], what: str) -> tuple[str, ...]:
    names = tuple(filter(None, text.split(",")))
    wrong = [name for name in names if name not in known]
    if wrong:
        raise argparse.ArgumentTypeError(f'there is no {what} "{wrong[0]}"')
    return names


def _keys(text: str) -> tuple[str, ...]:
    return _listed(text, QUESTIONS, "question")


def _groups(text: str) -> tuple[str, ...]:
    return _listed(text, GROUPS, "group")


def main() -> int:
    """0: the collection can work there; 1: an answer breaks it; 2: nothing was asked."""
    arguments = parser().parse_args()
    questions = chosen(only=arguments.only, include=arguments.include, exclude=arguments.exclude)
    if not arguments.inventory.exists():
        return refuse(f"Cannot read the inventory {arguments.inventory}: it does not exist. Give the path of an Ansible inventory.")
    print("\n".join(announcement(arguments.confirm or "a host", questions)), end="\n\n", flush=True)
    if not arguments.confirm:
        return refuse("Cannot ask any host: none was confirmed. Give CONFIRM the name of the host, exactly as the inventory has it.")
    try:
        variables = variables_of(arguments.inventory, arguments.confirm)
        Site(arguments.confirm, variables).close()
    except NoSuchHost as error:
        return refuse(str(error))
    except ContainersError as error:
        return refuse(error.sentence(arguments.confirm))
    report = ask_all(arguments.confirm, variables, questions, hide_names=arguments.hide_names, tell=lambda line: print(line, flush=True))
    write(report, arguments.report)
    return 1 if report.breaches else 0


def refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


def write(report: Report, folder: Path) -> None:
    """Both files, named after the time."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / f"report-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    stem.with_suffix(".md").write_text(report.markdown(), encoding="utf-8")
    stem.with_suffix(".json").write_text(report.json(), encoding="utf-8")
    answered = sum(entry.answer is not None for entry in report.entries)
    print(f"\n{answered} of {len(report.entries)} questions answered, {len(report.breaches)} answers break the collection.")
    for item in report.left:
        print(f"Left behind: {item}")
    print(f"The report to send: {stem}.md and {stem}.json")


if __name__ == "__main__":
    sys.exit(main())
