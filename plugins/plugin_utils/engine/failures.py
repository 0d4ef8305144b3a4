# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine's error texts mean, and what to do: the table is ``failures.yml``, this is the one way to use it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from ..errors import ContainersError, OptionError, RemoteError

#: Filled in where the caller does not know it.
_UNKNOWN = {"ports": "one of its published ports", "pipe": "docker_engine", "service": "docker", "condition": "not running"}


@dataclass(frozen=True)
class Meaning:
    """One entry of the table; its fields are described at the table's head."""

    id: str
    cause: str
    advice: str
    when: str
    option: bool
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Explanation:
    """What one text means.

    Attributes:
        id: The entry of the table.
        cause: A clause without final stop, placeholders filled.
        advice: The same.
        option: Whether it is the task that asks for what cannot be.
    """

    id: str
    cause: str
    advice: str
    option: bool


def one_line(text: str) -> str:
    """A peer's text on one line, without its final full stop."""
    return " ".join(text.split()).rstrip(".")


def table() -> list[dict[str, Any]]:
    """The content of ``failures.yml``, which is part of this collection."""
    entries: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    return entries


@lru_cache(maxsize=1)
def _meanings() -> tuple[Meaning, ...]:
    return tuple(
        Meaning(entry["id"], entry["cause"], entry["advice"], entry.get("when", ""), bool(entry.get("option")), _pattern(entry))
        for entry in table()
    )


def _pattern(entry: Mapping[str, Any]) -> re.Pattern[str]:
    """Either the entry's own expression, or its code as Windows and the engine print it."""
    ways = [str(entry["pattern"])] if "pattern" in entry else []
    if "code" in entry:
        ways.append(rf"\b0x{entry['code']:x}\b")
    return re.compile("|".join(ways), re.IGNORECASE)


def meaning(text: str, situation: str = "", **known: str) -> Explanation | None:
    """What a text of the engine means, or None where the table does not know it.

    Args:
        text: The engine's own words.
        situation: What was being done, ``dial`` or ``pull``, for entries that hold only then.
        known: What the caller can add to a cause.
    """
    text = one_line(text)
    for entry in _meanings():
        match = entry.pattern.search(text) if entry.when in ("", situation) else None
        if match:
            found = {name: value or "" for name, value in match.groupdict().items()}
            words = {**_UNKNOWN, **known, **found, "text": text}
            return Explanation(entry.id, entry.cause.format(**words), entry.advice.format(**words), entry.option)
    return None


def explain(error: RemoteError, situation: str = "", **known: str) -> ContainersError | None:
    """The clear form of an error of the engine, or None when no meaning is known; the arguments are those of :func:`meaning`."""
    found = meaning(error.text or error.cause, situation, **known)
    if found is None:
        return None
    if found.option:
        return OptionError(found.cause, found.advice)
    return RemoteError(found.cause, found.advice, code=error.code, text=error.text)


@contextmanager
def explaining(situation: str = "", **known: str) -> Iterator[None]:
    """Replace errors of the engine that leave the block by their clear form, where there is one; see :func:`meaning`."""
    try:
        yield
    except RemoteError as error:
        clear = explain(error, situation, **known)
        if clear is None:
            raise
        raise clear from error
