# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One download of curl's: names, proxies, TLS, ranges (exit codes: curl's manual; the words of Schannel's failures are *unverified*)."""

from __future__ import annotations

import asyncio
import base64
import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urljoin, urlsplit

import h11

from ..windows.files import FileError
from .process import Process

if TYPE_CHECKING:
    from ..windows.machine import Machine
    from .curl_options import Options

_UNTRUSTED = "schannel: SEC_E_UNTRUSTED_ROOT (0x80090325) - The certificate chain was issued by an authority that is not trusted."
_NO_REVOCATION = (
    "schannel: next InitializeSecurityContext failed: CRYPT_E_NO_REVOCATION_CHECK (0x80092012) - "
    "The revocation function was unable to check revocation for the certificate."
)
_HANDSHAKE = (
    "schannel: next InitializeSecurityContext failed: SEC_E_INVALID_TOKEN (0x80090308) - The token supplied to the function is invalid"
)
_WRONG_NAME = "schannel: SNI or certificate check failed: SEC_E_WRONG_PRINCIPAL (0x80090322) - The target principal name is incorrect."


class Failed(Exception):
    """A failed transfer: curl's exit code and words."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


@dataclass
class Answer:
    """What a server said."""

    status: int
    reason: str
    headers: dict[str, str]
    body: bytes
    url: str


def split(url: str) -> SplitResult:
    """A URL's parts; without a scheme it is http. Raises Failed 1 and 3."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme not in ("http", "https"):
        raise Failed(1, f'Protocol "{parts.scheme}" not supported or disabled in libcurl')
    try:
        if not parts.hostname or (parts.port is not None and not 0 < parts.port < 65536):
            raise Failed(3, "URL rejected: No host part in the URL")
    except ValueError:
        raise Failed(3, "URL rejected: Port number was not a decimal number between 0 and 65535") from None
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _basic(credentials: str) -> str:
    return "Basic " + base64.b64encode(credentials.encode()).decode()


