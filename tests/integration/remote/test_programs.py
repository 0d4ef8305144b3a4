# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs on a simulated Windows: what they get, what they print, how they end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import RemoteTimeout
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.program import Shell

from .conftest import Site

SLOW = ["/online", "/enable-feature", "/featurename:Containers", "/norestart"]


@pytest.mark.parametrize("kind", ["winrm", "psrp"])
def test_streams_and_exit_code(site: Callable[..., Site], kind: str) -> None:
    programs = site().remote(kind).programs
    done = programs.shell_builtin("echo out& echo err>&2& exit 7")
    assert (done.stdout, done.stderr.split(), done.exit_code) == (b"out\r\n", [b"err"], 7)


@pytest.mark.parametrize("number", ["-2146498548", "2148468748"])
def test_exit_codes_are_signed_in_either_form(site: Callable[..., Site], number: str) -> None:
    assert site().remote().programs.shell_builtin(f"exit {number}").exit_code == -2146498548


def test_arguments_arrive_as_they_were_given(site: Callable[..., Site]) -> None:
    where = site()
    where.remote().programs.run("reg.exe", ["query", "HKLM\\SOFTWARE\\a & b", "/v", "x^|y"])
    [line] = where.programs()
    assert line.endswith('reg.exe "query" "HKLM\\SOFTWARE\\a & b" "/v" "x^|y"')


def test_the_shell_of_the_connection_is_used(site: Callable[..., Site]) -> None:
    """It is there anyway: no Create and no Delete of our own."""
    where = site()
    remote = where.remote()
    remote.programs.shell_builtin("echo a")
    remote.programs.shell_builtin("echo b")
    assert where.host.messages["Create"] == 1
    assert where.host.messages["Delete"] == 0


def test_an_environment_gets_a_shell_of_its_own_that_is_deleted(site: Callable[..., Site]) -> None:
    where = site()
    remote = where.remote(environment={"PROBE": "a b"})
    assert remote.programs.shell_builtin("echo %PROBE%").text == "a b\r\n"
    assert where.host.messages["Create"] == 2
    remote.close()
    assert where.host.messages["Delete"] == 1


def test_a_program_under_a_path_with_blanks_runs_from_its_folder(site: Callable[..., Site]) -> None:
    where = site()
    remote = where.remote()
    remote.files.make_folder("C:\\Program Files\\my tools")
    remote.programs.shell_builtin('copy /Y C:\\Windows\\System32\\reg.exe "C:\\Program Files\\my tools\\reg.exe"')
    done = remote.programs.run("C:\\Program Files\\my tools\\reg.exe", ["query", "HKLM\\SOFTWARE"])
    assert done.exit_code == 0, done.error_text


@pytest.mark.parametrize(
    "switches",
    [{"receive_bytes": 3}, {"stream_bytes": 1}, {"empty_running": True}, {"end_markers": False}, {"second_command": "run"}],
    ids=lambda switches: next(iter(switches)),
)
def test_output_is_whole_however_the_host_cuts_it(site: Callable[..., Site], switches: dict[str, Any]) -> None:
    programs = site(winrm={"switches": switches}).remote().programs
    pieces: list[bytes] = []
    done = programs.run("reg.exe", ["query", "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"], on_output=pieces.append)
    assert done.exit_code == 0
    assert "CurrentVersion" in done.text
    assert b"".join(pieces) == done.stdout


def test_an_end_without_exit_code_is_no_success(site: Callable[..., Site]) -> None:
    assert site(winrm={"switches": {"exit_code": False}}).remote().programs.shell_builtin("echo x").exit_code == -1


def test_a_program_that_hangs_is_ended_in_time(site: Callable[..., Site]) -> None:
    where = site(servicing_seconds=60)
    remote = where.remote()
    started = time.monotonic()
    with pytest.raises(RemoteTimeout):
        remote.programs.run("dism.exe", SLOW, timeout=1.5)
    assert time.monotonic() - started < 10
    assert remote.programs.shell_builtin("echo alive").text == "alive\r\n"


def test_waiting_longer_than_one_receive(site: Callable[..., Site]) -> None:
    """Time-outs of Receive are normal and never reach the caller."""
    where = site(servicing_seconds=3)
    remote = where.remote(changes={"ansible_winrm_operation_timeout_sec": 1, "ansible_winrm_read_timeout_sec": 5})
    done = remote.programs.run("dism.exe", SLOW)
    assert done.exit_code == 3010
    assert where.host.messages["Receive"] >= 3


def test_a_shell_that_vanished_is_replaced(site: Callable[..., Site]) -> None:
    where = site()
    remote = where.remote()
    Shell.adopt(remote.session, str(remote.session.shell_id)).discard()
    remote.programs.shell_builtin("echo first")
    for shell in remote.programs._shells.values():
        twin = remote.session.sibling()
        shell.__class__.adopt(twin, shell.shell_id).discard()
    assert remote.programs.shell_builtin("echo second").text == "second\r\n"


def test_a_program_that_does_not_read_its_input_is_waited_for(site: Callable[..., Site]) -> None:
    """A timed-out Send is not repeated, later ones are refused as busy, and the program's own end is what counts."""
    where = site(servicing_seconds=3)
    remote = where.remote(changes={"ansible_winrm_operation_timeout_sec": 1, "ansible_winrm_read_timeout_sec": 5})
    done = remote.programs.run("dism.exe", SLOW, stdin=b"x" * 1_000_000, timeout=60)
    assert done.exit_code == 3010
