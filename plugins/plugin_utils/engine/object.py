# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine of a host keeps, as a managed thing: images, networks, volumes, a command in a container."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from ..desired_state import Observed, Plan, Resource
from ..errors import ProtocolError
from ..remote.host import RemoteHost
from .client import EngineClient, planned_as_new


class EngineObject(Resource[Observed]):
    """A resource that is read and changed through the engine.

    Args:
        host: The host.
        options: The task's validated options, those of the engine among them.
    """

    def __init__(self, host: RemoteHost, options: Mapping[str, Any]) -> None:
        self._host = host
        self._options = options

    @cached_property
    def opened(self) -> EngineClient | None:
        """The engine, opened when first needed; None in check mode where none is installed yet (:meth:`.EngineClient.open_or_plan`)."""
        return EngineClient.open_or_plan(self._host, str(self._options["engine_pipe"]))

    @property
    def engine(self) -> EngineClient:
        """The same, where it is known that there is one."""
        if self.opened is None:
            raise ProtocolError("there is no engine")
        return self.opened

    def planned(self, plan: Plan) -> Plan:
        """A plan, which says so where it was made without an engine."""
        return planned_as_new(plan) if self.opened is None else plan
