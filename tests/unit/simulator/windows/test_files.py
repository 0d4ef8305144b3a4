# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files on the simulated disk, by tar, curl and certutil: real archives, real downloads, a disk that can be full."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from simulator.console import Finished, play, run, run_lines
from simulator.windows.files import FileError, FileSystem, absolute
from simulator.windows.machine import Machine

PAYLOAD = bytes(range(256)) * 40


@pytest.fixture
def machine() -> Machine:
    machine = Machine("ws2022", "server-2022", time_scale=0.01)
    machine.files.make_folder("C:\\d")
    return machine


def tar_gz(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    # Without the time of day, so that every process that collects these tests sees the same.
    return gzip.compress(buffer.getvalue(), mtime=0)


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("docker/", "")
        archive.writestr("docker/docker.exe", b"one")
        archive.writestr("docker/dockerd.exe", PAYLOAD)
    return buffer.getvalue()


def fed(machine: Machine, line: str, stdin: bytes) -> Finished:
    done: Finished = play(lambda: run(machine, line, stdin=stdin))
    return done


# --- the tree ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("x", "C:\\Users\\x"),
        ("..\\x", "C:\\x"),
        ("\\x", "C:\\x"),
        ("C:/a//b/", "C:\\a\\b"),
        ("c:\\", "C:\\"),
        ('"C:\\Program Files\\x"', "C:\\Program Files\\x"),
        ("\\\\?\\C:\\x", "C:\\x"),
        ("C:x", "C:\\Users\\x"),
        ("C:\\a\\..\\..\\b", "C:\\b"),
    ],
)
def test_paths(path: str, expected: str) -> None:
    assert absolute(path, "C:\\Users") == expected


def test_names_have_no_case_and_keep_their_spelling() -> None:
    files = FileSystem(1000, 1000)
    files.write("C:\\Folder\\File.TXT", b"x", parents=True)
    files.write("c:\\folder\\file.txt", b"yy")
    assert files.read("C:\\FOLDER\\FILE.txt") == b"yy"
    assert files.real_path("c:\\folder\\FILE.txt") == "C:\\Folder\\File.TXT"
    assert files.free_bytes == 998


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda files: files.write("C:\\nope\\x", b""), 3),
        (lambda files: files.write("C:\\d", b""), 5),
        (lambda files: files.write("C:\\a*b", b""), 123),
        (lambda files: files.write("C:\\x", b"z" * 2000), 112),
        (lambda files: files.make_folder("C:\\f\\g"), 183),
        (lambda files: files.make_folder("X:\\f"), 3),
        (lambda files: files.delete("C:\\nope"), 2),
        (lambda files: files.remove_folder("C:\\d"), 145),
        (lambda files: files.remove_folder("C:\\f"), 267),
        (lambda files: files.move("C:\\f", "C:\\d\\in", replace=False), 183),
    ],
)
def test_refusals_have_windows_codes(act: object, code: int) -> None:
    files = FileSystem(1000, 1000)
    files.write("C:\\d\\in", b"x", parents=True)
    files.write("C:\\f", b"x")
    with pytest.raises(FileError) as caught:
        act(files)  # type: ignore[operator]
    assert caught.value.code == code
    assert files.free_bytes == 998


# --- tar --------------------------------------------------------------------------------------------------------------------


def test_tar_takes_a_stream(machine: Machine) -> None:
    done = fed(machine, "C:\\Windows\\System32\\tar.exe -xzf - -C C:\\d", tar_gz(a=PAYLOAD, b=b"x"))
    assert (done.code, done.error) == (0, b"")
    assert machine.files.read("C:\\d\\a") == PAYLOAD


def test_tar_takes_a_zip_from_a_file_only(machine: Machine) -> None:
    machine.files.write("C:\\d\\x.zip", zipped())
    done = run_lines(
        machine,
        "tar -xvf C:\\d\\x.zip -C C:\\d docker/dockerd.exe",
        "tar -tf C:\\d\\x.zip",
        "tar -xf C:\\d\\x.zip --strip-components 1 -C C:\\d",
    )
    assert [one.code for one in done] == [0, 0, 0]
    assert done[0].error_text == "x docker/dockerd.exe\n"
    assert machine.files.read("C:\\d\\docker\\dockerd.exe") == PAYLOAD
    assert machine.files.read("C:\\d\\docker.exe") == b"one"
    assert fed(machine, "tar -xf - -C C:\\d", zipped()).code == 1


def test_tar_gives_a_stream(machine: Machine) -> None:
    machine.files.write("C:\\d\\e\\x.bin", PAYLOAD, parents=True)
    (done,) = run_lines(machine, "tar -cf - -C C:\\d e")
    with tarfile.open(fileobj=io.BytesIO(done.out)) as archive:
        assert archive.getnames() == ["e", "e/x.bin"]
        stream = archive.extractfile("e/x.bin")
        assert stream is not None
        assert stream.read() == PAYLOAD


