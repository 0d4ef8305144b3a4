# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""The action of the module ``prune``."""

from __future__ import annotations

from typing import Any

from ..modules.prune import ARGUMENT_SPEC
from ..plugin_utils.action import ContainersAction
from ..plugin_utils.pruning.prune import Prune
from ..plugin_utils.remote.host import RemoteHost


class ActionModule(ContainersAction):
    """Remove what is not used."""

    argument_spec = ARGUMENT_SPEC

    def resource(self, options: dict[str, Any], host: RemoteHost) -> Prune:
        return Prune(host, options)
