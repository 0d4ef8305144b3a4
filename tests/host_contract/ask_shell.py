# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions about shells: stdin and stdout, cmd in between, and what runs beside what (facts/wsman.md 0, 4 and 10)."""

from __future__ import annotations

import hashlib
import io
import random
import tarfile
import threading
import time

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ContainersError, OptionError
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote import envelope
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.program import Programs
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.shell import Command, Shell

from .question import Answer, question, switch, yes_no
from .site import PROCESS, TARGET, Site, command_request
from .wire import exchange

#: Every byte, the pairs that text modes change, and Ctrl-Z, which ends a text file.
BYTES = bytes(range(256)) * 8 + b"\r\n\n\r\x1a\x00\x00\xff\xfe" * 64
TEXT = "one\r\ngrüße €\r\n".encode()
FINDSTR = '%SystemRoot%\\System32\\findstr.exe /R "."'
PING = f"%SystemRoot%\\System32\\ping.exe -t {TARGET}"
CMD = "C:\\Windows\\System32\\cmd.exe"


def drain(command: Command, seconds: float = 30) -> tuple[bytes, int | None]:
    """All output of a command to its end, and the exit code; None when it did not end in time."""
    give_up, output = time.monotonic() + seconds, b""
    while (left := give_up - time.monotonic()) > 0:
        received = command.receive(left)
        if received is not None:
            output += received.stdout
            if received.exit_code is not None:
                return output, received.exit_code
    return output, None


@question(
    "stdin-bytes",
    "Does WINRS_CONSOLEMODE_STDIN=FALSE give byte-exact stdin?",
    fact="wsman.md 10.1, 4.5",
    starts=["tar.exe -xf - -C <folder>", "certutil.exe -hashfile <file> SHA256"],
    changes=["a file below the folder"],
    contract=True,
)
def stdin_bytes(site: Site) -> Answer:
    content = BYTES + random.Random(1).randbytes(200_000)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo("bytes.bin")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    with site.folder() as folder:
        done = site.host.programs.run("tar.exe", ["-xf", "-", "-C", folder], stdin=packed.getvalue(), timeout=120)
        arrived = site.host.files.sha256(f"{folder}\\bytes.bin")
    exact = arrived == hashlib.sha256(content).hexdigest()
    detail = f"{len(content)} bytes with every value, CR, LF, Ctrl-Z and NUL, through tar, exit code {done.exit_code}"
    return yes_no(exact, detail, no_breaks=True)


@question(
    "stdin-end",
    "Does End on the last Send reach the program as the end of its input?",
    fact="wsman.md 10.1, 4.5",
    starts=['findstr.exe /R "."'],
    contract=True,
)
def stdin_end(site: Site) -> Answer:
    with site.running(FINDSTR) as (_shell, command):
        command.send(TEXT, end=True)
        output, code = drain(command, 20)
    return yes_no(code == 0 and output == TEXT, f"exit code {code}, {len(output)} of {len(TEXT)} bytes came back", no_breaks=True)


@question(
    "stdin-console-mode",
    "What does WINRS_CONSOLEMODE_STDIN=TRUE do to stdin?",
    fact="wsman.md 0.1, 4.5",
    starts=['findstr.exe /R "."'],
)
def stdin_console_mode(site: Site) -> Answer:
    with site.running(FINDSTR, console=True) as (_shell, command):
        command.send(TEXT, end=True)
        output, code = drain(command, 5)
    ended, same = code is not None, output == TEXT
    value = (
        "nothing"
        if ended and same
        else " and ".join(["it changes the bytes"] * (not same) + ["keeps the end from the program"] * (not ended))
    )
    position = switch("console_mode_stdin", "ignored" if ended and same else "converts")
    return Answer(value, "the program read text with umlauts to its end" if ended else "", position, {"ended": ended, "same_bytes": same})


