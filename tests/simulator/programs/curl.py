# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""curl.exe: real HTTP over loopback, into the simulated disk (exit codes: native-tools.md 4 and curl's manual).

Names that a machine cannot resolve do not exist: nothing here ever leaves the loopback interface.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from ..windows.files import FileError, absolute
from .curl_options import Options, parse
from .curl_transfer import Answer, Failed, Transfer
from .process import Process, program

_TRANSIENT = (408, 429, 500, 502, 503, 504)


class _Run:
    """One run of curl."""

    def __init__(self, process: Process, options: Options) -> None:
        self.process, self.options = process, options
        self.machine = process.machine
        self.path = self._output_path()

    def _output_path(self) -> str | None:
        """Where the download goes; None is stdout."""
        name = self.options.output
        if name is None or name == "-":
            return None
        if name == "-O":
            name = urlsplit(self.options.url).path.rpartition("/")[2]
            if not name:
                raise Failed(23, "Remote file name has no length")
        return absolute(name, self.process.working_directory)

    async def go(self) -> int:
        for attempt in range(self.options.retry + 1):
            last = attempt == self.options.retry
            try:
                answer = await asyncio.wait_for(self.attempt(), self.options.max_time or None)
                if last or answer.status not in _TRANSIENT:
                    return await self.finish(answer)
            except TimeoutError:
                if last:
                    raise Failed(28, f"Operation timed out after {self.options.max_time * 1000:.0f} milliseconds") from None
            except Failed as failed:
                retried = failed.code in (6, 28) or (failed.code == 7 and self.options.retry_connrefused) or self.options.retry_all_errors
                if last or not retried:
                    raise
            await self.wait(attempt)
        return 0

    async def wait(self, attempt: int) -> None:
        delay = self.options.retry_delay if self.options.retry_delay is not None else 2.0**attempt
        await self.process.complain(
            f"Warning: Problem: transient error. Will retry in {delay:g} seconds. {self.options.retry - attempt} retries left.\n"
        )
        await asyncio.sleep(delay * self.machine.switches.time_scale)

    async def attempt(self) -> Answer:
        offset = self.offset()
        room = self.machine.files.free_bytes if self.path else None
        transfer = Transfer(self.machine, self.process, self.options, offset, room)
        try:
            return await transfer.fetch(self.options.url)
        except BaseException:
            if transfer.received and self.path:
                with suppress(Failed):
                    self.store(bytes(transfer.received), offset if transfer.partial else 0)  # what has come stays on the disk
            raise

    def offset(self) -> int:
        """Where a resumed download goes on."""
        if self.options.continue_at == "-":
            return self.machine.files.file(self.path).size if self.path and self.machine.files.is_file(self.path) else 0
        return int(self.options.continue_at or 0)

    async def finish(self, answer: Answer) -> int:
        complete = answer.status == 416 and self.offset() > 0
        if self.options.fail and answer.status >= 400 and not complete:
            raise Failed(22, f"The requested URL returned error: {answer.status}")
        content = b"" if complete else answer.body
        if self.options.head:
            lines = [f"HTTP/1.1 {answer.status} {answer.reason}", *(f"{name}: {value}" for name, value in answer.headers.items())]
            content = ("\r\n".join(lines) + "\r\n\r\n").encode()
        if self.path and not complete:
            self.store(content, self.offset() if answer.status == 206 else 0)
        elif not self.path:
            await self.process.stdout.write(content)
        if self.options.write_out:
            await self.process.stdout.write(_written_out(self.options.write_out, answer, len(content)).encode())
        return 0

    def store(self, content: bytes, offset: int) -> None:
        path = self.path or ""
        if path.lower().endswith("\\nul"):
            return
        files = self.machine.files
        try:
            before = files.read(path)[:offset] if offset and files.is_file(path) else b""
            files.write(path, before + content, parents=self.options.create_dirs)
        except FileError as error:
            full = "Failure writing output to destination"
            raise Failed(23, full if error.code == 112 else f"client returned ERROR on write ({path}: {error.text})") from None


def _written_out(template: str, answer: Answer, size: int) -> str:
    values: Mapping[str, object] = {
        "http_code": answer.status,
        "response_code": answer.status,
        "size_download": size,
        "url_effective": answer.url,
        "exitcode": 0,
    }
    for name, value in values.items():
        template = template.replace(f"%{{{name}}}", str(value))
    return template.replace("\\n", "\n")


@program("curl.exe")
async def curl(process: Process) -> int:
    if process.arguments[1:2] in (["--version"], ["-V"]):
        version = process.machine.profile.curl
        await process.print(f"curl {version} (Windows) libcurl/{version} Schannel zlib/1.3.1\nProtocols: file http https\n")
        return 0
    options = Options(show_error=True)
    try:
        options = parse(process.arguments[1:])
        return await _Run(process, options).go()
    except Failed as failed:
        if failed.code == 2:
            await process.complain(f"curl: {failed.text}\ncurl: try 'curl --help' for more information\n")
        elif not options.silent or options.show_error:
            await process.complain(f"curl: ({failed.code}) {failed.text}\n")
        return failed.code
