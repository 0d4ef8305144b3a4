# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading a Dockerfile, and what its instructions do to an image's configuration. Source: moby builder/dockerfile (classic builder)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from .texts import ApiError

Json = dict[str, Any]
#: Instructions that change the configuration only; ``docker commit --change`` knows these.
CHANGES = {"CMD", "ENTRYPOINT", "ENV", "EXPOSE", "LABEL", "USER", "VOLUME", "WORKDIR", "ONBUILD", "HEALTHCHECK", "STOPSIGNAL"}
KNOWN = CHANGES | {"FROM", "RUN", "COPY", "ADD", "ARG", "SHELL", "MAINTAINER"}
_UNITS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}


@dataclass(frozen=True)
class Instruction:
    """One instruction: name in capitals, the rest of its line, and its flags (``--from=x``)."""

    name: str
    rest: str
    flags: dict[str, str] = field(default_factory=dict)
    line: int = 0

    def __str__(self) -> str:
        flags = "".join(f"--{key}={value} " for key, value in self.flags.items())
        return f"{self.name} {flags}{self.rest}".rstrip()

    def words(self) -> list[str] | None:
        """The JSON form of the rest; None when it is none."""
        try:
            parsed = json.loads(self.rest)
        except ValueError:
            return None
        return parsed if isinstance(parsed, list) and all(isinstance(word, str) for word in parsed) else None


def parse(text: str) -> list[Instruction]:
    """The instructions of a Dockerfile; ``# escape=`` is heeded.

    Raises:
        ApiError: 400 for an empty file or an unknown instruction.
    """
    escape = "\\"
    if match := re.match(r"(?:#[^\n]*\n)*#\s*escape\s*=\s*(\S)", text, re.IGNORECASE):
        escape = match[1]
    found: list[Instruction] = []
    current, first = "", 0
    for number, raw in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if raw.lstrip().startswith("#") or (not raw.strip() and not current):
            continue
        first = first or number
        stripped = raw.rstrip()
        if stripped.endswith(escape):
            current += stripped[:-1]
            continue
        found.append(_instruction((current + stripped).strip(), first))
        current, first = "", 0
    if current.strip():
        found.append(_instruction(current.strip(), first))
    if not found:
        raise ApiError(400, "the Dockerfile cannot be empty")
    return found


def _instruction(line: str, number: int) -> Instruction:
    name, _unused, rest = line.partition(" ")
    if name.upper() not in KNOWN:
        raise ApiError(400, f"dockerfile parse error line {number}: unknown instruction: {name.upper()}")
    rest, flags = rest.strip(), {}
    while match := re.match(r"--([a-z-]+)=(\S+)\s+", rest):
        flags[match[1]], rest = match[2], rest[match.end() :]
    return Instruction(name.upper(), rest, flags, number)


def expand(text: str, variables: dict[str, str]) -> str:
    """``$NAME``, ``${NAME}``, ``${NAME:-default}``."""

    def value(match: re.Match[str]) -> str:
        known = variables.get(match[1] or match[2], "")
        return known or (match[4] or "" if match[3] == "-" else known)

    return re.sub(r"\$(?:(\w+)|\{(\w+)(?::([-+])([^}]*))?\})", value, text)


def pairs(rest: str) -> list[tuple[str, str]]:
    """``a=b c="d e"``, or the old form ``a b c``."""
    if "=" not in rest.split(" ", 1)[0]:
        key, _unused, value = rest.partition(" ")
        return [(key, value.strip())]
    return [
        (key.strip('"'), re.sub(r'"([^"]*)"', r"\1", value)) for key, value in re.findall(r'("[^"]+"|[^\s=]+)=((?:"[^"]*"|[^\s"])*)', rest)
    ]


def shell_of(config: Json, busybox: bool) -> list[str]:
    """What runs a command in shell form."""
    return list(config.get("Shell") or (["/bin/sh", "-c"] if busybox else ["cmd", "/S", "/C"]))


