# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every example of the documentation: it is right as data, in modern style, and run by a test or named here with the reason why not."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from pages import code_of

from .test_documentation import MODULES, NAME, PACKAGE, ROOT, argument_spec

GUIDES, README, SIMULATOR = "integration/test_guides.py", "test_the_readme", "integration/test_guide_simulator.py"
#: Where a document's tasks, plays and commands of Ansible are run.
RUN_BY = {
    "README.md": (GUIDES, README),
    "docs/docsite/rst/guide_air_gapped_hosts.rst": (GUIDES, "test_air_gapped_hosts"),
    "docs/docsite/rst/guide_engine.rst": (GUIDES, "test_the_engine_in_production"),
    "docs/docsite/rst/guide_fleet_report.rst": (GUIDES, "test_the_fleet_report"),
    "docs/docsite/rst/guide_first_host.rst": (GUIDES, "test_first_host"),
    "docs/docsite/rst/guide_fleet.rst": (GUIDES, "test_fleet"),
    "docs/docsite/rst/guide_images.rst": (GUIDES, "test_images"),
    "docs/docsite/rst/guide_inside_containers.rst": (GUIDES, "test_inside_containers"),
    "docs/docsite/rst/guide_isolation.rst": (GUIDES, "test_isolation"),
    "docs/docsite/rst/guide_migrating.rst": (GUIDES, "test_migrating"),
    "docs/docsite/rst/guide_progress.rst": ("integration/test_progress.py", "test_"),
    "docs/docsite/rst/guide_recipes.rst": (GUIDES, "test_recipes_for_"),
    "docs/docsite/rst/guide_reboot.rst": (GUIDES, "test_rebooting_a_fleet"),
    "docs/docsite/rst/guide_simulator.rst": (SIMULATOR, "test_a_command_of_the_guide_works"),
    "docs/docsite/rst/guide_upgrading_the_engine.rst": (GUIDES, "test_upgrading_the_engine"),
    "docs/docsite/rst/guide_virtualised_hosts.rst": (GUIDES, "test_virtualised_hosts"),
    **{f"roles/{path.name}/README.md": (GUIDES, "test_the_roles") for path in (ROOT / "roles").iterdir()},
    "tests/simulator/README.md": ("unit/simulator/test_fleet.py", "test_"),
}
#: How a command begins, and why no test runs it as it stands there.
NOT_RUN = {
    "ansible-galaxy collection install": "installs a published collection; the one that is built is installed by the stage galaxy",
    "python -m pip install -r": "takes libraries from a package registry; make does it for the environment of these tests",
    "ansible-builder build": "builds an image with podman or docker from registries; the definition is checked by the stage galaxy",
    "ln -s": "puts the command into the user's own PATH; integration/containers/test_engine_socket.py starts it by such a link",
    "engine_socket": "integration/containers/test_engine_socket.py runs docker, and other commands, behind it",
    "docker -H": "integration/containers/test_engine_socket.py runs docker at the socket",
    "make test-host": "host_contract/test_command.py runs the command behind it",
    "make": "make test runs these tests; integration/test_demo.py runs the demo",
    "export": "integration/test_guide_simulator.py sets the same",
    "example=": "integration/test_guide_simulator.py runs the same files",
    "python -m simulator": "integration/test_guide_simulator.py runs it",
    "PYTHONPATH=tests python -m simulator": "integration/test_guide_simulator.py runs it",
    "ANSIBLE_STDOUT_CALLBACK=": "integration/test_progress.py runs a playbook with such a callback",
    "WINFLEET_PROGRESS=": "integration/test_progress.py sets it",
    "jq": "takes one program more; unit/report tells what is in the file it reads",
    "sleep": "waits for what integration/test_guide_simulator.py waits for",
    "curl": "unit/simulator/test_control.py asks all that the control address knows",
}
PROGRAMS = ("ansible-playbook ", "ansible ", "ansible-inventory ", "ansible-doc ", "molecule ", "python ")
#: Options that no example shows: those of every module, those that are for rare cases or mean what they mean in core and in docker, by module.
EVERYWHERE = {"engine_pipe", "progress"}
WITHOUT_EXAMPLE = {
    "base_image": "check_free_space pull remote_path silence_timeout",
    "container": "auto_remove cpu_percent cpu_shares dns_search_domains domainname exposed_ports force_kill interactive io_max_bandwidth"
    " io_max_iops keep_volumes network_mode platform publish_all_ports recreate removal_wait_timeout stop_signal tty volumes_from",
    "container_exec": "detach encoding stdin_add_newline strip_empty_ends",
    "docker_engine": "allow_data_root_change allow_downgrade config_mode environment firewall_ports install_path",
    "fleet_report": "timestamp",
    "host_facts": "today",
    "host_feature": "reboot_timeout",
    "host_reboot": "delay post_reboot_delay",
    "image": "check_free_space detached force remote_path silence_timeout",
    "network": "attachable enable_ipv6 internal recreate",
    "prune": "builder_cache_filters networks_filters",
    "volume": "driver driver_options recreate",
}


class Block(NamedTuple):
    """A piece of code in a document: how it is marked, and its lines."""

    document: str
    kind: str
    text: str


