# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin ``containers`` and the connection plugin together: a fleet, its containers as hosts, and tasks in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import inventory_loader
from ansible.template import Templar

from ansible_collections.winfleet.containers.plugins.inventory import containers
from simulator.fleet import RunningFleet

from ..conftest import Play
from .conftest import HYPERV, IMAGE, PING, Site, install_engine

CORE = "mcr.microsoft.com/windows/servercore:ltsc2022"
PLUGIN = {"plugin": "winfleet.containers.containers"}
CONNECTION = "winfleet.containers.container"
PREFIX = "winfleet.containers."


@pytest.fixture
def sites(fleet: Callable[..., RunningFleet]) -> list[Site]:
    """Two hosts with containers, and one without an engine."""
    entries = [{"name": name, "profile": "server-2022", **HYPERV} for name in ("one", "two", "bare")]
    running = fleet(*entries)
    made = [install_engine(running, running.hosts[name], "28.5.2") for name in ("one", "two")]
    assert not made[0].container(name="web", image=IMAGE, command=PING, isolation="hyperv", labels={"tier": "front", "x": "{{ 1 }}"}).error
    assert not made[0].container(name="idle", image=IMAGE, state="stopped").error
    assert not made[1].container(name="web", image=CORE, command=PING, isolation="process").error
    return made


class Listing:
    """The inventory after the fleet's own file and one for the plugin, as core reads them."""

    def __init__(
        self, fleet: RunningFleet, folder: Path, of_group: dict[str, Any] | None = None, source: str = "fleet.yml", **options: Any
    ) -> None:
        self.inventory, loader, first, second = InventoryData(), DataLoader(), folder / source, folder / "containers.winfleet.yml"
        (folder / "fleet.yml").write_text(yaml.safe_dump(fleet.inventory()))
        (folder / "group_vars").mkdir(exist_ok=True)
        (folder / "group_vars" / "windows.yml").write_text(yaml.safe_dump(of_group or {}))
        self.inventory.processed_sources = [str(first)]
        second.write_text(yaml.safe_dump({**PLUGIN, **options}))
        inventory_loader.get({".yml": "yaml", ".ini": "ini"}[first.suffix]).parse(self.inventory, loader, str(first))
        inventory_loader._load_config_defs(PLUGIN["plugin"], containers, containers.__file__)
        plugin = containers.InventoryModule()
        inventory_loader._update_object(obj=plugin, name=PLUGIN["plugin"], path=containers.__file__, resolved=PLUGIN["plugin"])
        self.messages: list[str] = []
        plugin.display = SimpleNamespace(warning=self.messages.append, vvv=print)
        assert plugin.verify_file(str(second)) and not plugin.verify_file(str(first))
        plugin.parse(self.inventory, loader, str(second))
        if options.get("cache"):
            plugin.update_cache_if_changed()

    def hosts(self, group: str = "winfleet_containers") -> list[str]:
        return [host.name for host in self.inventory.groups[group].hosts]

    def variables(self, host: str) -> dict[str, Any]:
        return dict(self.inventory.hosts[host].vars)


