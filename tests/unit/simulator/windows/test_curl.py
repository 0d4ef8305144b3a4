# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""curl on a simulated machine: downloads that go on, proxies, and certificates nobody vouches for."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from simulator.console import Finished, run_lines
from simulator.windows.machine import Machine

PAYLOAD = bytes(range(256)) * 40
FILE = "C:\\d\\file"


def copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


class Handler(BaseHTTPRequestHandler):
    """A web server, and an HTTP proxy that answers by itself whatever host is asked for."""

    seen: list[tuple[str, str]] = []
    tunnel = 0

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers.get("Proxy-Authorization", "")))
        start = int(self.headers.get("Range", "bytes=0-")[6:-1])
        if self.path.endswith("/plain"):
            start = 0
        if start >= len(PAYLOAD):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(PAYLOAD) - start))
        self.end_headers()
        body = PAYLOAD[start:]
        self.wfile.write(body[:100] if self.path.endswith("/broken") and not start else body)
        if self.path.endswith("/broken"):
            self.close_connection = True

    def do_CONNECT(self) -> None:
        """Refuses but for one name, for which it is a tunnel to the server on the port that stands in ``tunnel``."""
        self.seen.append((self.path, ""))
        if self.path != "localhost:443":
            self.send_error(407)
            return
        self.send_response(200)
        self.end_headers()
        with socket.create_connection(("127.0.0.1", self.tunnel)) as far:
            back = threading.Thread(target=copy, args=(far, self.connection), daemon=True)
            back.start()
            copy(self.connection, far)
            back.join(5)

    def log_message(self, format: str, *args: object) -> None:
        pass


def serve(context: ssl.SSLContext | None = None) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture
def web() -> Iterator[str]:
    Handler.seen.clear()
    server = serve()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate for localhost, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def secure_web(certificate: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = serve(context)
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def machine() -> Machine:
    machine = Machine("ws2022", "server-2022")
    machine.files.make_folder("C:\\d")
    return machine


def pem(certificate: Path) -> str:
    text = certificate.read_text()
    return text[text.index("-----BEGIN CERTIFICATE") :]


def one(machine: Machine, line: str, **settings: object) -> Finished:
    return run_lines(machine, line, **settings)[0]


def test_a_download_goes_on_where_it_broke_off(machine: Machine, web: str) -> None:
    assert one(machine, f"curl -fsS -o {FILE} {web}/broken").code == 18
    assert machine.files.read(FILE) == PAYLOAD[:100]
    assert one(machine, f"curl -fsS -C - -o {FILE} {web}/broken").code == 0
    assert machine.files.read(FILE) == PAYLOAD
    assert one(machine, f"curl -fsS -C - -o {FILE} {web}/file").code == 0, "a complete file needs nothing more"
    assert machine.files.read(FILE) == PAYLOAD


def test_a_server_without_ranges_cannot_resume(machine: Machine, web: str) -> None:
    machine.files.write(FILE, PAYLOAD[:10])
    done = one(machine, f"curl -fsS -C - -o {FILE} {web}/plain")
    assert done.code == 33
    assert machine.files.read(FILE) == PAYLOAD[:10]


def test_a_proxy_given_or_in_the_environment(machine: Machine, web: str) -> None:
    assert one(machine, f"curl -fsS -x {web.replace('http://', 'http://user:word@')} -o {FILE} http://far.example/file").code == 0
    assert one(machine, f"curl -fsS -o {FILE} http://far.example/file", environment={"http_proxy": web}).code == 0
    assert machine.files.read(FILE) == PAYLOAD
    credentials = "Basic " + base64.b64encode(b"user:word").decode()
    assert Handler.seen == [("http://far.example/file", credentials), ("http://far.example/file", "")]
    for line, code in {
        f"curl -fsS --noproxy far.example -o {FILE} http://far.example/file": 6,
        f"curl -fsS -x http://nowhere.example:3128 -o {FILE} http://far.example/file": 5,
        f"curl -fsS -o {FILE} https://far.example/file": 56,
    }.items():
        assert one(machine, line, environment={"HTTP_PROXY": web, "HTTPS_PROXY": web}).code == code, line


def test_certificates(machine: Machine, secure_web: str, certificate: Path) -> None:
    machine.files.write("C:\\d\\roots.pem", pem(certificate).encode())
    for options, code in {"": 60, "-k": 0, "--cacert C:\\d\\roots.pem": 0, "--cacert C:\\d\\none.pem": 77}.items():
        done = one(machine, f"curl -fsS {options} -o {FILE} {secure_web}/file")
        assert done.code == code, done.error_text
    machine.trusted_roots.append(pem(certificate))
    assert one(machine, f"curl -fsS -o {FILE} {secure_web}/file").code == 0


def test_revocation_that_cannot_be_checked(certificate: Path, secure_web: str) -> None:
    machine = Machine("ws2022", "server-2022", revocation_reachable=False, trusted_roots=[pem(certificate)])
    done = one(machine, f"curl -fsS {secure_web}/file")
    assert (done.code, "0x80092012" in done.error_text) == (35, True)
    assert one(machine, f"curl -fsS --ssl-no-revoke {secure_web}/file").out == PAYLOAD


def test_no_handshake(machine: Machine, web: str) -> None:
    assert one(machine, f"curl -fsS -k {web.replace('http', 'https')}/file").code == 35


def test_nobody_listens(machine: Machine) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert one(machine, f"curl -fsS http://127.0.0.1:{port}/").code == 7


def test_a_tunnel_through_a_proxy_keeps_the_certificate_that_counts(machine: Machine, web: str, secure_web: str, certificate: Path) -> None:
    Handler.tunnel = int(secure_web.rpartition(":")[2])
    line = f"curl -fsS -o {FILE} https://localhost/file"
    assert one(machine, line, environment={"HTTPS_PROXY": web}).code == 60
    machine.trusted_roots.append(pem(certificate))
    assert one(machine, line, environment={"HTTPS_PROXY": web}).code == 0
    assert machine.files.read(FILE) == PAYLOAD
