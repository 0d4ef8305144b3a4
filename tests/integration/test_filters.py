# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of all filters and tests in one play on localhost, without any host, and what a wrong one says."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import yaml

from .conftest import Play

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
PACKAGE = "ansible_collections.winfleet.containers.plugins"
ANSWERS = {
    "Build on the image that matches the hosts": "ltsc2022",
    "Name the same image at a mirror": "registry.example.com/windows/servercore:ltsc2019",
    "List the modes that can run it": ["hyperv"],
    "Name the client release of the same build": "Windows 11 24H2",
    "Compare the revision of an image": True,
    "Log in to the registry of an image": "registry.example.com:5000",
    "Keep only base images": ["mcr.microsoft.com/windows/servercore:ltsc2022"],
}
WRONG = 'Cannot find the tag of the base image: there is no base image family "iis". Choose one of nanoserver, servercore, server, windows.'


UNNAMED = "Cannot find the tag of the base image: missing a required argument: 'family'. Look up its options with ansible-doc."


class Localhost:
    """An inventory with nothing but localhost."""

    def inventory(self) -> dict[str, Any]:
        return {"all": {"hosts": {"localhost": {"ansible_connection": "local"}}}}


def test_the_examples_run_on_localhost(play: Play) -> None:
    found = [(kind, path.stem) for kind in ("filter", "test") for path in sorted((PLUGINS / kind).glob("[a-z]*.py"))]
    texts = {name: importlib.import_module(f"{PACKAGE}.{kind}.{name}").EXAMPLES for kind, name in found}
    tasks = [task for text in texts.values() for task in yaml.safe_load(text)]
    assert all(f"winfleet.containers.{name}" in text for name, text in texts.items())
    wrong = {
        "Ask for a family that does not exist": "{{ 20348 | winfleet.containers.base_image_tag('iis') }}",
        "Ask for no family": "{{ 20348 | winfleet.containers.base_image_tag }}",
        "Ask for a list of hosts": "{{ ['20348', 17763] | map('winfleet.containers.base_image_tag', 'nanoserver') | list }}",
        "Ask for what is not there": "{{ nowhere | winfleet.containers.windows_release }}",
    }
    asked = [{"name": name, "ansible.builtin.debug": {"msg": text}, "ignore_errors": True} for name, text in wrong.items()]
    run = play(Localhost(), [*tasks, *asked])
    assert run.ok, run.output
    assert len(run.recording.lines) == len(tasks) + len(wrong)
    assert {name: run.result(name)["msg"] for name in ANSWERS} == ANSWERS
    family, none, several, nowhere = (run.result(name)["msg"] for name in wrong)
    assert WRONG in family and UNNAMED in none and several == ["ltsc2022", "1809"] and "'nowhere' is undefined" in nowhere
