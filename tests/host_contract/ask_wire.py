# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions about messages: their shapes, sizes and limits (facts/wsman.md 1, 3, 4.4, 5.1, 6 and 10)."""

from __future__ import annotations

import base64
import random
import time
from typing import Any

from ansible_collections.winfleet.containers.plugins.plugin_utils.remote import envelope
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.network import EnvelopeTooLarge

from .question import Answer, NotAsked, question, switch, yes_no
from .site import TARGET, Site
from .wire import Reply, exchange

_CONFIG = envelope.MICROSOFT + "config"
#: Setting of the host's configuration: the simulator's name for it.
_LIMITS = {
    "MaxEnvelopeSizekb": "max_envelope_kb",
    "MaxTimeoutms": "max_timeout_ms",
    "MaxBatchItems": "max_batch_items",
    "MaxConcurrentOperationsPerUser": "max_operations_per_user",
    "MaxConnections": "max_connections",
    "EnumerationTimeoutms": "enumeration_timeout_ms",
    "MaxShellsPerUser": "max_shells_per_user",
    "MaxProcessesPerShell": "max_processes_per_shell",
    "IdleTimeout": "idle_timeout_ms",
}
#: What an answer to our MaxEnvelopeSize of 512000 holds is a lot more than this (facts/wsman.md 3.3).
_FULL = 50_000


def replies(site: Site, line: str, seconds: float = 20) -> list[tuple[Reply, float]]:
    """Every answer to Receive until the command is done, and how long each took."""
    found: list[tuple[Reply, float]] = []
    with site.running(line) as (shell, command):
        while not (found and found[-1][0].done):
            started = time.monotonic()
            reply = exchange(site.session, envelope.receive(shell.shell_id, command.command_id, seconds))
            found.append((reply, time.monotonic() - started))
            if reply.fault is not None and not reply.timed_out:
                break
    return found


@question("limits", "Which quotas does the host have?", fact="wsman.md 6")
def limits(site: Site) -> Answer:
    reply = exchange(site.session, envelope.build(envelope.TRANSFER + "Get", _CONFIG))
    if reply.fault is not None:
        return Answer(f"unknown: the configuration is {reply.outcome}")
    seen = {name: int(reply.text(name)) for name in _LIMITS if reply.text(name).isdigit()}
    position = {"winrm": {"limits": {_LIMITS[name]: value for name, value in seen.items()}}}
    return Answer(
        f"{seen.get('MaxEnvelopeSizekb')} KB an envelope, {seen.get('MaxShellsPerUser')} shells a user", position=position, seen=seen
    )


