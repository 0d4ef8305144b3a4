# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The WS-Management session over the connection the user already configured.

The only file that uses private names of Ansible's connection plugins, and the only one that imports ``winrm`` or ``pypsrp``.
"""

from __future__ import annotations

from typing import Any


class Session:
    """Sends envelopes and returns parsed answers over one authenticated connection. One thread at a time.

    Attributes:
        messages: WS-Man messages sent so far by this session and its siblings.
    """

    messages: int

    @classmethod
    def of(cls, connection: Any) -> Session:
        """The session of an Ansible ``winrm`` or ``psrp`` connection.

        Raises:
            OptionError: Another connection plugin, or a psrp ``configuration_name`` other than the default.
            ConnectError: No route, refused, time-out, wrong credentials.
        """
        raise NotImplementedError

    def sibling(self) -> Session:
        """An independent session (own HTTP connection, own authentication) to the same host, for another thread."""
        raise NotImplementedError

    def close(self) -> None:
        """Drop the HTTP connection. Never raises."""
        raise NotImplementedError
