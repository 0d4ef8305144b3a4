# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one base class of all action plugins (contract: docs/docsite, "The contract of a task")."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from ansible.plugins.action import ActionBase

from .desired_state import Resource
from .remote.host import RemoteHost


class ContainersAction(ActionBase):  # type: ignore[misc]
    """Validate, connect, read, plan, apply, report. A subclass says which options and which resource."""

    _requires_connection = True
    _supports_check_mode = True
    _supports_async = False
    #: The module's ``ARGUMENT_SPEC`` (the one source of options).
    argument_spec: ClassVar[dict[str, Any]]

    @abstractmethod
    def resource(self, options: dict[str, Any], host: RemoteHost) -> Resource[Any]:
        """The resource this task manages, from validated, defaulted, plain-typed options."""

    def check_mode(self) -> bool:
        """Whether this task runs in check mode."""
        return bool(self._task.check_mode)
