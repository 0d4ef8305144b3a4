# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What no public source could settle about real Windows, asked to whatever host is there.

The questions are those of the list "To check on the first real host". On the simulator they hold its switches to what the collection relies
on; on a real host (``make test-host``) the answers are news. Everything written lies below one folder and one registry key, both removed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ContainersError, OptionError
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.cim import CimClass
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.host import RemoteHost
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.program import Programs
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.reboot import reboot
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.shell import Shell

FOLDER = "C:\\Windows\\Temp\\winfleet-contract"
KEY = "SOFTWARE\\winfleet-contract"
#: Every byte, the pairs that text modes change, and Ctrl-Z, which ends a text file.
BYTES = bytes(range(256)) * 8 + b"\r\n\n\r\x1a\x00\x00\xff\xfe" * 64


@pytest.fixture
def folder(host: RemoteHost) -> Iterator[str]:
    host.files.make_folder(FOLDER)
    yield FOLDER
    host.files.remove(FOLDER)


@pytest.fixture
def key(host: RemoteHost) -> Iterator[str]:
    host.registry.create_key(KEY)
    yield KEY
    host.programs.run("reg.exe", ["delete", f"HKLM\\{KEY}", "/f"])


def test_stdin_is_byte_exact(host: RemoteHost, folder: str) -> None:
    """Question 1: a tar.gz with every byte in it unpacks, and the host's own hash of the file is ours (write checks it)."""
    host.files.write(f"{folder}\\bytes.bin", BYTES)
    assert host.files.exists(f"{folder}\\bytes.bin")


def test_stdout_is_byte_exact(host: RemoteHost, folder: str) -> None:
    """Question 1: the bytes come back through ``type`` as they are."""
    content = BYTES.replace(b"\x1a", b"")  # type ends a file at Ctrl-Z
    host.files.write(f"{folder}\\bytes.bin", content)
    assert host.files.read(f"{folder}\\bytes.bin") == content


def test_a_large_send_passes(host: RemoteHost, folder: str) -> None:
    """Question 8: more than one envelope of input that cannot be compressed."""
    import random

    host.files.write(f"{folder}\\large.bin", random.Random(8).randbytes(700_000))


def test_closing_stdin_ends_a_program_that_reads(host: RemoteHost) -> None:
    """Question 1: end of input reaches the program."""
    done = host.programs.run("findstr.exe", ["/R", "."], stdin=b"one\r\ntwo\r\n", timeout=60)
    assert (done.exit_code, done.stdout.splitlines()) == (0, [b"one", b"two"])


@pytest.mark.parametrize(
    "argument",
    ["plain", "two words", "", "a&b|c<d>e^f", "(x) ; , =", "C:\\Program Files\\", "C:\\x\\\\", "tab\tinside", "ümlaut €"],
)
def test_quoting_carries(host: RemoteHost, key: str, argument: str) -> None:
    """The table of command lines: what reg.exe got as an argument is what the registry then holds."""
    done = host.programs.run("reg.exe", ["add", f"HKLM\\{key}", "/v", "argument", "/t", "REG_SZ", "/d", argument, "/f"])
    assert done.exit_code == 0, done.error_text
    assert (host.registry.string(key, "argument") or "") == argument


@pytest.mark.parametrize("argument", ["100%", "%PATH%", 'a"b', "a!b", "a\nb", "a\rb", "a\0b"])
def test_what_cmd_cannot_carry_is_refused_before_anything_starts(host: RemoteHost, argument: str) -> None:
    with pytest.raises(OptionError):
        host.programs.run("reg.exe", ["query", argument])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("C:\\Windows\\System32\\findstr.exe /C:x C:\\Windows\\win.ini-missing", 1),
        ('"C:\\Windows\\System32\\cmd.exe" /C "exit 7"', None),  # fails: cmd takes the outermost quotes away
        ('@"C:\\Windows\\System32\\cmd.exe" /C "exit 7"', 7),
        ("C:\\Windows\\System32\\cmd.exe /C exit 7", 7),
    ],
)
def test_the_one_rule_of_cmd(host: RemoteHost, line: str, expected: int | None) -> None:
    """Question 2: every line is run by ``cmd /C``, whatever SKIP_CMD_SHELL says."""
    done = Programs(host.session).shell_builtin(line)
    assert done.exit_code != 7 if expected is None else done.exit_code == expected


def test_send_beside_a_waiting_receive(host: RemoteHost) -> None:
    """Question 3: a Send on another connection gets through while Receive waits for the same command."""
    other = host.session.sibling()
    received: list[bytes] = []
    with Shell(host.session) as shell:
        command = shell.start('%SystemRoot%\\System32\\findstr.exe /R "."')

        def wait() -> None:
            while (output := command.receive(60)) is not None:
                received.append(output.stdout)
                if output.exit_code is not None:
                    return

        waiting = threading.Thread(target=wait)
        waiting.start()
        time.sleep(1)
        started = time.monotonic()
        command.send(b"beside\r\n", session=other)
        command.send(b"", end=True, session=other)
        took = time.monotonic() - started
        waiting.join(60)
    other.close()
    assert not waiting.is_alive()
    assert b"beside" in b"".join(received)
    assert took < 10


def test_a_deleted_shell_ends_its_program(host: RemoteHost) -> None:
    """Question 7: what ran in the shell is gone after Delete."""
    process = CimClass("Win32_Process", {"ProcessId": int, "CommandLine": str})
    mine = "Name = 'ping.exe' and CommandLine like '%127.0.0.77%'"
    with Shell(host.session) as shell:
        shell.start("%SystemRoot%\\System32\\ping.exe -t 127.0.0.77")
        time.sleep(1)
        assert host.cim.query(process, mine)
    give_up = time.monotonic() + 30
    while host.cim.query(process, mine) and time.monotonic() < give_up:
        time.sleep(1)
    assert host.cim.query(process, mine) == []


def test_a_missing_class_is_an_error_of_ours(host: RemoteHost) -> None:
    """Question 5, the shape of faults."""
    with pytest.raises(ContainersError):
        host.cim.query(CimClass("Winfleet_Missing", {"Name": str}))


def test_a_reboot_is_proved(host: RemoteHost) -> None:
    """Question 6: whatever refusals come in between, the boot time changes and the host answers again. Runs last."""
    proof = reboot(host, message="host contract", timeout=1200)
    assert proof.boot_time_after > proof.boot_time_before
    assert host.programs.run("whoami.exe").exit_code == 0
