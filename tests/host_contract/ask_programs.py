# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions about Windows' own programs: their exit codes, and what they print where (facts/native-tools.md 1, 2, 4, 5)."""

from __future__ import annotations

import io
import time
import zipfile

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import describe_code
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.program import Completed
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.restart_order import TASK, TASK_KEY

from .question import Answer, NotAsked, question, yes_no
from .site import MARK, Site


def where_said(done: Completed) -> str:
    """Which stream a program wrote to."""
    streams = ["stdout"] * bool(done.stdout.strip()) + ["stderr"] * bool(done.stderr.strip())
    return " and ".join(streams) or "neither stream"


def code(done: Completed) -> str:
    return describe_code(done.exit_code)


def lines(done: Completed) -> list[str]:
    return [line.strip() for line in done.text.splitlines() if line.strip()]


@question(
    "dism-feature-info",
    "What does dism's get-featureinfo look like?",
    fact="native-tools.md 1.1",
    starts=["dism.exe /online /english /get-featureinfo /featurename:Containers"],
)
def dism_feature_info(site: Site) -> Answer:
    done = site.host.programs.run("dism.exe", ["/online", "/english", "/get-featureinfo", "/featurename:Containers"])
    names = [line.partition(" : ")[0] for line in lines(done) if " : " in line and not line.startswith(("Version", "Image"))]
    header = any(line == "Feature Information:" for line in lines(done))
    return Answer(
        ", ".join(names) or code(done), f"header Feature Information: {'yes' if header else 'no'}", seen={"exit code": code(done)}
    )


@question(
    "dism-unknown-option",
    "With which code does dism refuse an unknown option?",
    fact="native-tools.md 1.2",
    starts=["dism.exe /online /english /winfleet-contract"],
)
def dism_unknown_option(site: Site) -> Answer:
    done = site.host.programs.run("dism.exe", ["/online", "/english", f"/{MARK}"])
    return Answer(code(done), f"said on {where_said(done)}")


@question(
    "dism-unknown-feature",
    "With which code does dism refuse an unknown feature?",
    fact="native-tools.md 1.2",
    starts=["dism.exe /online /english /norestart /enable-feature /featurename:winfleet-contract"],
)
def dism_unknown_feature(site: Site) -> Answer:
    arguments = ["/online", "/english", "/norestart", "/enable-feature", f"/featurename:{MARK}"]
    done = site.host.programs.run("dism.exe", arguments)
    return Answer(code(done), f"said on {where_said(done)}", breaks=done.exit_code == 0)


@question("sc-missing", "Where does sc say that a service is missing?", fact="native-tools.md 2", starts=["sc.exe query winfleet-contract"])
def sc_missing(site: Site) -> Answer:
    done = site.host.programs.run("sc.exe", ["query", MARK])
    return Answer(where_said(done), f"exit code {code(done)}", seen={"exit code": code(done)}, breaks=done.exit_code == 0)


@question(
    "plain-program-as-service",
    "How long until a program that is no service is given up, and with which code?",
    fact="native-tools.md 2",
    starts=["sc.exe create, start, delete winfleet-contract"],
    changes=["a service winfleet-contract that would run ping.exe"],
)
def plain_program(site: Site) -> Answer:
    programs = site.host.programs
    binary = "C:\\Windows\\System32\\ping.exe"
    created = programs.run("sc.exe", ["create", MARK, "binPath=", binary, "start=", "demand"])
    started = time.monotonic()
    try:
        done = programs.run("sc.exe", ["start", MARK], timeout=120)
        took = round(time.monotonic() - started, 1)
    finally:
        deleted = programs.run("sc.exe", ["delete", MARK])
    seen = {"create": lines(created)[-1:], "delete": lines(deleted)[-1:], "seconds": took}
    return Answer(code(done), f"after {took} s", seen=seen, breaks=bool(created.exit_code or deleted.exit_code))


@question(
    "net-missing",
    "With which code does net refuse a missing service?",
    fact="native-tools.md 2",
    starts=["net.exe start winfleet-contract"],
)
def net_missing(site: Site) -> Answer:
    return Answer(code(site.host.programs.run("net.exe", ["start", MARK])))


@question(
    "netsh-no-match",
    "With which code does netsh say that no rule matches?",
    fact="native-tools.md 5",
    starts=["netsh.exe advfirewall firewall show rule name=winfleet-contract"],
)
def netsh_no_match(site: Site) -> Answer:
    done = site.host.programs.run("netsh.exe", ["advfirewall", "firewall", "show", "rule", f"name={MARK}"])
    return Answer(code(done), f"said on {where_said(done)}", {"netsh_no_match_code": done.exit_code})


