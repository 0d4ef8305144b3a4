# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which isolation a container gets, and why. Pure.

Decided before anything is pulled or created, from the host's build and revision, the image's ``os.version``, the engine's
default and whether Hyper-V works on the host.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import OptionError
from ..host.readiness import Verdict
from ..images.compatibility import HostVersion, ImageVersion, Mode, isolation_modes

OTHER: Mapping[str, str] = {"process": "hyperv", "hyperv": "process"}


@dataclass(frozen=True)
class Situation:
    """What the decision rests on.

    Attributes:
        host: Build, revision and product type.
        image: The image's ``os.version``; None when neither engine nor registry tells.
        image_name: For texts.
        default: The engine's default mode (``GET /info``).
        hyperv: Whether the host can run Hyper-V isolation; None when that was not looked at, because it cannot matter
            (:func:`needs_hyperv_verdict`). Process isolation needs no such verdict: an engine that runs has what it needs.
        only_process: What of the container works with process isolation only, as a clause; empty when nothing.
    """

    host: HostVersion
    image: ImageVersion | None
    image_name: str
    default: str
    hyperv: Verdict | None = None
    only_process: str = ""


@dataclass(frozen=True)
class Decision:
    """A mode, why, and what to watch."""

    mode: str
    reason: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Answer:
    """``yes``, ``no`` or ``unknown`` for one mode."""

    answer: str
    reason: str
    advice: str = ""
    warnings: tuple[str, ...] = ()


def needs_hyperv_verdict(asked: str | None, situation: Situation, present: str = "") -> bool:
    """Whether the decision, or the advice in a refusal, needs to know if the host can run Hyper-V isolation.

    Args:
        asked: The option.
        situation: What is known.
        present: The mode of the existing container; empty without one.
    """
    first = asked if asked in OTHER else (present if asked in (None, "auto") else "") or situation.default
    return first == "hyperv" or _answer("process", situation).answer != "yes"


def decide(asked: str | None, situation: Situation, present: str = "") -> Decision:
    """The mode for a new container.

    Args:
        asked: The option: None, ``default``, ``process``, ``hyperv`` or ``auto``.
        situation: What is known.
        present: The mode of the container that is replaced; empty without one. ``auto`` keeps it while it can work, and so does a task
            that asks for none.

    Raises:
        OptionError: The mode, or with ``auto`` both modes, cannot work; says why and what to do.
    """
    if asked in (None, "auto") and present in OTHER and possible(present, situation):
        kept = _answer(present, situation)
        return Decision(present, f"the container had {present} before and keeps it while it can work; {kept.reason}", kept.warnings)
    if asked == "auto":
        return _automatic(situation)
    by_default = asked in (None, "default")
    mode = situation.default if by_default else str(asked)
    answer = _answer(mode, situation)
    if answer.answer == "no":
        raise _refusal(mode, by_default, answer, situation)
    return Decision(mode, f"{mode} {_source(by_default)}; {answer.reason}", answer.warnings)


def _source(by_default: bool) -> str:
    return "is the engine's default" if by_default else "was asked for"


def _automatic(situation: Situation) -> Decision:
    default, other = situation.default, OTHER[situation.default]
    answers = {mode: _answer(mode, situation) for mode in (default, other)}
    for wanted in ("yes", "unknown"):
        if answers[default].answer == wanted:
            return Decision(default, f"{default} is the engine's default; {answers[default].reason}", answers[default].warnings)
        if answers[other].answer == wanted:
            doubt = "cannot work" if answers[default].answer == "no" else "may not work"
            reason = f"{default}, the engine's default, {doubt} ({answers[default].reason}); {answers[other].reason}"
            return Decision(other, reason, answers[other].warnings)
    reasons = "; ".join(f"{mode}: {answers[mode].reason}" for mode in (default, other))
    advice = answers[default].advice or answers[other].advice
    raise OptionError(
        f"neither isolation can work for {situation.image_name} on this host ({reasons})",
        f"{advice}, or use an image that fits the host" if advice else "Use an image that fits the host",
    )


def _answer(mode: str, situation: Situation) -> _Answer:
    """Three questions for one mode: does the container allow it, can the pair of host and image run in it, and can the host."""
    if mode == "hyperv" and situation.only_process:
        return _Answer("no", f"{situation.only_process}, which works with process isolation only")
    pair = isolation_modes(situation.host, situation.image).of(mode) if situation.image else None
    if pair is not None and not pair.allowed:
        return _Answer("no", pair.reason)
    host = _host_answer(mode, situation)
    if host.answer == "no":
        return host
    if pair is None:
        reason = f"the os.version of {situation.image_name} is unknown"
        return _Answer("unknown", reason, warnings=(f"{reason}, so it is not certain that it can run", *host.warnings))
    return _combined(pair, host)


def _combined(pair: Mode, host: _Answer) -> _Answer:
    reason = f"{pair.reason}; {host.reason}" if host.reason else pair.reason
    return _Answer(host.answer, reason, warnings=pair.warnings + host.warnings)


def _host_answer(mode: str, situation: Situation) -> _Answer:
    verdict = situation.hyperv
    if mode == "process":
        return _Answer("yes", "")
    if verdict is None:
        return _Answer("unknown", "whether the host can run Hyper-V isolation was not looked at")
    if verdict.verdict == "yes" and verdict.ready:
        return _Answer("yes", verdict.reason)
    if verdict.verdict == "no":
        return _Answer("no", verdict.reason, verdict.advice)
    if verdict.missing:
        missing = ", and ".join(verdict.missing)
        if verdict.verdict == "yes":
            return _Answer("no", missing, "Prepare the host with host_feature or the role container_host")
        return _Answer("no", f"{missing}; moreover {verdict.reason}", verdict.advice)
    return _Answer("unknown", verdict.reason, warnings=(f"whether Hyper-V isolation works on this host is unknown: {verdict.reason}",))


def _refusal(mode: str, by_default: bool, answer: _Answer, situation: Situation) -> OptionError:
    cause = f"{mode} isolation, which {_source(by_default)}, cannot work: {answer.reason}"
    other = OTHER[mode]
    if _answer(other, situation).answer != "yes":
        return OptionError(cause, answer.advice or "Use an image that fits the host")
    way_out = f"isolation: {other}, which can work here, or isolation: auto"
    return OptionError(cause, f"{answer.advice}, or use {way_out}" if answer.advice else f"Use {way_out}")


def possible(mode: str, situation: Situation) -> bool:
    """Whether an existing container may keep its mode."""
    return _answer(mode, situation).answer != "no"
