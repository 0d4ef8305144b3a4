# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked for and what was observed, as values. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import OptionError
from ..images.references import Reference
from ..images.state import Offer
from .isolation import Situation
from .options import Inspected, check_policy, parse_comparisons, parse_options, refuse_foreign

#: A replaced container is kept under its name plus this until the new one has proved good.
BACKUP_SUFFIX = ".winfleet-previous"
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")


@dataclass(frozen=True)
class Desired:
    """A container as the task describes it; what was not given is None or missing from ``values``.

    Attributes:
        image: The option; see :func:`wanted_image`.
        values: From ``parse_options``, with what follows from them (:func:`_implied`).
        modes: Comparison modes, from ``parse_comparisons``.
        wait_timeout: Seconds to wait for a container to become healthy, or to end.
        healthy_after: Seconds a container without a health check has to run to pass for healthy.
    """

    name: str
    state: str
    image: Reference | None = None
    isolation: str | None = None
    recreate: bool = False
    pull: str = "missing"
    values: Mapping[str, Any] = field(default_factory=dict)
    modes: Mapping[str, str] = field(default_factory=dict)
    update_image: bool = False
    platform: str = ""
    restart: bool = False
    verify: bool = False
    detach: bool = True
    cleanup: bool = False
    force_kill: bool = False
    keep_volumes: bool = True
    stop_timeout: int | None = None
    removal_wait_timeout: float | None = None
    wait_timeout: float = 300.0
    healthy_after: float = 10.0
    depends_on: tuple[str, ...] = ()

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Desired:
        """From a task's options. Raises OptionError for whatever can be refused without looking at the host."""
        name = _checked_name(options.get("name"))
        refuse_foreign(options)
        state = str(options.get("state") or "started")
        _check_numbers(options)
        common: dict[str, Any] = {
            "force_kill": bool(options.get("force_kill")),
            "keep_volumes": options.get("keep_volumes") is not False,
            "stop_timeout": options.get("stop_timeout"),
            "removal_wait_timeout": options.get("removal_wait_timeout"),
            "depends_on": tuple(map(str, options.get("depends_on") or ())),
        }
        if state == "absent":
            return cls(name, state, pull="never", **common)
        values = _implied(parse_options(options))
        _check_together(values, options, state)
        return cls(
            name,
            state,
            Reference.parse(options["image"]) if options.get("image") is not None else None,
            options.get("isolation"),
            bool(options.get("recreate")),
            options.get("pull") or "missing",
            values,
            parse_comparisons(options.get("comparisons")),
            update_image=bool(options.get("update_image")),
            platform=_platform(options.get("platform")),
            restart=bool(options.get("restart")),
            verify=bool(options.get("verify")),
            detach=options.get("detach") is not False,
            cleanup=bool(options.get("cleanup")),
            wait_timeout=_seconds(options, "wait_timeout", 300.0),
            healthy_after=_seconds(options, "healthy_after", 10.0),
            **common,
        )

    @property
    def backup_name(self) -> str:
        return self.name + BACKUP_SUFFIX

    @property
    def runs(self) -> bool:
        """Whether the container is to run."""
        return self.state in ("started", "healthy")

    @property
    def network_of(self) -> str:
        """The container whose network it uses; empty when it has its own."""
        mode = str(self.values.get("network_mode") or "")
        return mode.partition(":")[2] if mode.startswith("container:") else ""

    @property
    def volumes_of(self) -> tuple[str, ...]:
        """The containers whose volumes it uses."""
        return tuple(str(entry).partition(":")[0] for entry in self.values.get("volumes_from", ()))

    @property
    def host_folders(self) -> tuple[str, ...]:
        """Folders of the host that must exist before a container can be made."""
        mounts = [mount for name in ("volumes", "mounts") for mount in self.values.get(name, {}).values()]
        return tuple(sorted({mount.host_folder for mount in mounts if mount.host_folder}))


