# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""WS-Management envelopes: requests built, answers parsed. Pure; shapes from facts/wsman.md 2, 4 and 5."""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from ..errors import OptionError, ProtocolError
from .faults import fault_error, parse_fault

NAMESPACES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "x": "http://schemas.xmlsoap.org/ws/2004/09/transfer",
    "n": "http://schemas.xmlsoap.org/ws/2004/09/enumeration",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "p": "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd",
    "rsp": "http://schemas.microsoft.com/wbem/wsman/1/windows/shell",
    "cim": "http://schemas.dmtf.org/wbem/wscim/1/common",
}
MICROSOFT = "http://schemas.microsoft.com/wbem/wsman/1/"
SHELL = MICROSOFT + "windows/shell/cmd"
SHELL_ACTION = MICROSOFT + "windows/shell/"
TRANSFER = NAMESPACES["x"] + "/"
ENUMERATION = NAMESPACES["n"] + "/"
#: Asked for in every answer; the host caps it at its own limit. Three times the output per Receive of pywinrm's 153600 (facts/wsman.md 3.3).
MAX_ENVELOPE_SIZE = 512000
#: Own shells die after these seconds without a request, so that a killed run leaks nothing for the default two hours.
SHELL_IDLE_SECONDS = 600

#: A host that is well ends a command or a shell at once.
_FAREWELL_SECONDS = 10.0
_ANONYMOUS = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"
#: Windows takes any host name here (facts/wsman.md 2.1).
_TO = "http://windows-host:5985/wsman"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DECLARATIONS = " ".join(f'xmlns:{prefix}="{NAMESPACES[prefix]}"' for prefix in ("s", "a", "n", "w", "p", "rsp"))


@dataclass(frozen=True)
class Request:
    """One message to the host.

    Args:
        action: The WS-Addressing action.
        text: The whole envelope.
        message_id: What the answer must relate to.
        seconds: The host's time limit for the operation.
        repeatable: Sending it twice does no harm (facts/wsman.md 0.6), so a broken connection may be healed by sending it again.
        farewell: Only tidies up; not worth waiting for on a host that no longer answers.
    """

    action: str
    text: str = field(repr=False)
    message_id: str
    seconds: float
    repeatable: bool = False
    farewell: bool = False

    @property
    def is_cim(self) -> bool:
        """It asks or calls CIM: an Enumerate, a Pull, a Get of a class, or a method of one."""
        return self.action in (ENUMERATION + "Enumerate", ENUMERATION + "Pull", TRANSFER + "Get") or self.action.startswith(
            MICROSOFT + "wmi/"
        )

    @property
    def is_command(self) -> bool:
        """It starts a command in a shell."""
        return self.action == SHELL_ACTION + "Command"


@dataclass(frozen=True)
class Received:
    """The content of a ReceiveResponse; ``exit_code`` is signed 32-bit, -1 when the host gave none, None while running."""

    stdout: bytes
    stderr: bytes
    done: bool
    exit_code: int | None


@dataclass(frozen=True)
class Batch:
    """One answer of an enumeration: its items and the context for the next Pull (None: that was all)."""

    items: tuple[ElementTree.Element, ...]
    context: str | None


def text(value: str) -> str:
    """Escape for element content. Raises OptionError for characters that XML 1.0 cannot carry."""
    found = _NOT_XML.search(value)
    if found:
        raise OptionError(f"a value holds the control character U+{ord(found.group()):04X}, which WS-Management cannot carry", "Remove it")
    # A literal carriage return would be read back as a line feed.
    return escape(value, {"\r": "&#13;"})


def duration(seconds: float) -> str:
    """An xs:duration in Windows' own form, for example ``PT20.000S``."""
    return f"PT{max(seconds, 0.0):.3f}S"


