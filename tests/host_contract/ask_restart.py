# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions that restart the host, asked last (facts/wsman.md 1.2 and 10.6; facts/native-tools.md 1.3, 3, 6)."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ContainersError
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote import envelope
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.cim import CimClass
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.program import Completed
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.reboot import RebootRequest, boot_time, reboot
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.shell import Shell

from .question import Answer, NotAsked, question
from .site import Site
from .wire import exchange

_SHUTDOWN = "shutdown.exe /r /t 2 /d p:2:4"
_FEATURE = CimClass("Win32_OptionalFeature", {"Name": str, "InstallState": int})
_DISM = ["/online", "/english", "/norestart"]
_PROMPT = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon\\AutoLogonChecked"
_PAUSE = 0.2
#: A port that is silent for so many seconds is called so.
_PATIENCE = 1.5


class Watch:
    """What the port of a restarting host shows, seen by requests without credentials from a thread of its own."""

    def __init__(self, address: str, port: int) -> None:
        self._address, self._port = address, port
        self._ended = threading.Event()
        self.phases: list[tuple[str, float]] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join(15)

    def _run(self) -> None:
        while not self._ended.is_set():
            seen, now = self._look(), time.monotonic()
            if not self.phases or self.phases[-1][0] != seen:
                self.phases.append((seen, now))
            time.sleep(_PAUSE)

    def _look(self) -> str:
        request = f"GET /wsman HTTP/1.1\r\nHost: {self._address}\r\nConnection: close\r\n\r\n".encode()
        try:
            with socket.create_connection((self._address, self._port), _PATIENCE) as connection:
                connection.settimeout(_PATIENCE)
                connection.sendall(request)
                answer = connection.recv(100)
        except ConnectionRefusedError:
            return "refused"
        except TimeoutError:
            return "silent"
        except OSError:
            return "reset"
        words = answer.split()
        return f"HTTP {words[1].decode('latin-1')}" if len(words) > 1 else "closed"

    def story(self) -> list[str]:
        """The phases in order, with how long each took."""
        ends = [start for _seen, start in self.phases[1:]] + [time.monotonic()]
        return [f"{seen} {end - start:.1f} s" for (seen, start), end in zip(self.phases, ends, strict=True)]


def _endpoint(site: Site) -> tuple[str, int]:
    variables = site.variables
    scheme = variables.get("ansible_winrm_scheme") or variables.get("ansible_psrp_protocol")
    port = int(variables.get("ansible_port") or variables.get("ansible_winrm_port") or 5986)
    if (scheme or ("http" if port == 5985 else "https")) != "http":
        raise NotAsked("it needs a connection over HTTP")
    return str(variables.get("ansible_host") or site.name), port


@question(
    "reboot",
    "What does the port show while the host restarts?",
    fact="wsman.md 10.6, 1.2",
    starts=[_SHUTDOWN, 'findstr.exe /R "."'],
    changes=["the host is restarted"],
    contract=True,
    group="reboot",
)
def restart(site: Site) -> Answer:
    prompt = site.host.registry.value_names(_PROMPT) is not None
    with Watch(*_endpoint(site)) as watch, _waiting_receive(site) as cut:
        proof = reboot(site.host, RebootRequest(message="host contract", timeout=1200))
        time.sleep(1)
    down = next((seen for seen, _start in watch.phases if seen in ("refused", "silent")), "refused")
    again = site.host.registry.value_names(_PROMPT) is not None
    position = {"while_down": down, "going_down": "fault" if "995" in "".join(cut) else "reset"}
    seen = {
        "waiting Receive": cut,
        "seconds": round(proof.elapsed, 1),
        "phases": watch.story(),
        "logon prompt before": prompt,
        "after": again,
    }
    return Answer(
        ", ".join(dict.fromkeys(phase for phase, _start in watch.phases)),
        f"back after {proof.elapsed:.0f} s with another boot time",
        {"winrm": position},
        seen,
        breaks=proof.boot_time_after == proof.boot_time_before,
    )


