# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is looked up before a container is made, so that what cannot work is refused before a byte is pulled."""

from __future__ import annotations

import ntpath
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..engine.lookup import find_container
from ..errors import doing
from ..host.facts import read_system
from ..host.storage import existing_folders
from ..images.compatibility import HostVersion, ImageVersion, default_isolation
from ..images.references import Reference, nothing_fits, platform_version, select_platform
from ..images.registry import Credentials, offered_image
from ..values import name_of
from .isolation import Situation, needs_hyperv_verdict
from .networks import networks_needed
from .options import Inspected
from .site import Site
from .state import Desired, Observed, Preflight, isolation_of, running, wanted_image

if TYPE_CHECKING:
    from ..engine.client import EngineClient
    from ..remote.host import RemoteHost

#: A licence of the edition Standard covers two Hyper-V containers, Datacenter any number (windows-containers.md 2.5). The numbers are those
#: of OperatingSystemSKU: PRODUCT_STANDARD_SERVER, its evaluation, and the same installed as Core.
LICENSED = 2
STANDARD_SKUS = frozenset({7, 79, 13})
#: Where credential specs of the form registry:// lie (docker-on-windows.md 4).
_CREDENTIAL_SPECS = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\Virtualization\Containers\CredentialSpecs"


def read_preflight(site: Site, desired: Desired, observed: Observed, credentials: Credentials | None = None) -> Preflight:
    """Host, image and folders; asks the registry only for an image the host does not have.

    Args:
        site: The host and its engine.
        desired: The container.
        observed: What was read so far.
        credentials: Of the image's registry.

    Raises:
        ContainersError: Something could not be looked up, or the registry has no such image.
    """
    engine, version = site.engine, site.version
    present = observed.container or observed.backup
    reference = wanted_image(desired, present)
    image, refused = _image_version(engine, reference, desired, observed, version, credentials)
    if refused is not None:
        return refused
    situation = Situation(version, image, str(reference), site.info.isolation)
    networks = _networks(site, desired)
    found = Preflight(
        situation,
        missing_folders=missing_folders(site.host, desired.host_folders),
        missing_credential_spec=missing_credential_spec(site, str(desired.values.get("credential_spec") or "")),
        networks={name: network for name, network in networks.items() if network is not None},
        lacking=(
            *(f'there is no network "{name}"' for name, network in networks.items() if network is None),
            *_lacking_containers(site, desired),
        ),
        members=site.members,
        ahead=site.host.check_mode,
        processors=site.info.processors,
        own_image=_own_image(site, observed, present),
    )
    if not needs_hyperv_verdict(desired.isolation, situation, isolation_of(present) if present else ""):
        return found
    found = replace(found, situation=replace(situation, hyperv=site.readiness.hyperv))
    return replace(found, **_licence(site))


def _networks(site: Site, desired: Desired) -> dict[str, Inspected | None]:
    found = {}
    for name in networks_needed(desired.values):
        with doing("look for", "network", name):
            found[name] = site.network(name)
    return found


def _lacking_containers(site: Site, desired: Desired) -> list[str]:
    """The others whose volumes or network it uses; those of the same task are seen to by its order."""
    found = []
    for name in dict.fromkeys((*desired.volumes_of, desired.network_of)):
        if not name or name in site.members:
            continue
        with doing("look for", "container", name):
            other = find_container(site.engine, name)
        if other is None:
            found.append(f'there is no container "{name}"')
        elif name == desired.network_of and desired.runs and not running(other):
            found.append(f'the container "{name}", whose network it uses, does not run')
    return found


def _own_image(site: Site, observed: Observed, present: Inspected | None) -> Inspected | None:
    """The image of the container that is replaced: what it brought is not carried over."""
    if present is None:
        return None
    if observed.image is not None and observed.image["Id"] == present.get("Image"):
        return observed.image
    return site.image(str(present.get("Image")))


def _licence(site: Site) -> dict[str, Any]:
    """How many Hyper-V containers the edition covers, and which run; asked only where that can matter."""
    if site.version.product_type != "server" or read_system(site.host).sku not in STANDARD_SKUS:
        return {}
    with site.engine.errors():
        rows = site.engine.api.containers(filters={"isolation": "hyperv"})
    names = tuple(map(name_of, rows))
    return {"licensed": LICENSED, "hyperv_containers": names}


def planned_preflight(site: Site, desired: Desired) -> Preflight:
    """What can be known before there is an engine: neither the image nor whether what Hyper-V needs will be there by then."""
    version = site.version
    return Preflight(Situation(version, None, str(desired.image), default_isolation(version.product_type)))


def _image_version(
    engine: EngineClient,
    reference: Reference | None,
    desired: Desired,
    observed: Observed,
    version: HostVersion,
    credentials: Credentials | None,
) -> tuple[ImageVersion | None, Preflight | None]:
    if observed.image is not None:
        text = str(observed.image.get("OsVersion") or "")
        return (ImageVersion.parse(text) if text else None), None
    if reference is None or reference.identifier or desired.pull == "never":
        return None, None
    with doing("pull", "image", str(reference)):
        offer = observed.offer or offered_image(engine, reference, credentials)
    chosen = select_platform(offer.platforms, version)
    if chosen is None:
        return None, Preflight(refusal=nothing_fits(reference, offer.platforms, version))
    return platform_version(chosen), None


def missing_folders(host: RemoteHost, folders: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the folders that the host does not have; one CIM query."""
    with doing("look for", "the folders to be mapped"):
        found = existing_folders(host, folders) if folders else ()
    if found is None:
        # Without the class nobody can look beforehand; the engine still refuses a missing folder when the container is created.
        return ()
    return tuple(folder for folder in folders if folder.lower().rstrip("\\") not in found)


def missing_credential_spec(site: Site, spec: str) -> str:
    """Where the host lacks a credential spec; empty when it has it, or when the spec brings its own content.

    The engine looks for it when the container is started, which is after the image was pulled (docker-on-windows.md 4).

    Args:
        site: The host and its engine.
        spec: As ``file://``, ``registry://`` or ``raw://``; empty for none.
    """
    scheme, _unused, place = spec.partition("://")
    if scheme not in ("file", "registry"):
        return ""
    with doing("look for", "credential spec", place):
        if scheme == "registry":
            return "" if site.host.registry.string(_CREDENTIAL_SPECS, place) is not None else f"HKLM\\{_CREDENTIAL_SPECS}\\{place}"
        path = ntpath.join(site.info.data_root, "CredentialSpecs", ntpath.normpath(place))
        return "" if site.host.files.exists(path) else path
