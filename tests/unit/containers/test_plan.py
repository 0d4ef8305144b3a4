# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner, tested as data: each file of ``cases`` is named for its rule and holds a task, what was observed, and the steps expected.

What a case leaves out of ``host`` is the usual: a Server 2022 with the image, whose engine has process isolation as its default.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.isolation import Situation, needs_hyperv_verdict
from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.plan import must_make, plan
from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.state import Desired, Observed, Preflight
from ansible_collections.winfleet.containers.plugins.plugin_utils.desired_state import Plan
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError
from ansible_collections.winfleet.containers.plugins.plugin_utils.host.readiness import Verdict
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.compatibility import HostVersion, ImageVersion

CASES = sorted((Path(__file__).parent / "cases").glob("*.yml"))
HYPERV = {
    "ready": Verdict("yes", "the hypervisor runs", True),
    "missing": Verdict("yes", "the processor can", False, ("the feature Microsoft-Hyper-V is not enabled",)),
    "doubtful": Verdict(
        "unknown", "the machine is a guest", False, ("the feature Microsoft-Hyper-V is not enabled",), "expose the processor"
    ),
    "unknown": Verdict("unknown", "the machine is a guest"),
    "impossible": Verdict("no", "the processor lacks virtualization", advice="expose the processor"),
}
IMAGE = {"Id": "sha256:current", "Config": {}}


def _container(name: str, given: dict[str, Any]) -> dict[str, Any]:
    base: dict[str, Any] = {
        "Id": f"id-of-{name}",
        "Name": f"/{name}",
        "Image": "sha256:current",
        "State": {"Status": "running", "Running": True},
    }
    config = {"Image": "example.com/web:1", "Cmd": None, "Env": None, "Labels": {}, **given.get("Config", {})}
    host_config = {"Isolation": "process", "NetworkMode": "default", "Binds": None, "PortBindings": {}, **given.get("HostConfig", {})}
    return {**base, **given, "Config": config, "HostConfig": host_config}


def _observed(host: dict[str, Any], desired: Desired) -> Observed:
    image, own = host.get("image", {}), host.get("own_image", {})
    version = host.get("image_version", "10.0.20348.3000")
    situation = Situation(
        HostVersion(20348, 3207, "server"),
        ImageVersion.parse(version) if version else None,
        str(desired.image),
        host.get("default", "process"),
        HYPERV.get(host.get("hyperv", "")),
    )
    name = desired.name
    return Observed(
        container=_container(name, host["container"]) if "container" in host else None,
        backup=_container(desired.backup_name, host["backup"]) if "backup" in host else None,
        image=None if image is None else {**IMAGE, **image},
        default_isolation=host.get("default", "process"),
        preflight=Preflight(
            situation,
            missing_folders=tuple(host.get("missing_folders", ())),
            networks=host.get("networks", {}),
            lacking=tuple(host.get("lacking", ())),
            ahead=host.get("ahead", False),
            processors=4,
            own_image=None if own is None else {**IMAGE, **(image or {}), **own},
            licensed=host.get("licensed"),
            hyperv_containers=tuple(host.get("hyperv_containers", ())),
        ),
        api=tuple(host.get("api", (1, 51))),
    )


def _planned(case: dict[str, Any]) -> tuple[Plan, bool]:
    desired = Desired.of(case["task"])
    observed = _observed(case.get("host", {}), desired)
    return plan(desired, observed), must_make(desired, observed)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_rule(path: Path) -> None:
    case = yaml.safe_load(path.read_text())
    if "error" in case:
        with pytest.raises(OptionError) as caught:
            _planned(case)
        assert case["error"] in caught.value.cause
        assert case.get("advice", "") in caught.value.advice
        return
    planned, making = _planned(case)
    assert [step.action for step in planned.steps] == case["steps"]
    if not {"create", "replace"} & set(case["steps"]):
        assert making is ("start" in case["steps"] and case["task"].get("isolation") == "auto"), (
            "a preflight is made only when it is needed"
        )
    made: dict[str, Any] = next((dict(step.arguments) for step in planned.steps if step.action in ("create", "replace")), {})
    seen = {
        "sentences": [step.description for step in planned.steps],
        "differences": [difference.name for difference in planned.differences],
        "diff": planned.diff(),
        "request": made.get("request"),
        "connect": made.get("connect"),
        "reason": made.get("reason"),
        "mode": made.get("mode"),
        "because": made.get("because"),
        "start": made.get("start"),
        "was_running": made.get("was_running"),
        "assumptions": list(planned.assumptions),
    }
    for key in seen.keys() & case.keys():
        assert seen[key] == case[key]
    warnings = case.get("warnings", [])
    assert len(planned.warnings) == len(warnings)
    assert all(wanted in given for wanted, given in zip(warnings, planned.warnings, strict=True))


@pytest.mark.parametrize(
    ("asked", "image", "default", "present", "needed"),
    [
        (None, "10.0.20348.1", "process", "", False),
        (None, "10.0.20348.1", "hyperv", "", True),
        ("process", "10.0.20348.1", "hyperv", "hyperv", False),
        ("process", "10.0.17763.1", "process", "", True),  # a refusal should know the way out
        ("hyperv", "10.0.20348.1", "process", "", True),
        ("auto", "10.0.20348.1", "process", "", False),
        ("auto", "10.0.20348.1", "process", "hyperv", True),
        ("auto", "10.0.20348.1", "hyperv", "process", False),
        ("default", "10.0.20348.1", "process", "hyperv", False),
    ],
)
def test_the_readiness_of_hyperv_is_read_only_where_it_matters(asked: str, image: str, default: str, present: str, needed: bool) -> None:
    situation = Situation(HostVersion(20348, 3207, "server"), ImageVersion.parse(image), "image", default)
    assert needs_hyperv_verdict(asked, situation, present) is needed