@question(
    "logons-after-boot",
    "What do the first logons with right credentials meet after a restart?",
    fact="wsman.md 10.6, 1.2",
    starts=[_SHUTDOWN],
    changes=["the host is restarted"],
    group="reboot",
)
def logons(site: Site) -> Answer:
    before = boot_time(site.host)
    site.host.programs.run("shutdown.exe", ["/r", "/t", "2", "/d", "p:2:4"])
    site.host.disconnect()
    met: list[str] = []
    give_up, steady = time.monotonic() + 1200, 0
    while steady < 3 and time.monotonic() < give_up:
        try:
            site.host.reconnect()
            after = boot_time(site.host)
            seen = "works" if after != before else ""
            steady += after != before
        except ContainersError as error:
            seen, steady = error.cause, 0
            site.host.disconnect()
        if seen and (not met or met[-1] != seen):
            met.append(seen)
        time.sleep(_PAUSE)
    site.host.session.relax()
    return Answer(f"{len(met)} states", "; then ".join(met), seen={"met": met}, breaks=steady < 3)


@contextmanager
def _waiting_receive(site: Site) -> Iterator[list[str]]:
    """How a Receive ends that waits on another connection while the host goes down."""
    other, ended = site.session.sibling(), []
    shell = Shell(other)
    command = shell.start('%SystemRoot%\\System32\\findstr.exe /R "."')

    def wait() -> None:
        outcome = "timed out"
        while outcome == "timed out":
            try:
                outcome = exchange(other, envelope.receive(shell.shell_id, command.command_id, 20)).outcome
            except ContainersError as error:
                outcome = error.cause
        ended.append(outcome)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    try:
        yield ended
    finally:
        thread.join(40)
        other.close()


def dism(site: Site, *arguments: str) -> Completed:
    return site.host.programs.run("dism.exe", [*_DISM, *arguments], timeout=1800)


def install_state(site: Site) -> int | None:
    rows = site.host.cim.query(_FEATURE, "Name = 'Containers'")
    value = rows[0]["InstallState"] if rows else None
    return value if isinstance(value, int) else None


def _bar(done: Completed) -> bool:
    return "[=" in done.text.replace(" ", "")


@question(
    "feature",
    "How does a feature show that waits for a restart, and what does the restart do to it?",
    fact="native-tools.md 1.1-1.3, 3, 6",
    starts=["dism.exe /enable-feature and /disable-feature /featurename:Containers", f"{_SHUTDOWN}, twice"],
    changes=["the feature Containers is enabled and, two restarts later, disabled again; only where it is disabled now"],
    group="feature",
)
def feature(site: Site) -> Answer:
    if install_state(site) != 2:
        raise NotAsked("the feature Containers is not disabled here, so nobody could put it back")
    done = dism(site, "/enable-feature", "/featurename:Containers", "/all")
    pending = install_state(site)
    again = dism(site, "/enable-feature", "/featurename:Containers", "/all").exit_code & 0xFFFFFFFF
    seen: dict[str, Any] = {"enable": done.exit_code, "enable again": again, "InstallState while pending": pending}
    boots = _restart_and_count(site)
    seen["further restarts by itself"], seen["InstallState afterwards"] = boots, install_state(site)
    seen["disable"] = dism(site, "/disable-feature", "/featurename:Containers").exit_code
    reboot(site.host, RebootRequest(message="host contract", timeout=1200))
    seen["InstallState at the end"] = install_state(site)
    position: dict[str, Any] = {"progress_bars": _bar(done)}
    position |= {"extra_boots": boots} if boots else {}
    position |= {"pending_install_state": pending} if pending is not None else {}
    value = f"InstallState {pending} while pending, exit code {done.exit_code}"
    detail = f"progress bar in captured output: {'yes' if _bar(done) else 'no'}, restarts by itself: {boots}"
    return Answer(value, detail, position, seen, breaks=seen["InstallState afterwards"] != 1)


def _restart_and_count(site: Site) -> int:
    """Restart, and say how often Windows restarted by itself afterwards: boot times that were seen beyond the first new one."""
    before = boot_time(site.host)
    seen: set[object] = set()
    address, port = _endpoint(site)
    with Watch(address, port) as watch:
        reboot(site.host, RebootRequest(message="host contract", timeout=1800))
        seen.add(boot_time(site.host))
    gaps = sum(phase in ("refused", "silent") for phase, _start in watch.phases)
    return max(gaps - 1, 0) if before not in seen else 0
