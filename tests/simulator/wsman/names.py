# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""URIs and prefixes of WS-Management as Windows writes them (facts/wsman.md 2.2; prefixes as in facts/wsman/*.response.xml)."""

from __future__ import annotations

SOAP = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
ENUMERATION = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
EVENTING = "http://schemas.xmlsoap.org/ws/2004/08/eventing"
WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
MICROSOFT = "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"
SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
CONFIG = "http://schemas.microsoft.com/wbem/wsman/1/config"
FAULT = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
IDENTITY = "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
CIM = "http://schemas.dmtf.org/wbem/wscim/1/common"

ANONYMOUS = ADDRESSING + "/role/anonymous"
WQL = "http://schemas.microsoft.com/wbem/wsman/1/WQL"
WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
SHELL_CMD = SHELL + "/cmd"
#: And the name of a session configuration.
POWERSHELL = "http://schemas.microsoft.com/powershell/"
COMMAND_STATE = SHELL + "/CommandState/"
SIGNAL = SHELL + "/signal/"
FAULT_DETAIL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/"

#: Prefix to URI on the envelope.
PREFIXES = {
    "s": SOAP,
    "a": ADDRESSING,
    "x": TRANSFER,
    "e": EVENTING,
    "n": ENUMERATION,
    "w": WSMAN,
    "rsp": SHELL,
    "p": MICROSOFT,
}

#: Actions of requests to our short kinds; anything else is the invocation of a method.
KINDS = {
    **{f"{TRANSFER}/{verb}": verb for verb in ("Get", "Put", "Create", "Delete")},
    **{f"{ENUMERATION}/{verb}": verb for verb in ("Enumerate", "Pull", "Release")},
    **{f"{SHELL}/{verb}": verb for verb in ("Command", "Send", "Receive", "Signal")},
}
