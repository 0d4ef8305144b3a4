# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What on a fleet asks for somebody's action, the most urgent first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ..host.prerequisites import licensed_hyperv_containers
from .gathered import PARTS, Gathered
from .outlook import Outlook
from .table import Tone

#: Days before the end of support from which it is worth a line.
SUPPORT_DAYS = 180
#: Bytes on the engine's drive below which the next base image may not fit: Server Core takes some 5 GB, its archive beside it (windows-containers.md 2.3).
FREE_BYTES = 10 * 1000**3


@dataclass(frozen=True)
class Finding:
    """One thing to be done on one host.

    Attributes:
        tone: ``bad`` is broken, or breaks with the next update; ``watch`` is to be planned.
        what: A clause.
        subjects: The containers or images it is about.
        advice: What to do.
    """

    tone: Tone
    host: str
    what: str
    advice: str
    subjects: tuple[str, ...] = ()


def findings(hosts: Iterable[Gathered], outlooks: Mapping[str, Sequence[Outlook]], today: date) -> tuple[Finding, ...]:
    """All of them: what is broken before what is to be planned, then by host."""
    found = [finding for host in hosts for finding in _of_host(host, outlooks.get(host.name, ()), today)]
    return tuple(sorted(found, key=lambda finding: (finding.tone != "bad", finding.host)))


def _of_host(host: Gathered, outlooks: Sequence[Outlook], today: date) -> Iterator[Finding]:
    if not host.reached:
        what = host.problem("host") or "the module host_info told nothing"
        unreachable = "Check that it is on, the way to its WinRM port, and the credentials"
        yield _told(host.name, what, unreachable if host.unreachable else "See what the text says")
        return
    for part in PARTS:
        if problem := host.problem(part):
            yield _told(host.name, problem, "See what the text says; this part is missing below")
    yield from _machine(host)
    yield from _engine(host)
    yield from _containers(host)
    yield from _update(host, outlooks)
    yield from _images(host)


def _told(host: str, text: str, otherwise: str) -> Finding:
    """What a module said: the errors of this collection are a sentence on the cause, and one on what to do. The host stands beside it."""
    deed, named, cause = text.partition(f" {host}: ")
    if named:
        text = f"{deed.removesuffix(' on')}{': ' if deed.endswith(' on') else ' the host: '}{cause}"
    what, _stop, advice = text.partition(". ")
    return Finding("bad", host, what, advice or otherwise)


def _machine(host: Gathered) -> Iterator[Finding]:
    support, left = host.facts("support", "verdict"), host.facts("support", "days_left")
    reason = str(host.facts("support", "reason") or "")
    if support == "no":
        yield Finding("bad", host.name, f"Windows is no longer supported: {reason}", "Upgrade or replace this host")
    elif support == "unknown" or (isinstance(left, int) and left < SUPPORT_DAYS):
        yield Finding("watch", host.name, f"the end of support is near or not certain: {reason}", "Plan the upgrade of this host")
    if host.facts("reboot", "pending"):
        reasons = ", ".join(host.facts("reboot", "reasons") or ()) or "Windows says so"
        yield Finding("watch", host.name, f"a reboot is pending: {reasons}", "Reboot it in its maintenance window, with host_reboot")
    for problem in host.facts("storage", "problems") or ():
        yield Finding("watch", host.name, str(problem), "Move the engine's data to a drive that fits")
    free = free_bytes(host)
    if free is not None and free < FREE_BYTES:
        yield Finding(
            "watch",
            host.name,
            f"only {free / 1000**3:.1f} GB are free for images",
            "Remove what is not used, with prune, or enlarge the drive",
        )


def free_bytes(host: Gathered) -> int | None:
    """Free bytes where the engine keeps its data, else on the system drive."""
    for path in (("storage", "free_bytes"), ("hardware", "free_disk_bytes")):
        found = host.facts(*path)
        if isinstance(found, int):
            return found
    return None


def _engine(host: Gathered) -> Iterator[Finding]:
    if problem := host.facts("engine", "problem"):
        yield Finding("bad", host.name, f"the engine runs but does not answer: {problem}", "See the engine's log, or restart its service")
    elif host.facts("engine", "installed") and not host.facts("engine", "running"):
        yield Finding("bad", host.name, "the engine is installed and does not run", "Start its service, and see its log if it stops again")
    elif host.facts("engine", "installed") is False:
        steps = host.facts("readiness", "engine", "next_steps") or ["Prepare it with the playbook prepare_hosts"]
        yield Finding("watch", host.name, "no engine is installed", "; ".join(map(str, steps)))


def _containers(host: Gathered) -> Iterator[Finding]:
    proofs = host.proofs
    wrong = tuple(name for name, proof in proofs.items() if proof.get("as_requested") is False)
    unproved = tuple(name for name, proof in proofs.items() if proof.get("as_requested") is None)
    sick = tuple(str(entry["name"]) for entry in host.containers if entry.get("running") and entry.get("health") == "unhealthy")
    behind = tuple(str(entry["name"]) for entry in host.entries("updates", "containers") if entry.get("outdated"))
    if wrong:
        yield Finding(
            "bad",
            host.name,
            "the evidence speaks against the isolation these containers asked for",
            "Create them anew, and prove it again",
            wrong,
        )
    if sick:
        yield Finding("bad", host.name, "the health check of these containers fails", "See their logs", sick)
    if unproved:
        yield Finding(
            "watch",
            host.name,
            "the isolation of these containers could not be proved",
            "See the evidence below; run verify_isolation later",
            unproved,
        )
    if behind:
        yield Finding("watch", host.name, "containers stand on an older image than their tag names", "Run update_base_images", behind)
    covered, running = licensed_hyperv_containers(str(host.facts("os", "edition") or "")), host.hyperv_running
    if covered is not None and len(running) > covered:
        yield Finding(
            "bad",
            host.name,
            f"{len(running)} containers run with Hyper-V isolation, and one licence of the edition Standard covers {covered}",
            "License it again or with Datacenter, or use process isolation",
            running,
        )


def _update(host: Gathered, outlooks: Sequence[Outlook]) -> Iterator[Finding]:
    broken = tuple(each.name for each in outlooks if each.revision.tone == "bad")
    refused = [each for each in outlooks if each.upgrade and each.upgrade.tone == "watch"]
    stopped = tuple(each.name for each in outlooks if each.reboot.tone == "watch")
    if broken:
        what = "containers will not start after the next update of Windows"
        yield Finding("bad", host.name, what, "Have images of the new revision ready before the update, or use Hyper-V isolation", broken)
    if stopped:
        what = "containers may stay stopped after the reboot that comes with an update"
        yield Finding("watch", host.name, what, "Give them the restart policy always or unless-stopped", stopped)
    if refused:
        what = f"containers will not start, or may fail, after an upgrade to {refused[0].release}"
        names = tuple(each.name for each in refused)
        yield Finding("watch", host.name, what, "Build them on the newer base image, or use Hyper-V isolation", names)


def _images(host: Gathered) -> Iterator[Finding]:
    moved = tuple(str(entry["reference"]) for entry in host.entries("updates", "images") if entry.get("outdated"))
    stale = tuple(str(entry["image"]) for entry in host.entries("updates", "stale"))
    if moved:
        yield Finding("watch", host.name, "the registry has newer ones of these images", "Run update_base_images", moved)
    if stale:
        yield Finding(
            "watch",
            host.name,
            "images are built on an older revision of their base",
            "Build them anew, or wait for their publisher",
            stale,
        )
