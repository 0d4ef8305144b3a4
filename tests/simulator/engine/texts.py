# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine says, word for word, apart from the code and by release where releases differ.

Facts: docker-on-windows.md 2 to 9 and docker/error-messages.json. Texts without a fact are named *unverified* in the fidelity table.
Each function gives status and message of one refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from .versions import ApiVersion, EngineVersion, show_api


class ApiError(Exception):
    """A refusal of the Engine API: HTTP status and the ``message`` of the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class DiskFull(Exception):
    """The host's disk has no room."""


def api_too_new(asked: ApiVersion, version: EngineVersion) -> ApiError:
    return ApiError(400, f"client version {show_api(asked)} is too new. Maximum supported API version is {show_api(version.api)}")


def api_too_old(asked: ApiVersion, version: EngineVersion) -> ApiError:
    return ApiError(
        400,
        f"client version {show_api(asked)} is too old. Minimum supported API version is {show_api(version.min_api)}, "
        "please upgrade your client to a newer version",
    )


def as_released(message: str, version: EngineVersion) -> str:
    """A message of the shared parsers in the words of a release: the parser of names told the name from 25 on (moby vendor/)."""
    if version.major >= 25:
        return message
    return re.sub(r"repository name \(\S+\) must be lowercase", "repository name must be lowercase", message)


def page_not_found() -> ApiError:
    return ApiError(404, "page not found")


# -- containers ------------------------------------------------------------------------------------------------------------


def no_such_container(name: str) -> ApiError:
    return ApiError(404, f"No such container: {name}")


def name_in_use(name: str, container_id: str) -> ApiError:
    return ApiError(
        409,
        f'Conflict. The container name "/{name}" is already in use by container "{container_id}". '
        "You have to remove (or rename) that container to be able to reuse that name.",
    )


def cannot_rename(cause: ApiError, version: EngineVersion) -> ApiError:
    return ApiError(cause.status, f"Error when allocating new name: {cause.message}")


def invalid_name(name: str) -> ApiError:
    return ApiError(400, f"Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed")


def no_command(version: EngineVersion) -> ApiError:
    return ApiError(400, "no command specified" if version.major >= 25 else "No command specified")


def not_running(container_id: str, version: EngineVersion) -> ApiError:
    return ApiError(409, f"{'container' if version.major >= 25 else 'Container'} {container_id} is not running")


def cannot_kill(asked: str, cause: ApiError, version: EngineVersion) -> ApiError:
    """moby daemon/kill.go, api/server/router/container: small from 26 on."""
    return ApiError(cause.status, f"{'cannot' if version.major >= 26 else 'Cannot'} kill container: {asked}: {cause.message}")


def remove_running(asked: str, name: str, container_id: str, version: EngineVersion) -> ApiError:
    """docker-on-windows.md 7, row remove."""
    if version.major <= 24:
        return ApiError(
            409, f"You cannot remove a running container {container_id}. Stop the container before attempting removal or force remove"
        )
    shown = asked if version.major >= 28 else f"/{name}"
    return ApiError(409, f'cannot remove container "{shown}": container is running: stop the container before removing or force remove')


def unsupported_signal(signal: int, version: EngineVersion) -> ApiError:
    """moby daemon/kill.go: no class in 20.10."""
    if version.major < 23:
        return ApiError(500, f"The windows daemon does not support signal {signal}")
    return ApiError(400, f"the windows daemon does not support signal {signal}")


def invalid_signal(signal: str, version: EngineVersion) -> ApiError:
    """moby pkg/signal."""
    return ApiError(400, f"{'invalid' if version.major >= 23 else 'Invalid'} signal: {signal}")


def top_arguments() -> ApiError:
    return ApiError(500, "Windows does not support arguments to top")


def auto_remove_with_policy() -> ApiError:
    return ApiError(400, "can't create 'AutoRemove' container with restart policy")


def update_unsupported(container_id: str, version: EngineVersion) -> ApiError:
    """moby daemon/update.go, container_windows.go: a class since 28.0, 500 before."""
    return ApiError(
        400 if version.major >= 28 else 500, f"Cannot update container {container_id}: resource updating isn't supported on Windows"
    )


