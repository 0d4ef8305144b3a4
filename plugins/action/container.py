# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""The action of the module ``container``."""

from __future__ import annotations

from typing import Any

from ..modules.container import ARGUMENT_RULES, ARGUMENT_SPEC
from ..plugin_utils.action import ContainersAction
from ..plugin_utils.containers.container import Container
from ..plugin_utils.containers.options import refuse_foreign
from ..plugin_utils.containers.several import Containers
from ..plugin_utils.desired_state import Resource
from ..plugin_utils.errors import OptionError, doing
from ..plugin_utils.remote.host import RemoteHost


class ActionModule(ContainersAction):
    """Run containers with the isolation that was asked for."""

    argument_spec = ARGUMENT_SPEC
    argument_rules = ARGUMENT_RULES

    def _options(self) -> dict[str, Any]:
        with doing("run", "container", str(self._task.args.get("name") or "")):
            refuse_foreign(self._task.args)
        return super()._options()

    def resource(self, options: dict[str, Any], host: RemoteHost) -> Resource[Any]:
        if options.get("containers") is None:
            if options.get("depends_on"):
                with doing("run", "container", str(options["name"])):
                    raise OptionError("depends_on orders the entries of containers, and this task has but one", "Leave it out")
            return Container(host, options)
        return Containers(host, options, self._task.args)
