# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The three modules as a playbook uses them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..conftest import Play, Run
from .conftest import IMAGE, Site

Start = Callable[..., Site]
SECRETS = ("first-s3cret-value", "second-s3cret-value")


def _container(name: str, secret: str, **options: Any) -> dict[str, Any]:
    env = {"TOKEN": secret}
    return {
        "name": name,
        "winfleet.containers.container": {"name": "web", "image": IMAGE, "command": "ping -t localhost", "env": env, **options},
    }


def test_a_day_of_a_playbook(site: Start, play: Play) -> None:
    where = site()
    tasks = [
        {"name": "base", "winfleet.containers.base_image": {"family": "nanoserver"}, "register": "base"},
        _container("create", SECRETS[0], image="{{ base.image.reference }}"),
        _container("again", SECRETS[0], restart_policy=False),  # what YAML makes of: no
        _container("change", SECRETS[1]),
        {"name": "proof", "winfleet.containers.isolation_info": {}},
        _container("short", SECRETS[1], command="cmd /c exit 3"),
        {"name": "refused", "winfleet.containers.container": {"name": "web", "image": IMAGE, "env": {"A": True}}, "ignore_errors": True},
    ]
    run = play(where.fleet, tasks, "-vvvvv", "--diff")
    assert run.ok, run.output
    assert run.changed == ["ws2022: base", "ws2022: create", "ws2022: change", "ws2022: short"]
    assert run.result("short")["warnings"] == ["The container web was started and has already ended, with exit code 3."]
    assert run.result("change")["differences"] == ["env"]
    [entry] = run.result("proof")["containers"]
    assert (entry["verdict"], entry["as_requested"]) == ("process", True)
    assert run.result("refused")["msg"].startswith('Cannot run container "web" on ws2022: "A" in the option env is true or false')
    assert not [secret for secret in SECRETS if secret in run.output], "values of variables are never shown"
    assert "Traceback" not in run.output


def test_check_mode_of_a_playbook(site: Start, play: Play) -> None:
    where = site()
    run = play(where.fleet, [_container("create", SECRETS[0])], "--check", "--diff")
    assert run.ok, run.output
    result = run.result("create")
    assert result["changed"] and result["container"]["id"] is None
    assert result["plan"] == [f"pull the image {IMAGE}", "create the container web and start it"]
    assert where.names() == []


def _run_containers(play: Play, where: Site, containers: list[dict[str, Any]], *options: str) -> Run:
    variables = {"winfleet_hosts": "all", "run_containers_containers": containers}
    return play(where.fleet, "winfleet.containers.run_containers", *options, variables=variables)


def test_the_playbook_run_containers_shows_no_values_of_variables(site: Start, play: Play) -> None:
    where = site()
    containers = [{"name": name, "image": IMAGE, "command": "ping -t localhost", "env": {"TOKEN": SECRETS[0]}} for name in ("one", "two")]
    run = _run_containers(play, where, containers, "-vvvvv", "--diff")
    assert run.ok, run.output
    assert where.names() == ["one: running", "two: running"]
    assert SECRETS[0] not in run.output
    assert _run_containers(play, where, containers).changed == []


def test_the_playbook_run_containers_refuses_two_containers_with_one_name(site: Start, play: Play) -> None:
    where = site()
    run = _run_containers(play, where, [{"name": name, "image": IMAGE} for name in ("web", "Web", "web")])
    assert not run.ok
    refusal = "Cannot run the containers on ws2022: run_containers_containers names web more than once. Give every entry a name of its own."
    assert refusal in run.output
    assert where.names() == []


def test_several_containers_of_a_playbook(site: Start, play: Play) -> None:
    where = site()
    entries = [
        {"name": "api", "depends_on": ["db"], "env": {"TOKEN": SECRETS[0]}, "networks": [{"name": "nat", "aliases": ["api"]}]},
        {"name": "db", "log_options": {"tag": SECRETS[1]}},
    ]
    common = {"image": IMAGE, "command": "ping -t localhost"}
    module = "winfleet.containers.container"
    refused = {
        "privileged": {"name": "web", "privileged": True},
        "both": {"name": "web", "containers": []},
        "neither": {},
        "unknown": {"containers": [{"name": "web", "labls": {}}]},
        "alone": {"name": "web", "registry_username": "me"},
    }
    tasks: list[dict[str, Any]] = [
        {"name": "foretold", module: {**common, "containers": entries}, "check_mode": True},
        {"name": "create", module: {**common, "containers": entries}},
        {"name": "again", module: {**common, "containers": entries, "state": "healthy", "healthy_after": 0.1}},
        {"name": "gone", module: {"containers": [{"name": "api"}, {"name": "db"}], "state": "absent"}},
        *({"name": name, module: options, "ignore_errors": True} for name, options in refused.items()),
    ]
    run = play(where.fleet, tasks, "-vvvvv", "--diff")
    assert run.ok, run.output
    assert run.changed == ["ws2022: foretold", "ws2022: create", "ws2022: gone"]
    assert run.result("foretold")["plan"] == run.result("create")["plan"]
    assert [entry["name"] for entry in run.result("create")["containers"]] == ["db", "api"]
    assert not [secret for secret in SECRETS if secret in run.output]
    said = {
        "privileged": 'Cannot run container "web" on ws2022: the option privileged cannot be used on Windows: a Windows engine refuses it.',
        "both": "mutually exclusive",
        "neither": "one of the following is required: name, containers",
        "unknown": 'the unknown option "labls". Did you mean "labels"?',
        "alone": "parameters are required together: registry_username, registry_password",
    }
    for name, text in said.items():
        assert text in run.result(name)["msg"], run.result(name)["msg"]