def build(
    action: str,
    resource: str,
    body: str = "",
    *,
    selectors: Mapping[str, str] | None = None,
    options: Mapping[str, str] | None = None,
    seconds: float = 60,
    repeatable: bool = False,
    farewell: bool = False,
) -> Request:
    """An envelope with every header Windows asks for.

    Args:
        action: Full action URI.
        resource: Full resource URI.
        body: XML of the body, built with :func:`text`.
        selectors: Names and values of the SelectorSet.
        options: Names and values of the OptionSet.
        seconds: OperationTimeout; Windows caps it at 60 s (MaxTimeoutms).
        repeatable: See :class:`Request`.
        farewell: The same.
    """
    message_id = f"uuid:{str(uuid.uuid4()).upper()}"
    header = (
        f"<a:To>{_TO}</a:To>"
        f'<w:ResourceURI s:mustUnderstand="true">{text(resource)}</w:ResourceURI>'
        f'<a:ReplyTo><a:Address s:mustUnderstand="true">{_ANONYMOUS}</a:Address></a:ReplyTo>'
        f'<a:Action s:mustUnderstand="true">{text(action)}</a:Action>'
        f'<w:MaxEnvelopeSize s:mustUnderstand="true">{MAX_ENVELOPE_SIZE}</w:MaxEnvelopeSize>'
        f"<a:MessageID>{message_id}</a:MessageID>"
        '<w:Locale xml:lang="en-US" s:mustUnderstand="false"/>'
        '<p:DataLocale xml:lang="en-US" s:mustUnderstand="false"/>'
        f"<w:OperationTimeout>{duration(seconds)}</w:OperationTimeout>"
    )
    header += _named_values("Selector", selectors) + _named_values("Option", options)
    envelope = f"<s:Envelope {_DECLARATIONS}><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    return Request(action, envelope, message_id, seconds, repeatable, farewell)


def _named_values(kind: str, values: Mapping[str, str] | None) -> str:
    if not values:
        return ""
    inner = "".join(f"<w:{kind} Name={quoteattr(text(name))}>{text(value)}</w:{kind}>" for name, value in values.items())
    return f"<w:{kind}Set>{inner}</w:{kind}Set>"


# Shells -----------------------------------------------------------------------------------------------------------------


def create_shell(working_directory: str | None = None, environment: Mapping[str, str] | None = None) -> Request:
    """Create a text shell in code page 65001 with a short idle time-out; children in the schema's order (facts/wsman.md 4.1)."""
    variables = "".join(
        f"<rsp:Variable Name={quoteattr(text(name))}>{text(value)}</rsp:Variable>" for name, value in (environment or {}).items()
    )
    body = f"<rsp:Environment>{variables}</rsp:Environment>" if variables else ""
    if working_directory:
        body += f"<rsp:WorkingDirectory>{text(working_directory)}</rsp:WorkingDirectory>"
    body += f"<rsp:IdleTimeOut>{duration(SHELL_IDLE_SECONDS)}</rsp:IdleTimeOut>"
    body += "<rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout stderr</rsp:OutputStreams>"
    options = {"WINRS_NOPROFILE": "FALSE", "WINRS_CODEPAGE": "65001"}
    return build(TRANSFER + "Create", SHELL, f"<rsp:Shell>{body}</rsp:Shell>", options=options)


def delete_shell(shell_id: str) -> Request:
    return build(TRANSFER + "Delete", SHELL, selectors={"ShellId": shell_id}, seconds=_FAREWELL_SECONDS, repeatable=True, farewell=True)


def command(shell_id: str, line: str) -> Request:
    """Run a line. Both options are always FALSE: one rule, ``cmd /C``, and stdin is a pipe (facts/wsman.md 0.1, 4.5)."""
    options = {"WINRS_CONSOLEMODE_STDIN": "FALSE", "WINRS_SKIP_CMD_SHELL": "FALSE"}
    body = f"<rsp:CommandLine><rsp:Command>{text(line)}</rsp:Command></rsp:CommandLine>"
    return build(SHELL_ACTION + "Command", SHELL, body, selectors={"ShellId": shell_id}, options=options)