@question(
    "netsh-twice",
    "Does netsh add a rule of the same name a second time?",
    fact="native-tools.md 5",
    starts=["netsh.exe advfirewall firewall add rule (twice), show rule, delete rule name=winfleet-contract"],
    changes=["two firewall rules winfleet-contract that would allow TCP port 61999 from this machine itself"],
)
def netsh_twice(site: Site) -> Answer:
    rule = [
        "advfirewall",
        "firewall",
        "add",
        "rule",
        f"name={MARK}",
        "dir=in",
        "action=allow",
        "protocol=TCP",
        "localport=61999",
        "remoteip=127.0.0.1",
    ]
    run = site.host.programs.run
    try:
        codes = [run("netsh.exe", rule).exit_code for _unused in range(2)]
        shown = run("netsh.exe", ["advfirewall", "firewall", "show", "rule", f"name={MARK}"]).text.count(MARK)
    finally:
        deleted = run("netsh.exe", ["advfirewall", "firewall", "delete", "rule", f"name={MARK}"])
    return Answer(
        "yes" if shown == 2 else "no",
        f"{shown} rules after exit codes {codes}",
        seen={"delete": code(deleted)},
        breaks=deleted.exit_code != 0,
    )


@question(
    "reg-missing",
    "Where does reg say that a key is missing?",
    fact="native-tools.md 5",
    starts=["reg.exe query HKLM\\SOFTWARE\\winfleet-contract-missing"],
)
def reg_missing(site: Site) -> Answer:
    done = site.host.programs.run("reg.exe", ["query", f"HKLM\\SOFTWARE\\{MARK}-missing"])
    return Answer(where_said(done), f"exit code {code(done)}", breaks=done.exit_code == 0)


@question(
    "certutil-missing",
    "With which code does certutil refuse a missing file?",
    fact="native-tools.md 4",
    starts=["certutil.exe -hashfile <missing file> SHA256"],
)
def certutil_missing(site: Site) -> Answer:
    done = site.host.programs.run("certutil.exe", ["-hashfile", "C:\\winfleet-contract-missing", "SHA256"])
    return Answer(code(done), f"said on {where_said(done)}", breaks=done.exit_code == 0)


@question(
    "certutil-empty",
    "What does certutil say of an empty file?",
    fact="native-tools.md 4",
    starts=["certutil.exe -hashfile <empty file> SHA256"],
    changes=["an empty file below the folder"],
)
def certutil_empty(site: Site) -> Answer:
    with site.folder() as folder:
        site.host.programs.shell_builtin(f"type nul > {folder}\\empty.bin")
        done = site.host.programs.run("certutil.exe", ["-hashfile", f"{folder}\\empty.bin", "SHA256"])
    return Answer(code(done), f"{len(lines(done))} lines on stdout")


@question("tar-version", "Which tar is it?", fact="native-tools.md 4", starts=["tar.exe --version"], contract=True)
def tar_version(site: Site) -> Answer:
    done = site.host.programs.run("tar.exe", ["--version"])
    return Answer(lines(done)[0] if lines(done) else code(done), breaks=done.exit_code != 0)


@question(
    "tar-broken",
    "With which code does tar refuse what is no archive?",
    fact="native-tools.md 4",
    starts=["tar.exe -xf - -C <folder>"],
    changes=["the folder"],
)
def tar_broken(site: Site) -> Answer:
    with site.folder() as folder:
        done = site.host.programs.run("tar.exe", ["-xf", "-", "-C", folder], stdin=b"this is no archive\n" * 100)
    return Answer(code(done), f"said on {where_said(done)}", breaks=done.exit_code == 0)


@question(
    "tar-zip-on-stdin",
    "Does tar unpack a zip from stdin?",
    fact="native-tools.md 4",
    starts=["tar.exe -xf - -C <folder>"],
    changes=["three files below the folder"],
)
def tar_zip(site: Site) -> Answer:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"{number}.txt", f"file {number}\r\n" * 1000)
    with site.folder() as folder:
        done = site.host.programs.run("tar.exe", ["-xf", "-", "-C", folder], stdin=packed.getvalue())
        arrived = sum(site.host.files.exists(f"{folder}\\{number}.txt") for number in range(3))
    return yes_no(done.exit_code == 0 and arrived == 3, f"exit code {code(done)}, {arrived} of 3 files")


@question("curl-version", "Which curl is it, with which TLS?", fact="native-tools.md 4", starts=["curl.exe --version"])
def curl_version(site: Site) -> Answer:
    done = site.host.programs.run("curl.exe", ["--version"])
    return Answer(lines(done)[0] if lines(done) else code(done))


