# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every recorded answer of a real Windows, parsed by the client as Windows meant it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils import errors
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote import envelope, faults
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.values import Instance, parse_instance
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.winrm_config import parse_config, tight_settings

ROOT = Path(__file__).resolve().parents[2]
FACTS = Path(os.environ.get("WINFLEET_FACTS", ROOT.parent / "shared" / "facts")) / "wsman"
ANSWERS = sorted(FACTS.glob("*.response.xml"))

pytestmark = pytest.mark.skipif(not ANSWERS, reason="the recordings are not here")


def recorded(name: str) -> bytes:
    path = FACTS / f"{name}.response.xml"
    if not path.exists():
        pytest.skip(f"no recording {name}")
    return path.read_bytes()


def body(name: str) -> ElementTree.Element:
    return envelope.parse_answer(recorded(name))


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.name.partition(".")[0])
def test_every_answer_is_a_body_or_an_error_of_ours(path: Path) -> None:
    is_fault = b":Fault>" in path.read_bytes()
    if is_fault:
        with pytest.raises(errors.ContainersError) as caught:
            envelope.parse_answer(path.read_bytes())
        assert not isinstance(caught.value, errors.ProtocolError)
        assert caught.value.cause
    else:
        assert envelope.local_name(envelope.parse_answer(path.read_bytes())) == "Body"


@pytest.mark.parametrize("path", [path for path in ANSWERS if "spec-" not in path.name], ids=lambda path: path.name.partition(".")[0])
def test_answers_belong_to_their_requests(path: Path) -> None:
    asked = path.with_name(path.name.replace(".response.", ".request."))
    if not asked.exists():
        pytest.skip("only the answer was recorded")
    identity = ElementTree.parse(asked).findtext(".//a:MessageID", "", envelope.NAMESPACES)
    request = envelope.Request("", "", identity, 20)
    try:
        envelope.parse_answer(path.read_bytes(), request)
    except errors.ProtocolError:
        pytest.fail("a genuine answer was taken for another message's")
    except errors.ContainersError:
        return


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("receive-timeout", faults.OperationTimedOut, None),
        ("receive-timeout-en-gb", faults.OperationTimedOut, None),
        ("fault-unknown-command-id", errors.ShellGoneError, 2150858843),
        ("fault-shell-not-found", errors.ShellGoneError, 2150858843),
        ("fault-quota-shells-per-user", errors.QuotaError, 2150859173),
        ("fault-quota-operations-per-user", errors.QuotaError, 2150859174),
        ("fault-get-instance-not-found", errors.NotFoundError, 2150858752),
        ("fault-wql-class-not-found", errors.NotFoundError, 2150858778),
        ("spec-fault-class-not-found", errors.NotFoundError, 32768),
        ("fault-command-file-not-found", errors.RemoteError, 2),
        ("fault-command-line-too-long", errors.RemoteError, 206),
        ("fault-invalid-parameter-2016", errors.RemoteError, 87),
        ("fault-invalid-timeout-header", errors.RemoteError, 2150858767),
        ("fault-schema-validation", errors.RemoteError, 2150858817),
    ],
)
def test_faults_by_number(name: str, kind: type[errors.ContainersError], code: int | None) -> None:
    with pytest.raises(kind) as caught:
        body(name)
    assert caught.type is kind
    assert getattr(caught.value, "code", None) == code


@pytest.mark.parametrize(
    ("name", "done", "exit_code", "stdout", "stderr"),
    [
        ("receive-done", True, 0, b"hi\r\n", b""),
        ("receive-done-2012", True, 0, b"myline\r\n", b""),
        ("receive-stderr-exit1", True, 1, None, None),
        ("receive-running", False, None, None, None),
        ("receive-running-2008", False, None, None, None),
        ("receive-done-2008", True, 0, None, None),
        ("receive-after-send", True, 0, None, None),
        ("receive-done-after-timeouts", True, 0, None, None),
    ],
)
def test_receive(name: str, done: bool, exit_code: int | None, stdout: bytes | None, stderr: bytes | None) -> None:
    got = envelope.parse_received(body(name))
    assert (got.done, got.exit_code) == (done, exit_code)
    assert stdout is None or got.stdout == stdout
    assert stderr is None or got.stderr == stderr


