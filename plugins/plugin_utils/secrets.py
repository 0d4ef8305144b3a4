# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep secrets out of all that a task shows. Core enforces ``no_log`` options for modules, but not for action plugins."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar
from xml.sax.saxutils import escape

from ansible.module_utils.common.parameters import remove_values

T = TypeVar("T")


class Scrubber:
    """Replaces known secrets in texts and results.

    Args:
        secrets: The secret texts; empty ones are ignored.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        #: The secrets themselves, in the order given.
        self.secrets: list[str] = []
        self._forms: set[str] = set()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Also hide this text, and the forms it takes inside JSON, XML and Python's own quotes."""
        if secret:
            self.secrets.append(secret)
            double, single = json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1]
            self._forms |= {secret, double, single, json.dumps(secret)[1:-1], secret.replace("'", "\\'"), escape(secret)}

    def clean(self, value: T) -> T:
        """A copy without the secrets; containers keep their shape."""
        if not self._forms:
            return value
        cleaned: T = remove_values(value, self._forms)
        return cleaned


def secret_values(argument_spec: Mapping[str, Mapping[str, Any]], options: Mapping[str, Any]) -> Iterator[str]:
    """Every text inside the options whose specification says ``no_log``, also in nested options and under aliases."""
    for name, spec in argument_spec.items():
        for spelling in (name, *spec.get("aliases", ())):
            value = options.get(spelling)
            if value is None:
                continue
            if spec.get("no_log"):
                yield from _texts(value)
            elif spec.get("options"):
                for item in value if isinstance(value, list) else [value]:
                    if isinstance(item, Mapping):
                        yield from secret_values(spec["options"], item)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
    elif not isinstance(value, bool):
        yield str(value)
