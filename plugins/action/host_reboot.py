# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reboots a host and proves it."""

from __future__ import annotations

from typing import Any

from ..modules.host_reboot import ARGUMENT_SPEC
from ..plugin_utils.action import ContainersAction
from ..plugin_utils.engine.load import fate_at_reboot
from ..plugin_utils.host.reboot_resource import HostReboot
from ..plugin_utils.remote.host import RemoteHost
from ..plugin_utils.remote.reboot import RebootRequest


class ActionModule(ContainersAction):
    """See the module's documentation."""

    argument_spec = ARGUMENT_SPEC

    def resource(self, options: dict[str, Any], host: RemoteHost) -> HostReboot:
        request = RebootRequest(
            options["msg"],
            options["delay"],
            options["reboot_timeout"],
            options["post_reboot_delay"],
            test=tuple(options["test_command"] or ()),
        )
        return HostReboot(host, request, options["services"], fate_at_reboot)
