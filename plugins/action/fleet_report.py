# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action of the module ``fleet_report``."""

from __future__ import annotations

from typing import Any

from ..modules.fleet_report import ARGUMENT_SPEC
from ..plugin_utils.action import ContainersAction
from ..plugin_utils.errors import doing
from ..plugin_utils.remote.host import RemoteHost
from ..plugin_utils.report.resource import FleetReport
from ..plugin_utils.secrets import Scrubber


class ActionModule(ContainersAction):
    """Write the report. The one action that asks no host: its files lie on the controller."""

    _requires_connection = False
    argument_spec = ARGUMENT_SPEC

    def resource(self, options: dict[str, Any], host: RemoteHost | None = None) -> FleetReport:
        return FleetReport(options)

    def _run(self, name: str, scrubber: Scrubber) -> dict[str, Any]:
        options = self._options()
        with doing("write", "the fleet report", str(options["dest"])):
            return self._converge(self.resource(options))
