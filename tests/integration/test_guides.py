# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides for operators: every task and every command in them, in their order, against hosts as they describe them.

The tasks of one guide share one run. Only what a simulated host cannot reach is replaced, by the ``instead`` of a test.
"""

from __future__ import annotations

import itertools
import re
import shlex
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from pages import code_of

from simulator.engine.mirror import archive
from simulator.fleet import RunningFleet, running_fleet

from .conftest import MIRROR, VERSION, Play, Run, thrice
from .containers.conftest import Site, install_engine, prepare

RST = Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst"
#: What a command of Ansible begins with.
PROGRAMS = ("$ ansible-playbook ", "$ ansible ", "$ ansible-inventory ", "$ ansible-doc ")
#: Tasks that do something each time they run, and those of the tests themselves.
ONCE = {"Reboot", "Reboot once for all of it", "Run the job", "Away", "Have an engine"}
ENGINE, BASE_IMAGE = "winfleet.containers.docker_engine", "winfleet.containers.base_image"
NANO = "windows/nanoserver"
IMAGE = f"mcr.microsoft.com/{NANO}:ltsc2022"
FEATURES = {"Containers": "enabled"}
WITH_HYPERV = dict.fromkeys(("Containers", "Microsoft-Hyper-V", "Microsoft-Hyper-V-Online"), "enabled")
WEB = {"name": "web", "image": IMAGE, "command": "ping -t localhost", "restart_policy": "always"}


class Guide:
    """One guide.

    Args:
        name: Its file, without ``guide_`` and the ending.
        files: Where the files are written that the guide shows with a caption.
        instead: What a simulated host cannot reach, and what it can reach.
    """

    def __init__(self, name: str, files: Path, instead: dict[str, str]) -> None:
        self.files = files
        text = (RST / f"guide_{name}.rst").read_text()
        for old, new in instead.items():
            text = text.replace(old, new)
        self.blocks = code_of(text)
        for block in self.blocks:
            if block.caption:
                (files / block.caption).write_text(block.text)

    @property
    def commands(self) -> list[list[str]]:
        """The words of every command of Ansible, without the inventory of the hosts."""
        lines = [line for block in self.blocks if block.kind == "console" for line in block.text.splitlines()]
        texts = [line.removeprefix("$ ").replace(" -i inventory.yml", "") for line in lines if line.startswith(PROGRAMS)]
        return [[self._found(word) for word in shlex.split(text, comments=True)] for text in texts]

    def _found(self, word: str) -> str:
        """A word of a command, with the folder of a file that the guide shows."""
        file = word.removeprefix("@")
        return word.replace(file, str(self.files / file)) if file and (self.files / file).is_file() else word

    @property
    def tasks(self) -> list[dict[str, Any]]:
        """Every task, and every play as a whole."""
        texts = [block.text for block in self.blocks if block.kind == "yaml" and not block.caption]
        found = [entry for content in map(yaml.safe_load, texts) if isinstance(content, list) for entry in content]
        assert found
        return found


@pytest.fixture
def guide(tmp_path: Path) -> Callable[..., Guide]:
    """A guide by its name, and what stands in it ``instead``."""
    return lambda name, instead=None: Guide(name, tmp_path, instead or {})


@contextmanager
def one_host(*others: dict[str, Any], registry: dict[str, Any] | None = None, **settings: Any) -> Iterator[RunningFleet]:
    host = {"name": "host1", "profile": "server-2022", "platform": "metal", "layers_undeletable": False, "boot_seconds": 0.2, **settings}
    with running_fleet({"hosts": [host, *others], "registry": registry or {}}) as fleet:
        yield fleet


def run_tasks(play: Play, fleet: RunningFleet, tasks: list[dict[str, Any]], *options: str, hosts: str = "all") -> Run:
    """All in one run, each task in check mode before and a second time; the engine comes from the fleet's mirror where nothing else is said."""
    defaults = {ENGINE: {"url": f"{fleet.mirror_url}/docker-{{version}}.zip", "sha256": "{{ winfleet_engine_sha256 }}"}}
    plays: list[dict[str, Any]] = []
    for in_play, group in itertools.groupby(tasks, lambda entry: "hosts" in entry):
        found = list(group)
        plays += found if in_play else [{"hosts": hosts, "gather_facts": False, "tasks": found}]
    content = [{**one, "module_defaults": defaults, "tasks": thrice(one["tasks"], ONCE)} for one in plays]
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        yaml.safe_dump(content, file)
        run = play(fleet, file.name, *options)
    assert run.ok, run.output
    assert run.surprises() == []
    return run


