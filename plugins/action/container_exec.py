# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""The action of the module ``container_exec``."""

from __future__ import annotations

from typing import Any

from ..modules.container_exec import ARGUMENT_RULES, ARGUMENT_SPEC
from ..plugin_utils.action import ContainersAction
from ..plugin_utils.containers.exec import ContainerExec
from ..plugin_utils.remote.host import RemoteHost


class ActionModule(ContainersAction):
    """Run a command in a container."""

    argument_spec = ARGUMENT_SPEC
    argument_rules = ARGUMENT_RULES

    def resource(self, options: dict[str, Any], host: RemoteHost) -> ContainerExec:
        return ContainerExec(host, options)