@question(
    "large-send",
    "Does a Send of 382,000 bytes pass?",
    fact="wsman.md 10.8, 3.3",
    starts=['findstr.exe /R "."'],
)
def large_send(site: Site) -> Answer:
    size = 382_000
    while size > 16_000:
        with site.running("%SystemRoot%\\System32\\findstr.exe /C:winfleet") as (shell, command):
            try:
                reply = exchange(site.session, envelope.send(shell.shell_id, command.command_id, b"x\r\n" * (size // 3), True, 30))
            except EnvelopeTooLarge:
                size //= 2
                continue
        return Answer("yes" if size == 382_000 else "no", f"{size} bytes were {reply.outcome}", seen={"bytes": size})
    return Answer("no", "not even 16,000 bytes pass", breaks=True)


@question(
    "receive-size",
    "How much output does one Receive bring with a MaxEnvelopeSize of 512000?",
    fact="wsman.md 10.4, 3.3",
    starts=["tar.exe -xzf - -C <folder>", "certutil.exe -hashfile <file> SHA256"],
    changes=["a file of 300,000 bytes below the folder"],
)
def receive_size(site: Site) -> Answer:
    with site.folder() as folder:
        site.host.files.write(f"{folder}\\large.txt", random.Random(4).randbytes(150_000).hex().encode())
        found = [reply for reply, _seconds in replies(site, f"type {folder}\\large.txt")]
    pieces = [[len(base64.b64decode(stream.text or "")) for stream in reply.streams] for reply in found]
    answer, stream = max(map(sum, pieces)), max(max(sizes, default=0) for sizes in pieces)
    position = {"winrm": {"switches": {"stream_bytes": stream, "receive_bytes": 0 if answer >= _FULL else answer}}}
    detail = f"at most {answer} bytes in an answer, {stream} in one Stream"
    return Answer(f"{answer} bytes", detail, position, {"answers": len(found), "answer_bytes": answer, "stream_bytes": stream})


@question(
    "empty-running",
    "Does Receive answer Running without output before its time is up?",
    fact="wsman.md 4.4",
    starts=[f"ping.exe -n 3 {TARGET}"],
)
def empty_running(site: Site) -> Answer:
    found = replies(site, f"%SystemRoot%\\System32\\ping.exe -n 3 {TARGET}")
    empty = sum(reply.fault is None and not reply.done and not reply.streams and seconds < 15 for reply, seconds in found)
    return Answer(
        "yes" if empty else "no",
        f"{empty} of {len(found)} answers",
        switch("empty_running", bool(empty)),
        {"answers": len(found), "empty": empty},
    )


@question(
    "end-markers",
    "Does Done come with an empty Stream End=true for each stream?",
    fact="wsman.md 4.4",
    starts=["ver, a command of cmd.exe"],
)
def end_markers(site: Site) -> Answer:
    last = replies(site, "ver")[-1][0]
    marked = [stream.get("Name", "") for stream in last.streams if stream.get("End", "").lower() == "true"]
    return Answer("yes" if marked else "no", " and ".join(marked), switch("end_markers", bool(marked)))


@question("exit-code", "Does Done tell the exit code?", fact="wsman.md 4.4", starts=["exit, a command of cmd.exe"], contract=True)
def exit_code(site: Site) -> Answer:
    told = replies(site, "exit 5")[-1][0].text("ExitCode")
    return yes_no(told == "5", f"exit 5 was told as {told or 'nothing'}", no_breaks=True)


@question(
    "exit-code-form",
    "Is an HRESULT as exit code negative or unsigned?",
    fact="wsman.md 4.4; native-tools.md 1.2",
    starts=["exit, a command of cmd.exe"],
)
def exit_code_form(site: Site) -> Answer:
    told = replies(site, "exit -2146498548")[-1][0].text("ExitCode")
    value = {"-2146498548": "negative", "2148468748": "unsigned"}.get(told, told or "not told")
    position = {"signed_exit_codes": value == "negative"} if value in ("negative", "unsigned") else {}
    return Answer(value, f"told as {told}", position, breaks=not position)


@question("first-items", "How many items does the first answer of an enumeration hold?", fact="wsman.md 10.4, 5.1")
def first_items(site: Site) -> Answer:
    reply = exchange(site.session, envelope.enumerate_wql("root/cimv2", "select Name from Win32_Service"))
    items = len(list(reply.first("Items") or ()))
    ended = reply.first("EndOfSequence") is not None
    one = exchange(site.session, envelope.enumerate_wql("root/cimv2", "select Name from Win32_OperatingSystem"))
    single = len(list(one.first("Items") or ())), one.first("EndOfSequence") is not None
    if not ended:
        exchange(site.session, envelope.release("root/cimv2", reply.text("EnumerationContext")))
    position = switch("first_items", items if items in (0, 1) else -1)
    return Answer(str(items), f"a single instance came with {single[0]} items, ended: {single[1]}", position, {"ended": ended})


@question("activity-id", "Do answers carry an ActivityId?", fact="wsman.md 2.1")
def activity_id(site: Site) -> Answer:
    found = replies(site, "ver")[-1][0].first("ActivityId") is not None
    return Answer("yes" if found else "no", position=switch("activity_id", found))


@question("plain-body", "With which status is an unencrypted message over HTTP refused?", fact="wsman.md 1")
def plain_body(site: Site) -> Answer:
    variables = site.variables
    if variables.get("ansible_connection", "winrm") != "winrm" or str(variables.get("ansible_winrm_transport", "")) != "ntlm":
        raise NotAsked("it needs a winrm connection with NTLM")
    port = int(variables.get("ansible_port") or variables.get("ansible_winrm_port") or 5986)
    scheme = variables.get("ansible_winrm_scheme") or ("http" if port == 5985 else "https")
    if scheme != "http":
        raise NotAsked("it needs a connection over HTTP")
    status = _plain_status(f"http://{variables.get('ansible_host') or site.name}:{port}/wsman", variables)
    position = (
        switch("unencrypted_status", status) if status in (401, 500) else {"winrm": {"allow_unencrypted": True}} if status == 200 else {}
    )
    return Answer("it is taken" if status == 200 else str(status), position=position)


def _plain_status(endpoint: str, variables: Any) -> int:
    import requests
    from requests_ntlm import HttpNtlmAuth

    user = variables.get("ansible_winrm_user") or variables.get("ansible_user")
    password = variables.get("ansible_winrm_password") or variables.get("ansible_winrm_pass") or variables.get("ansible_password")
    body = envelope.enumerate_wql("root/cimv2", "select Name from Win32_OperatingSystem").text.encode()
    headers = {"Content-Type": "application/soap+xml;charset=UTF-8"}
    session = requests.Session()
    session.trust_env = False
    with session:
        return session.post(endpoint, data=body, headers=headers, auth=HttpNtlmAuth(user, password), timeout=30).status_code
