# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""cmd.exe: the quote rule, variables, operators, redirection, built-ins and how programs are found."""

from __future__ import annotations

import asyncio

import pytest

from simulator.console import Finished, play, run, run_lines
from simulator.programs.process import PROGRAMS, Process
from simulator.streams import Pipe
from simulator.windows.machine import Machine


@pytest.fixture
def machine() -> Machine:
    return Machine("ws2022", "server-2022")


def last(machine: Machine, *lines: str) -> Finished:
    return run_lines(machine, *lines)[-1]


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("echo a b", "a b\n"),
        ('echo "a b"', '"a b"\n'),
        ("echo a & echo b", "a \nb\n"),
        ("echo a&&echo b", "a\nb\n"),
        ("nosuch || echo c", "c\n"),
        ("nosuch && echo c", ""),
        ("echo a^&b ^> c", "a&b > c\n"),
        ('echo "a & b"', '"a & b"\n'),
        ("(echo a & echo b)", "a \nb\n"),
        ("echo %COMPUTERNAME%", "WS2022\n"),
        ("echo %nosuchthing% 100%", "%nosuchthing% 100%\n"),
        ("set X=5& echo done", "done\n"),
        ("echo.", "\n"),
        ("if exist C:\\Windows (echo yes) else (echo no)", "yes\n"),
        ("if not exist C:\\nope echo no", "no\n"),
        ('if exist "C:\\Program Files\\" echo yes', "yes\n"),
        ("@echo quiet", "quiet\n"),
        ("echo one\necho two", "one\n"),
        ("(if exist C:\\nope (echo a & if exist C:\\ (echo b))) & echo c", "c\n"),
        ("(if exist C:\\Windows (echo a & if exist C:\\Windows echo b)) & echo c", "a \nb\nc\n"),
        ("echo a) b", "a) b\n"),
        ('(echo "a)b")', '"a)b"\n'),
        ("if exist C:\\Windows\\Sys*.* echo found", "found\n"),
        ("(echo b& echo A) | sort", "A\nb\n"),
        ("(echo b& echo A) | sort /r | more", "b\nA\n"),
        ('(echo b& echo A) | find /i "a"', "A\n"),
        ('(echo b& echo A) | find /v /c ""', "2\n"),
        ("ver", "\nMicrosoft Windows [Version 10.0.20348.5499]\n"),
        ("cd", "C:\\Windows\\System32\n"),
        ("cd C:\\Windows & cd", "C:\\Windows\n"),
        ("cmd /c exit 3 & echo after", "after\n"),
        ('cmd /s /c "echo "x y""', '"x y"\n'),
    ],
)
def test_a_line_prints(machine: Machine, line: str, out: str) -> None:
    assert last(machine, line).text == out


@pytest.mark.parametrize(
    ("line", "code", "error"),
    [
        ("exit 7", 7, ""),
        ("nosuch", 1, "'nosuch' is not recognized as an internal or external command,\noperable program or batch file.\n"),
        ("C:\\nope\\x.exe", 1, "The system cannot find the path specified.\n"),
        ("type C:\\nope.txt", 1, "The system cannot find the file specified.\n"),
        ("type C:\\nope\\x.txt", 1, "The system cannot find the path specified.\n"),
        ("mkdir C:\\Windows", 1, "A subdirectory or file C:\\Windows already exists.\n"),
        ("rmdir C:\\Windows", 1, "The directory is not empty.\n"),
        ("move C:\\nope C:\\x", 1, "The system cannot find the file specified.\n"),
        ("echo x> C:\\nope\\y", 1, "The system cannot find the path specified.\n"),
        ("echo (", 0, ""),
        ("(echo", 1, "The syntax of the command is incorrect.\n"),
    ],
)
def test_a_line_fails_like_windows(machine: Machine, line: str, code: int, error: str) -> None:
    done = last(machine, line)
    assert (done.code, done.error_text) == (code, error)


def test_what_is_not_simulated_is_refused_loudly(machine: Machine) -> None:
    done = last(machine, "for %i in (a b) do echo %i")
    assert done.code == 1
    assert [line.text for line in machine.log_lines if line.kind == "refused"] == [
        "the cmd command for: for %i in (a b) do echo %i",
    ]


def test_powershell_is_refused_and_logged_as_a_program(machine: Machine) -> None:
    done = last(machine, "powershell -NoProfile Get-Date")
    assert done.code == 1260
    assert done.error_text.startswith("This program is blocked by group policy.")
    assert machine.started_programs == ["powershell -NoProfile Get-Date"]
    assert any(line.kind == "refused" for line in machine.log_lines)


def test_files_by_redirection(machine: Machine) -> None:
    lines = [
        "echo one> C:\\a.txt",
        "echo two>>C:\\a.txt",
        "type C:\\nope.txt > C:\\b.txt 2>&1",
        "echo lost>nul",
        "type C:\\A.TXT",
        "type C:\\b.txt",
    ]
    done = run_lines(machine, *lines)
    assert done[4].text == "one\ntwo\n"
    assert done[5].text == "The system cannot find the file specified.\n"
    assert done[3].out == b""


def test_pipes_join_programs(machine: Machine) -> None:
    done = last(machine, "mkdir C:\\d", "echo hello>C:\\d\\x", "tar -cf - -C C:\\d x | tar -tf -")
    assert done.text == "x\n"


