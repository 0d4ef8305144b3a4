# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every fault the service can give: code, SOAP classification and Windows' own words (messages apart from code).

Sources: the ``fault-*`` recordings in facts/wsman/, the table in facts/wsman.md 4.6, and for the rest the header comments of
Windows' wsmerror.h, which give code, subcode and text. What is marked *unverified* in the README is marked here too.
"""

from __future__ import annotations

from dataclasses import dataclass

ADDRESSING_ACTION = "http://schemas.xmlsoap.org/ws/2004/08/addressing/fault"
WSMAN_ACTION = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
ENUMERATION_ACTION = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/fault"


@dataclass(frozen=True)
class FaultKind:
    """One kind of fault.

    Args:
        code: The number clients match (never the text: it is localized).
        sender: True for ``s:Sender``, False for ``s:Receiver``.
        subcode: With its prefix.
        reason: The text of ``s:Reason``; also the message unless a fault brings its own.
        detail: Last part of the ``w:FaultDetail`` URI.
        provider: ``(provider, path)`` when the message stands in a ``f:ProviderFault``.
        nested: The ProviderFault holds a WSManFault of its own.
        action: The action of the answer.
    """

    code: int
    sender: bool
    subcode: str
    reason: str
    detail: str = ""
    provider: tuple[str, str] | None = None
    nested: bool = False
    action: str = WSMAN_ACTION


CMD_PLUGIN = ("Shell cmd plugin", r"%systemroot%\system32\winrscmd.dll")
SHELL_PROVIDER = ("Shell provider", r"%systemroot%\system32\WsmSvc.dll")
WMI_PROVIDER = ("WMI Provider", r"%systemroot%\system32\WsmWmiPl.dll")

_SELECTORS = "The WS-Management service cannot process the request because the request contained invalid selectors for the resource. "
_NOT_FOUND = "The WS-Management service cannot process the request. The service cannot find the resource identified by the resource URI and selectors. "
_FILTER = (
    "The data source could not process the filter. The filter might be missing or it might be invalid. "
    "Change the filter and try the request again.  "
)

TIMED_OUT = FaultKind(
    2150858793,
    False,
    "w:TimedOut",
    "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.  ",
)
SHELL_GONE = FaultKind(2150858843, True, "w:InvalidSelectors", _SELECTORS, "UnexpectedSelectors", SHELL_PROVIDER, nested=True)
COMMAND_UNKNOWN = FaultKind(2150858843, True, "w:InvalidSelectors", _SELECTORS, "UnexpectedSelectors")
COMMAND_UNKNOWN_TEXT = (
    "The Windows Remote Shell received a request to perform an operation on a command identifier that does not exist. "
    "Either the command has completed execution or the client specified an invalid command identifier. "
)
NOT_FOUND = FaultKind(
    2150858752,
    True,
    "a:DestinationUnreachable",
    _NOT_FOUND,
    "InvalidResourceURI",
    ("WMI Provider", r"C:\Windows\system32\WsmWmiPl.dll"),
    nested=True,
    action=ADDRESSING_ACTION,
)
RESOURCE_UNKNOWN = FaultKind(2150858752, True, "a:DestinationUnreachable", _NOT_FOUND, "InvalidResourceURI", action=ADDRESSING_ACTION)
FILTER = FaultKind(2150858778, True, "n:CannotProcessFilter", _FILTER, "", WMI_PROVIDER, nested=True, action=ENUMERATION_ACTION)
DIALECT = FaultKind(
    2150858777,
    True,
    "n:FilterDialectRequestedUnavailable",
    "The filter dialect (the type associated with the filter) was not supported for this resource. "
    "Change the filter dialect or remove it from the request and try the request again. ",
    action=ENUMERATION_ACTION,
)
ENUMERATION_CONTEXT = FaultKind(
    2150858779,
    False,
    "n:InvalidEnumerationContext",
    "The WS-Enumeration context in the enumeration is not valid. Enumeration may have been completed or canceled. "
    "You cannot use this enumeration context anymore. Start a new enumeration. ",
    action=ENUMERATION_ACTION,
)
SCHEMA = FaultKind(
    2150858817,
    True,
    "w:SchemaValidationError",
    "The SOAP XML in the message does not match the corresponding XML schema definition. Change the XML and retry. ",
)
INVALID_HEADER = FaultKind(
    2150858767,
    True,
    "a:InvalidMessageInformationHeader",
    "The WS-Management service cannot process the request. The request contains one or more invalid SOAP headers. ",
    action=ADDRESSING_ACTION,
)
MISSING_HEADER = FaultKind(
    2150858769,
    True,
    "a:MessageInformationHeaderRequired",
    "The WS-Management service cannot process the request. The request does not have all the expected SOAP headers. ",
    action=ADDRESSING_ACTION,
)
ACTION = FaultKind(
    2150858771,
    True,
    "a:ActionNotSupported",
    "The WS-Management service does not support the action specified in the request. ",
    action=ADDRESSING_ACTION,
)
ENCODING_LIMIT = FaultKind(
    2150858805,
    True,
    "w:EncodingLimit",
    "The WS-Management service cannot process the request because the encoding of the request exceeds an internal encoding limit. "
    "Reconfigure the client to send messages which fit the encoding limits of the service. ",
    "MinimumEnvelopeLimit",
)
_UNSUPPORTED = (
    "The WS-Management service does not support the specified feature. Remove the unsupported feature from the request and retry. "
)
ADDRESSING_MODE = FaultKind(2150858870, True, "w:UnsupportedFeature", _UNSUPPORTED, "AddressingMode")
LOCALE = FaultKind(2150858818, True, "w:UnsupportedFeature", _UNSUPPORTED, "Locale")
INVALID_PARAMETER = FaultKind(87, True, "w:InvalidParameter", "The parameter is incorrect. ", "InvalidValue", CMD_PLUGIN)
INVALID_OPTIONS = FaultKind(
    2150858809,
    True,
    "w:InvalidOptions",
    "The WS-Management service cannot process the request because one or more options are not valid for the resource. "
    "Retrieve the catalog entry for the resource and determine how to correct the invalid option values. ",
)
REMOTE_SHELLS = FaultKind(
    2150859180,
    True,
    "w:AccessDenied",
    "The WS-Management service cannot process the request. The service is configured to not accept any remote shell requests. ",
)
NO_POWERSHELL_TEXT = (
    "The WS-Management service cannot process the request. Cannot find the {name} session configuration in the WSMan: drive on the {host} "
    "computer. This host is simulated and has no PowerShell: only what works without PowerShell can run here. "
)
ACCESS_DENIED = FaultKind(5, True, "w:AccessDenied", "Access is denied. ")
INVALID_NAMESPACE = FaultKind(
    2150858752, True, "a:DestinationUnreachable", _NOT_FOUND, "InvalidResourceURI", WMI_PROVIDER, nested=True, action=ADDRESSING_ACTION
)
OTHER_NAMESPACE = FaultKind(50, False, "w:InternalError", "The request is not supported. ", "", WMI_PROVIDER)

_INTERNAL = {
    50: "The request is not supported. ",
    109: "The pipe has been ended. ",
    170: "The requested resource is in use. ",
    1816: "Not enough quota is available to process this command. ",
    995: "The I/O operation has been aborted because of either a thread exit or an application request. ",
    1460: "This operation returned because the timeout period expired. ",
    2147942402: "The system cannot find the file specified. ",
    2147942606: "The filename or extension is too long. ",
    2147942667: "The directory name is invalid. ",
}


def internal(code: int) -> FaultKind:
    """``w:InternalError`` with a Win32 code or HRESULT, from the cmd plug-in."""
    return FaultKind(code, False, "w:InternalError", _INTERNAL[code], "", CMD_PLUGIN)


@dataclass(frozen=True)
class QuotaKind:
    """A quota fault: in WinRM 3 MSFT_WmiError and no RelatesTo (facts/wsman.md 0.7), in WinRM 2 a WSManFault with the same number (4.6)."""

    code: int
    sender: bool
    subcode: str
    reason: str
    message: str


SHELLS_PER_USER = QuotaKind(
    2150859173,
    True,
    "w:QuotaLimit",
    "The WS-Management service cannot process the request. The maximum number of concurrent shells for this user has been exceeded. "
    "Close existing shells or raise the quota for this user. ",
    "The WS-Management service cannot process the request. This user is allowed a maximum number of {limit} concurrent shells, "
    "which has been exceeded. Close existing shells or raise the quota for this user. ",
)
SHELL_USERS = QuotaKind(
    2150859179,
    True,
    "w:QuotaLimit",
    "The WS-Management service cannot process the request. The maximum number of users executing shell operations has been exceeded. "
    "Retry after sometime or raise the quota for concurrent shell users. ",
    "The WS-Management service cannot process the request. This service is configured for a maximum number of {limit} concurrent shell users, "
    "which has been exceeded. Retry after sometime or raise the quota for concurrent shell users. ",
)
OPERATIONS_PER_USER = QuotaKind(
    2150859174,
    False,
    "w:InternalError",
    "The WS-Management service cannot process the request. The maximum number of concurrent operations for this user has been exceeded. "
    "Close existing operations for this user, or raise the quota for this user. ",
    "The WS-Management service cannot process the request. This user is allowed a maximum number of {limit} concurrent operations, "
    "which has been exceeded. Close existing operations for this user, or raise the quota for this user. ",
)
