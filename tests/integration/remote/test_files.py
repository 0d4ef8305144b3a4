# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files on a simulated Windows, through programs that exist on every Windows."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Callable

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ContainersError, OptionError, RemoteError

from .conftest import Site

FOLDER = "C:\\ProgramData\\winfleet test"
BYTES = bytes(range(256)) * 40 + b"\r\n\x1a\x00end"


@pytest.mark.parametrize("name", ["daemon.json", "a & b (1).txt", "größe €.txt"])
@pytest.mark.parametrize("content", [b"{}", b"", BYTES, b"x" * 600_000], ids=["small", "empty", "binary", "large"])
def test_a_file_arrives_byte_for_byte(site: Callable[..., Site], name: str, content: bytes) -> None:
    files = site().remote().files
    path = f"{FOLDER}\\deeper\\{name}"
    files.write(path, content)
    assert files.read(path) == content
    assert files.sha256(path) == hashlib.sha256(content).hexdigest()


def test_a_file_is_replaced_and_nothing_is_left_beside_it(site: Callable[..., Site]) -> None:
    where = site()
    remote = where.remote()
    remote.files.write(f"{FOLDER}\\f", b"old")
    remote.files.write(f"{FOLDER}\\f", b"new")
    assert remote.files.read(f"{FOLDER}\\f") == b"new"
    assert "winfleet-" not in remote.programs.shell_builtin(f'dir /b /a "{FOLDER}"').text


def test_missing_files(site: Callable[..., Site]) -> None:
    files = site().remote().files
    assert files.read(f"{FOLDER}\\none") is None
    assert files.sha256(f"{FOLDER}\\none") is None
    assert not files.exists(f"{FOLDER}\\none")
    files.remove(f"{FOLDER}\\none")


def test_folders(site: Callable[..., Site]) -> None:
    files = site().remote().files
    files.make_folder(f"{FOLDER}\\a\\b")
    files.make_folder(f"{FOLDER}\\a\\b")
    files.write(f"{FOLDER}\\a\\b\\f", b"x")
    assert files.exists(f"{FOLDER}\\a")
    files.move(f"{FOLDER}\\a\\b\\f", f"{FOLDER}\\g")
    assert files.read(f"{FOLDER}\\g") == b"x"
    files.remove(f"{FOLDER}\\g")
    files.remove(f"{FOLDER}\\a")
    assert not files.exists(f"{FOLDER}\\a")
    assert not files.exists(f"{FOLDER}\\g")
    assert files.exists(FOLDER)


@pytest.mark.parametrize("path", ["C:\\100%\\f", 'C:\\a"b', "C:\\a\nb", "C:\\what?"])
def test_paths_that_cannot_be_carried_touch_nothing(site: Callable[..., Site], path: str) -> None:
    where = site()
    remote = where.remote()
    for action in (remote.files.read, remote.files.sha256, remote.files.exists, remote.files.remove, remote.files.make_folder):
        with pytest.raises(OptionError):
            action(path)
    with pytest.raises(OptionError):
        remote.files.write(path, b"x")
    assert remote.session.messages == 0


def test_a_full_disk_keeps_the_old_file(site: Callable[..., Site]) -> None:
    where = site()
    remote = where.remote()
    remote.files.write(f"{FOLDER}\\f", b"old")
    machine = where.host.machine
    where.fleet.call(lambda: machine.files.reserve(machine.files.free_bytes - 1000))
    with pytest.raises(RemoteError):
        remote.files.write(f"{FOLDER}\\f", b"n" * 100_000)
    assert remote.files.read(f"{FOLDER}\\f") == b"old"


def test_no_powershell_and_no_secret_name_on_the_way(site: Callable[..., Site]) -> None:
    where = site()
    where.remote().files.write(f"{FOLDER}\\f", b"hush")
    assert not [line for line in where.programs() if "powershell" in line.lower() or "hush" in line]


@pytest.mark.parametrize("limit", [60, 150])
def test_a_small_envelope_is_found_by_halving(site: Callable[..., Site], limit: int) -> None:
    where = site(winrm={"limits": {"max_envelope_kb": limit}})
    remote = where.remote()
    noise = hashlib.shake_256(b"seed").digest(400_000)  # does not shrink by compression
    remote.files.write(f"{FOLDER}\\f", noise)
    assert remote.files.sha256(f"{FOLDER}\\f") == hashlib.sha256(noise).hexdigest()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", range(1, 26, 2))
def test_a_cut_connection_never_leaves_half_a_file(site: Callable[..., Site], nth: int, when: str) -> None:
    where = site()
    remote = where.remote()
    path = f"{FOLDER}\\f"
    remote.files.write(path, b"old")
    where.host.faults.add("cut", nth=nth, when=when)
    try:
        remote.files.write(path, b"new" * 1000)
    except ContainersError as error:
        assert error.cause
    where.host.faults.clear()
    assert remote.files.read(path) in (b"old", b"new" * 1000)
    remote.files.write(path, b"newest")
    assert remote.files.read(path) == b"newest"


@pytest.mark.parametrize("quotes", [True, False], ids=["line in quotes", "bare line"])
@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
def test_what_the_facts_leave_open_does_not_matter(site: Callable[..., Site], quotes: bool, signed: bool) -> None:
    files = site(winrs_quotes_line=quotes, signed_exit_codes=signed).remote().files
    path = f"{FOLDER}\\a (1)\\f & g.txt"
    assert files.sha256(path) is None
    assert files.read(path) is None
    files.write(path, BYTES)
    assert files.read(path) == BYTES
    files.remove(f"{FOLDER}\\a (1)")
    assert not files.exists(path)


def test_a_program_that_prints_while_it_is_fed_does_not_hang(site: Callable[..., Site]) -> None:
    """It stops reading when its output is not taken: input and output have to take turns."""
    where = site()
    remote = where.remote(changes={"ansible_winrm_operation_timeout_sec": 1, "ansible_winrm_read_timeout_sec": 5})
    remote.files.make_folder(FOLDER)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for number in range(4000):
            member = tarfile.TarInfo(f"{number:04d}-{'n' * 80}")
            member.size = 300
            archive.addfile(member, io.BytesIO(hashlib.shake_256(str(number).encode()).digest(300)))
    done = remote.programs.run("tar.exe", ["-xvf", "-", "-C", FOLDER], stdin=packed.getvalue(), timeout=120)
    assert done.exit_code == 0
    assert len(done.error_text.splitlines() + done.text.splitlines()) == 4000
