# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build an image from a folder of the controller, by the engine's classic builder: a Windows engine has no other one."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..engine.context import BuildContext, pieces
from ..engine.failures import explaining
from ..engine.lookup import find_image
from ..errors import OptionError, RemoteError, doing
from .archive import controller_path
from .compatibility import HostVersion, ImageVersion, default_isolation, isolation_modes
from .pull import PullProgress, raise_failure
from .references import Reference, nothing_fits, platform_version, select_platform
from .registry import Credentials, offered_image
from .state import Recipe

if TYPE_CHECKING:
    from ..engine.client import EngineClient
    from ..remote.host import RemoteHost

#: The label by which a later run knows what an image was built from.
LABEL = "winfleet.containers.build"
_SECRET = re.compile(r"passw|secret|token|api_?key|credential|private_?key", re.IGNORECASE)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
#: Lines of the build's output that an error quotes.
_QUOTED = 5


class Building:
    """One build.

    Args:
        host: The host; its progress shows each step.
        options: The suboptions of ``build``, defaulted.
        reference: The name the image gets.
        credentials: Of the registry in that name, where one of the images it begins from may lie.
    """

    def __init__(self, host: RemoteHost, options: Mapping[str, Any], reference: Reference, credentials: Credentials | None) -> None:
        self._host, self._options, self._reference, self._credentials = host, options, reference, credentials
        root = controller_path(options["path"], "build.path")
        self.context = BuildContext(Path(os.path.normpath(root)), options["dockerfile"])
        self.arguments = {str(name): _text(value) for name, value in (options.get("args") or {}).items()}
        self.labels = {str(name): _text(value) for name, value in (options.get("labels") or {}).items()}

    def recipe(self) -> Recipe:
        """What the image is made of."""
        settings = {
            "dockerfile": self.context.dockerfile,
            "args": self.arguments,
            "labels": self.labels,
            "target": self._options.get("target") or "",
        }
        return Recipe(self.context.digest(settings), self._secret_warnings())

    def _secret_warnings(self) -> tuple[str, ...]:
        names = [name for name in self.arguments if _SECRET.search(name)]
        if not names:
            return ()
        return (f"the build arguments {', '.join(names)} stay readable in the history of the image; they are no place for secrets",)

    def base_warnings(self, engine: EngineClient, version: HostVersion) -> tuple[str, ...]:
        """What to watch of the images it begins from. Raises OptionError where one cannot be run, as every step of a build runs it."""
        warnings: list[str] = []
        for name in self.context.bases(self.arguments):
            with doing("use", "base image", name):
                warnings += self._judge(Reference.parse(name), self._base_version(engine, Reference.parse(name), version), version)
        return tuple(warnings)

    def _base_version(self, engine: EngineClient, reference: Reference, version: HostVersion) -> ImageVersion | None:
        local = find_image(engine, reference.lookup)
        if local is not None:
            text = str(local.get("OsVersion") or "")
            return ImageVersion.parse(text) if text else None
        credentials = self._credentials if reference.registry == self._reference.registry else None
        offer = offered_image(engine, reference, credentials)
        chosen = select_platform(offer.platforms, version)
        if chosen is None:
            raise nothing_fits(reference, offer.platforms, version)
        return platform_version(chosen)

    def _judge(self, reference: Reference, image: ImageVersion | None, host: HostVersion) -> list[str]:
        if image is None:
            return []
        modes, asked = isolation_modes(host, image), self._options.get("isolation") or "default"
        isolation = default_isolation(host.product_type) if asked == "default" else asked
        mode = modes.of(isolation)
        if not modes.allowed or (asked != "default" and not mode.allowed):
            raise OptionError(f"the build stands on {reference}, and {mode.reason}", "Begin from another image, or set build.isolation")
        if not mode.allowed:
            return [
                f"the build stands on {reference}, and {mode.reason}; unless the engine's default is another one, set build.isolation: hyperv"
            ]
        return list(mode.warnings)

    def run(self, engine: EngineClient, digest: str, silence: int) -> None:
        """Send the context and follow the build. Raises RemoteError with the step that failed and its last words."""
        output = _Output(self._host, str(self._reference))
        with self.context.open() as file, engine.hijacked() as opened, explaining("pull"), engine.errors(), opened.patience(silence):
            client: Any = opened
            if self._credentials is not None:
                opened.log_in(self._reference.registry, self._credentials.header())
            size = os.fstat(file.fileno()).st_size
            counter = self._host.counter(f"build {self._reference}: send the context", size)
            for message in client.build(
                fileobj=counter.over(pieces(file)), custom_context=True, dockerfile=self.context.dockerfile, tag=self._reference.name,
                rm=True, forcerm=True, decode=True, buildargs=self.arguments, labels={**self.labels, LABEL: digest},
                target=self._options.get("target"), isolation=self._options.get("isolation"),
                pull=self._options["pull"], nocache=self._options["nocache"],
            ):  # fmt: skip
                output.take(message)


class _Output:
    """The messages of a build: steps are shown, the last lines kept."""

    def __init__(self, host: RemoteHost, name: str) -> None:
        self._host, self._name = host, name
        self._step, self._lines = "", list[str]()
        self._pulling = PullProgress(f"for {name}")

    def take(self, message: Mapping[str, Any]) -> None:
        """Raises RemoteError for a failure."""
        try:
            raise_failure(message)
        except RemoteError as error:
            raise self._failed(error) from error
        if message.get("status"):
            line = self._pulling.feed(message)
            if line:
                self._host.progress(line)
        for line in _COLOURS.sub("", str(message.get("stream") or "")).splitlines():
            self._line(line.strip())

    def _line(self, line: str) -> None:
        if line.startswith("Step "):
            self._step, self._lines = line, []
            self._host.progress(f"build {self._name}: {line}")
        elif line and not line.startswith(("--->", "Removing intermediate container")):
            self._lines = [*self._lines, line][-_QUOTED:]

    def _failed(self, error: RemoteError) -> RemoteError:
        """The engine's text, with where it happened and what was printed before."""
        printed = f"; before that it printed: {' | '.join(self._lines)}" if self._lines else ""
        step = f" in {self._step}" if self._step else ""
        return RemoteError(f"{error.cause}{step}{printed}", "Correct the Dockerfile or its context", code=error.code, text=error.text)


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def built_from(image: Mapping[str, Any] | None) -> str:
    """The digest of what a local image was built from; empty when it was not built here."""
    return str((((image or {}).get("Config") or {}).get("Labels") or {}).get(LABEL) or "")