@question(
    "stdout-bytes",
    "Is stdout byte-exact?",
    fact="wsman.md 10.1, 4.5",
    starts=["tar.exe -xzf - -C <folder>", "certutil.exe -hashfile <file> SHA256"],
    changes=["a file below the folder"],
    contract=True,
)
def stdout_bytes(site: Site) -> Answer:
    content = BYTES.replace(b"\x1a", b"")  # type ends a text file there
    with site.folder() as folder:
        site.host.files.write(f"{folder}\\bytes.bin", content)
        back = site.host.files.read(f"{folder}\\bytes.bin")
    return yes_no(back == content, f"{len(back or b'')} of {len(content)} bytes through type", no_breaks=True)


@question("skip-cmd-shell", "Does WINRS_SKIP_CMD_SHELL=TRUE do anything?", fact="wsman.md 10.2, 0.1", starts=["ver, a command of cmd.exe"])
def skip_cmd_shell(site: Site) -> Answer:
    with Shell(site.session) as shell:
        reply = exchange(site.session, command_request(shell.shell_id, "ver", skip_shell=True))
        if reply.fault is not None:
            return Answer("yes", f"a command of cmd was {reply.outcome}", switch("skip_cmd_shell", "honoured"))
        _output, code = drain(Command(site.session, shell.shell_id, reply.text("CommandId")), 10)
    return Answer("no", f"a command of cmd ended with {code}", switch("skip_cmd_shell", "ignored"))


@question(
    "quotes-around-line",
    "Does WinRM put quotes around the line it gives to cmd /C?",
    fact="wsman.md 10.2, 4.3",
    starts=["cmd.exe /C exit 7, in four spellings"],
)
def quotes_around_line(site: Site) -> Answer:
    programs = Programs(site.session)
    try:
        plain = programs.shell_builtin(f"{CMD} /C exit 7").exit_code == 7
        led = programs.shell_builtin(f'@"{CMD}" /C "exit 7"').exit_code == 7
        quoted = programs.shell_builtin(f'"{CMD}" /C "exit 7"').exit_code == 7
        double = programs.shell_builtin(f'""{CMD}" /C "exit 7""').exit_code == 7
    finally:
        programs.close()
    seen = {"plain": plain, "led by @": led, "quoted": quoted, "quoted twice": double}
    ran = ", ".join(name for name, worked in seen.items() if worked)
    return Answer("yes" if quoted else "no", f"ran as meant: {ran or 'none'}", {"winrs_quotes_line": quoted}, seen, breaks=not plain)


@question(
    "arguments",
    "Does every argument arrive as it was meant?",
    fact="native-tools.md 5; wsman.md 4.3",
    starts=["reg.exe add HKLM\\<key> /v argument /t REG_SZ /d <argument> /f"],
    changes=["a registry value below the key"],
    contract=True,
)
def arguments(site: Site) -> Answer:
    wanted = ["plain", "two words", "", "a&b|c<d>e^f", "(x) ; , =", "C:\\Program Files\\", "C:\\x\\\\", "tab\tinside", "ümlaut €"]
    wrong = []
    with site.key() as key:
        for argument in wanted:
            done = site.host.programs.run("reg.exe", ["add", f"HKLM\\{key}", "/v", "argument", "/t", "REG_SZ", "/d", argument, "/f"])
            if done.exit_code or (site.host.registry.string(key, "argument") or "") != argument:
                wrong.append(argument)
    return yes_no(not wrong, f"{len(wanted) - len(wrong)} of {len(wanted)} arrived", no_breaks=True, wrong=wrong)


@question("refused-arguments", "Is what cmd cannot carry refused before anything starts?", fact="wsman.md 4.3", contract=True)
def refused_arguments(site: Site) -> Answer:
    carried = []
    for argument in ("100%", "%PATH%", 'a"b', "a!b", "a\nb", "a\rb", "a\0b"):
        try:
            site.host.programs.run("reg.exe", ["query", argument])
        except OptionError:
            continue
        carried.append(argument)
    return yes_no(not carried, no_breaks=True, carried=carried)


@question(
    "second-command",
    "May a second command start in a shell while one runs?",
    fact="wsman.md 0.2",
    starts=[f"ping.exe -t {TARGET}", "ver, a command of cmd.exe"],
)
def second_command(site: Site) -> Answer:
    with site.running(PING) as (shell, _command):
        reply = exchange(site.session, command_request(shell.shell_id, "ver"))
    allowed = reply.fault is None
    return Answer("yes" if allowed else "no", reply.outcome, switch("second_command", "run" if allowed else "refuse"))


