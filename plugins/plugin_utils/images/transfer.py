# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images as streams through WinRM: into an engine, out of one, and from one host to another through the controller."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import OptionError, RemoteError
from .pull import SILENCE, raise_failure

if TYPE_CHECKING:
    from ..engine.client import EngineClient
    from ..remote.host import RemoteHost

#: As much as one message carries (tried: 250 KB in the default envelope).
_PIECE = 250_000
#: ``docker load`` on the host says nothing until its end, so here it is the duration that is limited.
_LOAD_SECONDS = 6 * 3600
_PART = ".winfleet-part"


def load(engine: EngineClient, pieces: Iterable[bytes], silence: int = SILENCE) -> None:
    """Feed an archive into an engine. Raises RemoteError with what the engine says of it."""
    with engine.hijacked() as opened, engine.errors(), opened.patience(silence):
        client: Any = opened
        for message in client.load_image(iter(pieces)):
            raise_failure(message)


def file_pieces(path: Path) -> Iterator[bytes]:
    """The content of a file of the controller."""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def load_on_host(host: RemoteHost, engine: EngineClient, path: str) -> None:
    """Let docker.exe load an archive that lies on the host. Raises RemoteError."""
    done = host.programs.run(engine.service.client, ["-H", f"npipe:////./pipe/{engine.pipe}", "load", "-i", path], timeout=_LOAD_SECONDS)
    if done.exit_code:
        words = " ".join((done.error_text or done.text).split()).rstrip(".") or "nothing"
        raise RemoteError(f"docker load ended with code {done.exit_code} and said: {words}", code=done.exit_code, text=words)


def save(engine: EngineClient, name: str, silence: int = SILENCE) -> Iterator[bytes]:
    """An image as ``docker save`` writes it. Raises RemoteError."""
    api: Any = engine.api
    with engine.errors(), engine.api.patience(silence):
        yield from api.get_image(name, chunk_size=_PIECE)


def save_to(pieces: Iterable[bytes], path: Path) -> None:
    """Write an archive on the controller; the file of that name stays as it is until the new one is whole. Raises OptionError."""
    part = path.with_name(path.name + _PART)
    try:
        with part.open("wb") as file:
            for piece in pieces:
                file.write(piece)
        part.replace(path)
    except OSError as error:
        raise OptionError(
            f'"{path}" cannot be written on the controller ({error.strerror or error})', "Check the option save_to"
        ) from error
    finally:
        part.unlink(missing_ok=True)