def send(shell_id: str, command_id: str, data: bytes, end: bool, seconds: float = 60) -> Request:
    """One piece of stdin; ``end`` closes the pipe."""
    last = ' End="true"' if end else ""
    encoded = base64.b64encode(data).decode("ascii")
    body = f'<rsp:Send><rsp:Stream Name="stdin" CommandId={quoteattr(command_id)}{last}>{encoded}</rsp:Stream></rsp:Send>'
    return build(SHELL_ACTION + "Send", SHELL, body, selectors={"ShellId": shell_id}, seconds=seconds)


def receive(shell_id: str, command_id: str, seconds: float) -> Request:
    """Wait up to ``seconds`` for output. Not repeatable: a lost answer takes its output with it (facts/wsman.md 4.4)."""
    body = f"<rsp:Receive><rsp:DesiredStream CommandId={quoteattr(command_id)}>stdout stderr</rsp:DesiredStream></rsp:Receive>"
    return build(SHELL_ACTION + "Receive", SHELL, body, selectors={"ShellId": shell_id}, seconds=seconds)


def terminate(shell_id: str, command_id: str) -> Request:
    code = SHELL_ACTION + "signal/terminate"
    body = f"<rsp:Signal CommandId={quoteattr(command_id)}><rsp:Code>{code}</rsp:Code></rsp:Signal>"
    return build(
        SHELL_ACTION + "Signal", SHELL, body, selectors={"ShellId": shell_id}, seconds=_FAREWELL_SECONDS, repeatable=True, farewell=True
    )


# CIM --------------------------------------------------------------------------------------------------------------------


def class_uri(namespace: str, class_name: str) -> str:
    """The resource URI of a class; ``*`` for queries."""
    return f"{MICROSOFT}wmi/{namespace}/{class_name}"


def enumerate_wql(namespace: str, wql: str, seconds: float = 60) -> Request:
    dialect = MICROSOFT + "WQL"
    body = f'<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>32000</w:MaxElements><w:Filter Dialect="{dialect}">{text(wql)}</w:Filter></n:Enumerate>'
    return build(ENUMERATION + "Enumerate", class_uri(namespace, "*"), body, seconds=seconds, repeatable=True)


def pull(namespace: str, context: str, seconds: float = 60) -> Request:
    """The next items. Not repeatable: the context moves with each Pull."""
    body = f"<n:Pull><n:EnumerationContext>{text(context)}</n:EnumerationContext><n:MaxElements>32000</n:MaxElements></n:Pull>"
    return build(ENUMERATION + "Pull", class_uri(namespace, "*"), body, seconds=seconds)


def release(namespace: str, context: str) -> Request:
    body = f"<n:Release><n:EnumerationContext>{text(context)}</n:EnumerationContext></n:Release>"
    return build(ENUMERATION + "Release", class_uri(namespace, "*"), body, seconds=_FAREWELL_SECONDS, farewell=True)


def get(namespace: str, class_name: str, selectors: Mapping[str, str] | None = None) -> Request:
    return build(TRANSFER + "Get", class_uri(namespace, class_name), selectors=selectors, repeatable=True)


def get_config() -> Request:
    """The WinRM service's own configuration, for administrators only (facts/wsman.md 2.2)."""
    return build(TRANSFER + "Get", MICROSOFT + "config", repeatable=True)


def invoke(
    namespace: str,
    class_name: str,
    method: str,
    parameters: Sequence[tuple[str, str]] = (),
    selectors: Mapping[str, str] | None = None,
    repeatable: bool = False,
) -> Request:
    """Call a method. ``parameters`` are name and text in the method's declared order; an array repeats its name."""
    uri = class_uri(namespace, class_name)
    inner = "".join(f"<m:{name}>{text(value)}</m:{name}>" for name, value in parameters)
    body = f"<m:{method}_INPUT xmlns:m={quoteattr(uri)}>{inner}</m:{method}_INPUT>"
    return build(f"{uri}/{method}", uri, body, selectors=selectors, repeatable=repeatable)


# Answers ----------------------------------------------------------------------------------------------------------------


def local_name(element: ElementTree.Element) -> str:
    """The tag without its namespace."""
    return element.tag.rpartition("}")[2]


