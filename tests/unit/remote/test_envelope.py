# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Envelopes: what goes out is what Windows asks for, what comes back is read as it was meant."""

from __future__ import annotations

import base64
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError, ProtocolError
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote import envelope
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.envelope import NAMESPACES, Request

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff") | st.sampled_from("\t\n\r"), max_size=60)


def parsed(request: Request) -> ElementTree.Element:
    return ElementTree.fromstring(request.text)


def header(request: Request, path: str) -> str:
    return parsed(request).findtext(f"s:Header/{path}", "", NAMESPACES)


def answer(body: str, relates_to: str = "") -> bytes:
    relation = f"<a:RelatesTo>{relates_to}</a:RelatesTo>" if relates_to else ""
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    return f"<s:Envelope {declared}><s:Header>{relation}</s:Header><s:Body>{body}</s:Body></s:Envelope>".encode()


@pytest.mark.parametrize(
    "request_",
    [
        envelope.create_shell(),
        envelope.command("S", "x"),
        envelope.send("S", "C", b"", True),
        envelope.receive("S", "C", 1),
        envelope.terminate("S", "C"),
        envelope.delete_shell("S"),
        envelope.enumerate_wql("root/cimv2", "select * from X"),
        envelope.pull("root/cimv2", "uuid:1"),
        envelope.get("root/cimv2", "X"),
        envelope.invoke("root/cimv2", "X", "Do"),
    ],
    ids=lambda request_: request_.action.rpartition("/")[2],
)
def test_every_message_carries_the_headers_windows_needs(request_: Request) -> None:
    for path in ("a:To", "w:ResourceURI", "a:Action", "a:ReplyTo/a:Address", "w:MaxEnvelopeSize", "w:OperationTimeout"):
        assert header(request_, path), path
    assert header(request_, "a:MessageID") == request_.message_id
    assert header(request_, "a:ReplyTo/a:Address").endswith("/anonymous")
    assert header(request_, "w:OperationTimeout").startswith("PT")


def test_two_messages_never_share_an_id() -> None:
    assert envelope.create_shell().message_id != envelope.create_shell().message_id


@pytest.mark.parametrize(
    ("request_", "repeatable"),
    [
        (envelope.get("n", "X"), True),
        (envelope.enumerate_wql("n", "q"), True),
        (envelope.terminate("S", "C"), True),
        (envelope.delete_shell("S"), True),
        (envelope.create_shell(), False),
        (envelope.command("S", "x"), False),
        (envelope.send("S", "C", b"", True), False),
        (envelope.receive("S", "C", 1), False),
        (envelope.pull("n", "uuid:1"), False),
        (envelope.invoke("n", "X", "Do"), False),
    ],
)
def test_only_what_does_no_harm_twice_is_repeatable(request_: Request, repeatable: bool) -> None:
    assert request_.repeatable is repeatable


def test_a_shell_is_short_lived_utf8_and_in_the_order_of_the_schema() -> None:
    request = envelope.create_shell("C:\\Program Files", {"A": "1 & 2"})
    shell = parsed(request).find("s:Body/rsp:Shell", NAMESPACES)
    assert shell is not None
    assert [envelope.local_name(child) for child in shell] == [
        "Environment",
        "WorkingDirectory",
        "IdleTimeOut",
        "InputStreams",
        "OutputStreams",
    ]
    assert shell.findtext("rsp:IdleTimeOut", "", NAMESPACES) == "PT600.000S"
    assert shell.findtext("rsp:Environment/rsp:Variable", "", NAMESPACES) == "1 & 2"
    options = {option.get("Name"): option.text for option in parsed(request).iterfind(".//w:Option", NAMESPACES)}
    assert options["WINRS_CODEPAGE"] == "65001"


def test_a_command_is_always_run_by_cmd_with_a_pipe_as_stdin() -> None:
    options = {option.get("Name"): option.text for option in parsed(envelope.command("S", "x")).iterfind(".//w:Option", NAMESPACES)}
    assert options == {"WINRS_CONSOLEMODE_STDIN": "FALSE", "WINRS_SKIP_CMD_SHELL": "FALSE"}


@given(st.binary(max_size=300), st.booleans())
def test_stdin_is_carried_byte_for_byte(data: bytes, end: bool) -> None:
    stream = parsed(envelope.send("S", "C", data, end)).find("s:Body/rsp:Send/rsp:Stream", NAMESPACES)
    assert stream is not None
    assert base64.b64decode(stream.text or "") == data
    assert (stream.get("End") == "true") is end


@given(TEXT)
def test_text_arrives_unchanged(value: str) -> None:
    request = envelope.invoke("root/default", "StdRegProv", "SetStringValue", [("sValue", value)], {"Key": value})
    root = parsed(request)
    found = root.find("s:Body/*/*", NAMESPACES)
    assert found is not None
    assert (found.text or "") == value
    assert root.findtext(".//w:Selector", "", NAMESPACES) == value


@pytest.mark.parametrize("character", ["\0", "\x01", "\x1b", "\ud800", "\uffff"])
def test_characters_that_xml_cannot_carry_are_refused_by_name(character: str) -> None:
    with pytest.raises(OptionError, match=f"U\\+{ord(character):04X}"):
        envelope.command("S", f"a{character}b")


def received(inner: str) -> envelope.Received:
    return envelope.parse_received(envelope.parse_answer(answer(f"<rsp:ReceiveResponse>{inner}</rsp:ReceiveResponse>")))


DONE = 'State="http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/Done"'


@pytest.mark.parametrize(
    ("exit_code", "expected"),
    [
        ("<rsp:ExitCode>0</rsp:ExitCode>", 0),
        ("<rsp:ExitCode>3221225786</rsp:ExitCode>", -1073741510),
        ("<rsp:ExitCode>-1073741510</rsp:ExitCode>", -1073741510),
        ("<rsp:ExitCode>2148468748</rsp:ExitCode>", -2146498548),
        ("<rsp:ExitCode/>", -1),
        ("", -1),
    ],
)
def test_the_end_in_every_form(exit_code: str, expected: int) -> None:
    got = received(f'<rsp:CommandState CommandId="C" {DONE}>{exit_code}</rsp:CommandState>')
    assert (got.done, got.exit_code) == (True, expected)


@given(st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), st.binary(max_size=20)), max_size=8))
def test_streams_are_joined_in_their_order_wherever_they_were_cut(pieces: list[tuple[str, bytes]]) -> None:
    inner = "".join(f'<rsp:Stream Name="{name}" CommandId="C">{base64.b64encode(data).decode()}</rsp:Stream>' for name, data in pieces)
    got = received(inner + '<rsp:Stream Name="stdout" CommandId="C" End="true"></rsp:Stream>')
    assert got.stdout == b"".join(data for name, data in pieces if name == "stdout")
    assert got.stderr == b"".join(data for name, data in pieces if name == "stderr")
    assert not got.done


@pytest.mark.parametrize("data", [b"", b"<html>proxy</html>", b"<a", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"])
def test_what_is_no_envelope_is_called_so(data: bytes) -> None:
    with pytest.raises(ProtocolError, match="not a WS-Management message"):
        envelope.parse_answer(data)


def test_an_answer_to_another_message_is_refused() -> None:
    request = envelope.get("root/cimv2", "X")
    assert envelope.parse_answer(answer("<x:y/>", request.message_id.lower()), request) is not None
    assert envelope.parse_answer(answer("<x:y/>"), request) is not None
    with pytest.raises(ProtocolError, match="another message"):
        envelope.parse_answer(answer("<x:y/>", "uuid:0"), request)