def unclassed(message: str, old: str, version: EngineVersion) -> ApiError:
    """Checks made while decoding: a class (400) since 28, none (500) before (docker-on-windows.md 2.2, 4)."""
    return ApiError(400, message) if version.major >= 28 else ApiError(500, old)


def invalid_isolation(value: str, version: EngineVersion) -> ApiError:
    return unclassed(
        f"invalid isolation ({value}): Windows supports 'default', 'process', or 'hyperv'",
        f"Invalid isolation: \"{value}\". Windows supports 'default', 'process', or 'hyperv'",
        version,
    )


def client_process_old() -> ApiError:
    """compatibility.yml errors.client_process_old (engines before 23)."""
    return ApiError(400, "Windows client operating systems earlier than version 1809 can only run Hyper-V containers")


def hyperv_container_network(version: EngineVersion) -> ApiError:
    text = "sing the network stack of another container is not supported while using Hyper-V Containers"
    return unclassed(f"invalid network-mode: u{text}", f"U{text}", version)


def pause_refused(isolation: str) -> ApiError:
    return ApiError(501, "not implemented for containers using process isolation")


# -- start: what the Host Compute Service and HNS say -------------------------------------------------------------------------


def os_mismatch(container_id: str, extra: str, version: EngineVersion) -> ApiError:
    """0xc0370101."""
    return _create_failure(container_id, "The container operating system does not match the host operating system.", extra, version)


def no_hyperv_feature(container_id: str, extra: str, version: EngineVersion) -> ApiError:
    text = "The virtual machine could not be started because a required feature is not installed."
    return _create_failure(container_id, text, extra, version)


def no_hypervisor(container_id: str, version: EngineVersion) -> ApiError:
    """windows-containers.md 3.4."""
    return _hcs_failure(500, container_id, "System::Start", "No hypervisor is present on this system. (0xc0351000)", version)


def exited_unexpectedly(container_id: str, version: EngineVersion) -> ApiError:
    """The host lacks the updates the image was made with (windows-containers.md 3.2, 3.4)."""
    return _hcs_failure(500, container_id, "System::Start", "The virtual machine or container exited unexpectedly. (0xc0370106)", version)


def commit_running() -> ApiError:
    return ApiError(500, "windows does not support commit of a running container")


def export_refused(name: str, version: EngineVersion) -> ApiError:
    """The small first letter: moby daemon/export.go, from 24 on."""
    return ApiError(500, "the daemon on this operating system does not support exporting Windows containers")


def empty_parameter(name: str, version: EngineVersion) -> ApiError:
    """The missing blank was there until 29.0 (moby server/httputils/form.go)."""
    return ApiError(400, f"bad parameter: {name}{' ' if version >= EngineVersion(29, 1) else ''}cannot be empty")


def not_system_drive(version: EngineVersion) -> ApiError:
    """Small in 24 to 28.0 (moby pkg/archive, pkg/system)."""
    first = "the" if EngineVersion(24, 0) <= version < EngineVersion(28, 1) else "The"
    return ApiError(500, f"{first} specified path is not on the system drive (C:)")


def program_not_found(container_id: str, program: str, version: EngineVersion) -> ApiError:
    return _hcs_failure(400, container_id, "System::CreateProcess", "The system cannot find the file specified. (0x2)", version)


def no_such_user(container_id: str, program: str, version: EngineVersion) -> ApiError:
    """github.com/microsoft/Windows-Containers/issues/490."""
    text = f"{program}: failure in a Windows system call: The user name or password is incorrect. (0x52e)"
    return ApiError(400, f"container {container_id} encountered an error during {_shim(version)}::System::CreateProcess: {text}")


def no_such_folder(container_id: str, version: EngineVersion) -> ApiError:
    """docker/cli#4101."""
    return _hcs_failure(400, container_id, "System::CreateProcess", "The directory name is invalid. (0x10b)", version)


def _hcs_failure(status: int, container_id: str, operation: str, text: str, version: EngineVersion) -> ApiError:
    """moby vendor/github.com/Microsoft/hcsshim errors.go, ContainerError."""
    return ApiError(
        status,
        f"container {container_id} encountered an error during {_shim(version)}::{operation}: failure in a Windows system call: {text}",
    )