@question(
    "curl-refused",
    "With which code does curl say that a port is closed?",
    fact="native-tools.md 4",
    starts=["curl.exe -sS http://127.0.0.1:9/"],
)
def curl_refused(site: Site) -> Answer:
    done = site.host.programs.run("curl.exe", ["-sS", "http://127.0.0.1:9/"], timeout=60)
    return Answer(code(done), f"said on {where_said(done)}")


@question(
    "where-missing",
    "With which code does where say that nothing is there?",
    fact="native-tools.md 5",
    starts=["where.exe winfleet-contract"],
)
def where_missing(site: Site) -> Answer:
    done = site.host.programs.run("where.exe", [MARK])
    return Answer(code(done), f"said on {where_said(done)}")


@question(
    "type-utf16", "Does type convert a UTF-16 file with a byte order mark?", fact="native-tools.md 5", changes=["a file below the folder"]
)
def type_utf16(site: Site) -> Answer:
    content = "grüße\r\n".encode("utf-16")
    with site.folder() as folder:
        site.host.files.write(f"{folder}\\text.txt", content)
        back = site.host.files.read(f"{folder}\\text.txt")
    return yes_no(back != content, f"{len(back or b'')} of {len(content)} bytes came")


@question(
    "shutdown-abort",
    "With which code does shutdown /a say that there is nothing to abort?",
    fact="native-tools.md 3",
    starts=["shutdown.exe /a"],
    changes=["a restart that somebody else has scheduled would be cancelled"],
)
def shutdown_abort(site: Site) -> Answer:
    done = site.host.programs.run("shutdown.exe", ["/a"])
    return Answer(code(done), f"said on {where_said(done)}")


_TASK = f"{TASK}.contract"
_TASK_LINE = f"cmd.exe /c shutdown.exe /a & schtasks.exe /delete /tn {_TASK} /f"


@question(
    "task-of-system",
    "Does a task of SYSTEM whose time has passed run when told to, and delete itself while it runs?",
    fact="native-tools.md 3",
    starts=[f'schtasks.exe /create /sc once /st 00:00 /ru SYSTEM /tr "{_TASK_LINE}"', "schtasks.exe /run", "schtasks.exe /delete"],
    changes=["a scheduled task is made, which deletes itself; a restart that somebody else has scheduled would be cancelled"],
    contract=True,
)
def task_of_system(site: Site) -> Answer:
    run, key = site.host.programs.run, TASK_KEY.removesuffix(TASK) + _TASK
    created = run(
        "schtasks.exe", ["/create", "/tn", _TASK, "/sc", "once", "/st", "00:00", "/ru", "SYSTEM", "/rl", "highest", "/f", "/tr", _TASK_LINE]
    )
    known = site.host.registry.value_names(key) is not None
    started = run("schtasks.exe", ["/run", "/tn", _TASK])
    for _attempt in range(20):
        if site.host.registry.value_names(key) is None:
            return yes_no(known, f"exit codes {code(created)} and {code(started)}", no_breaks=True)
        time.sleep(0.5)
    run("schtasks.exe", ["/delete", "/tn", _TASK, "/f"])
    return yes_no(False, f"exit codes {code(created)} and {code(started)}, still there after 10 seconds", no_breaks=True)


@question("boot-settings", "Is there a row hypervisorlaunchtype?", fact="native-tools.md 5", starts=["bcdedit.exe /enum {current}"])
def boot_settings(site: Site) -> Answer:
    done = site.host.programs.run("bcdedit.exe", ["/enum", "{current}"])
    row = next((line for line in lines(done) if line.lower().startswith("hypervisorlaunchtype")), "")
    return Answer(" ".join(row.split()[1:]) or "no", f"exit code {code(done)}")


@question(
    "compute-systems", "What does hcsdiag list print?", fact="native-tools.md 5; windows-containers.md 13.4", starts=["hcsdiag.exe list"]
)
def compute_systems(site: Site) -> Answer:
    done = site.host.programs.shell_builtin("if exist C:\\Windows\\System32\\hcsdiag.exe (exit 0) else (exit 44)")
    if done.exit_code:
        raise NotAsked("this Windows has no hcsdiag.exe")
    done = site.host.programs.run("hcsdiag.exe", ["list"])
    kinds = [line.partition(",")[0] for line in lines(done) if "," in line]
    return Answer(f"{len(lines(done))} lines, exit code {code(done)}", ", ".join(kinds), seen={"systems": len(kinds)})