def run_commands(play: Play, fleet: RunningFleet, guide: Guide, **variables: Any) -> list[Run]:
    runs = [play(fleet, *words, program=program, variables={**MIRROR, **variables}) for program, *words in guide.commands]
    assert runs and all(run.ok for run in runs), "\n".join(run.output for run in runs if not run.ok)
    return runs


def test_the_readme(play: Play, tmp_path: Path) -> None:
    """What a stranger copies first: inventory, playbook and both commands, with a bare host behind the name."""
    text = (RST.parents[2] / "README.md").read_text()
    inventory, site = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "site.yml").write_text(site)
    with one_host(accounts={"Administrator": "secret"}) as fleet:
        address = f"host1.example.org: {{ansible_host: {fleet.hosts['host1'].address}}}"
        (tmp_path / "inventory.yml").write_text(inventory.replace("host1.example.org:", address))
        command = [str(tmp_path / "site.yml"), "-i", str(tmp_path / "inventory.yml"), "--limit=host1.example.org"]
        variables = {**MIRROR, "vault_windows_password": "secret"}
        runs = [play(fleet, *command, *options, variables=variables) for options in (("--check", "--diff"), (), ())]
    assert all(run.ok for run in runs), "\n".join(run.output for run in runs)
    predicted, done, again = runs
    assert set(predicted.changed) - set(done.changed) == {"host1.example.org: Pull the image that matches the host"}  # the role pulled it
    assert set(done.changed) < set(predicted.changed) and "host1.example.org: Run a container" in done.changed and again.changed == []
    assert done.result("Prove its isolation")["containers"][0]["verdict"] == "process"


def test_first_host(play: Play, guide: Callable[..., Guide]) -> None:
    first = guide("first_host")
    with one_host() as fleet:
        run_tasks(play, fleet, first.tasks)
        looked, predicted, *_others = run_commands(play, fleet, first)
        assert "host1 | SUCCESS" in looked.output and '"storage"' in looked.output
        assert "host1: Enable the features" in predicted.changed
        again = play(fleet, *first.commands[-2][1:], variables=MIRROR)
        assert again.ok and again.changed == []


def test_virtualised_hosts(play: Play, guide: Callable[..., Guide]) -> None:
    virtual = guide("virtualised_hosts")
    with one_host(platform="hyperv-guest-nested") as fleet:
        run_commands(play, fleet, virtual)
        run = run_tasks(play, fleet, virtual.tasks)
        assert run.result("Show on what it runs, and what that means for Hyper-V isolation")["msg"].startswith("hyperv: yes, ")
        assert run.changed == ["host1: Run it in whatever isolation works here"]