@question(
    "send-beside-receive",
    "Does a Send on one connection get through while a Receive waits on another?",
    fact="wsman.md 10.3, 0.2",
    starts=['findstr.exe /R "."'],
    contract=True,
)
def send_beside_receive(site: Site) -> Answer:
    other, received = site.session.sibling(), []

    def wait(command: Command) -> None:
        received.append(drain(command, 30)[0])

    with site.running(FINDSTR) as (_shell, command):
        waiting = threading.Thread(target=wait, args=(command,), daemon=True)
        waiting.start()
        time.sleep(0.7)
        started = time.monotonic()
        command.send(TEXT, end=True, session=other)
        took = time.monotonic() - started
        waiting.join(40)
    other.close()
    through = received == [TEXT] and took < 15
    return yes_no(through, f"the Sends took {took:.2f} s", no_breaks=True, seconds=round(took, 3))


@question("second-receive", "What does a second Receive get while the first one waits?", fact="wsman.md 4.4", starts=['findstr.exe /R "."'])
def second_receive(site: Site) -> Answer:
    other, first = site.session.sibling(), []
    with site.running(FINDSTR) as (shell, command):
        request = envelope.receive(shell.shell_id, command.command_id, 4)
        waiting = threading.Thread(target=lambda: first.append(exchange(site.session, request).outcome), daemon=True)
        waiting.start()
        time.sleep(0.7)
        started = time.monotonic()
        second = exchange(other, envelope.receive(shell.shell_id, command.command_id, 2)).outcome
        took = time.monotonic() - started
        waiting.join(30)
    other.close()
    return Answer(second, f"after {took:.1f} s of the 2 it was given", seen={"first": first, "seconds": round(took, 1)})


@question(
    "unread-stdin",
    "What does Send answer while the program does not read?",
    fact="wsman.md 4.5, 4.1",
    starts=[f"ping.exe -t {TARGET}"],
)
def unread_stdin(site: Site) -> Answer:
    outcomes = []
    with site.running(PING) as (shell, command):
        for _unused in range(3):
            outcomes.append(exchange(site.session, envelope.send(shell.shell_id, command.command_id, bytes(200_000), False, 2)).outcome)
    return Answer(" then ".join(dict.fromkeys(outcomes)), "three Sends of 200,000 bytes with two seconds each", seen={"outcomes": outcomes})


@question(
    "delete-ends-program",
    "Does Delete of the shell end the program that runs in it?",
    fact="wsman.md 10.7, 4.1",
    starts=[f"ping.exe -t {TARGET}"],
)
def delete_ends_program(site: Site) -> Answer:
    with Shell(site.session) as shell:
        shell.start(PING)
        time.sleep(0.5)
        if not site.pings():
            return Answer("unknown", "the program did not show in Win32_Process")
    return yes_no(site.pings_end(15), "looked at through Win32_Process, at most 15 s")


@question(
    "delete-spares-created",
    "Does a process of Win32_Process.Create outlive the shell beside which it was created?",
    fact="wsman.md 10.7, 5.2",
    starts=[f"ping.exe -t {TARGET}, by Win32_Process.Create"],
)
def delete_spares_created(site: Site) -> Answer:
    with Shell(site.session):
        line = f"C:\\Windows\\System32\\ping.exe -t {TARGET}"
        made = site.host.cim.invoke(PROCESS, "Create", {"CommandLine": line})
        blocked = {"wmi_creation_blocked": made["ReturnValue"] == 2}
        if made["ReturnValue"] != 0:
            return Answer(f"not created, result {made['ReturnValue']}", position=blocked)
        time.sleep(0.5)
    time.sleep(1)
    running = site.pings()
    for process in running:
        site.host.cim.invoke(PROCESS, "Terminate", {"Reason": 1}, {"Handle": str(process["Handle"])})
    return Answer("yes" if running else "no", "one second after Delete", blocked)


