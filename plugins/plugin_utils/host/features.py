# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Optional features: their names, their states, and the one program that changes them.

A state is read from Win32_OptionalFeature, which knows nothing pending; ``dism /get-features`` knows it all but is a program
of a second or more, so it is asked only while servicing waits for a reboot, or for a name that CIM does not find.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from ..errors import NotFoundError, OptionError, ProtocolError, RemoteError, describe_code, doing, explain, refusal
from ..remote.cim import CimClass, Instance, quote
from .readiness import FeatureState

if TYPE_CHECKING:
    from ..remote.host import RemoteHost
    from ..remote.program import Completed

CONTAINERS = "Containers"
HYPERV = "Microsoft-Hyper-V"

#: Friendly and Server Manager spellings, lower case, to the DISM name; server and client agree on these (native-tools.md 1.4).
_ALIASES = {
    "containers": CONTAINERS,
    "hyperv": HYPERV,
    "hyper-v": HYPERV,
    "microsoft-hyper-v": HYPERV,
    "hyper-v-tools": "Microsoft-Hyper-V-Management-Clients",
    "hyper-v-powershell": "Microsoft-Hyper-V-Management-PowerShell",
}

#: Names may hold blanks and underscores (native-tools.md 1.1); everything else could not be a name and could be a trick.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,127}")

OPTIONAL_FEATURE = CimClass("Win32_OptionalFeature", {"Name": str, "InstallState": int})
#: InstallState: 1 enabled, 2 disabled, 3 absent, 4 unknown (native-tools.md 6).
_INSTALL_STATES: dict[int, FeatureState] = {1: "enabled", 2: "disabled", 3: "removed"}
#: The words of dism /english (native-tools.md 1.1; the last three uncertain there).
_DISM_STATES: dict[str, FeatureState] = {
    "enabled": "enabled",
    "disabled": "disabled",
    "enable pending": "enable_pending",
    "disable pending": "disable_pending",
    "disabled with payload removed": "removed",
    "partially installed": "partially_installed",
    "staged": "disabled",
    "removed": "removed",
    "not present": "removed",
}

_DONE, _REBOOT_NEEDED = 0, 3010
#: CBS_E_SOURCE_MISSING (native-tools.md 1.2).
_NO_SOURCE = 0x800F081F
#: dism runs for minutes on a busy or freshly booted host (native-tools.md 1.3).
DISM_TIMEOUT = 1800.0


def dism_name(name: str) -> str:
    """The DISM name of a friendly or Server Manager one; other names are returned as they are. Raises OptionError for no name at all."""
    if not _NAME.fullmatch(name):
        raise OptionError(f'"{name}" cannot be the name of a feature', "Use containers, hyperv or a name from 'dism /online /get-features'")
    return _ALIASES.get(name.lower(), name)


def parse_features(text: str) -> dict[str, FeatureState]:
    """Names and states from ``dism /english /get-features``.

    Raises:
        ProtocolError: The text holds no feature at all.
    """
    found: dict[str, FeatureState] = {}
    name = ""
    for line in re.split(r"[\r\n]+", text):
        key, colon, value = line.partition(" : ")
        if not colon:
            continue
        if key.strip() == "Feature Name":
            name = value.strip()
        elif key.strip() == "State" and name:
            found[name] = _DISM_STATES.get(value.strip().lower(), "unknown")
            name = ""
    if not found:
        raise ProtocolError("the output of 'dism /get-features' names no feature")
    return found


def parse_restart(text: str) -> str:
    """``No``, ``Possible`` or ``Required`` from ``dism /english /get-featureinfo``; empty when the text has no such row."""
    match = re.search(r"^Restart Required : (\w+)", text, re.MULTILINE)
    return match[1] if match else ""


def parse_progress(data: bytes) -> int | None:
    """The newest percentage of a progress bar in a piece of dism's output (redrawn with CR, native-tools.md 1.1)."""
    marks = re.findall(rb"(\d{1,3})(?:\.\d+)?%", data)
    return int(marks[-1]) if marks else None


def states_of(instances: Iterable[Instance]) -> dict[str, FeatureState]:
    """Names and states from Win32_OptionalFeature."""
    return {str(instance.get("Name")): _install_state(instance.get("InstallState")) for instance in instances}


def _install_state(number: object) -> FeatureState:
    return _INSTALL_STATES.get(number, "unknown") if isinstance(number, int) else "unknown"


def pick(name: str, known: dict[str, FeatureState]) -> str | None:
    """The spelling of a name in the host's own list: names have no case on dism's command line (native-tools.md 1.1)."""
    if name in known:
        return name
    return next((other for other in known if other.lower() == name.lower()), None)


