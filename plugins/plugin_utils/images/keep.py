# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which old base images go. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from .state import OtherImage


def superseded(
    others: Iterable[OtherImage], keep: int, build: int, current: Collection[str], repositories: Collection[str]
) -> list[OtherImage]:
    """The images to be removed so that the newest ``keep`` of a family and Windows release stay, the current one among them.

    Never one that a container uses, another image was built on here, or that somebody has given a name of another repository. Images of
    other Windows releases are left alone: they were asked for by another task.

    Args:
        others: The family's images on the host.
        keep: At least 1.
        build: Of the release in question.
        current: Id of the image the task provides; empty when it is still to be pulled.
        repositories: The family's own.
    """
    ours = [one for one in others if one.build == build and one.id not in current]
    newest_first = sorted(ours, key=lambda one: (one.revision, one.created), reverse=True)
    return [one for one in newest_first[max(keep - 1, 0) :] if not (one.users or one.base_of or _foreign(one, repositories))]


def _foreign(image: OtherImage, repositories: Collection[str]) -> bool:
    return any(name.rpartition(":")[0] not in repositories for name in image.names)