def test_output_on_both_streams() -> None:
    got = envelope.parse_received(body("receive-stderr-exit1"))
    assert got.stdout
    assert got.stderr


@pytest.mark.parametrize(
    "name",
    [
        "shell-create",
        "shell-create-noprofile",
        "shell-create-codepage437",
        "shell-create-environment",
        "shell-create-working-dir-idle-lifetime",
    ],
)
def test_the_id_of_a_new_shell(name: str) -> None:
    assert len(envelope.parse_shell_id(body(name))) == 36


@pytest.mark.parametrize("name", ["command-cmd-echo", "command-consolemode", "command-skip-cmd-shell", "command-stdin"])
def test_the_id_of_a_new_command(name: str) -> None:
    assert len(envelope.parse_command_id(body(name))) == 36


@pytest.mark.parametrize(
    ("name", "items", "more"),
    [
        ("wmi-enumerate-operatingsystem", 1, False),
        ("wmi-enumerate-operatingsystem-2012", 1, False),
        ("wmi-enumerate-operatingsystem-columns", 1, False),
        ("wmi-enumerate-logicaldisk", 1, True),
        ("wmi-pull-logicaldisk-end", 1, False),
        ("wmi-enumerate-service", 1, True),
        ("wmi-pull-service-middle", None, True),
        ("wmi-pull-service-end", None, False),
        ("wmi-pull-product-end", None, False),
        ("wmi-pull-volume-columns", None, False),
    ],
)
def test_enumerations_in_any_split(name: str, items: int | None, more: bool) -> None:
    batch = envelope.parse_batch(body(name))
    assert batch.items
    assert items is None or len(batch.items) == items
    assert (batch.context is not None) is more


def rows(name: str, **types: Any) -> list[Instance]:
    return [parse_instance(item, types) for item in envelope.parse_batch(body(name)).items]


def test_named_columns_and_whole_instances_are_read_alike() -> None:
    types: dict[str, Any] = {
        "Caption": str,
        "BuildNumber": int,
        "LastBootUpTime": datetime,
        "Debug": bool,
        "CSDVersion": str,
        "MUILanguages": [str],
    }
    [columns] = rows("wmi-enumerate-operatingsystem-columns", **types)
    [whole] = rows("wmi-enumerate-operatingsystem-2012", **types)
    assert columns["BuildNumber"] == 9200
    assert columns["LastBootUpTime"] == datetime(2013, 4, 15, 16, 28, 43, 488171, UTC)
    assert columns["MUILanguages"] == ["en-US"]
    assert columns["CSDVersion"] is None
    assert columns["Debug"] is False
    assert {type(value) for value in whole.values()} <= {str, int, datetime, bool, list, type(None)}
    assert whole["Caption"] == columns["Caption"]


def test_numbers_beyond_32_bits() -> None:
    [disk] = rows("wmi-enumerate-logicaldisk", FreeSpace=int, DeviceID=str, InstallDate=datetime)
    assert (disk["FreeSpace"], disk["DeviceID"], disk["InstallDate"]) == (9769496576, "C:", None)


def test_arrays_and_null_arrays() -> None:
    adapters = rows("wmi-pull-networkadapterconfiguration-arrays", IPAddress=[str], IPEnabled=bool)
    assert any(isinstance(adapter["IPAddress"], list) and adapter["IPAddress"] for adapter in adapters)
    assert all(adapter["IPAddress"] in (None, []) or adapter["IPEnabled"] for adapter in adapters)


def test_a_get_is_the_instance_itself() -> None:
    item = body("wmi-get-logicaldisk").find("*")
    assert item is not None
    assert parse_instance(item, {"Size": int, "FileSystem": str})["FileSystem"] == "NTFS"


def test_the_specifications_invoke() -> None:
    output = body("spec-wmi-invoke-create").find("*")
    assert output is not None
    assert parse_instance(output, {"ProcessId": int, "ReturnValue": int}) == {"ProcessId": 4000, "ReturnValue": 0}


