# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a run: Markdown for people, JSON for programs. It holds no secret, and no name when none is wanted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import yaml

from .question import Answer, Question, merge

_SECRET = re.compile(r"pass(word)?$|_pass_|secret|token|private|vault", re.IGNORECASE)
_NAMES = ("inventory_hostname", "inventory_hostname_short", "ansible_host", "ansible_user", "ansible_winrm_user", "ansible_psrp_user")
#: Shorter values would be found in everything.
_SHORTEST = 3


@dataclass
class Entry:
    """One question and what came of it; ``problem`` says why there is no answer."""

    question: Question
    answer: Answer | None = None
    problem: str = ""
    seconds: float = 0.0
    skipped: bool = False

    @property
    def breaks(self) -> bool:
        """Whether this keeps the collection from working."""
        return self.answer.breaks if self.answer else bool(self.problem) and self.question.contract and not self.skipped


@dataclass
class Report:
    """All that was asked of one host.

    Attributes:
        host: Its name, or a word for it.
        entries: In the order they were asked.
        left: What could not be removed from the host.
        hidden: Texts to be replaced, and by what.
    """

    host: str
    entries: list[Entry] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    hidden: Mapping[str, str] = field(default_factory=dict, repr=False)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def breaches(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.breaks]

    @property
    def position(self) -> dict[str, Any]:
        """Settings with which a simulated host behaves like this one."""
        return merge([entry.answer.position for entry in self.entries if entry.answer])

    def data(self) -> dict[str, Any]:
        """What the JSON file holds."""
        return {
            "host": self.host,
            "date": self.started.date().isoformat(),
            "answers": [_entry_data(entry) for entry in self.entries],
            "breaks": [entry.question.key for entry in self.breaches],
            "left_behind": list(self.left),
            "simulator_settings": self.position,
        }

    def json(self) -> str:
        return json.dumps(self._hidden(self.data()), indent=2, ensure_ascii=False, default=str) + "\n"

    def markdown(self) -> str:
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterable[str]:
        answered = [entry for entry in self.entries if entry.answer]
        yield f"# Host contract of {self._cell(self.host)}, {self.started.date().isoformat()}"
        yield ""
        yield f"{len(answered)} of {len(self.entries)} questions answered, {len(self.breaches)} answers break the collection."
        yield ""
        yield "| question | answer | seen | left open in |"
        yield "|---|---|---|---|"
        for entry in answered:
            answer = entry.answer or Answer("")
            value = f"**{answer.value}, breaks the collection**" if answer.breaks else answer.value
            yield f"| {self._cell(entry.question.text)} | {self._cell(value)} | {self._cell(answer.detail)} | {entry.question.fact} |"
        if unanswered := [entry for entry in self.entries if not entry.answer]:
            yield from ("", "## Not answered", "")
            for entry in unanswered:
                mark = " **This breaks the collection.**" if entry.breaks else ""
                yield f"- {entry.question.text} {self._cell(entry.problem)}.{mark}"
        if self.left:
            yield from ("", "## Left behind", "", *(f"- {self._cell(item)}" for item in self.left))
        yield from ("", "## A simulated host that behaves alike", "", "```yaml", *_yaml(self.position), "```")

    def hide(self, text: str) -> str:
        """The text without what must not be in the report."""
        for wanted in sorted(self.hidden, key=len, reverse=True):
            text = re.sub(re.escape(wanted), self.hidden[wanted], text, flags=re.IGNORECASE)
        return text

    def _hidden(self, data: Any) -> Any:
        """The same for every text in a structure; its keys are ours."""
        if isinstance(data, Mapping):
            return {key: self._hidden(value) for key, value in data.items()}
        if isinstance(data, list | tuple):
            return [self._hidden(item) for item in data]
        return self.hide(data) if isinstance(data, str) else data

    def _cell(self, text: str) -> str:
        return " ".join(self.hide(text).replace("|", "\\|").split())


def _entry_data(entry: Entry) -> dict[str, Any]:
    data: dict[str, Any] = {"key": entry.question.key, "question": entry.question.text, "fact": entry.question.fact}
    if entry.answer:
        data |= {"answer": entry.answer.value, "detail": entry.answer.detail, "seen": dict(entry.answer.seen)}
        data |= {"position": dict(entry.answer.position), "breaks": entry.answer.breaks}
    else:
        data |= {"answer": None, "problem": entry.problem, "breaks": entry.breaks}
    return data | {"seconds": round(entry.seconds, 2)}


def _yaml(settings: Mapping[str, Any]) -> list[str]:
    text = yaml.safe_dump({"hosts": [{"name": "like-it", **settings}]}, sort_keys=False)
    return text.rstrip().splitlines()


def hidden_texts(variables: Mapping[str, Any], *, names: bool) -> dict[str, str]:
    """What a report must not hold: every secret among a host's variables and, with ``names``, the host's and the user's names."""
    found: dict[str, str] = {}
    for key, value in variables.items():
        if _SECRET.search(key) and len(str(value)) >= _SHORTEST:
            found[str(value)] = "<secret>"
    if names:
        for key in _NAMES:
            value = str(variables.get(key) or "")
            if len(value) >= _SHORTEST:
                found.setdefault(value, "<user>" if "user" in key else "<host>")
    return found
