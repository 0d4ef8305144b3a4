# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Single values of options: sizes, durations, signals, folders, addresses. Pure; each refuses what cannot be meant."""

from __future__ import annotations

import ipaddress
import ntpath
import re
from collections.abc import Callable
from typing import Any

from ..errors import OptionError

_SIZE = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[kmgtp]?)i?b?", re.IGNORECASE)
_UNITS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
_PART = re.compile(r"(\d+(?:\.\d+)?)(h|ms|us|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6}
#: Signals a Windows engine takes; SIGKILL terminates, each other one is a request to shut down (docker-on-windows.md section 7).
SIGNALS = {
    "HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "TRAP": 5, "ABRT": 6, "BUS": 7, "FPE": 8, "KILL": 9, "SEGV": 11, "PIPE": 13, "ALRM": 14, "TERM": 15,
}  # fmt: skip


def size(value: Any, what: str) -> int:
    """``512M``, ``1.5 GiB`` or a number of bytes; units are powers of 1024, as the engine's own. Raises OptionError."""
    match = _SIZE.fullmatch(str(value).strip())
    if match is None:
        raise OptionError(f'{what} is "{value}", which is not a size', "Write a number with B, K, M, G or T, for example 512M")
    return int(float(match["number"]) * 1024 ** _UNITS[match["unit"].lower()])


def show_size(count: int) -> str:
    """Bytes in the largest unit that holds them without a fraction, as :func:`size` and the engine read it."""
    for unit, power in (("TB", 4), ("GB", 3), ("MB", 2), ("KB", 1)):
        if count and count % 1024**power == 0:
            return f"{count // 1024**power}{unit}"
    return f"{count}B"


def nanoseconds(value: Any, what: str) -> int:
    """``1m30s``, ``500ms``, or a number of seconds, as nanoseconds. Raises OptionError; the engine's least is 1 ms, or 0 for its own."""
    text = str(value).strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        seconds = float(text)
    elif text and not _PART.sub("", text):
        seconds = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))
    else:
        raise OptionError(f'{what} is "{value}", which is not a duration', "Write it as 30s, 1m30s or 500ms")
    result = round(seconds * 1e9)
    if 0 < result < 1_000_000:
        raise OptionError(f'{what} is "{value}", which is less than a millisecond', "Write it as 30s, 1m30s or 500ms")
    return result


def whole(least: int, most: int | None = None, unit: str = "") -> Callable[[Any, str], int]:
    """A parser of whole numbers in a range."""

    def parse(value: Any, what: str) -> int:
        if value < least or (most is not None and value > most):
            allowed = f"from {least} to {most}" if most is not None else f"{least} or more"
            raise OptionError(f"{what} is {value}", f"Give {unit + ', ' if unit else ''}{allowed}")
        return int(value)

    return parse


def nano_cpus(value: Any, what: str) -> int:
    """A number of processors, in billionths of one; Windows cannot tell less than a hundredth apart (0 for no limit). Raises OptionError."""
    result = round(float(value) * 1e9)
    if result < 0 or 0 < result < 10_000_000:
        raise OptionError(f"{what} is {value}", "Give 0.01 or more, up to the number of the host's processors")
    return result


def memory(value: Any, what: str) -> int:
    """A size; below 8 MB a start hangs for ever (docker-on-windows.md section 4). Raises OptionError."""
    result = size(value, what)
    if 0 < result < 8 << 20:
        raise OptionError(f'{what} is "{value}", and with less than 8 MB no Windows container comes up', "Give more, or 0 for no limit")
    return result


def signal(value: Any, what: str) -> str:
    """``SIGTERM``, ``term`` or ``15`` as ``SIGTERM``. Raises OptionError for what a Windows engine does not take."""
    text = str(value).strip().upper().removeprefix("SIG")
    for name, number in SIGNALS.items():
        if text in (name, str(number)):
            return f"SIG{name}"
    raise OptionError(f'{what} is "{value}", which a Windows engine does not take', f"Use one of {', '.join(f'SIG{n}' for n in SIGNALS)}")


def same_signal(one: str, other: str) -> bool:
    """Whether two texts mean one signal."""

    def bare(text: str) -> str:
        text = text.upper().removeprefix("SIG")
        return str(SIGNALS.get(text, text))

    return bare(one) == bare(other)


def folder(value: Any, what: str) -> str:
    """An absolute folder of the container, as the engine cleans it (moby daemon/container.go, translateWorkingDir). Raises OptionError."""
    text = str(value).replace("/", "\\")
    if not text:
        return ""
    if not re.match(r"(?:[A-Za-z]:)?\\", text) or re.search(r'[*?"<>|\x00-\x1f]', text):
        raise OptionError(f'{what} is "{value}", which is not an absolute path', "Write it with its drive, such as C:\\app")
    cleaned = ntpath.normpath(text)
    return cleaned if cleaned.endswith("\\") else cleaned.rstrip("\\")


def address(value: Any, what: str) -> str:
    """An IPv4 or IPv6 address. Raises OptionError."""
    try:
        return str(ipaddress.ip_address(str(value).strip()))
    except ValueError:
        raise OptionError(f'{what} holds "{value}", which is not an IP address', "Write it as 10.0.0.53") from None


def ipv4(value: Any, what: str) -> str:
    """An IPv4 address. Raises OptionError."""
    result = address(value, what)
    if ":" in result:
        raise OptionError(f'{what} is "{value}", and only IPv4 addresses can be chosen on Windows', "Write it as 172.20.0.10")
    return result


def mac(value: Any, what: str) -> str:
    """A MAC address in the engine's spelling. Raises OptionError."""
    text = str(value).strip().replace("-", ":").lower()
    if not re.fullmatch(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", text):
        raise OptionError(f'{what} is "{value}", which is not a MAC address', "Write it as 00:15:5d:01:02:03")
    return text
