# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""The action of the module ``base_image``."""

from __future__ import annotations

from typing import Any

from ..modules.base_image import ARGUMENT_RULES, ARGUMENT_SPEC
from ..plugin_utils.action import ContainersAction
from ..plugin_utils.images.image import Image, base_image
from ..plugin_utils.peers import open_peer
from ..plugin_utils.remote.host import RemoteHost


class ActionModule(ContainersAction):
    """Provide the base image that fits the host."""

    argument_spec = ARGUMENT_SPEC
    argument_rules = ARGUMENT_RULES

    def resource(self, options: dict[str, Any], host: RemoteHost) -> Image:
        return base_image(host, options, lambda name: open_peer(name, self.task_vars))
