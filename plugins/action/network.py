# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""The action of the module ``network``."""

from __future__ import annotations

from typing import Any

from ..modules.network import ARGUMENT_SPEC
from ..plugin_utils.action import ContainersAction
from ..plugin_utils.networks.network import Network
from ..plugin_utils.remote.host import RemoteHost


class ActionModule(ContainersAction):
    """Provide a network."""

    argument_spec = ARGUMENT_SPEC

    def resource(self, options: dict[str, Any], host: RemoteHost) -> Network:
        return Network(host, options)