def test_air_gapped_hosts(play: Play, guide: Callable[..., Guide], tmp_path: Path) -> None:
    """Each way on a host without an engine, or without the image."""
    (tmp_path / f"docker-{VERSION}.zip").write_bytes(archive(VERSION))
    registry = {
        "accounts": {"registry.example.com": {"puller": "secret"}},
        "copies": {f"registry.example.com/mirror/{NANO}": f"mcr.microsoft.com/{NANO}"},
    }
    other = {"name": "connected", "profile": "server-2022", "features": WITH_HYPERV}
    with one_host(other, registry=registry, features=WITH_HYPERV) as fleet:
        instead = {
            "{{ playbook_dir }}/files": str(tmp_path),
            "/srv/images": str(tmp_path),
            "https://mirror.example.com/docker": fleet.mirror_url,
        }
        instead["{{ vault_registry_password }}"] = "secret"
        away = {ENGINE: {ENGINE: {"state": "absent"}}, BASE_IMAGE: {"winfleet.containers.image": {"name": IMAGE, "state": "absent"}}}
        assert not install_engine(fleet, fleet.hosts["connected"], VERSION).base_image().error
        tasks: list[dict[str, Any]] = []
        ways = []
        air_gapped = guide("air_gapped_hosts", instead)
        for task in air_gapped.tasks:
            kind = next((kind for kind in away if kind in task), None)
            ways += [task["name"]] if kind else []
            tasks += [{"name": "Away", **away[kind]}, task] if kind else [task]
        run = run_tasks(play, fleet, tasks, hosts="host1")
        assert len(ways) == 6 and {f"host1: {way}" for way in ways} < set(run.changed)
        assert run_commands(play, fleet, air_gapped)[0].changed == []  # to the role it is all there


def test_isolation(play: Play, guide: Callable[..., Guide]) -> None:
    isolation = guide("isolation")
    with one_host(features=WITH_HYPERV) as fleet:
        prepare(fleet)
        run = run_tasks(play, fleet, isolation.tasks)
        assert "process, the engine's default, cannot work" in run.result("Run it in the mode that works here")["isolation"]["reason"]
        proof = run.result("Gather the evidence of all containers")["containers"]
        assert {one["name"]: one["verdict"] for one in proof} == {"any": "hyperv", "fast": "process", "old": "hyperv"}
        assert all(not run.changed for run in run_commands(play, fleet, isolation))


def test_migrating(play: Play, guide: Callable[..., Guide]) -> None:
    migrating = guide("migrating", {"C:\\shop": "C:\\Windows"})
    shop = {"name": "shop", "image": IMAGE, "command": ["ping", "-t", "localhost"], "env": {"STAGE": "production", "EXTRA": "1"}}
    others = {"volumes": ["C:\\Windows:C:\\data"], "restart_policy": "unless-stopped"}
    with one_host(features=FEATURES) as fleet:
        prepare(fleet).container(**shop, **others)
        run = run_tasks(play, fleet, migrating.tasks)
        assert "host1: Keep the variables that somebody else gave it" not in run.changed
        predicted, done = run_commands(play, fleet, migrating)
        assert predicted.changed == done.changed == ["host1: Run a container"]
        assert done.result("Run a container")["differences"] == ["env"]


