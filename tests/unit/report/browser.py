# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Chromium without a window, driven through a pipe by its own protocol (Chrome DevTools Protocol, ``--remote-debugging-pipe``)."""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
#: Nothing but the page: no updates, no background traffic, no state of a user's own.
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip
#: The file descriptors Chromium reads commands from and writes answers to.
_COMMANDS, _ANSWERS = 3, 4


class Browser:
    """One page in a browser of its own.

    Args:
        profile: An empty folder for the browser's own files.

    Attributes:
        events: What the browser told without being asked, as method and parameters.
    """

    def __init__(self, profile: Path) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self._number = 0
        self._buffer = b""
        self._session = ""
        commands, self._write = os.pipe()
        self._read, answers = os.pipe()
        above = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (commands, answers)]

        def place() -> None:
            os.dup2(above[0], _COMMANDS)
            os.dup2(above[1], _ANSWERS)

        self._process = subprocess.Popen(
            [str(PROGRAM), *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=False,
            preexec_fn=place,
            start_new_session=True,
        )
        for end in (commands, answers, *above):
            os.close(end)

    def __enter__(self) -> Browser:
        (target, *_others) = (entry for entry in self.call("Target.getTargets")["targetInfos"] if entry["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        os.close(self._write)
        os.close(self._read)

    def call(self, method: str, timeout: float = 30, **parameters: Any) -> dict[str, Any]:
        """One command; its result. Raises RuntimeError for an error of the browser, TimeoutError."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        give_up = time.monotonic() + timeout
        while True:
            answer = self._next(give_up)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result

    def _next(self, give_up: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            if not select.select([self._read], [], [], max(0.0, give_up - time.monotonic()))[0]:
                raise TimeoutError("the browser did not answer")
            part = os.read(self._read, 1 << 20)
            if not part:
                raise RuntimeError("the browser has ended")
            self._buffer += part
        text, _zero, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        if "method" in message:
            self.events.append((message["method"], message["params"]))
        return message

    def open(self, page: Path) -> None:
        """Load a file, and wait until it has."""
        self.events.clear()
        self.call("Page.navigate", url=page.as_uri())
        give_up = time.monotonic() + 30
        while not any(method == "Page.loadEventFired" for method, _parameters in self.events):
            self._next(give_up)

    def evaluate(self, script: str) -> Any:
        """The value of an expression in the page. Raises RuntimeError for what it throws."""
        done = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in done:
            raise RuntimeError(str(done["exceptionDetails"]))
        return done["result"].get("value")

    def press(self, key: str) -> None:
        """A key, as if it was typed."""
        code = {"Enter": 13, " ": 32, "Tab": 9}[key]
        text = {"Enter": "\r", " ": " ", "Tab": ""}[key]
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, text=text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def type(self, text: str) -> None:
        """Text into what has the focus."""
        self.call("Input.insertText", text=text)

    def media(self, kind: str = "screen", scheme: str = "light") -> None:
        """Paper or screen, light or dark."""
        self.call("Emulation.setEmulatedMedia", media=kind, features=[{"name": "prefers-color-scheme", "value": scheme}])

    def size(self, width: int, height: int = 900) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
