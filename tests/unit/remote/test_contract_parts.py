# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pure parts of the base action: errors, secrets, plans."""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.desired_state import Difference, Plan, Step
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import (
    ConnectError,
    OptionError,
    RemoteError,
    doing,
    explain,
    refusal,
)
from ansible_collections.winfleet.containers.plugins.plugin_utils.secrets import Scrubber, secret_values


@pytest.mark.parametrize(
    "code", [5, 112, 740, 1060, 1115, 1190, 3010, 0x800F080C, -2146498548, 0x800F081F, 0x80073712, 0x8004100E, 0x80070005]
)
def test_known_codes_have_a_cause(code: int) -> None:
    meaning = explain(code)
    assert meaning is not None
    assert meaning[0]
    assert not meaning[0].endswith(".")


def test_signed_unsigned_and_wrapped_codes_are_the_same() -> None:
    assert explain(-2146498548) == explain(0x800F080C)
    assert explain(0x80070005) == explain(5)
    assert explain(0x12345) is None


def test_an_unknown_code_is_told_with_the_programs_last_words() -> None:
    error = refusal(77, "first\r\nlast words\r\n\r\n")
    assert error.cause == "it ended with code 77 and said: last words"
    assert (refusal(-2146498548).code, refusal(-2146498548).cause.endswith("(code 0x800f080c)")) == (0x800F080C, True)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OptionError("it is wrong", "Correct it"), 'Cannot install engine "docker" on w1: it is wrong. Correct it.'),
        (RemoteError("the host's disk is full."), 'Cannot install engine "docker" on w1: the host\'s disk is full.'),
    ],
)
def test_an_error_is_one_sentence_and_what_to_do(error: OptionError | RemoteError, sentence: str) -> None:
    with pytest.raises(type(error)) as caught, doing("manage", "thing", "outer"), doing("install", "engine", "docker"):
        raise error
    assert caught.value.sentence("w1") == sentence


def test_a_host_that_cannot_be_reached_is_named() -> None:
    assert ConnectError("the connection was refused").sentence("w1") == "Cannot reach w1: the connection was refused."


SPEC: dict[str, dict[str, Any]] = {
    "token": {"type": "str", "no_log": True, "aliases": ["key"]},
    "plain": {"type": "str"},
    "registries": {"type": "list", "elements": "dict", "options": {"password": {"type": "str", "no_log": True}, "name": {"type": "str"}}},
    "bag": {"type": "dict", "no_log": True},
}


def test_secrets_are_found_wherever_the_specification_says_no_log() -> None:
    options = {
        "key": "k1",
        "plain": "p",
        "registries": [{"password": "r1", "name": "n"}, {"name": "m"}],
        "bag": {"a": ["b1", 7], "c": True},
    }
    assert set(secret_values(SPEC, options)) == {"k1", "r1", "b1", "7"}


SECRET = """s3cr"et's"""


@pytest.mark.parametrize("shown", [SECRET, json.dumps(SECRET), repr(SECRET), repr([SECRET]), f"before {SECRET} after", escape(SECRET)])
def test_secrets_are_hidden_in_texts_and_escaped_forms(shown: str) -> None:
    cleaned = Scrubber([SECRET, ""]).clean({"a": [shown], "b": {"c": shown}, "n": 5})
    assert "s3cr" not in str(cleaned)
    assert cleaned["n"] == 5


def test_a_plan_changes_something_only_if_it_has_steps() -> None:
    plan = Plan((Step("do", "do it"),), (Difference("state", "absent", "present"),))
    assert plan.changed
    assert plan.diff() == {"before": {"state": "absent"}, "after": {"state": "present"}}
    assert not Plan().changed