def test_images(play: Play, guide: Callable[..., Guide], tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM {IMAGE}\nARG VERSION\nRUN echo %VERSION%\n")
    registry = {
        "accounts": {"registry.example.com": {"puller": "secret"}},
        "copies": {f"registry.example.com/mirror/{NANO}": f"mcr.microsoft.com/{NANO}"},
    }
    images = guide("images", {"{{ playbook_dir }}/shop": str(tmp_path), "{{ vault_registry_password }}": "secret"})
    with one_host(features=FEATURES, registry=registry) as fleet:
        prepare(fleet)
        run = run_tasks(play, fleet, images.tasks)
        assert run.result("Show what came, and in which isolation it can run")["msg"].endswith(": process True, hyperv True")
        assert "host1: Follow its tag" not in run.changed and "host1: Build an image from a folder on the controller" in run.changed


def test_upgrading_the_engine(play: Play, guide: Callable[..., Guide]) -> None:
    """With the two containers that the guide's outputs speak of: these are what is really said."""
    bold = {"name": "Upgrade at once", ENGINE: {"version": VERSION}, "ignore_errors": True}
    with one_host(features=FEATURES) as fleet:
        older = prepare(fleet, "28.5.1")
        assert not older.container(name="job", image=IMAGE, command="ping -t localhost").error
        assert not older.container(**WEB).error
        upgrading = guide("upgrading_the_engine", {"https://download.docker.com/win/static/stable/x86_64": fleet.mirror_url})
        refused, planned = (text for kind, _options, text in upgrading.blocks if kind == "text")
        run = run_tasks(play, fleet, [bold, *upgrading.tasks])
        assert run.result("Have an engine 28, and leave it alone once it is there")["version"] == "28.5.1"
        assert run.result("Upgrade at once")["msg"].split() == refused.split()
        upgrade = run.result("Upgrade, with the containers stopped in order and started again")
        assert upgrade["version"] == VERSION
        assert {"plan": upgrade["plan"]} == yaml.safe_load(f"{{{planned}}}")
        assert [run.changed for run in run_commands(play, fleet, upgrading)] == [[], []]  # nothing was published since
        fleet.call(lambda: fleet.machines["host1"].services.stop("docker"))
        looked = play(fleet, [{"name": "Look", "winfleet.containers.container_info": {}, "ignore_errors": True}])
        told = next(text for kind, _options, text in guide("docker_command_line").blocks if kind == "text")
        assert " ".join(told.split()).partition(" host1: ")[2] in looked.result("Look")["msg"]


def test_the_engine_in_production(play: Play, guide: Callable[..., Guide]) -> None:
    production = guide("engine")
    with one_host(features=FEATURES) as fleet:
        prepare(fleet)
        run = run_tasks(play, fleet, [*production.tasks, {"name": "Have an engine", ENGINE: {"version": VERSION}}])
        assert not Site(fleet.hosts["host1"], fleet).container(**WEB).error
        assert run.result("Configure the engine")["config"]["group"] == "docker-users"
        predicted, done = run_commands(play, fleet, production)
        assert predicted.changed == done.changed == ["host1: Remove the containers", "host1: Remove the engine"]


def test_inside_containers(play: Play, guide: Callable[..., Guide], tmp_path: Path) -> None:
    inside = guide("inside_containers")
    with one_host(features=FEATURES) as fleet:
        assert not prepare(fleet).container(**WEB, labels={"com.example.tier": "front"}).error
        run = run_tasks(play, fleet, inside.tasks, "-i", str(tmp_path / "containers.winfleet.yml"))
        assert run.result("See who works there", "host1_web")["stdout"] == "user manager\\containeruser\r\n"
        assert run.result("Ask the engine about this container, on its host")["containers"][0]["verdict"] == "process"
        graph, page = run_commands(play, fleet, inside)
        shown = next(text for kind, _options, text in inside.blocks if kind == "console" and "@all" in text).splitlines()[1:]
        assert graph.output.split() == " ".join(shown).split()
        assert "winfleet_container_host" in page.output


def run_recipes(play: Play, recipes: Guide, part: slice) -> Run:
    """Some of the plays, on a host with two containers, beside one that reaches the registry."""
    command = {"config": {"Cmd": ["ping", "-t", "localhost"]}, "built_on": ["nanoserver 10.0.20348.3807"], "size": 1000}
    shop = [{"repository": "registry.example.com/shop", "tags": [tag], **command} for tag in ("1", "2")]
    registry = {"accounts": {"registry.example.com": {"puller": "secret"}}, "applications": shop}
    variables = {"vault_registry_password": "secret", "log_folder": str(recipes.files)}
    with one_host({"name": "connected", "profile": "server-2022", "features": FEATURES}, registry=registry, features=FEATURES) as fleet:
        install_engine(fleet, fleet.hosts["connected"], VERSION)
        site = prepare(fleet)
        assert not site.container(name="crashed", image=IMAGE, command="cmd /c echo out of memory& exit 3").error
        assert not site.container(name="blue", image=IMAGE, command="ping -t localhost", published_ports=["8091:8080"]).error
        where = [f"-e{name}={value}" for name, value in variables.items()]
        return run_tasks(play, fleet, recipes.tasks[part], "--limit=host1", *where)


def test_recipes_for_containers(play: Play, guide: Callable[..., Guide]) -> None:
    run = run_recipes(play, guide("recipes"), slice(5))
    assert run.result("Show what it wrote")["job.output"].strip() == "user manager\\containeruser"


def test_recipes_for_hosts(play: Play, guide: Callable[..., Guide], tmp_path: Path) -> None:
    run_recipes(play, guide("recipes"), slice(5, None))
    assert (tmp_path / "host1-crashed.log").read_text().split() == ["out", "of", "memory"]
    assert (tmp_path / "host1.txt").read_text().startswith("windows: Windows Server 2022\nbase image: mcr.microsoft.com/")


def test_the_roles(play: Play, tmp_path: Path) -> None:
    """The example of each role's README, from a bare host to its containers, in one playbook; the second time nothing changes."""
    texts = {path.name: (path / "README.md").read_text() for path in (RST.parents[2] / "roles").iterdir()}
    order = ["container_host", "docker_engine", "base_images", "run_containers", "isolation_check"]
    assert sorted(texts) == sorted(order)
    plays = [found for name in order for found in re.findall(r"^```yaml\n(.*?)^```$", texts[name], re.MULTILINE | re.DOTALL)]
    assert len(plays) == len(order)
    (tmp_path / "roles.yml").write_text("".join(plays))
    command = {"config": {"Cmd": ["ping", "-t", "localhost"]}, "built_on": ["nanoserver 10.0.20348.3807"], "size": 1000}
    images = [{"repository": f"registry.example.com/{name}", "tags": [tag], **command} for name, tag in (("api", "7"), ("db", "15"))]
    mirror = {"docker_engine_url": "{{ winfleet_mirror_url }}/docker-{version}.zip", "docker_engine_sha256": "{{ winfleet_engine_sha256 }}"}
    with one_host(registry={"applications": images}) as fleet:
        first, again = (play(fleet, str(tmp_path / "roles.yml"), variables=mirror) for _time in range(2))
    assert first.ok and again.ok, first.output + again.output
    assert "host1: Run the containers over one connection" in first.changed and again.changed == []


def test_the_fleet_report(play: Play, guide: Callable[..., Guide], tmp_path: Path) -> None:
    """Its commands, and the task that acts on its result, in a play behind the playbook."""
    report = guide(
        "fleet_report", {"~/fleet-report": str(tmp_path), "/srv/www/fleet": str(tmp_path), "$(date +%F)": "today", "--limit web": ""}
    )
    with one_host(features=FEATURES) as fleet:
        prepare(fleet)
        run_commands(play, fleet, report, fleet_report_dest=str(tmp_path / "elsewhere"))
        acting = [
            {"import_playbook": "winfleet.containers.fleet_report"},
            {"hosts": "windows", "gather_facts": False, "tasks": report.tasks},
        ]
        (tmp_path / "acting.yml").write_text(yaml.safe_dump(acting))
        run = play(fleet, str(tmp_path / "acting.yml"), variables={"fleet_report_dest": str(tmp_path)})
        assert run.ok and run.result("Fail when a host needs action")["msg"] == "All assertions passed", run.output
        assert (tmp_path / "fleet-report.html").is_file() and (tmp_path / "today").is_dir()


def test_rebooting_a_fleet(play: Play, guide: Callable[..., Guide]) -> None:
    reboot = guide("reboot")
    with one_host(delayed_start_seconds=0.5) as fleet:
        first, *others, rolling = reboot.tasks
        assert "hosts" in rolling
        run = run_tasks(play, fleet, [first, *others, {"name": "Have an engine", ENGINE: {"version": VERSION}}, rolling])
        assert run.result("Reboot once for all of it")["rebooted"] and run.result("Reboot")["rebooted"]


def test_fleet(play: Play, guide: Callable[..., Guide], tmp_path: Path) -> None:
    many = guide("fleet")
    fleet_file = yaml.safe_load((tmp_path / "fleet.yml").read_text())
    fleet_file["defaults"]["features"] = FEATURES
    with running_fleet(fleet_file) as fleet:
        run_tasks(play, fleet, [{"name": "Have an engine", ENGINE: {"version": VERSION}}])
        runs = run_commands(play, fleet, many)
        assert [run.changed for run in runs] == [[]]  # there are no images yet
        assert runs[0].output.count("PLAY [Bring") == len(fleet.hosts) == 2  # batches
