# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""The action of the module ``container``."""

from __future__ import annotations

from typing import Any

from ..modules.container import ARGUMENT_SPEC
from ..plugin_utils.action import ContainersAction
from ..plugin_utils.containers.container import Container
from ..plugin_utils.remote.host import RemoteHost


class ActionModule(ContainersAction):
    """Run a container with the isolation that was asked for."""

    argument_spec = ARGUMENT_SPEC

    def resource(self, options: dict[str, Any], host: RemoteHost) -> Container:
        return Container(host, options)
