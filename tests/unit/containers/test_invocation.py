# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How command lines become programs with arguments in a container."""

from __future__ import annotations

import pytest
from ansible.plugins.loader import get_shell_plugin
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.invocation import (
    PATH,
    cmd_line,
    encoded,
    plain_errors,
    powershell_line,
    unquoted,
)
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError
from simulator.engine.workload import command_line
from simulator.programs import argv
from simulator.programs.cmd_parser import strip_quotes


@given(st.text(st.sampled_from('abc "\\&|<>^()=,;!'), min_size=1))
def test_cmd_reads_the_line_it_was_given(line: str) -> None:
    """As the engine writes the command line, as cmd /S /C takes its quotes off, and as it replaces variables before anything else."""
    found = cmd_line(line)
    written = command_line(list(found.words), escaped=False)
    assert written.startswith("cmd.exe /S /C ") or not line.strip()
    seen = strip_quotes(written.removeprefix("cmd.exe /S /C "), lambda _name: True, always=True)
    assert seen.replace("%WINFLEET_QUOTE%", found.environment.get("WINFLEET_QUOTE", "")).strip() == line.strip()


def test_a_path_is_no_part_of_the_command() -> None:
    found = cmd_line(f"type {PATH}", 'C:\\a" & del %x%')
    assert found.words == ("cmd.exe", "/S", "/C", "type %WINFLEET_QUOTE%%WINFLEET_PATH%%WINFLEET_QUOTE%")
    assert found.environment == {"WINFLEET_QUOTE": '"', "WINFLEET_PATH": 'C:\\a" & del %x%'}


@pytest.mark.parametrize("line", ["ver\r\ndir", "a\0b", 'echo %PATH:"=%', 'echo %X:a="b"%'])
def test_what_cmd_cannot_take_is_refused(line: str) -> None:
    with pytest.raises(OptionError):
        cmd_line(line)


@pytest.mark.parametrize("line", ["ver\r\n", 'echo "%PATH%" 100%', 'if "%A%"=="x:y" echo "z"'])
def test_what_only_looks_like_it_is_taken(line: str) -> None:
    assert cmd_line(line).words[3]


@pytest.mark.parametrize("family", ["powershell", "cmd"])
def test_what_the_shell_plugins_make_starts_powershell_without_cmd(family: str) -> None:
    shell = get_shell_plugin(shell_type=family)
    found = encoded(shell.build_module_command("", "#!powershell", ""))
    assert found is not None and found.powershell and found.words[1] == "-NoProfile"
    assert encoded("type x | PowerShell -EncodedCommand abc") is None and encoded("powershell Get-Date") is None


def test_a_line_for_powershell_arrives_as_it_is() -> None:
    line = "Write-Output \"a  b\" | % { $_ + 'c' }\nexit 3"
    written = command_line(list(powershell_line(line).words), escaped=False)
    command, text = argv.split(written)[-2:]
    assert (command, text.rpartition("\n")[0]) == ("-Command", line)
    assert text.endswith("{ exit $LASTEXITCODE } else { exit 1 } }"), "the code of the last program, where PowerShell alone says 1"


@pytest.mark.parametrize(("path", "bare"), [('"C:\\a b"', "C:\\a b"), ("'C:\\x'", "C:\\x"), ("C:\\it's", "C:\\it's"), ('"', '"')])
def test_quotes_around_a_path(path: str, bare: str) -> None:
    assert unquoted(path) == bare


def test_errors_of_powershell_are_text() -> None:
    objects = '#< CLIXML\r\n<Objs Version="1.1.0.1" xmlns="http://x"><S S="Error">no_x000D__x000A_</S><S S="Verbose">v</S><S S="Error">caf\u00e9</S></Objs>'
    assert plain_errors(objects.encode()) == "no\r\ncaf\u00e9".encode()
    assert plain_errors(b"plain") == b"plain"
    assert plain_errors(b"#< CLIXML\r\n<Objs <broken</Objs>") == b"#< CLIXML\r\n<Objs <broken</Objs>"
