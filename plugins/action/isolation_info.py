# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""The action of the module ``isolation_info``."""

from __future__ import annotations

from typing import Any

from ..modules.isolation_info import ARGUMENT_SPEC
from ..plugin_utils.action import ContainersAction
from ..plugin_utils.containers.isolation_info import IsolationInfo
from ..plugin_utils.remote.host import RemoteHost


class ActionModule(ContainersAction):
    """Prove which isolation is in force."""

    argument_spec = ARGUMENT_SPEC

    def resource(self, options: dict[str, Any], host: RemoteHost) -> IsolationInfo:
        return IsolationInfo(host, options["name"] or [], options["engine_pipe"])
