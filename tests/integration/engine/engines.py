# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docker_engine on one simulated host, as its action plugin runs it."""

from __future__ import annotations

from typing import Any

from integration.remote.conftest import Site

from ansible_collections.winfleet.containers.plugins.modules.docker_engine import ARGUMENT_SPEC
from ansible_collections.winfleet.containers.plugins.plugin_utils.desired_state import Plan
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.client import EngineClient
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.resource import DockerEngine

FOLDER = "C:\\Program Files\\docker"
DAEMON_JSON = "C:\\ProgramData\\docker\\config\\daemon.json"
DEFAULTS = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}


class Engines:
    """Runs the module's work, and looks at the host behind its back."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.machine = site.host.machine
        self.host = site.remote()

    def resource(self, version: str | None = "28.5.2", **options: Any) -> DockerEngine:
        mirror = self.site.fleet.fleet.mirror
        given = {"url": mirror.url + "/docker-{version}.zip", "sha256": mirror.sha256, "install_path": FOLDER, **options}
        return DockerEngine({**DEFAULTS, "version": version, **given}, self.host)

    def plan(self, version: str | None = "28.5.2", **options: Any) -> tuple[Plan, dict[str, Any]]:
        """What check mode shows: the plan, and the result predicted."""
        resource = self.resource(version, **options)
        observed = resource.read()
        plan = resource.plan(observed)
        return plan, resource.predict(plan, observed)

    def converge(self, version: str | None = "28.5.2", **options: Any) -> tuple[Plan, dict[str, Any]]:
        """Run once, see that check mode had foretold the result, and that a second run has nothing to do."""
        resource = self.resource(version, **options)
        observed = resource.read()
        plan = resource.plan(observed)
        if not plan.changed:
            return plan, resource.report(observed, plan)
        predicted = resource.predict(plan, observed)
        resource.apply(plan, observed)
        result = resource.report(resource.read(), plan)
        assert predicted == result
        again = self.resource(version, **options)
        assert again.plan(again.read()).steps == ()
        assert self.leftovers() == []
        return plan, result

    def run_container(self, name: str, policy: str = "no", image: str = "mcr.microsoft.com/windows/nanoserver:ltsc2022") -> None:
        """A container that runs on."""
        engine = EngineClient.open(self.host)
        with engine.errors():
            engine.api.pull(image)
            settings = engine.api.create_host_config(restart_policy={"Name": policy})
            engine.api.create_container(image, ["ping", "-t", "localhost"], name=name, host_config=settings)
            engine.api.start(name)
        engine.close()

    def running(self) -> set[str]:
        """Names of the containers that run."""
        engine = EngineClient.open(self.host)
        with engine.errors():
            found = {one["Names"][0].lstrip("/") for one in engine.api.containers()}
        engine.close()
        return found

    def version(self) -> str:
        """What the running engine says of itself."""
        engine = EngineClient.open(self.host)
        engine.close()
        return str(engine.version["Version"])

    def read(self, path: str) -> bytes:
        content: bytes = self.site.fleet.call(lambda: self.machine.files.read(path))
        return content

    def exists(self, path: str) -> bool:
        return bool(self.site.fleet.call(lambda: self.machine.files.exists(path)))

    def state(self) -> str | None:
        service = self.machine.services.get("docker")
        return service.state if service else None

    def leftovers(self) -> list[str]:
        """Files and folders of ours that should be gone."""
        return [path for path in self._everything("C:") if ".winfleet" in path or "winfleet-drained" in path]

    def _everything(self, root: str) -> list[str]:
        files = self.machine.files
        found: list[str] = self.site.fleet.call(lambda: [path for path, _unused in files.walk(root + "\\")])
        return found

    def programs(self, word: str) -> list[str]:
        """Programs started so far whose line holds the word."""
        return [line for line in self.site.programs() if word.lower() in line.lower()]
