# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A bare client for tests: single messages over a plain socket, with Basic."""

from __future__ import annotations

import base64
import http.client
import re
import xml.etree.ElementTree as ET
from typing import Any

from .wsman import names

PLAIN = {"basic": True, "allow_unencrypted": True}
SOAP = "application/soap+xml;charset=UTF-8"
CMD = names.SHELL_CMD
WIN32 = f"{names.WMI}root/cimv2/"


def basic(user: str = "vagrant", password: str = "pa:ss wörd") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Client:
    """Sends envelopes over one connection of its own.

    Args:
        rig: Anything with an ``endpoint`` (``http://address:5985/wsman``).
    """

    def __init__(self, rig: Any, user: str = "vagrant", password: str = "pa:ss wörd") -> None:
        self.address = rig.endpoint.split("//")[1].split(":")[0]
        self._authorization = basic(user, password)
        self._connection = http.client.HTTPConnection(self.address, 5985, timeout=10)

    def http(
        self, body: bytes | str, method: str = "POST", path: str = "/wsman", **headers: str
    ) -> tuple[int, http.client.HTTPResponse, bytes]:
        sent = {
            "Authorization": self._authorization,
            "Content-Type": SOAP,
            **{key.replace("_", "-"): value for key, value in headers.items()},
        }
        self._connection.request(method, path, body if isinstance(body, bytes) else body.encode(), sent)
        response = self._connection.getresponse()
        return response.status, response, response.read()

    def send(self, action: str, resource: str = CMD, body: str = "", header: str = "", **settings: str) -> Answer:
        status, _unused, content = self.http(envelope(action, resource, body, header, **settings))
        return Answer(status, content)

    def shell(self, body: str = "", header: str = "") -> str:
        return self.create(body, header).identifier("ShellId")

    def create(self, body: str = "", header: str = "") -> Answer:
        return self.send("t/Create", body=f'<rsp:Shell xmlns:rsp="{names.SHELL}">{body}</rsp:Shell>', header=header)

    def command(self, shell: str, line: str, header: str = "") -> Answer:
        return self.send(
            "r/Command", body=f"<rsp:CommandLine><rsp:Command>{line}</rsp:Command></rsp:CommandLine>", header=of(shell) + header
        )

    def start(self, line: str) -> tuple[str, str]:
        shell = self.shell()
        return shell, self.command(shell, line).identifier("CommandId")

    def receive(self, shell: str, command: str, **settings: str) -> Answer:
        body = f'<rsp:Receive><rsp:DesiredStream CommandId="{command}">stdout stderr</rsp:DesiredStream></rsp:Receive>'
        return self.send("r/Receive", body=body, header=of(shell), **settings)

    def feed(self, shell: str, command: str, *pieces: bytes, end: str = "false", **settings: str) -> Answer:
        streams = "".join(
            f'<rsp:Stream Name="stdin" CommandId="{command}" End="{end}">{base64.b64encode(piece).decode()}</rsp:Stream>'
            for piece in pieces
        )
        return self.send("r/Send", body=f"<rsp:Send>{streams}</rsp:Send>", header=of(shell), **settings)

    def signal(self, shell: str, command: str, code: str) -> Answer:
        body = f'<rsp:Signal CommandId="{command}"><rsp:Code>{names.SIGNAL}{code}</rsp:Code></rsp:Signal>'
        return self.send("r/Signal", body=body, header=of(shell))

    def delete(self, shell: str) -> Answer:
        return self.send("t/Delete", header=of(shell))

    def output(self, shell: str, command: str, **settings: str) -> bytes:
        """All of stdout."""
        data = b""
        while True:
            answer = self.receive(shell, command, **settings)
            data += b"".join(answer.streams("stdout"))
            if answer.state == "Done":
                return data

    def close(self) -> None:
        self._connection.close()


class Answer:
    """Status and envelope."""

    def __init__(self, status: int, content: bytes) -> None:
        self.status, self.text = status, content.decode()
        self.root = ET.fromstring(content) if content else ET.Element("nothing")

    def identifier(self, name: str) -> str:
        found = re.search(rf'(?:Name="{name}">|<rsp:{name}>)([-0-9A-F]+)', self.text)
        assert found, self.text
        return found.group(1)

    @property
    def code(self) -> int:
        """The number of the fault, 0 if it is none."""
        found = re.search(r'Code="(\d+)"|error_Code[^>]*>(\d+)<', self.text)
        assert (found is None) == (self.status == 200), self.text
        return int(found.group(1) or found.group(2)) if found else 0

    @property
    def state(self) -> str:
        return next(self.root.iter(f"{{{names.SHELL}}}CommandState")).get("State", "").rsplit("/", 1)[1]

    def streams(self, name: str) -> list[bytes]:
        found = self.root.iterfind(f".//{{{names.SHELL}}}Stream[@Name='{name}']")
        return [base64.b64decode(element.text or "") for element in found if element.get("End") is None]

    @property
    def context(self) -> str | None:
        return self.root.findtext(f".//{{{names.ENUMERATION}}}EnumerationContext")


ACTIONS = {"t": names.TRANSFER, "r": names.SHELL, "n": names.ENUMERATION}
REPLY_TO = f"<a:ReplyTo><a:Address>{names.ANONYMOUS}</a:Address></a:ReplyTo>"


def envelope(
    action: str,
    resource: str,
    body: str = "",
    header: str = "",
    timeout: str = "PT5S",
    size: str = "153600",
    message_id: str = "uuid:1",
    reply_to: str = REPLY_TO,
) -> str:
    prefix, _unused, verb = action.partition("/")
    full = f"{ACTIONS[prefix]}/{verb}" if prefix in ACTIONS else action
    return (
        f'<s:Envelope xmlns:s="{names.SOAP}" xmlns:a="{names.ADDRESSING}" xmlns:w="{names.WSMAN}" xmlns:n="{names.ENUMERATION}" xmlns:rsp="{names.SHELL}">'
        f"<s:Header><a:Action>{full}</a:Action><a:To>http://windows-host:5985/wsman</a:To><w:ResourceURI>{resource}</w:ResourceURI>{reply_to}"
        f"<a:MessageID>{message_id}</a:MessageID><w:OperationTimeout>{timeout}</w:OperationTimeout><w:MaxEnvelopeSize>{size}</w:MaxEnvelopeSize>"
        f"{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )


def of(shell: str) -> str:
    return f'<w:SelectorSet><w:Selector Name="ShellId">{shell}</w:Selector></w:SelectorSet>'


def options(**values: str) -> str:
    return "<w:OptionSet>" + "".join(f'<w:Option Name="{name}">{value}</w:Option>' for name, value in values.items()) + "</w:OptionSet>"
