# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""curl.exe: real HTTP over loopback, into the simulated disk (exit codes: native-tools.md 4 and curl's manual).

Names that a machine cannot resolve do not exist: nothing here ever leaves the loopback interface.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit

import h11

from ..windows.files import FileError, absolute
from .process import Process, program


class _Failed(Exception):
    """A failed transfer: curl's exit code and words."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


@dataclass
class _Options:
    url: str = ""
    output: str | None = None
    fail: bool = False
    silent: bool = False
    show_error: bool = False
    location: bool = False
    head: bool = False
    create_dirs: bool = False
    retry: int = 0
    retry_delay: float | None = None
    connect_timeout: float = 300
    max_time: float = 0
    write_out: str = ""
    headers: list[str] = field(default_factory=list)


_SHORT_FLAGS = {"f": "fail", "s": "silent", "S": "show_error", "L": "location", "I": "head"}
_FLAGS = {"--" + name.replace("_", "-"): name for name in (*_SHORT_FLAGS.values(), "create_dirs")}
_IGNORED = {
    "--ssl-no-revoke",
    "--insecure",
    "--progress-bar",
    "--no-progress-meter",
    "--retry-connrefused",
    "--retry-all-errors",
    "--http1.1",
}
_VALUES = {
    "-o": "output",
    "--output": "output",
    "--retry": "retry",
    "--retry-delay": "retry_delay",
    "--connect-timeout": "connect_timeout",
    "-m": "max_time",
    "--max-time": "max_time",
    "-w": "write_out",
    "--write-out": "write_out",
    "-H": "headers",
    "--header": "headers",
    "--url": "url",
}
_IGNORED_VALUES = {"--proto", "--proto-redir", "--tlsv1.2", "-A", "--user-agent", "-x", "--proxy", "--retry-max-time", "--noproxy"}


def _options(arguments: list[str]) -> _Options:
    options = _Options()
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word in _VALUES or word in _IGNORED_VALUES - {"--tlsv1.2"}:
            if not rest:
                raise _Failed(2, f"option {word}: requires parameter")
            _assign(options, _VALUES.get(word, ""), rest.pop(0))
        elif word in _FLAGS:
            setattr(options, _FLAGS[word], True)
        elif word in _IGNORED or word == "--tlsv1.2":
            continue
        elif word.startswith("-") and not word.startswith("--") and len(word) > 1:
            _letters(options, word, rest)
        elif word.startswith("-"):
            raise _Failed(2, f"option {word}: is unknown")
        else:
            options.url = word
    if not options.url:
        raise _Failed(2, "no URL specified")
    return options


def _letters(options: _Options, word: str, rest: list[str]) -> None:
    for position, letter in enumerate(word[1:], 2):
        if letter in _SHORT_FLAGS:
            setattr(options, _SHORT_FLAGS[letter], True)
        elif letter == "O":
            options.output = "-O"
        elif f"-{letter}" in _VALUES:
            value = word[position:] or (rest.pop(0) if rest else "")
            _assign(options, _VALUES[f"-{letter}"], value)
            return
        elif letter not in "kg#":
            raise _Failed(2, f"option {word}: is unknown")


def _assign(options: _Options, name: str, value: str) -> None:
    if name == "headers":
        options.headers.append(value)
    elif name in ("retry", "retry_delay", "connect_timeout", "max_time"):
        try:
            setattr(options, name, int(value) if name == "retry" else float(value))
        except ValueError:
            raise _Failed(2, f"option --{name.replace('_', '-')}: expected a proper numerical parameter") from None
    elif name:
        setattr(options, name, value)


@dataclass
class _Answer:
    status: int
    reason: str
    headers: dict[str, str]
    body: bytes
    url: str


class _Transfer:
    """One download."""

    def __init__(self, process: Process, options: _Options) -> None:
        self.process, self.options = process, options
        self.machine = process.machine

    def address(self, url: str) -> tuple[str, int, bool, str]:
        """Where a URL's host really answers, for this machine: host, port, TLS, path."""
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme not in ("http", "https"):
            raise _Failed(1, f'Protocol "{parts.scheme}" not supported or disabled in libcurl')
        host = parts.hostname or ""
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if host.lower() in self.machine.hosts:
            real = urlsplit(self.machine.hosts[host.lower()])
            return real.hostname or "127.0.0.1", real.port or 80, real.scheme == "https", path
        try:
            loopback = host == "localhost" or ip_address(host).is_loopback
        except ValueError:
            raise _Failed(6, f"Could not resolve host: {host}") from None
        if not loopback:
            raise _Failed(7, f"Failed to connect to {host} port {parts.port or 80}: Timed out")
        return host, parts.port or (443 if parts.scheme == "https" else 80), parts.scheme == "https", path

    async def fetch(self, url: str) -> _Answer:
        """Follow redirections when told to."""
        for _unused in range(50):
            answer = await self.request(url)
            target = answer.headers.get("location")
            if not (self.options.location and target and answer.status in (301, 302, 303, 307, 308)):
                return answer
            url = urljoin(url, target)
        raise _Failed(47, "Maximum (50) redirects followed")

    async def request(self, url: str) -> _Answer:
        host, port, tls, path = self.address(url)
        context = ssl.create_default_context() if tls else None
        try:
            opening = asyncio.open_connection(host, port, ssl=context)
            reader, writer = await asyncio.wait_for(opening, self.options.connect_timeout)
        except TimeoutError:
            raise _Failed(28, "Connection timed out") from None
        except ssl.SSLError:
            raise _Failed(60, "SSL certificate problem: unable to get local issuer certificate") from None
        except OSError:
            raise _Failed(7, f"Failed to connect to {host} port {port}: Connection refused") from None
        try:
            return await self.exchange(reader, writer, url, path)
        except h11.RemoteProtocolError:  # the end came before the length that was announced
            raise _Failed(18, "transfer closed with outstanding read data remaining") from None
        except ConnectionError:
            raise _Failed(56, "Recv failure: Connection was reset") from None
        finally:
            writer.close()

    async def exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, url: str, path: str) -> _Answer:
        connection = h11.Connection(h11.CLIENT)
        headers = [("Host", urlsplit(url).netloc), ("User-Agent", f"curl/{self.machine.profile.curl}"), ("Accept", "*/*")]
        headers += [(name.strip(), value.strip()) for name, _unused, value in (one.partition(":") for one in self.options.headers)]
        request = h11.Request(method="HEAD" if self.options.head else "GET", target=path, headers=headers)
        writer.write((connection.send(request) or b"") + (connection.send(h11.EndOfMessage()) or b""))
        head: h11.Response | None = None
        body = bytearray()
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(await reader.read(65536))
            elif isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                self.check_room(len(body))
            elif isinstance(event, (h11.EndOfMessage, h11.ConnectionClosed)) and head:
                fields = {name.decode().lower(): value.decode("latin-1") for name, value in head.headers}
                return _Answer(head.status_code, bytes(head.reason).decode(), fields, bytes(body), url)
            elif isinstance(event, h11.ConnectionClosed):
                raise _Failed(52, "Empty reply from server")

    def check_room(self, size: int) -> None:
        if self.options.output and size > self.machine.files.free_bytes:
            raise _Failed(23, "Failure writing output to destination")

    async def go(self) -> int:
        attempt = 0
        while True:
            try:
                timeout = self.options.max_time or None
                answer = await asyncio.wait_for(self.fetch(self.options.url), timeout)
                transient = answer.status in (408, 429, 500, 502, 503, 504)
                if not transient or attempt >= self.options.retry:
                    return await self.finish(answer)
            except TimeoutError:
                if attempt >= self.options.retry:
                    raise _Failed(28, f"Operation timed out after {self.options.max_time * 1000:.0f} milliseconds") from None
            attempt += 1
            delay = self.options.retry_delay if self.options.retry_delay is not None else 2 ** (attempt - 1)
            await self.process.complain(
                f"Warning: Problem: transient error. Will retry in {delay:g} seconds. {self.options.retry - attempt + 1} retries left.\n"
            )
            await asyncio.sleep(delay * self.machine.switches.time_scale)

    async def finish(self, answer: _Answer) -> int:
        if self.options.fail and answer.status >= 400:
            raise _Failed(22, f"The requested URL returned error: {answer.status}")
        content = answer.body
        if self.options.head:
            lines = [f"HTTP/1.1 {answer.status} {answer.reason}", *(f"{name}: {value}" for name, value in answer.headers.items())]
            content = ("\r\n".join(lines) + "\r\n\r\n").encode()
        if self.options.output:
            self.store(answer.url, content)
        else:
            await self.process.stdout.write(content)
        if self.options.write_out:
            text = self.options.write_out.replace("%{http_code}", str(answer.status)).replace("%{response_code}", str(answer.status))
            text = text.replace("%{size_download}", str(len(content))).replace("%{url_effective}", answer.url).replace("\\n", "\n")
            await self.process.stdout.write(text.encode())
        return 0

    def store(self, url: str, content: bytes) -> None:
        name = urlsplit(url).path.rpartition("/")[2] if self.options.output == "-O" else self.options.output or ""
        path = absolute(name, self.process.working_directory)
        try:
            self.machine.files.write(path, content, parents=self.options.create_dirs)
        except FileError as error:
            reason = (
                "Failure writing output to destination" if error.code == 112 else f"client returned ERROR on write ({name}: {error.text})"
            )
            raise _Failed(23, reason) from None


@program("curl.exe")
async def curl(process: Process) -> int:
    if process.arguments[1:2] in (["--version"], ["-V"]):
        version = process.machine.profile.curl
        await process.print(f"curl {version} (Windows) libcurl/{version} Schannel zlib/1.3.1\nProtocols: file http https\n")
        return 0
    options = _Options(show_error=True)
    try:
        options = _options(process.arguments[1:])
        return await _Transfer(process, options).go()
    except _Failed as failed:
        if failed.code == 2:
            await process.complain(f"curl: {failed.text}\ncurl: try 'curl --help' for more information\n")
        elif not options.silent or options.show_error:
            await process.complain(f"curl: ({failed.code}) {failed.text}\n")
        return failed.code
