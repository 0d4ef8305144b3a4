# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts and images as playbooks write them, and the questions that filters and tests answer about them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from ..errors import OptionError
from .compatibility import (
    HostVersion,
    ImageVersion,
    ProductType,
    base_image_tag,
    facts,
    image_repository,
    isolation_modes,
    release_name,
    release_version,
)
from .references import Reference
from .selection import isolation_report

#: What a host may be described by, for texts.
_HOST = "Give what host_info returned, the fact winfleet_host, or a build or version such as 20348 or 10.0.20348.3207"
_IMAGE = "Give an os.version such as 10.0.20348.2340, a build, or what a module returned for an image"
_PRODUCTS: dict[str, ProductType] = {"server": "server", "domain_controller": "server", "workstation": "workstation"}


def host_of(given: object, product_type: str | None = None) -> HostVersion:
    """A host.

    Args:
        given: A build, a version, or what ``host_info`` or ``host_facts`` gave (whole, or its ``os`` alone).
        product_type: ``server``, ``domain_controller`` or ``workstation``; without it, and without one in ``given``, server unless only
            clients have the build.

    Raises:
        OptionError: ``given`` or ``product_type`` is something else.
    """
    values = _os(given) if isinstance(given, Mapping) else {}
    version = _version(values.get("build") if isinstance(given, Mapping) else given, "the host", _HOST)
    revision = values.get("revision", version.revision)
    if revision is not None and not re.fullmatch(r"[0-9]{1,9}", str(revision)):
        raise OptionError(f'the revision of the host is "{revision}"', _HOST)
    kind = str(product_type or values.get("product_type") or _usual_product(version.build))
    if kind not in _PRODUCTS:
        raise OptionError(f'the product type is "{kind}"', f"Choose one of {', '.join(_PRODUCTS)}")
    return HostVersion(version.build, None if revision is None else int(revision), _PRODUCTS[kind])


def _os(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """What tells the version, however deep a result holds it."""
    host = _inner(given, "winfleet_host") or _inner(_inner(given, "ansible_facts"), "winfleet_host") or given
    return _inner(host, "os") or host


def _inner(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = values.get(key)
    return found if isinstance(found, Mapping) else {}


def image_of(given: object) -> ImageVersion:
    """An image's version, from an ``os.version``, a build, or a result that holds ``os_version``. Raises OptionError."""
    if isinstance(given, Mapping):
        values = _inner(given, "image") or given
        given = values.get("os_version") or values.get("OsVersion")
    return _version(given, "the image", _IMAGE)


def _version(given: object, what: str, advice: str) -> ImageVersion:
    text = "" if given is None or isinstance(given, bool) else str(given).strip()
    if re.fullmatch(r"[0-9]{4,6}", text):
        return ImageVersion(int(text))
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9}){2,3}", text):
        return ImageVersion.parse(text)
    seen = f'"{text}"' if text and not isinstance(given, Mapping | list) else "nothing that tells a Windows version"
    raise OptionError(f"{what} is given as {seen}", advice)


def _usual_product(build: int) -> str:
    rows = facts()["hosts"]
    servers, clients = ({row["build"] for row in rows[kind]} for kind in ("server", "workstation"))
    return "workstation" if build in clients and build not in servers else "server"


def tag(given: object, family: str, release: str = "auto", product_type: str | None = None) -> str:
    """The tag of a base image for a host; see :func:`.compatibility.base_image_tag`."""
    return base_image_tag(host_of(given, product_type), str(family), str(release))


def reference(given: object, family: str, release: str = "auto", registry: str = "", product_type: str | None = None) -> str:
    """The same with its repository, at Microsoft's registry or another one."""
    return f"{image_repository(str(family), str(registry or ''))}:{tag(given, family, release, product_type)}"


def modes(given: object, image: object, product_type: str | None = None) -> dict[str, Any]:
    """For each isolation mode whether it can run the image on the host, why, and what to watch."""
    return cast("dict[str, Any]", isolation_report(host_of(given, product_type), image_of(image)))


def release(given: object, product_type: str | None = None) -> str:
    """The name of the release that a build belongs to."""
    return release_name(host_of(given, product_type))


def version(given: object, product_type: str | None = None) -> dict[str, Any]:
    """The parts of a Windows version, and the release it belongs to."""
    host = host_of(given, product_type)
    return {
        "version": str(host),
        "build": host.build,
        "revision": host.revision,
        "release": release_name(host),
        "display_version": release_version(host),
        "product_type": host.product_type,
    }


def parts(given: object) -> dict[str, Any]:
    """The parts of an image reference."""
    found = Reference.parse(str(given))
    return {
        "name": str(found),
        "registry": "" if found.identifier else found.registry,
        "repository": found.repository,
        "tag": found.tag,
        "digest": found.digest,
        "id": found.identifier,
        "family": found.family,
    }


def runs_on(image: object, host: object, isolation: str | None = None, product_type: str | None = None) -> bool:
    """Whether an image runs on a host, in the given mode or in any."""
    allowed = isolation_modes(host_of(host, product_type), image_of(image)).allowed
    if isolation not in (None, "process", "hyperv"):
        raise OptionError(f'the isolation is "{isolation}"', "Choose process or hyperv, or leave it out for either")
    return bool(allowed) if isolation is None else isolation in allowed


def newer_than_host(image: object, host: object) -> bool:
    """Whether an image is of a newer build than the host, on which it then never runs."""
    return image_of(image).build > host_of(host).build


def is_base_image(given: object) -> bool:
    """Whether a reference names one of Microsoft's base images, at Microsoft's registry. Never raises."""
    try:
        return bool(Reference.parse(str(given)).family)
    except OptionError:
        return False
