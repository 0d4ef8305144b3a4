# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""The action of the module ``volume``."""

from __future__ import annotations

from typing import Any

from ..modules.volume import ARGUMENT_SPEC
from ..plugin_utils.action import ContainersAction
from ..plugin_utils.remote.host import RemoteHost
from ..plugin_utils.volumes import Volume


class ActionModule(ContainersAction):
    """Provide a named volume."""

    argument_spec = ARGUMENT_SPEC

    def resource(self, options: dict[str, Any], host: RemoteHost) -> Volume:
        return Volume(host, options)