def blocks() -> Iterator[Block]:
    """Every piece of code of every document."""
    for path in sorted((ROOT / "docs" / "docsite" / "rst").glob("*.rst")):
        for code in code_of(path.read_text(encoding="utf-8")):
            yield Block(str(path.relative_to(ROOT)), code.kind, code.text)
    for path in (ROOT / "README.md", *sorted(ROOT.glob("roles/*/README.md")), *sorted(ROOT.glob("tests/*/README.md"))):
        for kind, text in re.findall(r"^```(\w*)\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            yield Block(str(path.relative_to(ROOT)), kind or "console", text)


BLOCKS = list(blocks())


def commands(block: Block) -> list[str]:
    """The commands of a console; those of the guides have a prompt, what stands beside them is output."""
    if block.kind != "console":
        return []
    lines = [line.partition("   #")[0].strip() for line in block.text.splitlines()]
    prompted = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    return prompted if block.document.endswith(".rst") else [line for line in lines if line.startswith((*PROGRAMS, *NOT_RUN))]


def tasks(entries: Any) -> Iterator[dict[str, Any]]:
    """The tasks of a list of plays, blocks and tasks."""
    for entry in entries if isinstance(entries, list) else []:
        inner = [entry[key] for key in ("tasks", "block", "rescue", "always") if isinstance(entry, dict) and key in entry]
        for part in inner:
            yield from tasks(part)
        if isinstance(entry, dict) and not inner and "roles" not in entry:
            yield entry


def examples() -> Iterator[tuple[str, dict[str, Any]]]:
    """Where a task stands, and the task: of modules, filters and tests, of the documents, and of the example for users."""
    for kind in ("modules", "filter", "test"):
        for path in sorted((ROOT / "plugins" / kind).glob("[a-z]*.py")):
            text = importlib.import_module(f"{PACKAGE}.{kind}.{path.stem}").EXAMPLES
            yield from ((f"{kind}/{path.stem}", task) for task in tasks(yaml.safe_load(text)))
    for block in BLOCKS:
        if block.kind == "yaml":
            yield from ((block.document, task) for task in tasks(yaml.safe_load(block.text)))


#: Theirs, for comparison.
FOREIGN = "community.docker."
TASKS = [(where, task) for where, task in examples() if not any(key.startswith(FOREIGN) for key in task)]


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.kind == "yaml"], ids=lambda block: block.document)
def test_what_is_called_yaml_is_yaml(block: Block) -> None:
    assert list(yaml.safe_load_all(block.text)) != [None]


def test_every_task_is_one_to_be_copied() -> None:
    """A sentence as its name, the action's full name, options that exist, and no loops and actions of old style."""
    for where, task in TASKS:
        told = f"{where}: {task.get('name')}"
        if task.get("name", "").startswith("Make container hosts") and "ansible.builtin.import_playbook" in task:
            continue
        assert re.match(r"[A-Z].*[^.]$", task["name"]), told
        actions = [key for key in task if "." in key]
        assert len(actions) == 1, told
        assert not [key for key in task if key.startswith("with_") or key in ("action", "local_action", "become")], told
        if actions[0].startswith(f"{NAME}."):
            spec, options = argument_spec(actions[0].rpartition(".")[2]), task[actions[0]] or {}
            assert set(options) <= set(spec), told
            assert {name for name, option in spec.items() if option.get("required")} <= set(options), told


def secrets(value: Any, name: str = "") -> Iterator[str]:
    """Values whose names say that they are secrets, and that stand there as plain text."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from secrets(inner, str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from secrets(inner, name)
    elif re.search(r"password|secret|token", name) and isinstance(value, str) and "{{" not in value:
        yield f"{name}: {value}"


def test_no_example_has_a_password_as_plain_text() -> None:
    contents = [task for _where, task in TASKS]
    contents += [list(yaml.safe_load_all(block.text)) for block in BLOCKS if block.kind == "yaml" and "simulat" not in block.document]
    assert list(secrets(contents)) == []


def used(options: Any) -> Iterator[str]:
    """The names of options and of what stands in them."""
    for key, value in options.items() if isinstance(options, dict) else ():
        yield str(key)
        for inner in value if isinstance(value, list) else [value]:
            yield from used(inner)


@pytest.mark.parametrize("module", MODULES)
def test_every_option_stands_in_an_example(module: str) -> None:
    shown = {name for _where, task in TASKS for name in used(task.get(f"{NAME}.{module}"))}
    assert set(argument_spec(module)) - shown - EVERYWHERE == set(WITHOUT_EXAMPLE.get(module, "").split())


def test_every_document_with_examples_is_run() -> None:
    needed = {block.document for block in BLOCKS if block.kind == "yaml" or [line for line in commands(block) if line.startswith(PROGRAMS)]}
    assert sorted(needed) == sorted(RUN_BY)
    for file, test in RUN_BY.values():
        assert f"def {test}" in (ROOT / "tests" / file).read_text(encoding="utf-8"), test


def test_every_command_is_run_or_named() -> None:
    found = [line for block in BLOCKS for line in commands(block)]
    named = {line: next((start for start in NOT_RUN if line.startswith(start)), "") for line in found}
    assert [line for line, start in named.items() if not start and not line.startswith(PROGRAMS)] == []
    assert set(NOT_RUN) - set(named.values()) == set()


@pytest.mark.parametrize("path", sorted((ROOT / "playbooks").glob("*.yml")), ids=lambda path: path.stem)
def test_the_head_of_a_playbook_says_how_to_call_it(path: Path) -> None:
    head, _start, body = path.read_text(encoding="utf-8").partition("\n- name:")
    calls = re.findall(r"^# (ansible-playbook .*)$", head, re.MULTILINE)
    assert calls and all(call.startswith(f"ansible-playbook {NAME}.{path.stem} -i inventory.yml") for call in calls)
    for name in re.findall(r"^#   (\w+): ", head, re.MULTILINE):
        assert name in body, name
    for name in re.findall(r'-e \'?\{?"?(\w+)"?[=:]', " ".join(calls)):
        assert name in body, name