@pytest.mark.parametrize(
    ("line", "stdin", "words"),
    [
        ("tar -xf C:\\nope.tar", b"", "Error opening archive: Failed to open 'C:\\nope.tar'"),
        ("tar -xf - -C C:\\nope", b"", "could not chdir to"),
        ("tar -xf - -C C:\\d", b"this is not an archive", "Error opening archive"),
        ("tar -xzf - -C C:\\d", tar_gz(a=PAYLOAD)[:-40], "Error opening archive"),
        ("tar -xf - -C C:\\d nope", tar_gz(a=b"x"), "nope: Not found in archive"),
        ("tar -xf - -C C:\\d", tar_gz(**{"../evil": b"x"}), "Path contains '..'"),
        ("tar", b"", "Must specify one of"),
    ],
)
def test_tar_fails(machine: Machine, line: str, stdin: bytes, words: str) -> None:
    done = fed(machine, line, stdin)
    assert done.code == 1
    assert done.error_text.startswith("tar.exe: ")
    assert words in done.error_text


def test_a_full_disk_stops_tar(machine: Machine) -> None:
    machine.files.free_bytes = 1000
    done = fed(machine, "tar -xzf - -C C:\\d", tar_gz(a=b"x", b=PAYLOAD))
    assert done.code == 1
    assert "No space left on device" in done.error_text
    assert machine.files.exists("C:\\d\\a")


def test_server_2016_has_neither() -> None:
    done = run_lines(Machine("ws2016", "server-2016"), "tar --version", "curl --version")
    assert [one.code for one in done] == [1, 1]


# --- certutil ---------------------------------------------------------------------------------------------------------------


def test_certutil_hashes(machine: Machine) -> None:
    machine.files.write("C:\\d\\f", PAYLOAD)
    machine.files.write("C:\\d\\empty", b"")
    done = run_lines(
        machine, "certutil -hashfile C:\\d\\f SHA256", "certutil -hashfile C:\\d\\nope SHA256", "certutil -hashfile C:\\d\\empty SHA256"
    )
    assert done[0].text.splitlines()[1] == hashlib.sha256(PAYLOAD).hexdigest()
    assert [one.code & 0xFFFFFFFF for one in done] == [0, 0x80070002, 0x800703EE]


# --- curl -------------------------------------------------------------------------------------------------------------------


class _Mirror(BaseHTTPRequestHandler):
    hits = 0

    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/file")
            self.end_headers()
        elif self.path == "/file":
            self.send_response(200)
            self.send_header("Content-Length", str(len(PAYLOAD)))
            self.end_headers()
            self.wfile.write(PAYLOAD)
        elif self.path == "/flaky" and _Mirror.hits == 0:
            _Mirror.hits += 1
            self.send_error(503)
        else:
            self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def mirror() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Mirror)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_curl_downloads(machine: Machine, mirror: str) -> None:
    machine.hosts["download.docker.com"] = mirror
    done = run_lines(
        machine,
        f"curl -fsSL -o C:\\d\\one {mirror}/moved",
        "curl.exe --fail --silent --location --output C:\\d\\two https://download.docker.com/file",
        f"curl -s -w %{{http_code}} -o C:\\d\\page {mirror}/nope",
    )
    assert [one.code for one in done] == [0, 0, 0]
    assert machine.files.read("C:\\d\\one") == machine.files.read("C:\\d\\two") == PAYLOAD
    assert done[2].text == "404"


def test_curl_retries(machine: Machine, mirror: str) -> None:
    _Mirror.hits = 0
    (done,) = run_lines(machine, f"curl -fsS --retry 2 -o C:\\d\\x {mirror}/flaky")
    assert done.code == 22, "the second answer is a 404, which is final"


def test_curl_fails(machine: Machine, mirror: str) -> None:
    machine.files.free_bytes = 10_000_000
    lines = {
        f"curl -fsS -o C:\\d\\x {mirror}/nope": 22,
        "curl -fsS -o C:\\d\\x http://nowhere.example/x": 6,
        "curl -fsS -o C:\\d\\x http://127.0.0.1:1/x": 7,
        f"curl -fsS -o C:\\nope\\x {mirror}/file": 23,
        "curl --frobnicate x": 2,
        "curl": 2,
        "curl ftp://127.0.0.1/": 1,
    }
    assert [one.code for one in run_lines(machine, *lines)] == list(lines.values())
    machine.files.free_bytes = 5000
    (done,) = run_lines(machine, f"curl -fsS -o C:\\d\\x {mirror}/file")
    assert (done.code, done.error_text) == (23, "curl: (23) Failure writing output to destination\n")
