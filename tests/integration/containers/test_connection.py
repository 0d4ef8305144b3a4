# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection plugin ``container`` on simulated hosts: commands, files, refusals, and what it costs."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import become_loader, connection_loader

from ansible_collections.winfleet.containers.plugins.connection import container
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.session import Session
from simulator.wsman.certificate import client_certificate

from .conftest import HYPERV, IMAGE, PING, Site

Start = Callable[..., Site]
NAME = "winfleet.containers.container"
CORE = "mcr.microsoft.com/windows/servercore:ltsc2022"
OLD = "mcr.microsoft.com/windows/servercore:ltsc2016"


@contextmanager
def connection(where: Site, shell: str = "cmd", **variables: Any) -> Iterator[Any]:
    """The plugin as core's task executor makes it, closed at the end."""
    settings = {"ansible_winrm_transport": "ntlm", "ansible_winrm_scheme": "http", "winfleet_container": "web", **where.host.inventory()}
    context = PlayContext()
    context.shell = shell
    connection_loader._load_config_defs(NAME, container, container.__file__)
    plugin = container.Connection(context)
    connection_loader._update_object(obj=plugin, name=NAME, path=container.__file__, resolved=NAME)
    plugin.set_options(var_options={**settings, "winfleet_container_host": where.host.name, "_extras": {}, **variables})
    try:
        yield plugin
    finally:
        plugin.close()


def start(site: Start, image: str = CORE, isolation: str = "process", **entry: Any) -> Site:
    where = site(**{**HYPERV, **entry})
    assert not where.container(image=image, command=PING, isolation=isolation).error
    return where


@pytest.mark.parametrize("isolation", ["process", "hyperv"])
def test_commands_and_files(site: Start, tmp_path: Path, isolation: str) -> None:
    where = start(site, isolation=isolation)
    content = bytes(range(256)) * 4000 + b"\r\n\x1a"
    (tmp_path / "in").write_bytes(content)
    with connection(where, winfleet_container_user="ContainerUser") as plugin:
        assert plugin.exec_command('echo "a  b"& echo %COMPUTERNAME%>"C:\\x y.txt"& exit 3') == (3, b'"a  b"\r\n', b"")
        assert plugin.exec_command("more", b"given") == (0, b"given", b"")
        assert plugin.exec_command("whoami")[1].strip().endswith(b"containeruser")
        for name in ("C:\\Ümläut ß 日本.bin", "C:\\-x" + "y" * 200, "relative"):
            plugin.put_file(str(tmp_path / "in"), name)
            plugin.fetch_file(name, str(tmp_path / "out"))
            assert (tmp_path / "out").read_bytes() == content
        plugin.put_file(str(tmp_path / "in"), "C:\\a & %b% ^'file'.bin")
        plugin.fetch_file("C:\\A & %b% ^'file'.bin", str(tmp_path / "out"))
        assert (tmp_path / "out").read_bytes() == content
        (tmp_path / "empty").touch()
        plugin.put_file(str(tmp_path / "empty"), '"C:\\empty"')
        plugin.fetch_file("C:\\empty", str(tmp_path / "out"))
        assert (tmp_path / "out").read_bytes() == b""
        with pytest.raises(AnsibleError, match=r'Cannot copy the file "C:\\none" out of container "web" on ws2022: .*No such file'):
            plugin.fetch_file("C:\\none", str(tmp_path / "out"))
        assert not (tmp_path / "out").exists()
        for name in ("C:\\*.bin", "C:\\x?", 'C:\\a"b', "C:\\a:stream", "C:\\a\n"):
            for carry in (plugin.put_file, plugin.fetch_file):
                with pytest.raises(AnsibleError, match="which no name of a file has in Windows"):
                    carry(*((str(tmp_path / "in"), name) if carry == plugin.put_file else (name, str(tmp_path / "out"))))
        with pytest.raises(AnsibleError, match=r'into container "web" on ws2022: .*could not chdir'):
            plugin.put_file(str(tmp_path / "in"), "C:\\none\\file")
    there = where.there()
    assert there is not None and there.files.find("C:\\x y.txt").data == f"{there.hostname}\r\n".encode()  # type: ignore[union-attr]
    assert not [line for line in where.requests() if "archive" in line]


def test_one_tunnel_for_all_commands_of_a_task(site: Start) -> None:
    where = start(site)
    with connection(where) as plugin:
        plugin.exec_command("ver")
        assert len(where.fleet.call(where.host.winrm.service.shells.shells.all)) == 1, "a tunnel's; core's own was given back"
        before = len(where.requests())
        for _number in range(5):
            plugin.exec_command("ver")
        assert len(where.requests()) - before == 15, "create, start and inspect of each exec"
        assert plugin._host.statistics["tunnels"]() == 7, "an exec uses its connection up, and the next request needs one"
    assert where.fleet.call(where.host.winrm.service.shells.shells.all) == []


def test_an_image_without_tar_copies_text(site: Start, tmp_path: Path) -> None:
    where = start(site, OLD, "hyperv")
    (tmp_path / "in").write_bytes(b"one\r\n\r\ntwo\r\n")
    with connection(where) as plugin:
        plugin.put_file(str(tmp_path / "in"), "C:\\a b.txt")
        plugin.fetch_file("C:\\a b.txt", str(tmp_path / "out"))
        assert (tmp_path / "out").read_bytes() == b"one\r\n\r\ntwo\r\n"
        (tmp_path / "in").write_bytes(b"one\0")
        with pytest.raises(AnsibleError, match=r"its image has no tar\.exe, and without it only short text"):
            plugin.put_file(str(tmp_path / "in"), "C:\\a b.txt")
        with pytest.raises(AnsibleError, match="cannot find the file"):
            plugin.fetch_file("C:\\none.txt", str(tmp_path / "out"))


