# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP states and network errors, mapped once to the exception tree (facts/wsman.md 1, 3.1, 9). Pure: knows no library.

Both client libraries raise exceptions of the same shape: ``code`` and ``response_text`` for an HTTP error, a class named
``...Credentials...`` or ``...Authentication...`` for 401, and otherwise what ``requests`` and the socket raise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ..errors import ConnectError, ContainersError, ProtocolError, RemoteError, explain, missing_library

#: What a client library or Ansible says of a library it lacks, and the package that brings it; the first that fits counts.
_PACKAGES: tuple[tuple[str, str], ...] = (
    (r"winrm or requests is not installed|xmltodict is not installed", "pywinrm"),
    (r"named 'pypsrp", "pypsrp"),
    (r"kerberos library is not installed|pykerberos is not installed", "pykerberos"),
    (r"requires the Python (gssapi|krb5) library", "pypsrp[kerberos]"),
    (r"requests-credssp is not installed", "requests-credssp"),
)
#: Patterns in the text of an error below, and what they mean to a user; the first that fits counts.
#: The texts are those of the C library, OpenSSL, requests, pywinrm and Ansible.
_CAUSES: tuple[tuple[str, str, str], ...] = (
    (
        r"ProxyError|Tunnel connection failed",
        "the proxy did not let the connection through",
        "Set no_proxy for the host, or the connection's proxy option",
    ),
    (
        r"credentials were rejected|Failed to authenticate|Code:? 401",
        "the credentials were rejected",
        "Check ansible_user and ansible_password",
    ),
    (r"requires a username", "no user is set for it", "Set ansible_user"),
    (r"requires a password", "no password is set for it", "Set ansible_password"),
    (r"No username or password was specified", "no user or no password is set for it", "Set ansible_user and ansible_password"),
    (
        r"does not support transport",
        "the connection knows no such transport",
        "Set ansible_winrm_transport to ntlm, kerberos, credssp, certificate or basic",
    ),
    (
        r"QuotaLimit|0x803381a5|2150859173",
        "the user has used up the remote shells that WinRM allows",
        "Wait for idle shells to end, or raise MaxShellsPerUser",
    ),
    (
        r"not accept any remote shell|0x803381ac|2150859180",
        "a policy of the host forbids remote shells",
        "Let its policy Allow Remote Shell Access be enabled or not configured",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|certificate verify failed",
        "the host's certificate is not trusted",
        "Name the certificate of its authority in ansible_winrm_ca_trust_path (psrp: ansible_psrp_ca_cert)",
    ),
    (r"SSLError|WRONG_VERSION_NUMBER|SSL:", "TLS could not be negotiated", "Check that the port is WinRM's HTTPS port (5986)"),
    (r"Connection refused|Errno 111", "the connection was refused", "Check that WinRM listens on the host and that the port is right"),
    (
        r"Name or service not known|Temporary failure in name resolution|NameResolutionError|nodename nor",
        "its name cannot be resolved",
        "Check ansible_host",
    ),
    (r"No route to host|Network is unreachable|Errno 113|Errno 101", "there is no route to it", "Check ansible_host and the network"),
    (r"[Kk]erberos|kinit", "the Kerberos log-on failed", "Check the ticket, the realm and that ansible_host is a name, not an address"),
    (r"[Tt]imed?[ -]?out", "it did not answer in time", "Check the address, the firewall, and that the host is up"),
    (
        r"reset by peer|RemoteDisconnected|aborted|Broken pipe|IncompleteRead|EOF occurred",
        "the connection broke off",
        "Run the task again; if it always fails, check that the port fits the scheme (5985 for http, 5986 for https)",
    ),
)
_HTTP_CAUSES: dict[int, tuple[str, str]] = {
    400: ("the host could not read the message (HTTP 400), as after an idle connection was dropped", "Run the task again"),
    403: ("the host forbids the request (HTTP 403)", "Check the account's rights and any proxy in between"),
    404: ("nothing answers at this path (HTTP 404)", "Check the port and the connection's path option"),
    405: ("this is not WinRM (HTTP 405)", "Check the port and the connection's path option"),
    413: ("the message is larger than the host allows (HTTP 413)", "Raise MaxEnvelopeSizekb in the host's WinRM configuration"),
    500: ("the host's WinRM service is in trouble (HTTP 500 without an explanation)", "Look at the host's memory and its WinRM service"),
    503: ("the WinRM service is not ready (HTTP 503)", "Run the task again when the host has started"),
}