def _checked_name(given: Any) -> str:
    name = str(given or "")
    if not _NAME.fullmatch(name):
        raise OptionError(
            f'"{name}" is not a container name', "It has at least two of letters, digits, and after the first character also . _ -"
        )
    if name.endswith(BACKUP_SUFFIX):
        raise OptionError(f"names ending in {BACKUP_SUFFIX} are used for containers being replaced", "Choose another name")
    return name


def _seconds(options: Mapping[str, Any], name: str, default: float) -> float:
    return default if options.get(name) is None else float(options[name])


def _check_numbers(options: Mapping[str, Any]) -> None:
    for name in ("stop_timeout", "wait_timeout", "healthy_after", "removal_wait_timeout"):
        value = options.get(name)
        if value is not None and value < 0:
            raise OptionError(f"the option {name} is {value}", "Give it in seconds, 0 or more")


def _platform(given: Any) -> str:
    """Only Windows runs here; the engine chooses among a manifest list's images by the host's build (docker-on-windows.md section 3)."""
    text = str(given or "").lower()
    if text and not re.fullmatch(r"windows(/(amd64|arm64))?", text):
        raise OptionError(
            f'the option platform is "{given}", and this engine runs images for Windows', "Use windows/amd64, or leave it out"
        )
    return text


def _implied(values: dict[str, Any]) -> dict[str, Any]:
    """What follows from a given option for those it excludes, so that the difference is seen and shown."""
    if values.get("cpus"):
        values = {"cpu_shares": 0, "cpu_percent": 0, **values}
    elif values.get("cpu_shares") or values.get("cpu_percent"):
        values = {"cpus": 0, **values}
    if values.get("restart_policy", "on-failure") != "on-failure":
        values = {"restart_retries": 0, **values}
    mode, networks = values.get("network_mode"), values.get("networks")
    if networks is not None and mode is not None and mode != "none" and not mode.startswith("container:"):
        first = "nat" if mode == "default" else mode
        values = {**values, "networks": {first: {}, **networks}}
    return values


def _check_together(values: Mapping[str, Any], options: Mapping[str, Any], state: str) -> None:
    """Raises OptionError for options that contradict each other, whatever the host has."""
    both = sorted(set(values.get("volumes", ())) & set(values.get("mounts", ())))
    if both:
        raise OptionError(f"two volumes or mounts have the target {both[0]}", "Give each its own target")
    if values.get("cpus") and (values.get("cpu_percent") or values.get("cpu_shares")):
        raise OptionError("cpus cannot go along with cpu_percent or cpu_shares", "Give only one of them")
    policy = values.get("restart_policy")
    if values.get("auto_remove") and state == "stopped":
        raise OptionError("with auto_remove the engine removes a container that is stopped", "Use state: absent, or leave auto_remove out")
    if policy is not None:
        check_policy(policy, values.get("restart_retries"), values.get("auto_remove"))
    mode = str(values.get("network_mode") or "")
    alone = mode == "none" or mode.startswith("container:")
    if alone and (values.get("networks") or values.get("published_ports")):
        raise OptionError(
            f"network_mode is {mode}, which leaves no network to publish ports on or to be connected to", "Leave one of them out"
        )
    if options.get("detach") is False:
        _check_foreground(values, state)
    elif options.get("cleanup"):
        raise OptionError("cleanup is for containers that are waited for", "Set detach: false")


def _check_foreground(values: Mapping[str, Any], state: str) -> None:
    if state != "started":
        raise OptionError(f"detach: false waits for the end of a container, and state is {state}", "Leave one of them out")
    if values.get("auto_remove"):
        raise OptionError("with auto_remove the output is gone before it can be read", "Use cleanup: true instead of auto_remove")
    if values.get("restart_policy", "no") != "no":
        raise OptionError("a container that is started again and again has no end to wait for", "Leave restart_policy or detach out")