def _shim(version: EngineVersion) -> str:
    """The prefix of operations, by the hcsshim in the release (moby vendor/, v20.10.27 against v23.0.18)."""
    return "hcs" if version.major >= 23 else "hcsshim"


def _create_failure(container_id: str, text: str, extra: str, version: EngineVersion) -> ApiError:
    """hcsshim internal/hcs/errors.go, SystemError. ``extra`` is the creation document, empty where it isn't shown."""
    shown = f"\n(extra info: {extra})" if extra else ""
    return ApiError(500, f"{_shim(version)}::CreateComputeSystem {container_id}: {text}{shown}")


def host_address_refused(endpoint: str, network: str) -> ApiError:
    return ApiError(
        500, f"failed to create endpoint {endpoint} on network {network}: Windows does not support host IP addresses in NAT settings."
    )


def host_port_range(endpoint: str, network: str) -> ApiError:
    return ApiError(
        500, f"failed to create endpoint {endpoint} on network {network}: Windows does not support more than one host port in NAT settings"
    )


def outside_subnets(address: str, version: EngineVersion) -> ApiError:
    """moby api/types/network/endpoint.go from 25 on, daemon/container_operations.go from 29.1 on."""
    said = "contains IP address" if version >= EngineVersion(29, 1) else "or ip-range contain the IP address"
    return ApiError(400, f"invalid endpoint settings:\nno configured subnet {said} {address}")


@contextmanager
def in_config_of(network: str) -> Iterator[None]:
    """What a create says of the settings of a network (moby daemon/create.go)."""
    try:
        yield
    except ApiError as error:
        raise ApiError(error.status, f"invalid config for network {network}: {error.message}") from error


def address_invalid(endpoint: str, network: str) -> ApiError:
    """HCN_E_INVALID_IP as Kubernetes nodes show it; that the engine's older interface says the same is unverified."""
    return ApiError(
        500,
        f"failed to create endpoint {endpoint} on network {network}: hnsCall failed in Win32: "
        "IP address is either invalid or not part of any configured subnet(s). (0x803b001e)",
    )


def address_taken(endpoint: str, network: str) -> ApiError:
    """HCN_E_ADDR_INVALID_OR_RESERVED in the words of Microsoft's list; that an address in use brings it is unverified."""
    return ApiError(
        500,
        f"failed to create endpoint {endpoint} on network {network}: hnsCall failed in Win32: "
        "An address provided is invalid or reserved. (0x803b002f)",
    )


def port_in_use(endpoint: str, network: str) -> ApiError:
    """HNS error 0x803b0013 has a text of its own; which one a port that is in use brings is unverified."""
    return ApiError(
        500,
        f"failed to create endpoint {endpoint} on network {network}: hnsCall failed in Win32: "
        "The process cannot access the file because it is being used by another process. (0x20)",
    )


def network_gone(mode: str) -> ApiError:
    return ApiError(500, f"could not find a network matching network mode {mode}: network {mode} not found")


def empty_network_name(version: EngineVersion) -> ApiError:
    """Seen on 20.10; moby libnetwork/controller.go: v27.5.1 against v28.5.2."""
    return ApiError(400, "invalid name: name is empty") if version.major >= 28 else ApiError(500, "invalid name: ")


def cannot_restart(asked: str, cause: ApiError) -> ApiError:
    """moby daemon/restart.go: the cause's class is lost."""
    return ApiError(500, f"Cannot restart container {asked}: {cause.message}")


def active_endpoints(name: str, network_id: str, endpoints: list[tuple[str, str]], version: EngineVersion) -> ApiError:
    """moby libnetwork/error.go: v28.0.4 against v28.5.2."""
    if version < EngineVersion(28, 1):
        return ApiError(403, f"error while removing network: network {name} id {network_id} has active endpoints")
    shown = ", ".join(f'name:"{one}" id:"{id_[:12]}"' for one, id_ in endpoints)
    return ApiError(403, f"error while removing network: network {name} has active endpoints ({shown})")