def test_the_containers_of_a_fleet(sites: list[Site], tmp_path: Path) -> None:
    fleet, cache = sites[0].fleet, tmp_path / "cache"
    options: dict[str, Any] = {
        "groups": {"edge": "winfleet_container_labels.tier is defined"},
        "compose": {"described": "winfleet_container_host ~ '/' ~ winfleet_container"},
        "keyed_groups": [{"key": "winfleet_container_labels.tier", "prefix": "tier"}],
        "cache": True,
        "cache_plugin": "jsonfile",
        "cache_connection": str(cache),
    }
    shown = Listing(fleet, tmp_path, **options)
    assert shown.hosts() == ["one_web", "two_web"]
    web, other = shown.variables("one_web"), shown.variables("two_web")
    assert (web["ansible_connection"], web["ansible_shell_type"], other["ansible_shell_type"]) == (CONNECTION, "cmd", "powershell")
    assert (web["described"], web["winfleet_container_status"], web["winfleet_container_image_family"]) == (
        "one/web",
        "running",
        "nanoserver",
    )
    groups = {
        "containers_of_one": "one_web",
        "isolation_process": "two_web",
        "image_mcr_microsoft_com_windows_nanoserver_ltsc2022": "one_web",
        "label_tier_front": "one_web",
        "edge": "one_web",
        "tier_front": "one_web",
    }
    assert {name: shown.hosts(name) for name in groups} == {name: [host] for name, host in groups.items()}
    assert web["ansible_password"] == "{{ hostvars[winfleet_container_host]['ansible_password'] }}", "a reference, no copy"
    assert Templar(DataLoader()).template(web["winfleet_container_labels"]["x"]) == "{{ 1 }}", "what the engine tells is no template"
    assert [text.partition(" (")[0] for text in shown.messages] == ["Cannot list the containers on bare: no Docker Engine is installed"]
    asked = len(sites[0].requests())
    assert Listing(fleet, tmp_path, **options).hosts("edge") == ["one_web"]
    assert len(sites[0].requests()) == asked, "the cache knew"
    assert Listing(fleet, tmp_path, **{**options, "filters": {"name": "idle"}}).hosts() == ["one_idle"], (
        "another question is not in the cache"
    )

    some = Listing(fleet, tmp_path, hosts=["o*", "two", "!two"], filters={}, hostname="{container}.{host}", group_by=["status"])
    assert (some.hosts(), some.messages, "label_tier_front" in some.inventory.groups) == (["idle.one", "web.one"], [], False)
    assert (some.hosts("status_created"), some.hosts("status_running")) == (["idle.one"], ["web.one"])
    for options, text in (
        ({"on_error": "fail"}, "Cannot list the containers on bare"),
        ({"hosts": ["one", "two"], "hostname": "{container}"}, 'the inventory has a host "web" already'),
        ({"filters": {"state": "running"}}, 'unknown filter "state"'),
        ({"filter": {}}, 'there is no option "filter". Did you mean "filters"?'),
    ):
        with pytest.raises(AnsibleParserError, match=text):
            Listing(fleet, tmp_path, **options)


def test_what_the_folders_beside_the_inventory_say(sites: list[Site], tmp_path: Path) -> None:
    psrp = {"ansible_connection": "psrp", "ansible_psrp_protocol": "http", "ansible_psrp_auth": "{{ way }}", "way": "ntlm"}
    shown = Listing(sites[0].fleet, tmp_path, psrp, hosts=["two"])
    assert (shown.hosts(), shown.variables("two_web")["winfleet_container_host_connection"]) == (["two_web"], "psrp")
    wrong = Listing(sites[0].fleet, tmp_path, {"ansible_winrm_read_timeout_sec": "{{ nowhere }}"}, hosts=["one"])
    assert wrong.hosts() == [] and "its variables cannot be used" in wrong.messages[0]
    none = Listing(sites[0].fleet, tmp_path, {"ansible_connection": "ssh"}, on_error="fail", hosts=["all", "typo", "!build*"])
    assert (none.hosts(), [text.partition(",")[0] for text in none.messages]) == (
        [],
        ['The option hosts names "typo"', "No host is asked for containers: none that the option hosts means has ansible_connection winrm or psrp in the"
         " inventory sources before this one."],
    )  # fmt: skip
    assert Listing(sites[0].fleet, tmp_path, {"ansible_connection": "ssh"}, on_error="ignore").messages == []