#: What requests-credssp raises when a log-on is refused, with the host's own status or without.
_CREDSSP = ("AuthenticationException", "NTStatusException")


class ConnectionLost(ConnectError):
    """The connection broke, or the answer did not come: whether the host acted is unknown."""

    tells_operation = True


class HttpRefused(ConnectError):
    """An HTTP state without a WS-Management fault."""

    tells_operation = True

    def __init__(self, status: int) -> None:
        cause, advice = _HTTP_CAUSES.get(
            status, (f"the host answered HTTP {status}", "See whether a proxy or another service answers on this port")
        )
        super().__init__(cause, advice)
        self.status = status


class EnvelopeTooLarge(RemoteError):
    """HTTP 413: nothing of the message was taken."""


def translate(error: BaseException, seconds: float) -> ContainersError | bytes:
    """Map an exception of a client library.

    Args:
        error: What ``post`` raised.
        seconds: How long an answer was awaited, for the text.

    Returns:
        The SOAP body of an HTTP error that has one (a fault), else the error to raise.
    """
    code, body = getattr(error, "code", None), getattr(error, "response_text", None)
    if isinstance(code, int) and body is not None:
        data = body.encode("utf-8") if isinstance(body, str) else bytes(body)
        if b"Envelope" in data[:4096]:
            return data
        return _http_error(code)
    if isinstance(error, ImportError):
        return _missing(str(error)) or missing_library(str(error.name), str(error))
    names = {cls.__name__ for cls in type(error).__mro__}
    if "SpnegoError" in names:
        return connect_error(str(error))
    if names & {"AuthenticationError", "InvalidCredentialsError", *_CREDSSP}:
        return connect_error("the credentials were rejected")
    if names & {"ReadTimeout", "ReadTimeoutError"}:
        return _silent(seconds)
    if names & {"RequestException", "OSError", "HTTPError"}:
        if any(type(inner).__name__ == "ReadTimeoutError" for inner in error.args):
            # The answer had begun; requests calls that a broken connection.
            return _silent(seconds)
        mapped = connect_error(" ".join(_texts(error)))
        lost = mapped.cause in ("the connection broke off", _UNKNOWN)
        return ConnectionLost(mapped.cause, "Run the task again") if lost else mapped
    return ProtocolError(
        f"the answer could not be read ({type(error).__name__})", "See whether message encryption is set alike on both sides"
    )


def _silent(seconds: float) -> ConnectionLost:
    return ConnectionLost(f"the host did not answer within {seconds:.0f} seconds", "See whether the host is overloaded or restarting")


_UNKNOWN = "the connection failed"


def _http_error(status: int) -> ContainersError:
    if status == 401:
        return connect_error("the credentials were rejected")
    if status == 413:
        return EnvelopeTooLarge(*_HTTP_CAUSES[413], code=status)
    return HttpRefused(status)


def connect_error(text: str) -> ContainersError:
    """The error for a connection that could not be made, judged by the text below it; unknown texts are quoted without credentials."""
    missing = _missing(text)
    if missing:
        return missing
    for pattern, cause, advice in _CAUSES:
        if re.search(pattern, text):
            return ConnectError(cause, advice)
    status = re.search(r"Bad HTTP response returned from server\. Code (\d{3})", text)
    if status and "fault data" not in text:
        return HttpRefused(int(status.group(1)))
    fault = re.search(r"'wsmanfault_code': '?(\d+)", text)
    meaning = explain(int(fault[1])) if fault else None
    if meaning:
        return ConnectError(*meaning)
    words = " ".join(text.partition(" (extended fault data")[0].split())
    shown = re.sub(r"//[^/@\s]*@", "//", words)[:300]
    return ConnectError(f"{_UNKNOWN}: {shown}" if shown else _UNKNOWN)


def _missing(text: str) -> ContainersError | None:
    package = next((package for pattern, package in _PACKAGES if re.search(pattern, text)), None)
    said = re.search(r"No module named \S+", text)
    return missing_library(package, said[0] if said else "") if package else None


def _texts(error: BaseException | None) -> Iterator[str]:
    for _depth in range(8):
        if error is None:
            return
        yield f"{type(error).__name__}: {error}"
        error = error.__cause__ or error.__context__


def quietly(action: Callable[[], object]) -> None:
    """Run a clean-up that may fail because the host is gone; the error that led here matters more."""
    try:
        action()
    except Exception:
        return
