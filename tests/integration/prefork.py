# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible's programs without the cost of their start: a process that has imported everything forks once for each run.

A run in a fork has its own arguments, environment, working folder and output, and ends with the exit code of the same
command-line code. Starting the program would import Ansible, the libraries and the collection each time (a second of CPU). Ansible reads
its settings while it is imported, so runs with other settings in their environment get a process of their own. The demo and the guides
are tested with the program itself.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

#: What is read while Ansible and Python start. Everything else of an environment reaches a run through its fork.
READ_AT_START = ("ANSIBLE_", "PYTHON", "LC_", "LANG", "HOME")
PLUGINS = ("container", "docker_engine", "host_info", "host_feature", "host_reboot")
REBOOT = "ansible_collections.winfleet.containers.plugins.plugin_utils.remote.reboot"
#: Seconds between two looks at a host that restarts: a simulated one is back within a second. The demo and the guides wait as users do.
PAUSES = {"_FIRST_PAUSE": 0.2, "_STEADY_PAUSE": 0.1, "_LONGEST_PAUSE": 0.5}


def _settings(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(READ_AT_START)}


class Prefork:
    """One process that waits, with everything imported, to fork runs one after another."""

    _waiting: list[Prefork] = []

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.settings = _settings(environment)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "integration.prefork"], bufsize=0, env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    @classmethod
    def run(cls, command: Sequence[str], environment: Mapping[str, str], folder: Path, timeout: float) -> tuple[int, str]:
        """Run a program of Ansible as ``command`` says; its exit code, and stdout and stderr together.

        Raises:
            TimeoutExpired: It ran longer than ``timeout`` seconds, and was killed.
        """
        found = [process for process in cls._waiting if process.settings == _settings(environment)]
        process = found[0] if found else cls(environment)
        if found:
            cls._waiting.remove(process)
        output = folder / "output.txt"
        code = process._run(
            {"command": list(command), "environment": dict(environment), "folder": str(folder), "output": str(output)}, timeout
        )
        cls._waiting.append(process)
        if len(cls._waiting) > 2:
            cls._waiting.pop(0).close()
        return code, output.read_text(errors="replace")

    @classmethod
    def close_all(cls) -> None:
        while cls._waiting:
            cls._waiting.pop().close()

    def close(self) -> None:
        self._process.communicate()  # closes its input, which ends it

    def _run(self, request: Mapping[str, Any], timeout: float) -> int:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the process has no pipes")
        stdin.write(json.dumps(request).encode() + b"\n")
        pid = int(stdout.readline())
        try:
            if select.select([stdout], [], [], timeout)[0]:
                return int(stdout.readline())
        finally:
            _kill_group(pid)  # nothing of a run outlives it
        self.close()
        raise subprocess.TimeoutExpired(request["command"], timeout, Path(request["output"]).read_bytes())


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _preload() -> dict[str, Any]:
    """Import what runs need, and return the programs' own entry points."""
    import docker  # noqa: F401
    import pypsrp.wsman  # noqa: F401
    import winrm  # noqa: F401
    from ansible.cli import adhoc, doc, inventory, playbook
    from ansible.plugins.loader import action_loader, connection_loader, init_plugin_loader

    init_plugin_loader()
    with suppress(Exception):  # a plugin that cannot be loaded is the business of the run that needs it
        for name in PLUGINS:
            action_loader.get(f"winfleet.containers.{name}", class_only=True)
        for name in ("winrm", "psrp"):
            connection_loader.get(name, class_only=True)
        for name, seconds in PAUSES.items():
            setattr(sys.modules[REBOOT], name, seconds)
    return {
        "ansible": adhoc.main,
        "ansible-doc": doc.main,
        "ansible-inventory": inventory.main,
        "ansible-playbook": playbook.main,
    }


def _become(request: Mapping[str, Any]) -> None:
    """Take on what a process started for this run would have had."""
    from ansible import constants

    os.setsid()
    output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    for source, target in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = list(request["command"])
    # Ansible's own folder for temporary files is made while it is imported, and removed at the end of a process.
    atexit._clear()
    temporary = tempfile.mkdtemp(prefix="ansible-local-", dir=Path(constants.DEFAULT_LOCAL_TMP).parent)
    atexit.register(shutil.rmtree, temporary, ignore_errors=True)
    constants.DEFAULT_LOCAL_TMP = temporary
    warnings.filterwarnings("ignore", message="AnsibleCollectionFinder has already been configured")


def serve() -> None:
    """Fork a run for each line of input; answer with its process id at once and with its exit code at its end."""
    programs = _preload()
    gc.freeze()
    replies = os.dup(1)
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            os.close(replies)
            _become(request)
            sys.exit(programs[Path(sys.argv[0]).name]())
        os.write(replies, b"%d\n" % pid)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.write(replies, b"%d\n" % status)


if __name__ == "__main__":
    serve()
