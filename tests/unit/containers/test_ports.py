# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Published ports: what Windows can publish, and what is refused with the reason."""

from __future__ import annotations

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.ports import observed_ports, parse_ports, port_bindings
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError


@pytest.mark.parametrize(
    ("entry", "port"),
    [("80", ("80/tcp", "")), ("8080:80", ("80/tcp", "8080")), ("53:53/udp", ("53/udp", "53")), ("8080:80/TCP", ("80/tcp", "8080"))],
)
def test_forms(entry: str, port: tuple[str, str]) -> None:
    assert parse_ports([entry]) == (port,)
    assert observed_ports(port_bindings([port])) == (port,)


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        (["127.0.0.1:8080:80"], "does not support host IP addresses in NAT settings"),
        (["0.0.0.0:8080:80"], "does not support host IP addresses in NAT settings"),
        (["[::1]:8080:80"], "does not support host IP addresses in NAT settings"),
        (["8080-8090:80"], "does not support more than one host port in NAT settings"),
        (["8080-8081:80-81/tcp"], "does not support more than one host port in NAT settings"),
        (["0:80"], "out of range"),
        (["70000:80"], "out of range"),
        (["80/sctp"], "is not a published port"),
        (["http"], "is not a published port"),
        (["8080:80", "8080:81"], "8080/tcp twice"),
    ],
)
def test_refusals(entries: list[str], reason: str) -> None:
    with pytest.raises(OptionError, match=reason):
        parse_ports(entries)


def test_one_port_of_the_host_serves_both_protocols() -> None:
    assert len(parse_ports(["53:53/udp", "53:53/tcp"])) == 2


def test_an_unspecified_address_is_no_difference() -> None:
    assert observed_ports({"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}], "81/tcp": [{"HostIp": "", "HostPort": "0"}]}) == (
        ("80/tcp", "8080"),
        ("81/tcp", ""),
    )


@pytest.mark.parametrize(("entry", "advice"), [("4822000", "Put it in quotes"), ("0:80", "the container's port alone")])
def test_the_advice_fits_the_port_that_is_out_of_range(entry: str, advice: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_ports([entry])
    assert advice in caught.value.advice
