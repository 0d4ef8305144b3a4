# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Win32_NetworkAdapterConfiguration and Win32_IP4RouteTable (property sets: the recordings wmi-enumerate-networkadapterconfiguration and
wmi-enumerate-routes). One Ethernet adapter; addresses are of no use in the simulation and made up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from .cim import CimClass, Instance
from .cim_rows import row, types

if TYPE_CHECKING:
    from .machine import Machine

_ADAPTER = types(
    "string: Caption DatabasePath Description DHCPServer DNSDomain DNSHostName IPXAddress IPXVirtualNetNumber MACAddress ServiceName SettingID "
    "WINSHostLookupFile WINSPrimaryServer WINSScopeID WINSSecondaryServer",
    "boolean: ArpAlwaysSourceRoute ArpUseEtherSNAP DeadGWDetectEnabled DHCPEnabled DNSEnabledForWINSResolution DomainDNSRegistrationEnabled "
    "FullDNSRegistrationEnabled IPEnabled IPFilterSecurityEnabled IPPortSecurityEnabled IPUseZeroBroadcast IPXEnabled PMTUBHDetectEnabled "
    "PMTUDiscoveryEnabled TcpUseRFC1122UrgentPointer WINSEnableLMHostsLookup",
    "uint8: DefaultTOS DefaultTTL IGMPLevel",
    "uint16: TcpWindowSize",
    "uint32: ForwardBufferMemory Index InterfaceIndex IPConnectionMetric IPXMediaType KeepAliveInterval KeepAliveTime MTU NumForwardPackets "
    "TcpipNetbiosOptions TcpMaxConnectRetransmissions TcpMaxDataRetransmissions TcpNumConnections",
    "datetime: DHCPLeaseExpires DHCPLeaseObtained",
    "string[]: DefaultIPGateway DNSDomainSuffixSearchOrder DNSServerSearchOrder IPAddress IPSecPermitIPProtocols IPSecPermitTCPPorts "
    "IPSecPermitUDPPorts IPSubnet IPXNetworkNumber",
    "uint16[]: GatewayCostMetric",
    "uint32[]: IPXFrameType",
)
_ROUTE = types(
    "sint32: Age InterfaceIndex Metric1 Metric2 Metric3 Metric4 Metric5",
    "string: Caption Description Destination Information Mask Name NextHop Status",
    "datetime: InstallDate",
    "uint32: Protocol Type",
)
ADDRESS, GATEWAY, MASK, INDEX = "10.30.40.69", "10.30.40.1", "255.255.255.0", 13


def _adapters(machine: Machine) -> list[Instance]:
    name = "Microsoft Hyper-V Network Adapter" if machine.platform.manufacturer == "Microsoft Corporation" else "Intel(R) Ethernet Adapter"
    return [
        row(
            _ADAPTER,
            Caption=f"[00000001] {name}",
            DatabasePath="%SystemRoot%\\System32\\drivers\\etc",
            DefaultIPGateway=[GATEWAY],
            Description=name,
            DHCPEnabled=True,
            DHCPLeaseExpires=machine.boot_time.replace(microsecond=0) + timedelta(days=8),
            DHCPLeaseObtained=machine.boot_time.replace(microsecond=0),
            DHCPServer=GATEWAY,
            DNSDomain="",
            DNSDomainSuffixSearchOrder=[],
            DNSEnabledForWINSResolution=False,
            DNSHostName=machine.name,
            DNSServerSearchOrder=[GATEWAY],
            DomainDNSRegistrationEnabled=False,
            FullDNSRegistrationEnabled=True,
            GatewayCostMetric=[0],
            Index=1,
            InterfaceIndex=INDEX,
            IPAddress=[ADDRESS],
            IPConnectionMetric=20,
            IPEnabled=True,
            IPFilterSecurityEnabled=False,
            IPSubnet=[MASK],
            MACAddress="00:15:5D:00:28:45",
            ServiceName="netvsc" if machine.platform.virtual else "e1i65x64",
            SettingID="{52AC0BFD-1FD9-4BDB-9FAA-D2213E7316BA}",
            TcpipNetbiosOptions=0,
            WINSEnableLMHostsLookup=True,
            WINSScopeID="",
        )
    ]


def _routes(machine: Machine) -> list[Instance]:
    age = int(machine.uptime().total_seconds())
    routes = [
        ("0.0.0.0", "0.0.0.0", GATEWAY, 20, 4),
        ("10.30.40.0", MASK, "0.0.0.0", 276, 3),
        (ADDRESS, "255.255.255.255", "0.0.0.0", 276, 3),
    ]
    return [
        row(
            _ROUTE,
            Age=age,
            Caption=destination,
            Description=f"{destination} - {mask} - {hop}",
            Destination=destination,
            Information="0.0",
            InterfaceIndex=INDEX,
            Mask=mask,
            Metric1=metric,
            Metric2=-1,
            Metric3=-1,
            Metric4=-1,
            Metric5=-1,
            Name=destination,
            NextHop=hop,
            Protocol=3,
            Type=kind,
        )
        for destination, mask, hop, metric, kind in routes
    ]


CLASSES = [
    CimClass("Win32_NetworkAdapterConfiguration", "root/cimv2", _ADAPTER, ("Index",), _adapters),
    CimClass("Win32_IP4RouteTable", "root/cimv2", _ROUTE, ("Destination", "InterfaceIndex", "Mask", "NextHop"), _routes),
]