def near_names(name: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """Names of the host's list that resemble the one asked for."""
    spelled = {other.lower(): other for other in known}
    near = difflib.get_close_matches(name.lower(), list(spelled), n=limit, cutoff=0.6)
    return [spelled[other] for other in near or [other for other in spelled if name.lower() in other][:limit]]


def unknown_feature(name: str, known: Iterable[str]) -> OptionError:
    """The refusal of a name this Windows does not have."""
    if name in (CONTAINERS, HYPERV):
        return OptionError(
            "this Windows does not have that feature", "Use an edition that has it; host_info tells in readiness what this one can run"
        )
    near = near_names(name, known)
    hint = f"Did you mean {' or '.join(near)}?" if near else "List the names with 'dism /online /get-features' on the host"
    return OptionError("this Windows knows no feature of that name", hint)


def read_states(host: RemoteHost, names: Sequence[str], servicing_pending: bool) -> dict[str, FeatureState]:
    """States of some features, by DISM names in the spelling given; ``unknown`` for what this Windows does not have.

    Args:
        servicing_pending: Servicing waits for a reboot, so CIM's answer could hide a pending state and dism is asked.
    """
    with doing("read", "the features"):
        known = list_features(host) if servicing_pending else query_features(host, names)
    return {name: known[spelling] if (spelling := pick(name, known)) else "unknown" for name in names}


def query_features(host: RemoteHost, names: Sequence[str]) -> dict[str, FeatureState]:
    """One CIM query; names in another case than Windows' own are not found (WQL on this class is case-sensitive)."""
    where = " OR ".join(f"Name={quote(name)}" for name in names)
    try:
        return states_of(host.cim.query(OPTIONAL_FEATURE, where=where))
    except NotFoundError:
        return {}


def list_features(host: RemoteHost) -> dict[str, FeatureState]:
    """All features, by ``dism /get-features``."""
    return parse_features(_dism(host, "/get-features").text)


def restart_needed(host: RemoteHost, name: str) -> str:
    """What ``dism /get-featureinfo`` says of restarts: ``No``, ``Possible``, ``Required`` or empty."""
    return parse_restart(_dism(host, "/get-featureinfo", f"/featurename:{name}").text)


def change_features(host: RemoteHost, action: str, names: Sequence[str], source: str = "") -> bool:
    """Enable or disable features in one run of dism.

    Args:
        action: ``enable`` (with all parent features) or ``disable``.
        names: DISM names, validated.
        source: Where dism finds the payload of features without one; empty: where Windows itself looks.

    Returns:
        Whether a reboot is needed to complete it (exit code 3010; the text does not reveal it, native-tools.md 1.1).

    Raises:
        RemoteError: dism refused, with its code and cause.
    """
    arguments = [f"/{action}-feature", *(f"/featurename:{name}" for name in names)]
    if action == "enable":
        arguments.append("/all")
    if source:
        arguments.append(f"/source:{source}")
    try:
        completed = _dism(host, *arguments, on_output=_shown(host, f"{action} {', '.join(names)}"))
    except RemoteError as error:
        if source and error.code == _NO_SOURCE:
            error.cause = f'source is "{source}", where Windows did not find the files of the feature (code {describe_code(_NO_SOURCE)})'
            error.advice = "Name a folder, a share or a wim: path with the files of this very release of Windows"
        raise
    return completed.exit_code == _REBOOT_NEEDED


def _shown(host: RemoteHost, what: str) -> Callable[[bytes], None]:
    def show(data: bytes) -> None:
        percent = parse_progress(data)
        if percent is not None:
            host.progress(f"{what}: {percent} %")

    return show


def _dism(host: RemoteHost, *arguments: str, on_output: Callable[[bytes], None] | None = None) -> Completed:
    completed = host.programs.run("dism.exe", ["/online", "/english", "/norestart", *arguments], timeout=DISM_TIMEOUT, on_output=on_output)
    if completed.exit_code not in (_DONE, _REBOOT_NEEDED):
        raise refusal(completed.exit_code, _said(completed.text) if explain(completed.exit_code) is None else completed.text)
    return completed


def _said(text: str) -> str:
    """dism's own words: what follows its ``Error: <n>`` line, without the pointer to its log file."""
    _unused, _unused, words = text.replace("\r", "\n").partition("Error:")
    lines = [line for line in words.splitlines()[1:] if line.strip() and "log file can be found" not in line]
    return "\n".join(lines)
