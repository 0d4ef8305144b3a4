# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""The action of the module ``image_update_info``."""

from __future__ import annotations

from typing import Any

from ..modules.image_update_info import ARGUMENT_SPEC
from ..plugin_utils.action import ContainersAction
from ..plugin_utils.containers.update_info import ImageUpdateInfo
from ..plugin_utils.remote.host import RemoteHost


class ActionModule(ContainersAction):
    """Tell which images and containers are behind."""

    argument_spec = ARGUMENT_SPEC

    def resource(self, options: dict[str, Any], host: RemoteHost) -> ImageUpdateInfo:
        return ImageUpdateInfo(host, options)
