# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions about commands and files in containers, as the connection plugin ``container`` runs and carries them. They need a base image that
lies on the host already: Nano Server, and Server Core for the one about PowerShell."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ansible.plugins.loader import get_shell_plugin

from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.inside import Inside
from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.invocation import cmd_line, encoded
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ContainersError

from .ask_engine import DIAL, NANO, container, engine_and_image
from .question import Answer, question, yes_no
from .site import Site

_CORE = "mcr.microsoft.com/windows/servercore"
_CHANGES = ["a container winfleet-contract-default, for some seconds"]
#: Ends each part of the input of core's modules.
_END = "\n\0\0\0\0\n"


@contextmanager
def inside(site: Site, repository: str = NANO) -> Iterator[Inside]:
    """A container that runs, and its administrator in it."""
    engine, image = engine_and_image(site, repository=repository)
    with engine.errors(), container(engine, image, "default") as made:
        yield Inside(engine, made, "ContainerAdministrator")


@question(
    "container-quotes",
    "Does cmd.exe in a container read a line whose quotes are variables as it was meant?",
    fact="native-tools.md 5",
    starts=(DIAL, "cmd.exe, in a container"),
    changes=_CHANGES,
    contract=True,
    group="container",
)
def container_quotes(site: Site) -> Answer:
    with inside(site) as place:
        done = place.run(cmd_line('echo "a  b"& exit 3'))
    output = done.stdout.decode("utf-8", "replace")
    return yes_no(output.rstrip() == '"a  b"' and done.exit_code == 3, no_breaks=True, output=output, code=done.exit_code)


@question(
    "container-files",
    "Does a file come into a container and out of it unchanged, through tar.exe there?",
    fact="native-tools.md 4; docker-on-windows.md 2",
    starts=(DIAL, "tar.exe and cmd.exe, in a container"),
    changes=_CHANGES,
    contract=True,
    group="container",
)
def container_files(site: Site) -> Answer:
    content = random.Random(1).randbytes(400_000) + bytes(range(256)) + b"\r\n\x1a"
    with TemporaryDirectory() as folder, inside(site) as place:
        there, back = Path(folder, "there"), Path(folder, "back")
        there.write_bytes(content)
        place.put(there, "C:\\contract & 100% ^.bin")
        with back.open("wb") as target:
            place.fetch("C:\\contract & 100% ^.bin", target)
        same = hashlib.sha256(back.read_bytes()).digest() == hashlib.sha256(content).digest()
    return yes_no(same, f"{len(content)} bytes", no_breaks=True)


@question(
    "container-powershell",
    "Does PowerShell in a container read a script from its input as core's modules need it?",
    fact="windows-containers.md 2",
    starts=(DIAL, "PowerShell, in a container of Server Core"),
    changes=_CHANGES,
    group="container",
)
def container_powershell(site: Site) -> Answer:
    command = encoded(get_shell_plugin(shell_type="powershell").build_module_command("", "#!powershell", ""))
    payload = json.dumps({"name": "contract", "script": "Write-Output ('4' + '2'); [Console]::Out.Write('\u00e9')", "params": {}}) + _END
    if command is None:
        return Answer("not asked: this core starts PowerShell in another way")
    with inside(site, _CORE) as place:
        try:
            done = place.run(command, payload.encode())
        except ContainersError as error:
            return Answer("no", error.cause)
    errors = done.stderr.decode("utf-8", "replace")[:400]
    return yes_no(b"42" in done.stdout, errors, output=done.stdout.hex(" "), errors=errors, code=done.exit_code)