def test_an_ini_file_with_all_its_variables_beside_it(sites: list[Site], tmp_path: Path) -> None:
    """The groups of an INI file belong to ``all`` only after all sources were read."""
    own = sites[0].host.inventory()
    (tmp_path / "fleet.ini").write_text(f"[a_group]\none ansible_host={own['ansible_host']}\n[linux]\nother\n")
    (tmp_path / "group_vars").mkdir()
    of_all = {
        **own,
        "ansible_host": "wrong",
        "ansible_winrm_transport": "ntlm",
        "ansible_winrm_scheme": "http",
        "way": "winrm",
        "pipe": "docker_engine",
    }
    (tmp_path / "group_vars" / "all.yml").write_text(yaml.safe_dump({**of_all, "ansible_connection": "ssh"}))
    (tmp_path / "group_vars" / "a_group.yml").write_text(
        yaml.safe_dump({"ansible_connection": "{{ way }}", "winfleet_engine_pipe": "{{ pipe }}"})
    )
    shown = Listing(sites[0].fleet, tmp_path, source="fleet.ini", on_error="fail")
    assert (shown.hosts(), shown.messages) == (["one_web"], [])
    assert shown.variables("one_web")["winfleet_engine_pipe"] == "{{ hostvars[winfleet_container_host]['winfleet_engine_pipe'] }}"


def test_tasks_in_the_containers_of_a_fleet(sites: list[Site], play: Play, tmp_path: Path) -> None:
    source = tmp_path / "containers.winfleet.yml"
    source.write_text(yaml.safe_dump({**PLUGIN, "hosts": ["one", "two"]}))
    raw = {"ansible.builtin.raw": 'echo "in %COMPUTERNAME%"'}
    ways = ("ansible_host", "ansible_port", "ansible_user", "ansible_password", "ansible_winrm_transport", "ansible_winrm_scheme")
    by_hand = {"ansible_connection": CONNECTION, "ansible_shell_type": "cmd", "winfleet_container": "web", "winfleet_container_host": "one"}
    by_hand |= {name: f"{{{{ hostvars.one.{name} }}}}" for name in ways}
    tasks = [
        {"name": "raw", **raw, "when": "ansible_shell_type == 'cmd'", "loop": [1, 2], "changed_when": False},
        {"name": "module", PREFIX + "host_info": {}, "ignore_errors": True},
        {
            "name": "on the host",
            PREFIX + "container_info": {"name": ["{{ winfleet_container }}"]},
            "delegate_to": "{{ winfleet_container_host }}",
        },
        {"name": "into another", **raw, "delegate_to": "one_web", "run_once": True},
        {"name": "powershell", "demo": {}, "ignore_errors": True},
        {"name": "become", **raw, "become": True, "become_method": "runas", "become_user": "x", "ignore_errors": True},
        {"name": "reset", "ansible.builtin.meta": "reset_connection"},
        {"name": "add", "ansible.builtin.add_host": {"name": "new", **by_hand}, "run_once": True},
        {"name": "in the new one", **raw, "delegate_to": "new", "run_once": True},
    ]
    (tmp_path / "demo.ps1").write_text("#!powershell\n#AnsibleRequires -CSharpUtil Ansible.Basic\n")
    run = play(sites[0].fleet, tasks, "-i", str(source), "-M", str(tmp_path), hosts="winfleet_containers")
    assert run.ok, run.output
    name = sites[0].there().hostname  # type: ignore[union-attr]
    assert [item["stdout"] for item in run.result("raw", "one_web")["results"]] == [f'"in {name}"\r\n'] * 2
    assert run.result("into another")["stdout"] == f'"in {name}"\r\n'
    assert run.result("in the new one")["stdout"] == f'"in {name}"\r\n'
    assert "this is a container, and the modules of this collection manage hosts" in run.result("module", "one_web")["msg"]
    assert run.result("on the host", "two_web")["container"]["image"] == CORE
    assert "become is set" in run.result("become", "one_web")["msg"]
    assert "its image has no Windows PowerShell" in run.result("powershell", "one_web")["msg"]
    assert "the simulated container cannot run this" in run.result("powershell", "two_web")["module_stderr"]
    assert "Traceback" not in run.output