def test_a_program_with_blanks_in_its_path(machine: Machine) -> None:
    machine.files.make_folder("C:\\Program Files\\tools")
    machine.files.copy("C:\\Windows\\System32\\hostname.exe", "C:\\Program Files\\tools\\hostname.exe")

    async def scene() -> list[Finished]:
        return [
            await run(machine, '"C:\\Program Files\\tools\\hostname.exe"'),
            await run(machine, '"C:\\Program Files\\tools\\hostname.exe" "a b"'),
            await run(machine, '""C:\\Program Files\\tools\\hostname.exe" "a b""'),
            await run(machine, '@"C:\\Program Files\\tools\\hostname.exe" "a b"'),
            await run(machine, "hostname.exe", working_directory="C:\\Program Files\\tools"),
        ]

    done = play(scene)
    assert [one.code for one in done] == [0, 1, 0, 0, 0]
    assert machine.started_programs[-1] == "hostname.exe"


def test_the_service_may_quote_the_whole_line() -> None:
    machine = Machine("ws2022", "server-2022", winrs_quotes_line=True)
    machine.files.make_folder("C:\\Program Files\\tools")
    machine.files.copy("C:\\Windows\\System32\\hostname.exe", "C:\\Program Files\\tools\\hostname.exe")
    done = run_lines(machine, '"C:\\Program Files\\tools\\hostname.exe" "a b"', "echo a b", 'sc query "winrm"')
    assert [one.code for one in done] == [0, 0, 0]


def test_the_environment_of_a_shell_reaches_programs(machine: Machine) -> None:
    async def scene() -> Finished:
        return await run(machine, "echo %GREETING%", environment={"greeting": "hello"})

    assert play(scene).text == "hello\n"


def test_path_decides_which_program_is_meant(machine: Machine) -> None:
    machine.files.make_folder("C:\\tools")
    machine.files.copy("C:\\Windows\\System32\\whoami.exe", "C:\\tools\\mine.exe")
    assert last(machine, "mine").code == 1
    registry_path = "SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment"
    machine.registry.set(registry_path, "Path", str(machine.registry.data(registry_path, "Path")) + ";C:\\tools", 2)
    assert last(machine, "mine").code == 216, "found, though it is no program the simulation knows"


@pytest.mark.parametrize(
    ("line", "exists"),
    [
        ("move C:\\d\\a.txt C:\\d\\b.txt", ["b.txt"]),
        ("move C:\\d\\a.txt C:\\", []),
        ("copy C:\\d\\a.txt C:\\d\\b.txt", ["a.txt", "b.txt"]),
        ("ren C:\\d\\a.txt c.txt", ["c.txt"]),
        ("del /q C:\\d\\*.txt", []),
        ("del C:\\d\\nope", ["a.txt"]),
        ("mkdir C:\\d\\e\\f", ["a.txt", "e"]),
    ],
)
def test_built_ins_change_files(machine: Machine, line: str, exists: list[str]) -> None:
    done = run_lines(machine, "mkdir C:\\d", "echo x>C:\\d\\a.txt", line)
    assert done[-1].code == 0
    assert [child.name for child in machine.files.list("C:\\d")] == exists


def test_folders_are_removed(machine: Machine) -> None:
    done = run_lines(machine, "mkdir C:\\d\\e", "rmdir C:\\d", "rd /s /q C:\\d")
    assert [one.code for one in done] == [0, 1, 0]
    assert not machine.files.exists("C:\\d")


def test_taskkill_ends_one_program_and_the_line_goes_on(machine: Machine) -> None:
    async def scene() -> tuple[int, bytes, Finished]:
        stdin, stdout = Pipe(), Pipe()
        line = asyncio.ensure_future(machine.execute("tar -tf - & echo after", stdin=stdin, stdout=stdout, stderr=Pipe()))
        while not machine.processes.named("tar.exe"):
            await asyncio.sleep(0)
        killed = await run(machine, "taskkill /im tar.exe /f")
        return await line, await stdout.read_all(), killed

    code, out, killed = play(scene)
    assert killed.text.startswith('SUCCESS: The process "tar.exe" with PID')
    assert (code, out) == (0, b"after\r\n")


def test_a_fault_of_the_simulation_is_a_crash_and_is_logged(machine: Machine) -> None:
    async def broken(process: Process) -> int:
        raise ValueError("oops")

    PROGRAMS["broken.exe"] = broken
    machine.files.write("C:\\broken.exe", b"MZ")
    try:
        done = last(machine, "C:\\broken.exe")
    finally:
        del PROGRAMS["broken.exe"]
    assert done.code == 0xC0000005 - 0x100000000
    assert "oops" in next(line.text for line in machine.log_lines if line.kind == "refused")


def test_a_killed_command_leaves_no_process(machine: Machine) -> None:
    async def scene() -> list[str]:
        task = asyncio.ensure_future(machine.execute("tar -tf -", stdin=Pipe(), stdout=Pipe(), stderr=Pipe()))
        await asyncio.sleep(0.05)
        running = [row.name for row in machine.processes.all()]
        task.cancel()
        await asyncio.wait({task})
        assert "tar.exe" in running
        return [row.name for row in machine.processes.all()]

    names = play(scene)
    assert "tar.exe" not in names
    assert "cmd.exe" not in names
