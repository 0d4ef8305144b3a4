# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ``prune`` on simulated hosts: check mode names exactly what a run removes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.winfleet.containers.plugins.modules import network, prune, volume
from ansible_collections.winfleet.containers.plugins.plugin_utils.networks.network import Network
from ansible_collections.winfleet.containers.plugins.plugin_utils.pruning.prune import Prune
from ansible_collections.winfleet.containers.plugins.plugin_utils.volumes import Volume

from .conftest import IMAGE, NANO, PING, Done, Site

Start = Callable[..., Site]
OLD = f"{NANO}:ltsc2019"


def _defaults(module: Any) -> dict[str, Any]:
    return {name: spec.get("default") for name, spec in module.ARGUMENT_SPEC.items()}


def _prune(where: Site, check: bool = False, **options: Any) -> Done:
    return where.run(lambda remote: Prune(remote, {**_defaults(prune), **options}), check)


def _pruned(where: Site, **options: Any) -> dict[str, Any]:
    """Predicted, done, and nothing left to do; the result without sizes."""
    predicted, done, again = _prune(where, check=True, **options), _prune(where, **options), _prune(where, **options)
    assert not (predicted.error or done.error or again.error)
    assert again.changed is False and predicted.actions == done.actions
    result = {name: value for name, value in done.result.items() if not name.endswith("_space_reclaimed") and name != "changed"}
    assert {name: predicted.result[name] for name in result} == result
    assert done.result.get("changed", False) is done.changed
    return result


@pytest.mark.parametrize("engine", ["20.10.27", "28.5.2"])
def test_each_kind(site: Start, engine: str) -> None:
    where = site(engine=engine)
    assert not where.container(image=IMAGE, command=PING).error
    for name, label in (("ended", "a"), ("kept", "b")):
        assert not where.container(name=name, image=IMAGE, state="stopped", labels={"is": label}, volumes=[f"{name}-data:C:\\data"]).error
    for name in ("used", "free"):
        assert not where.run(
            lambda remote, name=name: Network(remote, {**_defaults(network), "name": name, "connected": ["web"] * (name == "used")})
        ).error
    assert not where.run(lambda remote: Volume(remote, {**_defaults(volume), "name": "named"})).error

    containers = {"containers": True, "containers_filters": {"label!": "is=b"}}
    assert _pruned(where, **containers, networks=True) == {"containers": ["ended"], "networks": ["free"]}
    old_engine = engine.startswith("20")
    assert _pruned(where, volumes=True) == {"volumes": ["ended-data", "named"] if old_engine else []}
    assert _pruned(where, volumes=True, volumes_filters={} if old_engine else {"all": True})["volumes"] == (
        [] if old_engine else ["ended-data", "named"]
    )

    everything = _pruned(where, containers=True, images=True, images_filters={"dangling": False})
    assert (everything["containers"], everything["images"]) == (["kept"], []), "web still uses the image"
    assert where.names() == ["web: running"]


def test_images_and_what_they_free(site: Start) -> None:
    where = site()
    assert not where.container(image=IMAGE, command=PING, state="absent").error
    assert not where.container(image=IMAGE, command=PING).error
    identifier = next(iter(where.engine.state.images.images))
    assert _prune(where, images=True, images_filters={"dangling": False}).changed is False
    assert not where.container(state="absent").error
    assert _prune(where, check=True, images=True).changed is False, "it has a tag"
    predicted = _prune(where, check=True, images=True, images_filters={"dangling": False, "until": "1s"})
    assert predicted.result == {"images": [identifier], "images_untagged": [IMAGE], "images_space_reclaimed": None}
    done = _prune(where, images=True, images_filters={"dangling": False, "until": "1s"})
    assert done.result["images_space_reclaimed"] > 0 and done.result["images_untagged"] == [IMAGE]


def test_bad_input_is_refused(site: Start) -> None:
    where = site()
    assert "the task names nothing to remove" in _prune(where).error
    assert (
        'the option images_filters has the unknown filter "labels". Did you mean "label"?'
        in _prune(where, images=True, images_filters={"labels": "a"}).error
    )
    assert "the filter dangling is maybe. Write true or false" in _prune(where, images=True, images_filters={"dangling": "maybe"}).error
    assert "the filter until is 1d" in _prune(where, containers=True, containers_filters={"until": "1d"}).error
    assert not where.requests(), "nothing was asked of the engine"
