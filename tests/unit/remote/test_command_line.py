# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines that reach a program unchanged, judged by Wine's CommandLineToArgvW where Wine is installed."""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.command_line import MAX_LENGTH, command_line, quote_path

CARRIED = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters='%!"'), max_size=40)
REFUSED = {
    "%": "a percent sign",
    "!": "an exclamation mark",
    '"': "a quotation mark",
    "\n": "a line end",
    "\r": "a line end",
    "\0": "a NUL",
}


@pytest.mark.parametrize(
    ("program", "text", "folder"),
    [
        ("dism.exe", r'%SystemRoot%\System32\dism.exe "/x"', None),
        (r"C:\tools\x.exe", r'C:\tools\x.exe "/x"', None),
        ("C:/tools/x.exe", r'C:\tools\x.exe "/x"', None),
        (r"C:\Program Files\docker\docker.exe", r'.\docker.exe "/x"', r"C:\Program Files\docker"),
        (r"C:\a&b\x.exe", r'.\x.exe "/x"', r"C:\a&b"),
        (r"D:\x~1.exe", r'D:\x~1.exe "/x"', None),
    ],
)
def test_the_line_never_starts_with_a_quote(program: str, text: str, folder: str | None) -> None:
    line = command_line(program, ["/x"])
    assert (line.text, line.working_directory) == (text, folder)


@pytest.mark.parametrize(("character", "name"), REFUSED.items())
@pytest.mark.parametrize("where", ["argument", "program", "path"])
def test_what_cmd_cannot_carry_is_refused_by_name(where: str, character: str, name: str) -> None:
    value = f"C:\\a{character}b"
    with pytest.raises(OptionError) as caught:
        if where == "argument":
            command_line("x.exe", ["fine", value])
        elif where == "program":
            command_line(value + "\\x.exe")
        else:
            quote_path(value)
    assert name in caught.value.cause
    assert caught.value.advice


@pytest.mark.parametrize("program", ["C:\\my dir\\my prog.exe", "a b.exe", "x.exe&calc", "", "C:\\x\\", "\\\\server\\my share\\x.exe"])
def test_a_program_name_that_cmd_would_read_otherwise_is_refused(program: str) -> None:
    with pytest.raises(OptionError):
        command_line(program)


def test_too_long_a_line_is_refused_with_its_length() -> None:
    with pytest.raises(OptionError, match=str(MAX_LENGTH)):
        command_line("x.exe", ["a" * MAX_LENGTH])


@pytest.mark.parametrize(
    ("path", "quoted"),
    [
        ("C:\\Program Files\\x", '"C:\\Program Files\\x"'),
        ("C:/a/b", '"C:\\a\\b"'),
        ("C:\\a\\", '"C:\\a"'),
        ("C:\\", '"C:\\"'),
        ("C:\\a & b^(c)", '"C:\\a & b^(c)"'),
    ],
)
def test_paths_for_builtins(path: str, quoted: str) -> None:
    assert quote_path(path) == quoted


@pytest.mark.parametrize("character", '<>|?*":')
def test_paths_that_windows_forbids_are_refused(character: str) -> None:
    with pytest.raises(OptionError):
        quote_path(f"C:\\a{character}b")


@given(st.lists(CARRIED, max_size=6))
def test_cmd_sees_nothing_special_outside_of_quotes(arguments: list[str]) -> None:
    line = command_line("x.exe", arguments).text
    outside = "".join(line.split('"')[::2])
    assert line.count('"') == 2 * len(arguments)
    assert not set(outside) & set("&|<>^()@\n\r")


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The helper program under Wine."""
    compiler = shutil.which("x86_64-w64-mingw32-gcc")
    if not compiler or not shutil.which("wine"):
        pytest.skip("Wine and mingw are not installed")
    program = tmp_path_factory.mktemp("judge") / "argv_judge.exe"
    source = Path(__file__).with_name("argv_judge.c")
    subprocess.run([compiler, "-O1", "-o", program, source, "-lshell32"], check=True, timeout=60)
    return program


def split_by_windows(judge: Path, lines: list[str]) -> list[list[str]]:
    """CommandLineToArgvW's answer for each line."""
    records = b"".join(struct.pack("<I", len(line.encode("utf-16-le")) // 2) + line.encode("utf-16-le") for line in lines)
    home = judge.parent
    environment = {"WINEPREFIX": str(home / "prefix"), "HOME": str(home), "PATH": os.environ["PATH"], "WINEDEBUG": "-all", "DISPLAY": ""}
    out = subprocess.run(["wine", judge], input=records, capture_output=True, timeout=180, env=environment, check=True).stdout
    position, answers = 0, []

    def number() -> int:
        nonlocal position
        position += 4
        return int(struct.unpack_from("<I", out, position - 4)[0])

    for _line in lines:
        arguments = []
        for _argument in range(number()):
            size = 2 * number()
            arguments.append(out[position : position + size].decode("utf-16-le"))
            position += size
        answers.append(arguments)
    return answers


def test_every_argument_arrives_unchanged(judge: Path) -> None:
    chance = random.Random(2026)
    alphabet = "ab \\\\\\\t&|<>^()@,;='`~*?[]{}$#+-/:äß€漢🐳"
    lists = [
        ["".join(chance.choices(alphabet, k=chance.randrange(12))) for _unused in range(chance.randrange(6))] for _unused in range(3000)
    ]
    lists += [[], [""], ["\\"], ["a\\"], ["a b\\\\"], [" "], ["C:\\Program Files\\"], ["/c", "", "\\\\server\\share\\"]]
    answers = split_by_windows(judge, [command_line("x.exe", arguments).text for arguments in lists])
    assert [answer[1:] for answer in answers] == lists


@pytest.mark.parametrize("path", ["", "x", "sub\\x", "C:x", "\\x", "C:"])
def test_relative_paths_are_refused(path: str) -> None:
    with pytest.raises(OptionError, match="absolute"):
        quote_path(path)


def test_network_paths_are_carried() -> None:
    assert quote_path("\\\\server\\share\\a b") == '"\\\\server\\share\\a b"'
