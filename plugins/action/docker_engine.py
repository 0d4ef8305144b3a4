# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Installs, upgrades, configures, repairs and removes Docker Engine."""

from __future__ import annotations

from typing import Any

from ..modules.docker_engine import ARGUMENT_RULES, ARGUMENT_SPEC
from ..plugin_utils.action import ContainersAction
from ..plugin_utils.engine.resource import DockerEngine
from ..plugin_utils.remote.host import RemoteHost


class ActionModule(ContainersAction):
    """See the module's documentation."""

    argument_spec = ARGUMENT_SPEC
    argument_rules = ARGUMENT_RULES

    def resource(self, options: dict[str, Any], host: RemoteHost) -> DockerEngine:
        return DockerEngine(options, host)
