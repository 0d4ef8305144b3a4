# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The answer to Identify (facts/wsman.md 1: specification, not recorded)."""

from __future__ import annotations

from . import names


def identify(version: str, stack: int = 3) -> str:
    """The envelope; without credentials the version is hidden (empty ``version``). ``stack`` is WinRM's own version."""
    system = f"OS: {version or '0.0.0'} SP: 0.0 Stack: {stack}.0"
    return (
        f'<s:Envelope xml:lang="en-US" xmlns:s="{names.SOAP}"><s:Header/><s:Body>'
        f'<wsmid:IdentifyResponse xmlns:wsmid="{names.IDENTITY}"><wsmid:ProtocolVersion>{names.WSMAN}</wsmid:ProtocolVersion>'
        f"<wsmid:ProductVendor>Microsoft Corporation</wsmid:ProductVendor><wsmid:ProductVersion>{system}</wsmid:ProductVersion>"
        "</wsmid:IdentifyResponse></s:Body></s:Envelope>"
    )
