# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same tasks with community.docker and with this collection, where the other one is at hand: ``PEERS=<folder of collections>``."""

from __future__ import annotations

import os

import pytest
from compare.run import OURS, PEER, Outcome, peer_version, play

PEERS = os.environ.get("PEERS", "")
#: What a Windows engine cannot do, or this collection does not do silently.
REFUSED = {
    "A command that ends with an exit code",
    "A published port on one address of the host",
    "A range of ports of the host",
    "A credential spec that the host does not have",
    "Privileged",
    "Capabilities",
    "A limit on shared memory",
    "An image that is newer than the host",
    "The same, in check mode",
    "A replacement that cannot start",
}


@pytest.mark.skipif(not peer_version(PEERS), reason="PEERS names no folder with ansible_collections/community/docker")
def test_side_by_side() -> None:
    """Ours converges or refuses; what goes wrong with the other is still so, and the guide may say it."""
    ours, theirs = ({one.case: one for one in play(*side)} for side in ((OURS,), (PEER, PEERS)))
    assert {name for name, one in ours.items() if one.first == "failed"} == REFUSED
    assert [name for name, one in ours.items() if (one.first, one.second) == ("changed", "changed")] == [
        "A command with backslashes in a running container"
    ]
    assert ours["A replacement that cannot start"].seen == "running" and theirs["A replacement that cannot start"].seen == "created"
    assert ours["A long pull"].seen and not theirs["A long pull"].seen
    assert _kind(ours["A folder of the host"]) == "bind" and _kind(theirs["A folder of the host"]) == "volume"
    assert theirs["A text as command, with backslashes"].seen == ["C:apprun.exe", "--path", "C:data"]


def _kind(outcome: Outcome) -> str:
    return str(outcome.seen[0]["Type"])
