# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a container that can differ, as data: option -> compare -> apply. Pure.

An option that the user did not give is neither compared nor sent. Each option says how the value asked for would show in an
inspected container (the engine merges the image's defaults into it: docker-on-windows.md section 8), how to read the
present value in the same shape, and how to write it into a create request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..desired_state import Difference
from ..errors import OptionError
from .command_line import split_command_line
from .mounts import Mount, mount_keys, observed_binds, observed_mounts, parse_mount, parse_volume
from .ports import observed_ports, parse_ports, port_bindings, port_texts

#: An inspected container or image, as the engine's JSON has it.
Inspected = Mapping[str, Any]


@dataclass(frozen=True)
class Option:
    """One option of a container.

    Args:
        name: As users write it.
        parse: From the validated option to the value that is compared and written. Raises OptionError.
        expected: The value and the image's inspected data (None while unknown) to what an inspected container should show.
        observed: The same from an inspected container; gets the image too, for what is unknown without it.
        write: Puts the value into a create request.
        nothing: The parsed value that asks for nothing, which is what a new container gets when the option is not given.
        show: What a diff prints for an expected or observed value.
        in_place: Whether the engine can change it in an existing container (on Windows only the restart policy: section 4).
    """

    name: str
    parse: Callable[[Any], Any]
    expected: Callable[[Any, Inspected | None], Any]
    observed: Callable[[Inspected, Inspected | None, Any], Any]
    write: Callable[[dict[str, Any], Any], None]
    nothing: Any
    show: Callable[[Any, Any], Any] = lambda value, other: value
    in_place: bool = False


def _config(inspected: Inspected | None) -> Mapping[str, Any]:
    return (inspected or {}).get("Config") or {}


def _host_config(container: Inspected) -> Mapping[str, Any]:
    return container.get("HostConfig") or {}


# Command


def _parse_command(value: Any) -> list[str]:
    if not isinstance(value, (str, list)):
        raise OptionError(f"the option command is {value!r}, which is neither a list nor a text", "Write it as a list of arguments")
    if isinstance(value, str):
        arguments = split_command_line(value)
    else:
        arguments = [_scalar(f"element {number} of the option command", item) for number, item in enumerate(value, 1)]
    # Windows takes a command line as text that ends at the first NUL.
    if any("\0" in argument for argument in arguments):
        raise OptionError("the option command holds a NUL, which a Windows command line cannot carry", "Leave it out")
    return arguments


def _expected_command(value: list[str], image: Inspected | None) -> list[str]:
    return value or list(_config(image).get("Cmd") or [])


def _write_command(request: dict[str, Any], value: list[str]) -> None:
    if value:
        request["Cmd"] = value


# Environment: names have no case on Windows, and the image's entries stay unless the name is set


def _scalar(what: str, value: Any) -> str:
    """A text or number as a text. The value itself is never shown: it may be a secret that was nested one level too deep."""
    if value is None or isinstance(value, (bool, dict, list)):
        kind = "empty" if value is None else {bool: "true or false", dict: "a dictionary", list: "a list"}[type(value)]
        raise OptionError(f"{what} is {kind}, which is no text", "Put the value in quotes")
    return str(value)


def _parse_texts(option: str) -> Callable[[Any], dict[str, str]]:
    def parse(value: Any) -> dict[str, str]:
        return {str(key): _scalar(f'"{key}" in the option {option}', item) for key, item in value.items()}

    return parse


def _parse_env(value: Any) -> dict[str, str]:
    env = _parse_texts("env")(value)
    if len({name.upper() for name in env}) < len(env):
        raise OptionError("two names in the option env differ in case only, and Windows' variables have no case", "Keep one of them")
    bad = next((name for name in env if not name or "=" in name or "\0" in name + env[name]), None)
    if bad is not None:
        raise OptionError(f'"{bad}" cannot be an environment variable', "A name has no equals sign, and neither name nor value a NUL")
    return env


def _env_map(entries: Any) -> dict[str, str]:
    pairs = (str(entry).partition("=") for entry in entries or ())
    return {name.upper(): value for name, _unused, value in pairs}


def _expected_env(value: dict[str, str], image: Inspected | None) -> dict[str, str]:
    return {**_env_map(_config(image).get("Env")), **{name.upper(): text for name, text in value.items()}}


def _observed_env(container: Inspected, image: Inspected | None, value: dict[str, str]) -> dict[str, str]:
    found = _env_map(_config(container).get("Env"))
    return found if image is not None else _only(found, {name.upper() for name in value})


def _only(found: dict[str, str], names: Any) -> dict[str, str]:
    """Without the image nobody can tell the image's entries from leftovers, so only the wanted names are compared."""
    return {name: text for name, text in found.items() if name in names}


def _show_env(value: dict[str, str], other: dict[str, str]) -> dict[str, str]:
    """The names alone: values are often secrets, and diffs get logged."""
    return {name: "(value not shown)" for name, text in sorted(value.items()) if other.get(name) != text}


# Labels


def _expected_labels(value: dict[str, str], image: Inspected | None) -> dict[str, str]:
    return {**(_config(image).get("Labels") or {}), **value}


def _observed_labels(container: Inspected, image: Inspected | None, value: dict[str, str]) -> dict[str, str]:
    found = dict(_config(container).get("Labels") or {})
    return found if image is not None else _only(found, value)


# Ports, volumes, mounts, restart policy


def _write_ports(request: dict[str, Any], value: Any) -> None:
    request["ExposedPorts"] = {container: {} for container, _unused in value}
    request["HostConfig"]["PortBindings"] = port_bindings(value)


def _parse_volumes(value: Any) -> tuple[Mount, ...]:
    return tuple(parse_volume(str(entry)) for entry in value)


def _parse_mounts(value: Any) -> tuple[Mount, ...]:
    return tuple(parse_mount(entry) for entry in value)


def _show_mounts(value: Any, other: Any) -> list[str]:
    return [f"{source}:{target}{':ro' if read_only else ''}" for _unused, source, target, read_only in value]


def _write_mounts(request: dict[str, Any], value: tuple[Mount, ...]) -> None:
    request["HostConfig"]["Mounts"] = [
        {"Type": mount.kind, "Source": mount.source, "Target": mount.target, "ReadOnly": mount.read_only} for mount in value
    ]


def _observed_restart_policy(container: Inspected, image: Inspected | None, value: str) -> str:
    return str((_host_config(container).get("RestartPolicy") or {}).get("Name") or "no")


def restart_policy(value: str) -> dict[str, Any]:
    """``HostConfig.RestartPolicy``."""
    return {"Name": value, "MaximumRetryCount": 0}


OPTIONS: tuple[Option, ...] = (
    Option(
        "command",
        _parse_command,
        _expected_command,
        lambda container, image, value: list(_config(container).get("Cmd") or []),
        _write_command,
        [],
    ),
    Option(
        "env",
        _parse_env,
        _expected_env,
        _observed_env,
        lambda request, value: request.update(Env=[f"{name}={text}" for name, text in value.items()]),
        {},
        _show_env,
    ),
    Option(
        "labels",
        _parse_texts("labels"),
        _expected_labels,
        _observed_labels,
        lambda request, value: request.update(Labels=value),
        {},
    ),
    Option(
        "published_ports",
        parse_ports,
        lambda value, image: value,
        lambda container, image, value: observed_ports(_host_config(container).get("PortBindings")),
        _write_ports,
        (),
        lambda value, other: port_texts(value),
    ),
    Option(
        "volumes",
        _parse_volumes,
        lambda value, image: mount_keys(value),
        lambda container, image, value: observed_binds(_host_config(container).get("Binds")),
        lambda request, value: request["HostConfig"].update(Binds=[str(mount) for mount in value]),
        (),
        _show_mounts,
    ),
    Option(
        "mounts",
        _parse_mounts,
        lambda value, image: mount_keys(value),
        lambda container, image, value: observed_mounts(_host_config(container).get("Mounts")),
        _write_mounts,
        (),
        _show_mounts,
    ),
    Option(
        "restart_policy",
        str,
        lambda value, image: value,
        _observed_restart_policy,
        lambda request, value: request["HostConfig"].update(RestartPolicy=restart_policy(value)),
        "no",
        in_place=True,
    ),
)

BY_NAME: dict[str, Option] = {option.name: option for option in OPTIONS}
#: Options into which the engine merges what the image brings.
OF_IMAGES = frozenset({"command", "env", "labels"})


def parse_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """The given ones of :data:`OPTIONS`, checked. Raises OptionError."""
    return {option.name: option.parse(options[option.name]) for option in OPTIONS if options.get(option.name) is not None}


def differences(values: Mapping[str, Any], container: Inspected, image: Inspected | None) -> tuple[Difference, ...]:
    """What differs between the options given and an inspected container.

    Args:
        values: From :func:`parse_options`.
        container: The inspected container.
        image: The inspected image that the container should have; None while the host does not have it.
    """
    found = []
    for name, value in values.items():
        option = BY_NAME[name]
        before, after = option.observed(container, image, value), option.expected(value, image)
        if before != after:
            found.append(Difference(name, option.show(before, after), option.show(after, before)))
    return tuple(found)


def dropped(values: Mapping[str, Any], container: Inspected, image: Inspected | None) -> tuple[Difference, ...]:
    """What a container has that a new one would not have, because the task does not give the option.

    Args:
        values: From :func:`parse_options`.
        container: The inspected container that is to be replaced.
        image: The inspected image of both; None when the new one gets another image, since then nobody can tell what of command, variables
            and labels came from the old one.
    """
    names = [name for name in BY_NAME if name not in values and not (image is None and name in OF_IMAGES)]
    return differences({name: BY_NAME[name].nothing for name in names}, container, image)


def create_request(values: Mapping[str, Any], image: str, isolation: str | None) -> dict[str, Any]:
    """The body of ``POST /containers/create``.

    Args:
        values: From :func:`parse_options`.
        image: Reference or id.
        isolation: ``process`` or ``hyperv``; None leaves it to the engine.
    """
    request: dict[str, Any] = {"Image": image, "HostConfig": {}}
    if isolation:
        request["HostConfig"]["Isolation"] = isolation
    for name, value in values.items():
        BY_NAME[name].write(request, value)
    return request
