# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The language a Windows was installed in, and the words its programs use in it (languages/<name>.yml).

Programs take their texts through :meth:`Language.say`: an English template and its values. A language file maps templates to templates;
what it lacks stays English.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

_FOLDER = Path(__file__).parent / "languages"


@dataclass(frozen=True)
class Language:
    """One system language.

    Args:
        name: ``en-US``, ``de-DE``.
        lcid: Windows' number of it (OSLanguage).
        country: CountryCode, the telephone prefix.
        architecture: OSArchitecture, which is localized text (native-tools.md 6).
        texts: English template to the language's own.
    """

    name: str = "en-US"
    lcid: int = 1033
    country: str = "1"
    architecture: str = "64-bit"
    texts: dict[str, str] = field(default_factory=dict)

    def say(self, template: str, *values: object) -> str:
        """A template in this language with its ``{}`` filled in."""
        return self.texts.get(template, template).format(*values) if values else self.texts.get(template, template)

    @property
    def english(self) -> bool:
        return not self.texts


def known() -> list[str]:
    """Names of all languages."""
    return ["en-US", *sorted(path.stem for path in _FOLDER.glob("*.yml"))]


@cache
def language(name: str) -> Language:
    """A language by name. Raises KeyError with the known names."""
    if name not in known():
        raise KeyError(f"no language {name!r}; there are {', '.join(known())}")
    if name == "en-US":
        return Language()
    fields = yaml.safe_load((_FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    texts = {english: text for part in fields.pop("texts").values() for english, text in part.items()}
    return Language(name=name, texts=texts, **fields)