def parse_answer(data: bytes, request: Request | None = None) -> ElementTree.Element:
    """The body of an answer.

    Args:
        data: The HTTP body, unsealed.
        request: What it answers; a different RelatesTo is refused (a missing one is Windows' habit for quota faults).

    Raises:
        ProtocolError: Not a SOAP envelope, or the answer to another message.
        ContainersError: The fault in it, mapped once by :mod:`.faults`.
    """
    # Windows never sends a document type; without one, entity tricks are impossible.
    if b"<!DOCTYPE" in data[:1000]:
        _not_an_envelope()
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError:
        _not_an_envelope()
    body = root.find("s:Body", NAMESPACES)
    if body is None:
        _not_an_envelope()
    relates_to = (root.findtext("s:Header/a:RelatesTo", "", NAMESPACES) or "").strip()
    if request is not None and relates_to and relates_to.lower() != request.message_id.lower():
        raise ProtocolError("the host answered another message than the one sent", "See whether a proxy stands between controller and host")
    fault = body.find("s:Fault", NAMESPACES)
    if fault is not None:
        raise fault_error(parse_fault(fault))
    return body


def _not_an_envelope() -> NoReturn:
    raise ProtocolError("the answer is not a WS-Management message", "See whether a proxy or another service answers on this port")


def parse_shell_id(body: ElementTree.Element) -> str:
    """The ShellId of a CreateResponse, from the selector: older hosts send no ``rsp:Shell`` (facts/wsman.md 4.1)."""
    for selector in body.iterfind(".//w:Selector", NAMESPACES):
        if selector.get("Name", "").lower() == "shellid" and selector.text:
            return selector.text.strip()
    raise ProtocolError("the host created a shell without saying its id")


def parse_command_id(body: ElementTree.Element) -> str:
    command_id = (body.findtext("rsp:CommandResponse/rsp:CommandId", "", NAMESPACES) or "").strip()
    if not command_id:
        raise ProtocolError("the host started a command without saying its id")
    return command_id


def parse_received(body: ElementTree.Element) -> Received:
    """Streams in order, whatever their cuts; Done with or without ExitCode or streams (facts/wsman.md 4.4)."""
    pieces: dict[str, list[bytes]] = {"stdout": [], "stderr": []}
    for stream in body.iterfind("rsp:ReceiveResponse/rsp:Stream", NAMESPACES):
        if stream.text and stream.get("Name") in pieces:
            try:
                pieces[stream.get("Name", "")].append(base64.b64decode(stream.text))
            except binascii.Error as error:
                raise ProtocolError("the host sent output that is not base64") from error
    state = body.find("rsp:ReceiveResponse/rsp:CommandState", NAMESPACES)
    done = state is not None and state.get("State", "").endswith("/Done")
    exit_code = None
    if state is not None and done:
        exit_code = _signed(state.findtext("rsp:ExitCode", "", NAMESPACES) or "")
    return Received(b"".join(pieces["stdout"]), b"".join(pieces["stderr"]), done, exit_code)


def _signed(number: str) -> int:
    """Signed 32-bit from either form a host may send; -1 for none, which no caller takes for success."""
    try:
        value = int(number.strip() or "-1")
    except ValueError as error:
        raise ProtocolError("the host sent an exit code that is not a number") from error
    return ((value + 0x80000000) & 0xFFFFFFFF) - 0x80000000


def parse_batch(body: ElementTree.Element) -> Batch:
    """An EnumerateResponse or a PullResponse; Windows splits as it likes (facts/wsman.md 5.1)."""
    response = body.find("*")
    if response is None or local_name(response) not in ("EnumerateResponse", "PullResponse"):
        raise ProtocolError("the host answered an enumeration with something else")
    items: list[ElementTree.Element] = []
    context, ended = "", False
    for child in response:
        name = local_name(child)
        if name == "Items":
            items.extend(child)
        elif name == "EndOfSequence":
            ended = True
        elif name == "EnumerationContext":
            context = (child.text or "").strip()
    return Batch(tuple(items), None if ended or not context else context)
