# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules around containers as a playbook uses them: check mode, failed_when, secrets, and their errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..conftest import Play
from .conftest import IMAGE, Site

Start = Callable[..., Site]
SECRET = "exec-s3cret-value"
PREFIX = "winfleet.containers."
_RUN = {"name": "run", f"{PREFIX}container": {"name": "web", "image": IMAGE, "command": "ping -t localhost"}}


def _task(name: str, module: str, options: dict[str, Any], **keywords: Any) -> dict[str, Any]:
    return {"name": name, PREFIX + module: options, **keywords}


def _exec(name: str, command: str, options: dict[str, Any] | None = None, **keywords: Any) -> dict[str, Any]:
    return _task(name, "container_exec", {"container": "web", "command": command, **(options or {})}, **keywords)


TASKS = [
    _RUN,
    _exec("list", "cmd /C dir C:\\", check_mode=True),
    _exec("code", 'cmd /C "exit 3"', register="code", failed_when="code.rc != 3", changed_when=False),
    _exec("fails", 'cmd /C "exit 3"', ignore_errors=True),
    _exec("secret", "cmd /C more", {"stdin": "x", "env": {"TOKEN": SECRET}, "creates": "C:\\none"}),
    _task("net", "network", {"name": "shop", "driver": "nat", "connected": ["web"]}),
    _task("again", "network", {"name": "shop", "driver": "nat", "connected": ["web"]}),
    _task("volume", "volume", {"name": "data"}),
    _task("seen", "container_info", {"name": "web"}),
    _task("left", "prune", {"networks": True, "volumes": True, "volumes_filters": {"all": True}}, check_mode=True),
    _task("wrong", "network", {"name": "shop", "driver": "bridge"}, ignore_errors=True),
    _task("missing", "container_exec", {"container": "web"}, ignore_errors=True),
]


def test_a_playbook_around_a_container(site: Start, play: Play) -> None:
    run = play(site().fleet, TASKS, "-vvvvv", "--diff")
    assert run.ok, run.output
    assert run.changed == ["ws2022: run", "ws2022: secret", "ws2022: net", "ws2022: volume", "ws2022: left"]
    assert " skipped=1 " in run.output
    assert (run.result("code")["rc"], run.result("code")["failed"]) == (3, False)
    assert run.result("fails")["failed"] and 'in container "web" on ws2022: it ended with exit code 3' in run.result("fails")["msg"]
    assert run.result("seen")["container"]["networks"].keys() == {"nat", "shop"}
    assert run.result("left")["plan"] == ["remove the volume data"]
    assert run.result("left")["diff"] == {"before": {"volumes": ["data"]}, "after": {"volumes": []}}
    wrong = 'Cannot provide network "shop" on ws2022: Windows has no network driver "bridge". Use "nat" instead.'
    assert run.result("wrong")["msg"].startswith(wrong)
    assert "one of the following is required: command, argv" in run.result("missing")["msg"]
    assert SECRET not in run.output and "Traceback" not in run.output


def test_the_same_in_check_mode_changes_nothing(site: Start, play: Play) -> None:
    """Also where the container is only predicted."""
    where = site()
    run = play(where.fleet, [task for task in TASKS if task["name"] not in ("code", "fails", "wrong", "missing")], "--check")
    assert run.ok, run.output
    assert run.changed == ["ws2022: run", "ws2022: net", "ws2022: again", "ws2022: volume"]
    assert run.result("seen")["exists"] is False
    assert where.names() == [] and [one.name for one in where.engine.state.networks.networks] == ["nat", "none"]