def test_nano_server(site: Start, tmp_path: Path) -> None:
    """It has tar.exe, and neither PowerShell nor certutil.exe."""
    where = start(site, IMAGE)
    (tmp_path / "in").write_bytes(b"x" * 100)
    with connection(where) as plugin:
        plugin.put_file(str(tmp_path / "in"), "C:\\x")
        plugin.fetch_file("C:\\x", str(tmp_path / "out"))
        assert (tmp_path / "out").read_bytes() == b"x" * 100
    refusal = (
        r'Cannot run a command in container "web" on ws2022: its image has no Windows PowerShell, .*\. Set ansible_shell_type to cmd .*raw'
    )
    with connection(where, "powershell") as plugin, pytest.raises(AnsibleError, match=refusal):
        plugin.exec_command("Get-Date")


def test_powershell_gets_its_script_as_core_sends_it(site: Start) -> None:
    """The simulated container has no PowerShell to run it, and says so (tests/host_contract asks a real one)."""
    where = start(site)
    with connection(where, "powershell") as plugin:
        code, stdout, stderr = plugin.exec_command(plugin._shell.build_module_command("", "#!powershell", ""), b"{}")
        assert (code, stdout, stderr) == (1, b"", b"powershell: the simulated container cannot run this\r\n")
    line = next(each for each in where.engine.execs.execs.values()).config
    assert (line["Cmd"][0].lower(), line["Cmd"][-2], line["AttachStdin"]) == ("powershell", "-EncodedCommand", True)


def test_a_container_that_cannot_be_reached(site: Start) -> None:
    where = start(site)

    def refused(error: type[AnsibleError] = AnsibleConnectionFailure, **variables: Any) -> str:
        with connection(where, **variables) as plugin, pytest.raises(AnsibleError) as caught:
            plugin.exec_command("ver")
        assert caught.type is error
        return str(caught.value.message)

    assert refused(winfleet_container="none").startswith('Cannot reach container "none" on ws2022: there is no such container. Correct')
    assert "the named pipe" in refused(winfleet_engine_pipe="other")
    assert refused(ansible_password="wrong-s3cret").startswith("Cannot reach ws2022: ")
    assert 'is reached by the connection plugin "psrp"' in refused(AnsibleError, winfleet_container_host_connection="psrp")
    assert "the address of its host is not known" in refused(AnsibleError, ansible_host=None)
    assert 'it has no user "nobody". Set winfleet_container_user to' in refused(AnsibleError, winfleet_container_user="nobody")
    assert not where.container(state="stopped").error
    assert "it does not run (its status is exited). Start it with" in refused()
    assert not where.container(state="absent").error
    where.fleet.call(lambda: where.machine.services.stop("docker"))
    assert "the engine does not run" in refused()


def test_the_certificate_and_time_limits_of_the_host_hold_for_its_containers(site: Start, tmp_path: Path) -> None:
    path = tmp_path / "vagrant.pem"
    path.write_bytes(client_certificate("vagrant@localhost"))
    mapping = {"subject": "vagrant@localhost", "account": "vagrant", "certificate": str(path)}
    where = start(site, winrm={"https_port": 5986, "certificate_mappings": [mapping]})
    ways = {"ansible_winrm_transport": "certificate", "ansible_winrm_scheme": "https", "ansible_port": 5986}
    pieces = {"cert_pem": str(path), "cert_key_pem": str(path), "server_cert_validation": "ignore"}
    pieces |= {"operation_timeout_sec": "40", "read_timeout_sec": "70"}
    extras = {f"ansible_winrm_{name}": value for name, value in pieces.items()}
    with connection(where, _extras=extras, ansible_user=None, ansible_password=None, **ways) as plugin:
        assert plugin.exec_command("ver")[0] == 0
        carrier = plugin._host.session._carrier
        assert (carrier.operation_seconds, carrier.read_seconds) == (40, 70)


def test_a_container_that_stops_between_two_commands(site: Start) -> None:
    where = start(site)
    with connection(where) as plugin:
        plugin.exec_command("ver")
        assert not where.container(state="stopped").error
        with pytest.raises(AnsibleConnectionFailure, match="ws2022"):
            plugin.exec_command("ver")
        assert not where.container(state="started").error
        assert plugin.exec_command("ver")[0] == 0, "it is looked for again"


class Interrupt(BaseException):
    """As core's TaskTimeoutError, which is no Exception."""


def test_a_task_that_is_broken_off(site: Start) -> None:
    """The keyword ``timeout``: the wait ends, the shells are given back, and the command goes on in the container."""
    where = start(site)

    def interrupt(*_unused: object) -> None:
        raise Interrupt

    def execs() -> list[bool]:
        return [each.running for each in where.engine.execs.execs.values()]

    def watch() -> None:
        while where.fleet.call(execs) != [True]:
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        with connection(where) as plugin, pytest.raises(Interrupt):
            Thread(target=watch, daemon=True).start()
            plugin.exec_command("ping -t localhost")
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert where.fleet.call(where.host.winrm.service.shells.shells.all) == []
    assert where.fleet.call(execs) == [True]


def test_become_is_refused_by_name(site: Start) -> None:
    where = start(site)
    with connection(where) as plugin:
        plugin.set_become_plugin(become_loader.get("runas"))
        with pytest.raises(AnsibleError, match=r"become is set, .* Remove become, and set winfleet_container_user"):
            plugin.exec_command("ver")


def test_the_modules_of_the_collection_refuse_it(site: Start) -> None:
    with connection(site()) as plugin, pytest.raises(OptionError) as caught:
        Session.of(plugin)
    assert caught.value.cause == "this is a container, and the modules of this collection manage hosts"
