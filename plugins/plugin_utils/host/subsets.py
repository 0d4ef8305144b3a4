# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which parts of the facts a task asks for, with the rules of ansible.builtin.setup's ``gather_subset``. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from ..errors import OptionError

#: What is always read unless ``!min`` is said.
MINIMUM = ("os",)
#: What is read when nothing else is asked for: what decides about containers, and what comes with it for nothing.
DEFAULT = (*MINIMUM, "hardware", "reboot", "features", "isolation", "engine", "runtimes", "base_images", "domain", "support")
ALL = (*DEFAULT, "storage", "networks", "winrm", "antivirus", "time", "updates")
GROUPS = {"min": MINIMUM, "default": DEFAULT, "all": ALL}


def choose(wanted: Iterable[str]) -> tuple[str, ...]:
    """The subsets to read, in the order of :data:`ALL`.

    The minimum is part of every choice. Exclusions alone are taken from the default. ``!all`` leaves the minimum, ``!min`` takes that
    away too, and a subset that is named stays whatever group is excluded.

    Raises:
        OptionError: A name is none, with those it may have meant.
    """
    wanted = list(wanted)
    named: set[str] = set()
    groups: set[str] = set()
    excluded: set[str] = set()
    for item in wanted:
        name = item.removeprefix("!")
        if name not in GROUPS and name not in ALL:
            raise _unknown(name)
        if not item.startswith("!"):
            (groups if name in GROUPS else named).update(GROUPS.get(name, (name,)))
        elif name in GROUPS:
            excluded.update(MINIMUM if name == "min" else set(GROUPS[name]) - set(MINIMUM))
        else:
            excluded.add(name)
            named.discard(name)
    included = groups | set(MINIMUM) if any(not item.startswith("!") for item in wanted) else set(DEFAULT)
    return tuple(name for name in ALL if name in (included - excluded) | named)


def _unknown(name: str) -> OptionError:
    known = [*GROUPS, *ALL]
    near = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"Known are {', '.join(known)}, each also with an exclamation mark before it"
    return OptionError(f'there is no subset "{name}"', hint)
