# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules ``base_image`` and ``image`` are asked for. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import OptionError
from .compatibility import HostVersion, base_image_tag, image_repository
from .references import Reference

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Desired:
    """One image as a task wants it.

    Attributes:
        reference: The name it has on the host.
        origin: What is pulled: another registry's name, or a digest, where those are asked for; else the same as ``reference``.
        state: ``present`` or ``absent``.
        source: ``pull``, ``load``, ``build`` or ``local``.
        pull: ``always`` asks the registry in every run, ``missing`` only when the host has no such image, ``never`` not at all.
        tags: Further names it gets.
        force: Load or build in any case; remove although stopped containers use it.
        keep: How many images of this base image's family and Windows release stay; None leaves all.
        detached: Start the pull on the host and do not wait for it.
        explicit: Whether the Windows release was named by the task, so that its limits are known to it.
        check_space: Refuse a pull for which the disk is known to be too small.
        save_to: Path on the controller where an archive of it is wanted, or empty.
    """

    reference: Reference
    origin: Reference
    state: str = "present"
    source: str = "pull"
    pull: str = "missing"
    tags: tuple[str, ...] = ()
    force: bool = False
    keep: int | None = None
    detached: bool = False
    explicit: bool = False
    check_space: bool = True
    save_to: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Every name the image is to have besides the one it is pulled by; of an archive nobody knows beforehand which it brings."""
        if self.source == "load":
            return tuple(dict.fromkeys(name for name in (self.reference.name, *self.tags) if name))
        own = () if self.reference.name in ("", self.origin.name if not self.origin.digest else "") else (self.reference.name,)
        return tuple(dict.fromkeys((*own, *self.tags)))


def desired_base_image(options: Mapping[str, Any], host: HostVersion) -> Desired:
    """The base image that fits a host. Raises OptionError for a release that cannot fit."""
    tag = base_image_tag(host, options["family"], options["release"])
    repository = image_repository(options["family"])
    registry = options.get("registry") or ""
    source = image_repository(options["family"], registry)
    digest = options.get("digest") or ""
    if digest and not _DIGEST.fullmatch(digest):
        raise OptionError(f'the option digest is "{digest}", which is not a digest', "A digest is sha256: and 64 hexadecimal digits")
    if options.get("source") == "load" and (registry or digest):
        raise OptionError("registry and digest say what is to be pulled, and source is load", "Leave them out, or set source: pull")
    reference = Reference(repository, tag)
    return Desired(
        reference,
        Reference(source, "" if digest else tag, digest),
        explicit=options["release"] != "auto",
        **_common(options),
    )


def desired_image(options: Mapping[str, Any]) -> Desired:
    """The image a task names. Raises OptionError for what is no reference, and for options that do not go together."""
    reference = Reference.parse(options["name"])
    tags = tuple(str(_tag(text)) for text in options.get("tags") or ())
    desired = Desired(reference, reference, tags=tags, explicit=True, **_common(options))
    if desired.state == "present" and desired.source == "pull" and reference.identifier:
        raise OptionError("an image cannot be pulled by its id", "Name it by repository and tag, or set source: local")
    if desired.source == "build" and (not reference.name or reference.digest):
        raise OptionError("what is built gets a repository and a tag", "Write the name as repository:tag")
    return desired


def _refuse_detached(options: Mapping[str, Any]) -> None:
    if not options.get("detached"):
        return
    if options.get("registry_username"):
        raise OptionError(
            "detached: true goes without registry_username and registry_password: docker.exe on the host would need them on its command line "
            "or in a file",
            "Pull without detached, or from a registry that wants no password",
        )
    if options.get("source", "pull") != "pull":
        raise OptionError(f"detached: true is for pulls, and source is {options['source']}", "Leave one of the two out")


def _refuse_idle(options: Mapping[str, Any]) -> None:
    """An option of another source would be dropped silently."""
    source = options.get("source", "pull")
    for name in ("path", "remote_path", "from_host", "build"):
        wanted = "build" if name == "build" else "load"
        if options.get(name) and source != wanted:
            raise OptionError(
                f"the option {name} goes with source: {wanted}, and source is {source}", f"Set source: {wanted}, or leave {name} out"
            )


def _common(options: Mapping[str, Any]) -> dict[str, Any]:
    """What both modules have."""
    _refuse_detached(options)
    _refuse_idle(options)
    if options.get("keep") is not None and options["keep"] < 1:
        raise OptionError(f"the option keep is {options['keep']}, and the image that is provided stays", "Give at least 1")
    return {
        "state": options["state"],
        "source": options.get("source", "pull"),
        "pull": options["pull"],
        "keep": options.get("keep"),
        "detached": options.get("detached", False),
        "check_space": options.get("check_free_space", True),
        "force": bool(options.get("force")),
        "save_to": options.get("save_to") or "",
    }


def _tag(text: str) -> Reference:
    reference = Reference.parse(text)
    if not reference.name or reference.digest:
        raise OptionError(f'the tag "{text}" is not a repository and tag', "Write it as repository:tag")
    return reference