@dataclass(frozen=True)
class Preflight:
    """What is looked up only when a container is about to be made.

    Attributes:
        situation: What the isolation is decided from; None when the registry offers nothing that fits the host.
        refusal: Why no image fits, then.
        missing_folders: Those of :attr:`Desired.host_folders` that the host does not have.
        missing_credential_spec: Where the host lacks the credential spec that is asked for; empty when it has it, or needs none.
        networks: Those that the task asks for, inspected.
        lacking: What it needs of networks and other containers and the host does not have, as clauses.
        members: Names of the containers that the same task manages: an address that one of them has may be free by then.
        ahead: Whether only a prediction is asked for, so that something may still be lacking.
        processors: Of the host, as the engine counts them; None when unknown.
        own_image: The image of the container that is replaced, inspected; None when the host no longer has it.
        licensed: How many containers with Hyper-V isolation the edition's licence covers; None for any number.
        hyperv_containers: Names of those that run.
    """

    situation: Situation | None = None
    refusal: OptionError | None = None
    missing_folders: tuple[str, ...] = ()
    missing_credential_spec: str = ""
    networks: Mapping[str, Inspected] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()
    members: frozenset[str] = frozenset()
    ahead: bool = False
    processors: int | None = None
    own_image: Inspected | None = None
    licensed: int | None = None
    hyperv_containers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Observed:
    """A host as far as one container is concerned.

    Attributes:
        container: Inspected, or None.
        backup: What an interrupted run left under the backup name, or None.
        image: The wanted image (without one: the container's own), inspected; None when the host does not have it.
        outdated: With ``pull: always``, whether the registry has another image under its name; then ``image`` is None.
        offer: What the registry has under the name, where it was asked.
        default_isolation: The engine's default, where it was needed.
        preflight: None while nothing has to be made.
        installed: False in check mode on a host that has no engine yet.
        api: The engine's newest API version, as numbers.
        evidence: With ``verify``, what proves the isolation, as ``isolation_info`` returns it for one container.
    """

    container: Inspected | None = None
    backup: Inspected | None = None
    image: Inspected | None = None
    outdated: bool = False
    offer: Offer | None = None
    default_isolation: str = ""
    preflight: Preflight | None = None
    installed: bool = True
    api: tuple[int, ...] = (1, 55)
    evidence: Mapping[str, Any] | None = None


def wanted_image(desired: Desired, container: Inspected | None) -> Reference | None:
    """The image the container should have: the task's, or with ``update_image`` what the container's own is named; None for any."""
    if desired.image is not None or container is None or not desired.update_image:
        return desired.image
    named = Reference.parse(str((container.get("Config") or {}).get("Image") or ""))
    return None if named.identifier else named


def running(container: Inspected) -> bool:
    """Whether its processes exist."""
    return bool((container.get("State") or {}).get("Running"))


def paused(container: Inspected) -> bool:
    """Whether its processes exist, but stand still."""
    return bool((container.get("State") or {}).get("Paused"))


def status(container: Inspected) -> str:
    """``created``, ``running``, ``paused``, ``restarting``, ``exited`` ..."""
    return str((container.get("State") or {}).get("Status") or "")


def isolation_of(container: Inspected) -> str:
    """``process`` or ``hyperv``; the engine keeps an explicit odd case as sent (docker-on-windows.md section 2, 4)."""
    return str((container.get("HostConfig") or {}).get("Isolation") or "").lower()


def health(container: Inspected) -> str:
    """``starting``, ``healthy``, ``unhealthy``; empty for a container without a health check."""
    status_text = str(((container.get("State") or {}).get("Health") or {}).get("Status") or "")
    return "" if status_text == "none" else status_text


def stop_seconds(container: Inspected) -> int:
    """How long it may take to stop when the task says nothing: its own time-out, or 30 s on Windows (docker-on-windows.md section 7)."""
    own = (container.get("Config") or {}).get("StopTimeout")
    if own is None:
        return 30
    return int(own) if own >= 0 else 3600


def vanishes(container: Inspected) -> bool:
    """Whether the engine removes it as soon as it stops."""
    return bool((container.get("HostConfig") or {}).get("AutoRemove")) and running(container)