def asked(name: str) -> ElementTree.Element:
    path = FACTS / f"{name}.request.xml"
    if not path.exists():
        pytest.skip(f"no recording {name}")
    return ElementTree.fromstring(path.read_text().strip())


def outline(element: ElementTree.Element) -> dict[str, Any]:
    """Names and attributes all the way down, without texts and without repetitions."""
    return {f"{child.tag} {sorted(child.attrib)}": outline(child) for child in element}


def part(root: ElementTree.Element, name: str) -> ElementTree.Element:
    found = root.find(f"s:{name}", envelope.NAMESPACES)
    assert found is not None
    return found


WORKING_FOLDER = "C:\\Windows"


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("command-directory-listing", envelope.command("S", "dir")),
        ("receive-done", envelope.receive("S", "C", 20)),
        ("send-end", envelope.send("S", "C", b"x", True)),
        ("signal-ctrl-c", envelope.terminate("S", "C")),
        ("shell-delete", envelope.delete_shell("S")),
        ("wmi-enumerate-logicaldisk", envelope.enumerate_wql("root/cimv2", "select * from Win32_LogicalDisk")),
        ("wmi-pull-logicaldisk-end", envelope.pull("root/cimv2", "uuid:1")),
        ("wmi-get-logicaldisk", envelope.get("root/cimv2", "Win32_LogicalDisk", {"DeviceId": "c:"})),
    ],
)
def test_our_bodies_look_like_those_that_windows_accepted(name: str, ours: envelope.Request) -> None:
    assert outline(part(ElementTree.fromstring(ours.text), "Body")) == outline(part(asked(name), "Body"))


def test_our_headers_are_among_those_that_windows_accepted() -> None:
    known = {
        element.tag for path in FACTS.glob("*.request.xml") for element in part(ElementTree.fromstring(path.read_text().strip()), "Header")
    }
    ours = part(ElementTree.fromstring(envelope.create_shell(WORKING_FOLDER, {"A": "1"}).text), "Header")
    assert {element.tag for element in ours} <= known


def test_our_shells_ask_for_what_windows_has_given() -> None:
    known: set[str] = set()
    for path in FACTS.glob("shell-create*.request.xml"):
        known |= {element.tag for element in part(ElementTree.fromstring(path.read_text().strip()), "Body").iter()}
    ours = part(ElementTree.fromstring(envelope.create_shell(WORKING_FOLDER, {"A": "1"}).text), "Body")
    assert {element.tag for element in ours.iter()} <= known


@pytest.mark.parametrize("name", ["wmi-enumerate-service", "wmi-get-logicaldisk", "command-cmd-echo"])
def test_our_addresses_are_the_recorded_ones(name: str) -> None:
    recorded_header = part(asked(name), "Header")
    ours = {
        "wmi-enumerate-service": envelope.enumerate_wql("root/cimv2", "q"),
        "wmi-get-logicaldisk": envelope.get("root/cimv2", "Win32_LogicalDisk"),
        "command-cmd-echo": envelope.command("S", "x"),
    }[name]
    header = part(ElementTree.fromstring(ours.text), "Header")
    for path in ("w:ResourceURI", "a:Action", "a:ReplyTo/a:Address"):
        expected = recorded_header.findtext(path, "", envelope.NAMESPACES).strip()
        assert header.findtext(path, "", envelope.NAMESPACES).lower() == expected.lower()


def test_the_configuration_of_winrm() -> None:
    """Its Winrs values were raised: not the defaults (facts/wsman.md 6)."""
    settings = parse_config(body("config-get"))
    assert (settings["max_envelope_kb"], settings["max_operations_per_user"], settings["max_connections"]) == (500, 1500, 300)
    assert (settings["max_shells_per_user"], settings["idle_timeout_ms"]) == (2147483647, 7200000)
    assert (settings["allow_remote_shell"], settings["allow_unencrypted"]) == (True, False)
    assert tight_settings(settings) == ()