def volume_name(name: str) -> ApiError:
    if len(name) == 1:
        return ApiError(400, f"create {name}: volume name is too short, names should be at least two alphanumeric characters")
    return ApiError(
        400,
        f'create {name}: "{name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. '
        "If you intended to pass a host directory, use absolute path",
    )


def no_such_network(name: str) -> ApiError:
    return ApiError(404, f"network {name} not found")


# -- exec ---------------------------------------------------------------------------------------------------------------------


def no_such_exec(exec_id: str) -> ApiError:
    return ApiError(404, f"No such exec instance: {exec_id}")


def exec_has_run(exec_id: str, version: EngineVersion) -> ApiError:
    """moby daemon/exec.go: v28.0.4 against v28.5.2."""
    return ApiError(409, f"{'exec' if version >= EngineVersion(28, 1) else 'Error: Exec'} command {exec_id} has already run")


# -- images and registry ------------------------------------------------------------------------------------------------------


def no_such_image(reference: str) -> ApiError:
    return ApiError(404, f"No such image: {reference}")


def invalid_filter(name: str, version: EngineVersion) -> ApiError:
    return ApiError(400, f"{'invalid' if version.major >= 23 else 'Invalid'} filter '{name}'")


def invalid_json(error: ValueError, version: EngineVersion) -> ApiError:
    """The decoder's error had no class in 20.10 (seen there); Go's own wording is not copied."""
    return ApiError(400, f"invalid JSON: {error}") if version.major >= 23 else ApiError(500, str(error))


def manifest_unknown(reference: str, tag: str) -> ApiError:
    return ApiError(404, f'manifest for {reference} not found: manifest unknown: manifest tagged by "{tag}" is not found')


def repository_unknown(repository: str) -> ApiError:
    return ApiError(404, f"repository {repository} not found: name unknown: repository name not known to registry")


def pull_denied(repository: str) -> ApiError:
    return ApiError(
        404,
        f"pull access denied for {repository}, repository does not exist or may require 'docker login': "
        "denied: requested access to the resource is denied",
    )


#: The classic builder on a flag of the other one (moby builder/dockerfile/dispatchers.go).
BUILDKIT_ONLY = (
    "the --{} option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled"
)


def no_credentials(host: str, path: str, tag: str) -> ApiError:
    """A registry with basic authentication, asked anonymously."""
    return ApiError(500, f'Head "https://{host}/v2/{path}/manifests/{tag}": no basic auth credentials')


def wrong_credentials(host: str, path: str, tag: str) -> ApiError:
    """And with a password that it does not take."""
    return ApiError(500, f'Head "https://{host}/v2/{path}/manifests/{tag}": unauthorized: authentication required')


def no_such_registry(host: str) -> ApiError:
    return ApiError(500, f'Get "https://{host}/v2/": dial tcp: lookup {host}: no such host')


def image_too_new(image_build: int, host_build: int) -> str:
    return f"a Windows version 10.0.{image_build}-based image is incompatible with a 10.0.{host_build} host"


def linux_image() -> str:
    return 'cannot download image with operating system "linux" when requesting "windows"'


def no_matching_manifest(host_build: int, platform: str, version: EngineVersion) -> str:
    """docker-on-windows.md 3: an explicit platform is shown as given from 28 on."""
    if version.major >= 28:
        shown = platform or f"windows(10.0.{host_build})/amd64"
        return f"no matching manifest for {shown} in the manifest list entries"
    return f"no matching manifest for windows/amd64 10.0.{host_build} in the manifest list entries"


def disk_full(layer: str) -> str:
    return f"write C:\\ProgramData\\docker\\tmp\\GetImageBlob{int(layer[:8], 16) % 10**9}: There is not enough space on the disk."


def image_in_use(short_id: str, container_id: str, running: bool, tag: str | None) -> ApiError:
    if tag is not None:
        return ApiError(
            409,
            f'conflict: unable to remove repository reference "{tag}" (must force) - container {container_id[:12]} '
            f"is using its referenced image {short_id}",
        )
    if running:
        return ApiError(
            409, f"conflict: unable to delete {short_id} (cannot be forced) - image is being used by running container {container_id[:12]}"
        )
    return ApiError(
        409, f"conflict: unable to delete {short_id} (must be forced) - image is being used by stopped container {container_id[:12]}"
    )