class Transfer:
    """One request, with the redirections that follow it.

    Attributes:
        received: The body, as far as it has come.
        partial: The server sends what was asked for from the offset on.
    """

    def __init__(self, machine: Machine, process: Process, options: Options, offset: int = 0, room: int | None = None) -> None:
        self.machine, self.process, self.options = machine, process, options
        self.offset, self.room = offset, room
        self.received = bytearray()
        self.partial = False

    async def fetch(self, url: str) -> Answer:
        """Follow redirections when told to."""
        for _unused in range(50):
            answer = await self.request(url)
            target = answer.headers.get("location")
            if not (self.options.location and target and answer.status in (301, 302, 303, 307, 308)):
                return answer
            url = urljoin(url, target)
            self.received.clear()
        raise Failed(47, "Maximum (50) redirects followed")

    # --- where to ------------------------------------------------------------------------------------------------------------

    def proxy(self, parts: SplitResult) -> SplitResult | None:
        """The proxy for this URL: given, or from the environment (inbox curl takes it from nowhere else, native-tools.md 4)."""
        environment = self.process.environment
        url = self.options.proxy
        if url is None:
            url = environment.get(f"{parts.scheme}_proxy") or environment.get("ALL_PROXY") or ""
        exempt = self.options.noproxy if self.options.noproxy is not None else environment.get("NO_PROXY", "")
        host = (parts.hostname or "").lower()
        names = [name.strip().lower().lstrip(".") for name in exempt.split(",") if name.strip()]
        if not url or any(name == "*" or host == name or host.endswith("." + name) for name in names):
            return None
        return urlsplit(url if "://" in url else f"http://{url}")

    def address(self, parts: SplitResult, *, proxy: bool = False) -> tuple[str, int]:
        """Where a host really answers, for this machine. Raises Failed 5, 6, 7."""
        host = parts.hostname or ""
        if host.lower() in self.machine.hosts:
            real = urlsplit(self.machine.hosts[host.lower()])
            return real.hostname or "127.0.0.1", real.port or _port(real)
        try:
            loopback = host == "localhost" or ip_address(host).is_loopback
        except ValueError:
            raise Failed(5, f"Could not resolve proxy: {host}") if proxy else Failed(6, f"Could not resolve host: {host}") from None
        if not loopback:
            raise Failed(7, f"Failed to connect to {host} port {_port(parts)}: Timed out")
        return host, _port(parts)

    async def connect(self, parts: SplitResult) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, SplitResult | None]:
        """A connection for one request; the proxy, when the request must name the whole URL to it."""
        proxy = self.proxy(parts)
        host, port = self.address(proxy or parts, proxy=proxy is not None)
        try:
            reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), self.options.connect_timeout)
        except TimeoutError:
            raise Failed(28, "Connection timed out") from None
        except OSError:
            raise Failed(7, f"Failed to connect to {(proxy or parts).hostname} port {_port(proxy or parts)}: Connection refused") from None
        try:
            if proxy and parts.scheme == "https":
                await self.tunnel(reader, writer, proxy, parts)
            if self.is_tls(parts):
                await self.start_tls(writer, parts)
        except BaseException:
            writer.close()
            raise
        return reader, writer, proxy if proxy and parts.scheme == "http" else None

    def is_tls(self, parts: SplitResult) -> bool:
        """A name of the machine's own table says by itself how its host answers."""
        real = self.machine.hosts.get((parts.hostname or "").lower())
        return real.startswith("https") if real and self.proxy(parts) is None else parts.scheme == "https"

    async def tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, proxy: SplitResult, parts: SplitResult) -> None:
        target = f"{parts.hostname}:{_port(parts)}"
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}", *(f"{name}: {value}" for name, value in self.proxy_headers(proxy))]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = await reader.readuntil(b"\r\n\r\n")
        status = head.split(b" ", 2)[1].decode()
        if status != "200":
            raise Failed(56, f"CONNECT tunnel failed, response {status}")

    def proxy_headers(self, proxy: SplitResult) -> list[tuple[str, str]]:
        credentials = self.options.proxy_user or (f"{proxy.username}:{proxy.password or ''}" if proxy.username else "")
        return [("Proxy-Authorization", _basic(credentials))] if credentials else []

    # --- TLS -----------------------------------------------------------------------------------------------------------------

    async def start_tls(self, writer: asyncio.StreamWriter, parts: SplitResult) -> None:
        """Handshake as Schannel would. Codes: 35 no handshake, or revocation unknown; 60 untrusted; 77 bad --cacert."""
        context = self.context()
        try:
            await writer.start_tls(context, server_hostname=parts.hostname)
        except ssl.SSLCertVerificationError as error:
            raise Failed(60, _WRONG_NAME if error.verify_code == 62 else _UNTRUSTED) from None
        except (ssl.SSLError, ConnectionError):
            raise Failed(35, _HANDSHAKE) from None
        if not self.options.insecure and not self.options.ssl_no_revoke and not self.machine.switches.revocation_reachable:
            raise Failed(35, _NO_REVOCATION)

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self.options.insecure:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            return context
        roots = list(self.machine.trusted_roots)
        if self.options.cacert:
            try:
                roots = [self.machine.files.read(self.process.absolute(self.options.cacert)).decode("latin-1")]
            except FileError:
                raise Failed(77, f"schannel: failed to open CA file '{self.options.cacert}': No such file or directory") from None
        try:
            for root in roots:
                context.load_verify_locations(cadata=root)
        except ssl.SSLError:
            raise Failed(77, f"schannel: failed to import CA file '{self.options.cacert}'") from None
        return context

    # --- one exchange --------------------------------------------------------------------------------------------------------

    async def request(self, url: str) -> Answer:
        parts = split(url)
        reader, writer, proxy = await self.connect(parts)
        try:
            return await self.exchange(reader, writer, url, proxy)
        except ConnectionError:
            raise Failed(56, "Recv failure: Connection was reset") from None
        except h11.RemoteProtocolError:
            text = "end of response with bytes missing" if self.received else "Received HTTP/0.9 when not allowed"
            raise Failed(18 if self.received else 1, text) from None
        finally:
            writer.close()

    def head(self, url: str, proxy: SplitResult | None) -> h11.Request:
        parts = split(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = [
            ("Host", parts.netloc.rpartition("@")[2]),
            ("User-Agent", f"curl/{self.machine.profile.curl}"),
            ("Accept", "*/*"),
        ]
        if self.options.user:
            headers.append(("Authorization", _basic(self.options.user)))
        if self.offset:
            headers.append(("Range", f"bytes={self.offset}-"))
        if proxy:
            headers += self.proxy_headers(proxy)
            path = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{path}"
        headers += [(name.strip(), value.strip()) for name, _unused, value in (one.partition(":") for one in self.options.headers)]
        return h11.Request(method="HEAD" if self.options.head else "GET", target=path, headers=headers)

    async def exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, url: str, proxy: SplitResult | None) -> Answer:
        connection = h11.Connection(h11.CLIENT)
        writer.write((connection.send(self.head(url, proxy)) or b"") + (connection.send(h11.EndOfMessage()) or b""))
        head: h11.Response | None = None
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(await reader.read(65536))
            elif isinstance(event, h11.Response):
                head = event
                self.check_range(head)
            elif isinstance(event, h11.Data):
                self.received += event.data
                if self.room is not None and len(self.received) > self.room:
                    self.received.clear()
                    raise Failed(23, "Failure writing output to destination")
            elif isinstance(event, (h11.EndOfMessage, h11.ConnectionClosed)) and head:
                fields = {name.decode().lower(): value.decode("latin-1") for name, value in head.headers}
                return Answer(head.status_code, bytes(head.reason).decode(), fields, bytes(self.received), url)
            elif isinstance(event, h11.ConnectionClosed):
                raise Failed(52, "Empty reply from server")

    def check_range(self, head: h11.Response) -> None:
        """A resumed download needs a server that can: 33 otherwise."""
        self.partial = head.status_code == 206
        if self.offset and head.status_code == 200 and not self.options.head:
            raise Failed(33, "HTTP server does not seem to support byte ranges. Cannot resume.")
