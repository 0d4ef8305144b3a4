# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""The action of the module ``image``."""

from __future__ import annotations

from typing import Any

from ..modules.image import ARGUMENT_RULES, ARGUMENT_SPEC
from ..plugin_utils.action import ContainersAction
from ..plugin_utils.images.image import Image, image
from ..plugin_utils.peers import open_peer
from ..plugin_utils.remote.host import RemoteHost


class ActionModule(ContainersAction):
    """Provide or remove an image."""

    argument_spec = ARGUMENT_SPEC
    argument_rules = ARGUMENT_RULES

    def resource(self, options: dict[str, Any], host: RemoteHost) -> Image:
        return image(host, options, lambda name: open_peer(name, self.task_vars))
