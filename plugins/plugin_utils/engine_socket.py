# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command ``scripts/engine_socket``: the engine of one host of the inventory on a local socket.

An Ansible command line like ``ansible`` and ``ansible-console``: inventory, variables, vault and configuration are Ansible's own.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from ansible import context
from ansible.cli import CLI
from ansible.cli.arguments import option_helpers
from ansible.errors import AnsibleError
from ansible.utils.display import Display
from ansible.vars.hostvars import HostVars

from .engine.client import DEFAULT_PIPE
from .engine.listener import IDLE, MOST_TUNNELS, TUNNELS, Listener, Way
from .errors import ContainersError, OptionError, doing
from .peers import open_peer

#: What would lead the docker command line elsewhere, or make it expect TLS on the socket.
_OTHER_WAYS = ("DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH")
_USAGE = "%(prog)s HOST [-i INVENTORY] [options] [-- COMMAND [ARGUMENT ...]]"
_DESCRIPTION = (
    "Opens a local socket for the Docker Engine of one Windows host of the inventory. docker, Docker Compose and every Docker SDK reach "
    "the engine through it, over the host's WinRM connection. With a command, runs it with DOCKER_HOST set and ends with it."
)


class EngineSocketCLI(CLI):  # type: ignore[misc]  # core ships no types
    """Everything after ``--`` is the command to run.

    Args:
        args: Program name and arguments.
    """

    name = "engine_socket"

    def __init__(self, args: Sequence[str]) -> None:
        words = list(args)
        end = words.index("--") if "--" in words else len(words)
        self.command = words[end + 1 :]
        super().__init__(words[:end])

    def init_parser(self, usage: str = _USAGE, desc: str = _DESCRIPTION, epilog: str | None = None) -> None:
        """Options under the names that Ansible's own commands give them, and those of the socket."""
        super().init_parser(usage=usage, desc=desc, epilog=epilog)
        parser: argparse.ArgumentParser = self.parser
        parser.usage = usage
        parser.set_defaults(flush_cache=False)
        parser.add_argument("host", metavar="HOST", help="name of one host of the inventory")
        parser.add_argument("-i", "--inventory", action="append", help="inventory file, folder or script; more than one may be given")
        parser.add_argument("-u", "--user", dest="remote_user", help="user where the variables of the host name none")
        secret = parser.add_mutually_exclusive_group()
        secret.add_argument("-k", "--ask-pass", action="store_true", help="ask for the password that the variables of the host lack")
        secret.add_argument("--connection-password-file", "--conn-pass-file", help="file that holds this password")
        parser.add_argument("--engine-pipe", default=DEFAULT_PIPE, help="named pipe of the engine (default: %(default)s)")
        parser.add_argument("--socket", metavar="PATH", help="path of the socket (default: in a new private folder)")
        parser.add_argument(
            "--tunnels", type=_tunnels, default=TUNNELS, help="connections at a time, each a remote shell (default: %(default)s)"
        )
        parser.add_argument(
            "--idle",
            type=_seconds,
            default=IDLE,
            metavar="SECONDS",
            help="close connections unused for so long (default: 60); 0: only when others need them",
        )
        option_helpers.add_runtask_options(parser)
        option_helpers.add_vault_options(parser)
        option_helpers.add_basedir_options(parser)
        option_helpers.add_verbosity_options(parser)

    def post_process_args(self, options: argparse.Namespace) -> argparse.Namespace:
        """As core's own commands do."""
        options = super().post_process_args(options)
        Display().verbosity = options.verbosity
        return options

    def run(self) -> int:
        """Carry it out; the exit code is that of the command.

        Raises:
            AnsibleError: One sentence.
        """
        super().run()
        name = str(context.CLIARGS["host"])
        try:
            with doing("open", "a socket for the engine"):
                listener = self._listener(name)
                with _place(context.CLIARGS["socket"], name) as path:
                    return self._serve(listener, path, name)
        except ContainersError as error:
            # From nothing, because core shows also what an error was raised from.
            raise AnsibleError(error.sentence(name)) from None

    def _listener(self, name: str) -> Listener:
        """Connect once, to know that it works, and keep nothing open."""
        with open_peer(name, {"hostvars": self._variables(name)}) as host:
            way = Way.to(host, str(context.CLIARGS["engine_pipe"]))
        return Listener(
            way,
            lambda text: Display().display(text, stderr=True),
            tunnels=context.CLIARGS["tunnels"],
            idle=context.CLIARGS["idle"],
        )

    def _variables(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        loader, inventory, variables = self._play_prereqs()
        if name in inventory.groups:
            raise OptionError(f'"{name}" is a group of the inventory', "Name one of its hosts, since a socket leads to one engine")
        hostvars = HostVars(inventory, variables, loader)
        if name not in hostvars:
            return {}
        given = {"ansible_user": context.CLIARGS["remote_user"], "ansible_password": self._password()}
        return {name: ChainMap(hostvars[name], {key: value for key, value in given.items() if value})}

    def _password(self) -> str | None:
        if context.CLIARGS["ask_pass"]:
            return str(self._get_secret("Password: "))
        file = context.CLIARGS["connection_password_file"]
        return str(self.get_password_from_file(file)) if file else None

    def _serve(self, listener: Listener, path: Path, name: str) -> int:
        address = f"unix://{path}"
        with closing(listener):
            listener.open(path)
            if self.command:
                return _run(self.command, address)
            print(f"DOCKER_HOST={address}", flush=True)
            Display().display(f"The engine of {name} is at {address} until this is ended with Ctrl+C.", stderr=True)
            _wait()
            return 0


@contextmanager
def _place(wanted: str | None, name: str) -> Iterator[Path]:
    """Where the socket lies: where the user wants it, or in a new folder that nobody else may enter."""
    if wanted is not None:
        yield Path(wanted).absolute()
        return
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    folder = tempfile.mkdtemp(prefix="winfleet-", dir=runtime if runtime and os.access(runtime, os.W_OK) else None)
    try:
        yield Path(folder, re.sub(r"[^A-Za-z0-9.-]", "_", name)[:40] + ".sock")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: Sequence[str], address: str) -> int:
    """Run the user's command; the terminal and what is typed there are the command's."""
    environment = {key: value for key, value in os.environ.items() if key not in _OTHER_WAYS}
    ended = _handle()
    try:
        process = subprocess.Popen(command, env={**environment, "DOCKER_HOST": address})
    except OSError as error:
        raise OptionError(f'the command "{command[0]}" cannot be started ({error.strerror})', "Install it or correct its name") from error
    with process:
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda got, frame: process.send_signal(got))
        if ended.is_set():
            process.terminate()
        code = process.wait()
    return code if code >= 0 else 128 - code


def _wait() -> None:
    """Until the user ends it."""
    _handle().wait()


def _handle() -> threading.Event:
    """From now on signals end nothing by themselves (a command has them from the terminal, too): tunnels have to be closed first."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda got, frame: ended.set())
    return ended


def _tunnels(text: str) -> int:
    number = int(text) if text.isdigit() else 0
    if not 1 <= number <= MOST_TUNNELS:
        raise argparse.ArgumentTypeError(f"choose 1 to {MOST_TUNNELS}: Windows gives a user 30 shells, and tasks need some of them")
    return number


def _seconds(text: str) -> float:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return float(text)


def main(arguments: Sequence[str]) -> None:
    """Run the command line; does not return."""
    EngineSocketCLI.cli_executor(list(arguments))
