# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine's error texts mean: a table, and the one way to use such a table. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from ..errors import ContainersError, OptionError, RemoteError


@dataclass(frozen=True)
class Meaning:
    """What a text of the engine means.

    Args:
        pattern: Regular expression, searched in the text without regard to case; its named groups fill ``cause``.
        cause: Why it failed; ``{text}`` is the engine's own text, other names come from the pattern or from the caller.
        advice: What to do.
        option: Whether it is the task that asks for what cannot be, rather than the host that failed.
    """

    pattern: str
    cause: str
    advice: str = ""
    option: bool = False


#: Pull: docker-on-windows.md section 3, docker/pull-texts.json, windows-containers.md 3.4.
PULL_MEANINGS: tuple[Meaning, ...] = (
    Meaning(
        r"a Windows version (?P<image>[\d.]+)-based image is incompatible with a (?P<host>[\d.]+) host",
        "the image is built for Windows {image}, which is newer than the host ({host})",
        "Use a tag that is built for this host's release or an older one",
        option=True,
    ),
    Meaning(
        r"no matching manifest for windows\S* *(?P<host>[\d.]+)?",
        "none of the images behind this name fits the host ({text})",
        "Use a tag that is built for this host's release or an older one",
        option=True,
    ),
    Meaning(
        r"no matching manifest for linux",
        "the engine runs Linux containers ({text})",
        "Switch Docker Desktop to Windows containers, or set engine_pipe to the pipe of its Windows engine",
        option=True,
    ),
    Meaning(
        r"operating system \S*\"?linux|operating system is not supported",
        "it is an image for Linux ({text})",
        "Name a Windows image",
        option=True,
    ),
    Meaning(
        r"manifest unknown|manifest for \S+ not found|name unknown|repository name not known",
        "the registry has no such tag or repository ({text})",
        "Correct the name or the tag",
        option=True,
    ),
    Meaning(
        r"pull access denied|unauthorized|authentication required|denied: ",
        "the registry refuses access, or has no such repository ({text})",
        "Check the name; for a private registry log the engine in first",
    ),
    Meaning(r"toomanyrequests|too many requests", "the registry limits the rate of pulls ({text})", "Wait, or pull from a mirror"),
    Meaning(
        r"not enough space on the disk|no space left on device",
        "the host's disk is full ({text})",
        "Free space on the drive of the engine's data root, or move the data root to a larger drive",
    ),
    Meaning(
        r"no such host|connection refused|i/o timeout|tls handshake timeout|deadline exceeded|context canceled|connectex:|proxyconnect",
        "the engine cannot reach the registry ({text})",
        "Check the host's way to the registry: name resolution, firewall and the proxy keys of daemon.json",
    ),
    Meaning(
        r"failed to register layer",
        "the engine could not unpack a layer ({text})",
        "Exclude the engine's data root from virus scanning and run the task again",
    ),
)


def explain(error: RemoteError, meanings: Sequence[Meaning], **known: str) -> ContainersError | None:
    """The clear form of an error of the engine, or None when no meaning is known.

    Args:
        error: The engine's.
        meanings: The table; the first pattern that is found counts.
        known: What the caller can add to a cause.
    """
    text = " ".join((error.text or error.cause).split()).rstrip(".")
    for meaning in meanings:
        match = re.search(meaning.pattern, text, re.IGNORECASE)
        if match:
            found = {name: value or "?" for name, value in match.groupdict().items()}
            cause = meaning.cause.format(**{**known, **found, "text": text})
            if meaning.option:
                return OptionError(cause, meaning.advice)
            return RemoteError(cause, meaning.advice, code=error.code, text=error.text)
    return None


@contextmanager
def explaining(meanings: Sequence[Meaning], **known: str) -> Iterator[None]:
    """Replace errors of the engine that leave the block by their clear form, where there is one."""
    try:
        yield
    except RemoteError as error:
        clear = explain(error, meanings, **known)
        if clear is None:
            raise
        raise clear from error
