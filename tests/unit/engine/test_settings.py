# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The machine's PATH as text, and the service's settings as the registry stores them."""

from __future__ import annotations

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.machine_path import MachinePath, parse_query
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.service_options import (
    Recovery,
    ServiceOptions,
    check_service,
    merged_environment,
    parse_environment,
    parse_recovery,
    recovery_argument,
)
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError, RemoteError

FOLDER = r"C:\Program Files\docker"
ROW = (
    b"\r\nHKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment\r\n"
    b"    Path    REG_EXPAND_SZ    %SystemRoot%\\system32;C:\\a    b;\r\n\r\n"
)


def test_the_value_is_read_to_the_letter() -> None:
    assert parse_query(ROW) == MachinePath(r"%SystemRoot%\system32;C:\a    b;")
    assert parse_query(ROW.replace(b"REG_EXPAND_SZ", b"REG_SZ")).expands is False


@pytest.mark.parametrize("output", [b"", b"ERROR\r\n", ROW.replace(b"C:\\a", b"C:\\B\xfcro")])
def test_what_cannot_be_read_is_not_written(output: bytes) -> None:
    with pytest.raises(RemoteError):
        parse_query(output)


@pytest.mark.parametrize("entry", [FOLDER, FOLDER.lower() + "\\", f'"{FOLDER}"', r"%ProgramFiles%\Docker", r"C:\Program Files\x\..\docker"])
def test_a_folder_is_known_in_every_spelling(entry: str) -> None:
    path = MachinePath(rf"%SystemRoot%;{entry};C:\x;;")
    assert path.holds(FOLDER)
    assert path.without_folder(FOLDER).text == r"%SystemRoot%;C:\x;;"


def test_a_folder_is_added_at_the_end() -> None:
    assert MachinePath("%SystemRoot%;").with_folder(FOLDER).text == rf"%SystemRoot%;{FOLDER}"
    assert MachinePath("").with_folder(FOLDER).text == FOLDER


def test_recovery_actions_are_read_and_written() -> None:
    numbers = [86400, 0, 0, 3, 20, 1, 15000, 2, 60000, 0, 0]
    data = list(b"".join(number.to_bytes(4, "little") for number in numbers))
    reset, recovery = parse_recovery(data)
    assert (reset, recovery) == (86400, (Recovery("restart", 15), Recovery("reboot", 60), Recovery("none", 0)))
    assert recovery_argument(recovery) == "restart/15000/reboot/60000//0"
    assert parse_recovery(None) == parse_recovery([]) == (0, ())


def test_variables_are_the_same_in_any_case() -> None:
    assert merged_environment({"Path": "a", "B": "1"}, {"PATH": "b", "b": None, "C": "x=y"}) == {"Path": "b", "C": "x=y"}
    assert parse_environment(["A=1=2", "broken", "B="]) == {"A": "1=2", "B": ""}


@pytest.mark.parametrize(
    "options",
    [
        ServiceOptions(dependencies=("a/b",)),
        ServiceOptions(recovery=(Recovery("restart", -1),)),
        ServiceOptions(recovery_reset=60),
        ServiceOptions(environment={"A=B": "1"}),
        ServiceOptions(environment={"A": "1\n2"}),
    ],
)
def test_what_windows_cannot_keep_is_refused(options: ServiceOptions) -> None:
    with pytest.raises(OptionError):
        check_service(options)
