# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``make test-host`` as a user meets it: what it says beforehand, what it refuses, and the report it leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from simulator.fleet import Fleet, RunningFleet

from .question import QUESTIONS, Answer, Question
from .report import Entry, Report, hidden_texts
from .runner import announcement, chosen

ROOT = Path(__file__).resolve().parents[2]


def contract(inventory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "host_contract", "--inventory", str(inventory), "--report", str(inventory.parent / "reports"), *arguments],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'build' / 'collections'}:{ROOT / 'tests'}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def inventory(hosts: RunningFleet, tmp_path: Path) -> Path:
    return hosts.write_inventory(tmp_path / "inventory.yml")


def test_beforehand_it_names_every_program_and_every_change() -> None:
    said = "\n".join(announcement("ws1", chosen(include=["feature"])))
    for each in QUESTIONS.values():
        assert all(text in said for text in (*each.starts, *each.changes))
    assert "The host is RESTARTED, several times." in said
    assert "The host is not restarted." in "\n".join(announcement("ws1", chosen(exclude=["reboot"])))


def test_the_feature_is_touched_only_when_wanted() -> None:
    assert "feature" not in [each.key for each in chosen()]
    assert [each.key for each in chosen(include=["feature"])][-1] == "feature"
    assert not [each.key for each in chosen(exclude=["reboot", "container"]) if each.group]


@pytest.mark.parametrize(
    ("confirm", "words"),
    [("", "none was confirmed"), ("windows", "names no such host"), ("BARE", "names no such host"), ("bare,usual", "names no such host")],
)
def test_it_refuses_without_exactly_the_name_of_the_host(hosts: RunningFleet, inventory: Path, confirm: str, words: str) -> None:
    before = hosts.hosts["bare"].messages.total()
    done = contract(inventory, *(["--confirm", confirm] if confirm else []))
    assert done.returncode == 2
    assert words in done.stderr
    assert "RESTARTED" in done.stdout
    assert hosts.hosts["bare"].messages.total() == before
    assert not (inventory.parent / "reports").exists()


@pytest.mark.parametrize(
    ("arguments", "words"), [(["--only", "colour"], 'no question "colour"'), (["--with", "colour"], 'no group "colour"')]
)
def test_it_refuses_what_it_does_not_know(inventory: Path, arguments: list[str], words: str) -> None:
    done = contract(inventory, *arguments)
    assert (done.returncode, words in done.stderr) == (2, True)


def test_a_missing_inventory_and_an_absent_host_are_sentences(tmp_path: Path) -> None:
    done = contract(tmp_path / "inventory.yml")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    (tmp_path / "there.yml").write_text(
        yaml.safe_dump({"all": {"hosts": {"gone": {"ansible_host": "127.10.255.250", "ansible_port": 5985, "ansible_user": "u",
                                                   "ansible_password": "s3cret-word", "ansible_winrm_transport": "ntlm"}}}})
    )  # fmt: skip
    done = contract(tmp_path / "there.yml", "--confirm", "gone")
    assert done.returncode == 2
    assert done.stderr.startswith("Cannot reach gone: ")
    assert "s3cret-word" not in done.stdout + done.stderr


def test_the_report_can_be_sent(hosts: RunningFleet, inventory: Path) -> None:
    keys = ["stdin-bytes", "second-command", "first-items", "missing-value", "windows", "not-administrator"]
    done = contract(inventory, "--confirm", "bare", "--hide-names", "--only", ",".join(keys))
    assert done.returncode == 0, done.stderr
    markdown, data = (next((inventory.parent / "reports").glob(f"*.{kind}")).read_text() for kind in ("md", "json"))
    answers = {entry["key"]: entry["answer"] for entry in json.loads(data)["answers"]}
    assert list(answers) == keys or set(answers) == set(keys)
    assert answers["stdin-bytes"] == "yes"
    assert answers["not-administrator"] is None
    assert "| Does WINRS_CONSOLEMODE_STDIN=FALSE give byte-exact stdin? | yes |" in markdown
    address = hosts.hosts["bare"].address
    for text in (markdown, data, done.stdout):
        assert "s3cret-word" not in text
    for text in (markdown, data):
        assert "bare" not in text.lower()
        assert address not in text
    settings = yaml.safe_load(markdown.partition("```yaml")[2].partition("```")[0])
    assert settings["hosts"][0]["winrm"]["switches"] == {"second_command": "refuse", "first_items": 1}
    Fleet.load({"hosts": [{**settings["hosts"][0], "profile": "server-2022"}]})


def test_an_answer_that_breaks_the_collection_fails_the_run(inventory: Path) -> None:
    done = contract(inventory, "--confirm", "no-exit-code", "--only", "exit-code")
    assert done.returncode == 1
    assert "1 answers break the collection" in done.stdout


def test_secrets_and_names_are_hidden_wherever_they_stand() -> None:
    variables = {"inventory_hostname": "ws1.example.org", "ansible_host": "192.0.2.7", "ansible_user": "EXAMPLE\\anna",
                 "ansible_password": 'p"w|ord', "vault_key": "k3y", "ansible_port": 5985}  # fmt: skip
    question = Question("x", "Is it?", "wsman.md 1", lambda site: Answer(""))
    answer = Answer("at 192.0.2.7", 'p"w|ord of WS1.EXAMPLE.ORG', seen={"who": ["EXAMPLE\\anna", "k3y"]})
    report = Report(
        "ws1.example.org", [Entry(question, answer), Entry(question, problem='Cannot p"w|ord')], hidden=hidden_texts(variables, names=True)
    )
    for text in (report.markdown(), report.json()):
        assert not [word for word in ("192.0.2.7", "w|ord", "w\\|ord", "ws1", "WS1", "anna", "k3y") if word in text]
    shown = Report("ws1.example.org", [Entry(question, answer)], hidden=hidden_texts(variables, names=False))
    assert "192.0.2.7" in shown.markdown()
    assert "k3y" not in shown.json()
    assert json.loads(report.json())["answers"][0]["answer"] == "at <host>"
