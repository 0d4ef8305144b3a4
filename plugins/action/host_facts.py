# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the facts of a container host and keeps them as facts."""

from __future__ import annotations

from typing import Any

from ..modules.host_facts import ARGUMENT_SPEC
from ..plugin_utils.action import ContainersAction
from ..plugin_utils.engine.facts import EngineView
from ..plugin_utils.host.info import HostInfo
from ..plugin_utils.remote.host import RemoteHost


class ActionModule(ContainersAction):
    """See the module's documentation."""

    argument_spec = ARGUMENT_SPEC

    def resource(self, options: dict[str, Any], host: RemoteHost) -> HostInfo:
        return HostInfo(host, EngineView, options["gather_subset"], options["today"], as_facts=True)
