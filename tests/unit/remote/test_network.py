# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exceptions of both client libraries, mapped once."""

from __future__ import annotations

import sys
from typing import Any, cast

import pypsrp.exceptions
import pytest
import requests
import requests_credssp.exceptions
import spnego.exceptions
import urllib3.exceptions
import winrm.exceptions

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ConnectError, OptionError, ProtocolError
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.network import (
    ConnectionLost,
    EnvelopeTooLarge,
    HttpRefused,
    connect_error,
    translate,
)

FAULT = "<s:Envelope/>"


def test_an_answer_that_stops_in_its_middle_may_have_been_carried_out() -> None:
    stalled = urllib3.exceptions.ReadTimeoutError(cast(Any, None), "/wsman", "Read timed out.")
    assert isinstance(translate(requests.exceptions.ConnectionError(stalled), 30), ConnectionLost)
    assert not isinstance(translate(requests.exceptions.ConnectTimeout("timed out"), 30), ConnectionLost)


@pytest.mark.parametrize("library", [winrm.exceptions, pypsrp.exceptions], ids=["pywinrm", "pypsrp"])
def test_a_fault_comes_through_whole(library: Any) -> None:
    assert translate(library.WinRMTransportError("http", 500, FAULT), 1) == FAULT.encode()


@pytest.mark.parametrize("library", [winrm.exceptions, pypsrp.exceptions], ids=["pywinrm", "pypsrp"])
@pytest.mark.parametrize(
    ("status", "kind"), [(400, HttpRefused), (413, EnvelopeTooLarge), (500, HttpRefused), (503, HttpRefused), (401, ConnectError)]
)
def test_http_states(library: Any, status: int, kind: type) -> None:
    error = translate(library.WinRMTransportError("http", status, ""), 1)
    assert isinstance(error, kind)
    assert error.cause
    assert error.advice


@pytest.mark.parametrize(
    "error",
    [
        winrm.exceptions.InvalidCredentialsError("x"),
        pypsrp.exceptions.AuthenticationError("Failed to authenticate the user joe with ntlm"),
        requests_credssp.exceptions.AuthenticationException("Server did not response with a CredSSP token"),
        requests_credssp.exceptions.NTStatusException(0xC000006D, "STATUS_LOGON_FAILURE"),
    ],
    ids=["pywinrm", "pypsrp", "credssp", "credssp with a status"],
)
def test_wrong_credentials(error: Exception) -> None:
    mapped = translate(error, 1)
    assert isinstance(mapped, ConnectError)
    assert mapped.cause == "the credentials were rejected"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Max retries exceeded (Caused by NewConnectionError: [Errno 111] Connection refused)", "the connection was refused"),
        ("[Errno 113] No route to host", "there is no route to it"),
        ("[Errno -2] Name or service not known", "its name cannot be resolved"),
        ("ntlm: the specified credentials were rejected by the server", "the credentials were rejected"),
        ("ConnectTimeoutError(..., 'Connection to 192.0.2.1 timed out. (connect timeout=30)')", "it did not answer in time"),
        ("The service is configured to not accept any remote shell requests.", "a policy of the host forbids remote shells"),
        ("ntlm: Access is denied. (extended fault data: {'http_status_code': 500, 'wsmanfault_code': 5})", "access is denied"),
        ("ntlm: Zugriff verweigert (extended fault data: {'wsmanfault_code': 99999})", "the connection failed: ntlm: Zugriff verweigert"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate", "the host's certificate is not trusted"),
        ("ntlm: auth method ntlm requires a username", "no user is set for it"),
        ("ntlm: auth method ntlm requires a password", "no password is set for it"),
        ("The installed version of WinRM does not support transport(s) ['ntml']", "the connection knows no such transport"),
    ],
)
def test_texts_of_the_layers_below(text: str, cause: str) -> None:
    assert connect_error(text).cause == cause


@pytest.mark.parametrize(
    ("text", "package"),
    [
        ("winrm or requests is not installed: No module named 'winrm'", "pywinrm"),
        ("WinRM Kerberos authentication requested but the python kerberos library is not installed. Please install ...", "pykerberos"),
        ("credssp: requests auth method is credssp, but requests-credssp is not installed", "requests-credssp"),
    ],
)
def test_a_library_that_ansible_lacks_is_named_with_the_command_that_installs_it(text: str, package: str) -> None:
    error = connect_error(text)
    assert isinstance(error, OptionError)
    assert package in error.cause
    assert error.advice.endswith(f"{sys.executable} -m pip install '{package}'")


@pytest.mark.parametrize(
    ("error", "package"),
    [
        (ModuleNotFoundError("No module named 'pypsrp'", name="pypsrp"), "pypsrp"),
        (ImportError("GSSAPIProxy requires the Python gssapi library: No module named 'gssapi'"), "pypsrp[kerberos]"),
        (ImportError("Cannot use CredSSP auth as requests-credssp is not installed: No module named 'x'"), "requests-credssp"),
        (ModuleNotFoundError("No module named 'strange'", name="strange"), "strange"),
    ],
)
def test_a_library_that_cannot_be_imported_is_no_answer_of_the_host(error: ImportError, package: str) -> None:
    mapped = translate(error, 1)
    assert isinstance(mapped, OptionError)
    assert package in mapped.cause


def test_a_psrp_connection_without_a_user_says_so() -> None:
    mapped = translate(spnego.exceptions.OperationNotAvailableError(context_msg="No username or password was specified and the ..."), 1)
    assert isinstance(mapped, ConnectError)
    assert mapped.cause == "no user or no password is set for it"


def test_a_connection_that_broke_after_sending_is_told_apart_from_one_that_was_never_made() -> None:
    assert isinstance(translate(requests.ConnectionError("('Connection aborted.', RemoteDisconnected('...'))"), 1), ConnectionLost)
    assert isinstance(translate(requests.ReadTimeout("x"), 1), ConnectionLost)
    refused = translate(requests.ConnectionError("[Errno 111] Connection refused"), 1)
    assert isinstance(refused, ConnectError)
    assert not isinstance(refused, ConnectionLost)


def test_unknown_texts_are_quoted_without_credentials() -> None:
    assert "hunter2" not in connect_error("strange trouble at http://joe:hunter2@proxy:3128/").cause


def test_anything_else_is_an_answer_that_could_not_be_read() -> None:
    assert isinstance(translate(ValueError("x"), 1), ProtocolError)
