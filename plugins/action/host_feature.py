# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Enables and disables optional features of Windows."""

from __future__ import annotations

from typing import Any

from ..modules.host_feature import ARGUMENT_SPEC
from ..plugin_utils.action import ContainersAction
from ..plugin_utils.engine.load import fate_at_reboot
from ..plugin_utils.host.feature_plan import FeatureRequest
from ..plugin_utils.host.feature_resource import HostFeature
from ..plugin_utils.remote.host import RemoteHost


class ActionModule(ContainersAction):
    """See the module's documentation."""

    argument_spec = ARGUMENT_SPEC

    def resource(self, options: dict[str, Any], host: RemoteHost) -> HostFeature:
        request = FeatureRequest(
            tuple(options["name"]),
            options["state"],
            options["reboot"],
            options["force"],
            options["source"] or "",
            options["winrm_start"],
        )
        return HostFeature(host, request, options["reboot_timeout"], fate_at_reboot)
