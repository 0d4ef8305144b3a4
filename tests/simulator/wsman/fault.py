# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults as exceptions, and their SOAP form."""

from __future__ import annotations

from . import names
from .envelope import answer, escape
from .fault_table import CMD_PLUGIN, WSMAN_ACTION, FaultKind, QuotaKind

_PREFIXES = "s a x e n w p"
_STATUS_NAMESPACES = {
    "enumeration": ("http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/__ExtendedStatus", False),
    "get": ("http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/__ExtendedStatus", True),
}


class Fault(Exception):
    """A refusal with a kind from the table.

    Args:
        kind: What Windows calls it.
        message: Instead of the kind's reason in the innermost message.
        status: ``(operation, parameter, provider)`` of a WMI ``__ExtendedStatus``.
    """

    def __init__(self, kind: FaultKind, message: str = "", status: tuple[str, str, str] | None = None) -> None:
        super().__init__(message or kind.reason)
        self.kind, self.message, self.status = kind, message or kind.reason, status

    def envelope(self, relates_to: str, client_name: str, own_name: str, activity: bool) -> str:
        """The whole answer; ``client_name`` is the host name the client used, ``own_name`` the machine's."""
        kind = self.kind
        detail = f"<w:FaultDetail>{names.FAULT_DETAIL}{kind.detail}</w:FaultDetail>" if kind.detail else ""
        detail += _wsman_fault(kind.code, client_name, self._message(own_name))
        return _fault_answer(kind.action, relates_to, kind.sender, kind.subcode, kind.reason, detail, activity)

    def _message(self, own_name: str) -> str:
        if self.kind.provider is None:
            return escape(self.message)
        provider, path = self.kind.provider
        inner = _wsman_fault(self.kind.code, own_name, escape(self.message)) if self.kind.nested else escape(self.message)
        if self.status:
            inner += f"<f:ExtendedError>{self._extended_status()}</f:ExtendedError>"
        return f'<f:ProviderFault provider="{provider}" path="{path}">{inner}</f:ProviderFault>'

    def _extended_status(self) -> str:
        """The two recorded shapes: Enumerate without types, Get with a type on every property."""
        operation, parameter, provider = self.status or ("", "", "")
        namespace, typed = _STATUS_NAMESPACES["get" if operation == "GetObject" else "enumeration"]
        text = ' xsi:type="cim:cimString"' if typed else ""
        number = ' xsi:type="cim:cimUnsignedInt"' if typed else ""
        return (
            f'<p:__ExtendedStatus xmlns:xsi="{names.XSI}" xmlns:p="{namespace}" xmlns:cim="{names.CIM}" xsi:type="p:__ExtendedStatus_Type">'
            f'<p:Description xsi:nil="true"{text}/><p:Operation{text}>{escape(operation)}</p:Operation>'
            f"<p:ParameterInfo{text}>{escape(parameter)}</p:ParameterInfo><p:ProviderName{text}>{escape(provider)}</p:ProviderName>"
            f'<p:StatusCode xsi:nil="true"{number}/></p:__ExtendedStatus>'
        )


def _wsman_fault(code: int, machine: str, message: str) -> str:
    return (
        f'<f:WSManFault xmlns:f="{names.FAULT}" Code="{code}" Machine="{escape(machine)}"><f:Message>{message}</f:Message></f:WSManFault>'
    )


def _fault_answer(action: str, relates_to: str | None, sender: bool, subcode: str, reason: str, detail: str, activity: bool) -> str:
    body = (
        f"<s:Fault><s:Code><s:Value>s:{'Sender' if sender else 'Receiver'}</s:Value><s:Subcode><s:Value>{subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en-US">{escape(reason)}</s:Text></s:Reason><s:Detail>{detail}</s:Detail></s:Fault>'
    )
    return answer(action, relates_to, body, _PREFIXES, activity=activity)


class QuotaFault(Exception):
    """A quota is used up."""

    def __init__(self, kind: QuotaKind, limit: int) -> None:
        super().__init__(kind.reason)
        self.kind, self.limit = kind, limit

    def envelope(self, relates_to: str, client_name: str, stack: int) -> str:
        """The answer; in WinRM 3 it relates to no request (recordings fault-quota-*)."""
        kind = self.kind
        message = escape(kind.message.format(limit=self.limit))
        if stack == 2:
            detail = _wsman_fault(kind.code, client_name, message)
            return _fault_answer(WSMAN_ACTION, relates_to, kind.sender, kind.subcode, kind.reason, detail, activity=False)
        return _fault_answer(WSMAN_ACTION, None, kind.sender, kind.subcode, kind.reason, _wmi_error(kind.code, message), activity=False)


def _wmi_error(code: int, message: str) -> str:
    """MSFT_WmiError in its recorded order: ``(name, type, value)``, None is null."""
    text, number, short = "cimString", "cimUnsignedInt", "cimUnsignedShort"
    properties = (
        ("CIMStatusCode", number, "27"),
        ("CIMStatusCodeDescription", text, None),
        ("ErrorSource", text, None),
        ("ErrorSourceFormat", short, "0"),
        ("ErrorType", short, "0"),
        ("Message", text, message),
        ("MessageID", text, f"HRESULT 0x{code:08x}"),
        ("OtherErrorSourceFormat", text, None),
        ("OtherErrorType", text, None),
        ("OwningEntity", text, None),
        ("PerceivedSeverity", short, "0"),
        ("ProbableCause", short, "0"),
        ("ProbableCauseDescription", text, None),
        ("error_Category", number, "30"),
        ("error_Code", number, str(code)),
        ("error_Type", text, "HRESULT"),
        ("error_WindowsErrorMessage", text, message),
    )
    inner = "".join(
        f'<p:{name} xsi:type="cim:{kind}" xsi:nil="true"/>' if value is None else f'<p:{name} xsi:type="cim:{kind}">{value}</p:{name}>'
        for name, kind, value in properties
    )
    return (
        f'<p:MSFT_WmiError b:IsCIM_Error="true" xmlns:xsi="{names.XSI}" xmlns:b="http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd" '
        f'xmlns:p="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/MSFT_WmiError" xmlns:cim="{names.CIM}" '
        f'xsi:type="p:MSFT_WmiError_Type">{inner}</p:MSFT_WmiError>'
    )


__all__ = ["CMD_PLUGIN", "Fault", "QuotaFault"]