def change(config: Json, instruction: Instruction, *, busybox: bool = False) -> None:
    """What an instruction of :data:`CHANGES`, or SHELL, does to the configuration. Raises ApiError 400."""
    rest, words = instruction.rest, instruction.words()
    if instruction.name in ("CMD", "ENTRYPOINT"):
        key = {"CMD": "Cmd", "ENTRYPOINT": "Entrypoint"}[instruction.name]
        # On Windows the shell form becomes one command line, which the engine must not quote again.
        line = [*shell_of(config, busybox), rest] if busybox else [" ".join([*shell_of(config, busybox), rest])]
        config[key] = words if words is not None else line
        if not busybox:
            config["ArgsEscaped"] = words is None
        if instruction.name == "ENTRYPOINT" and not config.get("_cmd_set"):
            config["Cmd"] = None
    elif instruction.name == "ENV":
        _environment(config, pairs(rest))
    elif instruction.name == "LABEL":
        config["Labels"] = {**(config.get("Labels") or {}), **dict(pairs(rest))}
    elif instruction.name == "EXPOSE":
        ports: Json = {one if "/" in one else f"{one}/tcp": {} for one in rest.split()}
        config["ExposedPorts"] = {**(config.get("ExposedPorts") or {}), **ports}
    elif instruction.name == "VOLUME":
        config["Volumes"] = {**(config.get("Volumes") or {}), **{one: {} for one in (words or rest.split())}}
    elif instruction.name == "WORKDIR":
        config["WorkingDir"] = work_directory(config.get("WorkingDir") or "", rest, busybox)
    elif instruction.name == "HEALTHCHECK":
        config["Healthcheck"] = _healthcheck(instruction, words)
    elif instruction.name == "SHELL":
        config["Shell"] = words
    elif instruction.name == "ONBUILD":
        config["OnBuild"] = [*(config.get("OnBuild") or ()), rest]
    else:
        config[{"USER": "User", "STOPSIGNAL": "StopSignal"}[instruction.name]] = rest


def _environment(config: Json, entries: list[tuple[str, str]]) -> None:
    known = dict(entry.partition("=")[::2] for entry in config.get("Env") or ())
    config["Env"] = [f"{key}={value}" for key, value in {**known, **dict(entries)}.items()]


def work_directory(current: str, path: str, busybox: bool = False) -> str:
    """A WORKDIR after another; on Windows with drive and backslashes."""
    if busybox:
        return path.rstrip("/") or "/" if path.startswith("/") else f"{current.rstrip('/')}/{path}"
    path = path.replace("/", "\\")
    if re.match(r"[a-zA-Z]:", path):
        return path[0].upper() + path[1:].rstrip("\\")
    if path.startswith("\\"):
        return f"C:{path}"
    return f"{(current or 'C:').rstrip(chr(92))}\\{path}"


def _healthcheck(instruction: Instruction, _words: list[str] | None) -> Json:
    kind, _unused, rest = instruction.rest.partition(" ")
    if kind.upper() == "NONE":
        return {"Test": ["NONE"]}
    if kind.upper() != "CMD":
        raise ApiError(400, f"Unknown type {json.dumps(kind)} in HEALTHCHECK (try CMD)")
    words = Instruction("CMD", rest.strip()).words()
    check: Json = {"Test": ["CMD", *words] if words is not None else ["CMD-SHELL", rest.strip()]}
    names = {"interval": "Interval", "timeout": "Timeout", "start-period": "StartPeriod", "start-interval": "StartInterval"}
    for flag, value in instruction.flags.items():
        if flag == "retries":
            check["Retries"] = int(value)
        elif flag in names:
            check[names[flag]] = sum(int(float(number) * _UNITS[unit]) for number, unit in re.findall(r"([\d.]+)(ns|us|ms|s|m|h)", value))
    return check


def apply_changes(config: Json, changes: list[str]) -> Json:
    """``--change`` of commit and import. Raises ApiError 400 for an instruction that is none of these."""
    result = dict(config)
    for text in changes:
        for instruction in parse(text):
            if instruction.name not in CHANGES:
                raise ApiError(400, f"{instruction.name} is not a valid change command")
            change(result, instruction)
    return result
