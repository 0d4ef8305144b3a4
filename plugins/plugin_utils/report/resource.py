# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of the report on the controller."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..desired_state import Difference, Plan, Resource, Step
from ..errors import ContainersError, OptionError
from .exports import as_csv, as_json
from .model import Report, build
from .page import as_html

NAME = "fleet-report"


class FleetReport(Resource[Mapping[str, "str | None"]]):
    """The report in one folder.

    Args:
        options: The task's validated options.

    Raises:
        OptionError: The timestamp is none, or two entries of ``hosts`` have the same name.
    """

    verb = "write"
    thing = "the fleet report"

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.name = str(options["dest"])
        self._folder = Path(self.name).expanduser().absolute()
        names = [str(entry["name"]) for entry in options["hosts"]]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise OptionError(f'the option hosts holds "{twice}" twice', "Give each host once")
        self._report = build(options["hosts"], str(options["title"]), parse_timestamp(options["timestamp"]))
        self._files = files(self._report)

    def read(self) -> dict[str, str | None]:
        """What the files hold; None for one that is not there."""
        with _explained(self._folder):
            return {name: _text(self._folder / name) for name in self._files}

    def plan(self, observed: Mapping[str, str | None]) -> Plan:
        """One step for each file that is not as it should be."""
        changed = [name for name, text in self._files.items() if observed[name] != text]
        return Plan(
            tuple(Step("write", f"write {self._folder / name}", {"name": name}) for name in changed),
            tuple(Difference(name, _state(observed[name]), "written") for name in changed),
        )

    def apply(self, plan: Plan, observed: Mapping[str, str | None]) -> None:
        with _explained(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            for step in plan.steps:
                _write(self._folder / step.arguments["name"], self._files[step.arguments["name"]])

    def report(self, observed: Mapping[str, str | None], plan: Plan) -> dict[str, Any]:
        paths = {name: str(self._folder / name) for name in self._files}
        data = self._report.data
        return {
            "page": paths[f"{NAME}.html"],
            "files": list(paths.values()),
            "summary": data["summary"],
            "findings": data["tables"]["findings"],
        }


def files(report: Report) -> dict[str, str]:
    """Name and text of every file."""
    tables = {f"{NAME}-{table.key}.csv": as_csv(table) for table in report.tables}
    return {f"{NAME}.html": as_html(report), f"{NAME}.json": as_json(report), **tables}


def parse_timestamp(text: str | None) -> datetime:
    """A moment as 2026-11-24T12:00:00+01:00, in UTC where it names no zone; now for None. Raises OptionError."""
    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise OptionError(f'"{text}" is not a moment', "Write it like 2026-11-24T12:00:00+00:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _state(text: str | None) -> str:
    return "absent" if text is None else "other content"


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return None


def _write(path: Path, text: str) -> None:
    """In one move, so that nobody who looks at the old page gets half a new one."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
        mask = os.umask(0)
        os.umask(mask)
        Path(temporary).chmod(0o666 & ~mask)
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        cause = f"{error.strerror or error} at {error.filename or folder}"
        raise ContainersError(cause[:1].lower() + cause[1:], "Choose a folder on the controller that you may write to, as dest") from error