@question("ctrl-c", "Does Signal ctrl_c reach a program without console mode?", fact="wsman.md 4.5", starts=[f"ping.exe -t {TARGET}"])
def ctrl_c(site: Site) -> Answer:
    with site.running(PING) as (shell, command):
        code = envelope.SHELL_ACTION + "signal/ctrl_c"
        body = f'<rsp:Signal CommandId="{command.command_id}"><rsp:Code>{code}</rsp:Code></rsp:Signal>'
        request = envelope.build(envelope.SHELL_ACTION + "Signal", envelope.SHELL, body, selectors={"ShellId": shell.shell_id})
        outcome = exchange(site.session, request).outcome
        exit_code = drain(command, 5)[1]
    return yes_no(exit_code is not None, f"the Signal was {outcome}, exit code {exit_code}", exit_code=exit_code)


@question(
    "code-page",
    "Do cmd's own commands write UTF-8 in a shell of code page 65001?",
    fact="wsman.md 4.1",
    starts=["echo, a command of cmd.exe"],
)
def code_page(site: Site) -> Answer:
    said = site.host.programs.shell_builtin("echo grüße€").stdout.strip()
    return yes_no(said == "grüße€".encode(), said.decode("utf-8", "backslashreplace"))


@question("no-profile", "Is WINRS_NOPROFILE honoured?", fact="wsman.md 4.1", starts=["echo, a command of cmd.exe"])
def no_profile(site: Site) -> Answer:
    body = "<rsp:Shell><rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>"
    options = {"WINRS_NOPROFILE": "TRUE", "WINRS_CODEPAGE": "65001"}
    reply = exchange(site.session, envelope.build(envelope.TRANSFER + "Create", envelope.SHELL, body, options=options))
    shell = Shell.adopt(site.session, envelope.parse_shell_id(reply.root))
    try:
        said = drain(shell.start("echo %USERPROFILE%"), 10)[0].decode("utf-8", "replace").strip().lower()
    finally:
        shell.discard()
    return yes_no(
        said.endswith("\\default"), "USERPROFILE is that of Default" if said.endswith("\\default") else "USERPROFILE is the account's own"
    )


@question(
    "long-line",
    "What becomes of a line longer than cmd takes?",
    fact="wsman.md 4.3; native-tools.md 5",
    starts=["rem, a command of cmd.exe"],
)
def long_line(site: Site) -> Answer:
    outcomes = {}
    for length in (8000, 8300):
        with Shell(site.session) as shell:
            reply = exchange(site.session, command_request(shell.shell_id, "rem ".ljust(length, "x")))
            if reply.fault is not None:
                outcomes[length] = reply.outcome
            else:
                outcomes[length] = f"exit code {drain(Command(site.session, shell.shell_id, reply.text('CommandId')), 10)[1]}"
    return Answer(outcomes[8300], "a line of 8300 characters", seen={str(length): outcome for length, outcome in outcomes.items()})


@question("missing-program", "With which code does an unknown command end?", fact="wsman.md 4.3")
def missing_program(site: Site) -> Answer:
    done = site.host.programs.shell_builtin("winfleet-contract-missing")
    return Answer(str(done.exit_code), "said on stderr" if done.stderr else "said nothing on stderr")


@question(
    "after-terminate",
    "Is a command that is terminated answered like a finished one afterwards?",
    fact="wsman.md 4.2",
    starts=[f"ping.exe -t {TARGET}"],
)
def after_terminate(site: Site) -> Answer:
    with site.running(PING) as (shell, command):
        exchange(site.session, envelope.terminate(shell.shell_id, command.command_id))
        again = exchange(site.session, envelope.terminate(shell.shell_id, command.command_id)).outcome
        receive = exchange(site.session, envelope.receive(shell.shell_id, command.command_id, 2)).outcome
        try:
            code = drain(shell.start("exit 5"), 10)[1]
        except ContainersError as error:
            return Answer("the shell takes no further command", error.cause, seen={"again": again, "receive": receive}, breaks=True)
    return Answer(
        f"a Receive is {receive}",
        f"a second terminate is {again}, the next command ended with {code}",
        seen={"again": again, "receive": receive},
    )
