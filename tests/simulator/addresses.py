# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Loopback addresses for simulated hosts, reserved for as long as the fleet lives."""

from __future__ import annotations

import ipaddress
import itertools
import os
import socket


class Addresses:
    """Hands out addresses that no other fleet on this computer uses.

    A simulated host closes its port while it reboots; a UDP socket on the same address and port keeps the place for it meanwhile.

    Args:
        first_port: Give every host the address 127.0.0.1 and a port of its own from here on; 0: an address of its own, where the system has
            127.0.0.0/8 (Linux), and otherwise ports from 20000.
    """

    #: What is handed out; the rest of 127.0.0.0/8 is left to fleet files that name addresses.
    FIRST = ipaddress.IPv4Address("127.10.1.1")
    LAST = ipaddress.IPv4Address("127.10.199.254")

    #: Counts on over all fleets of a process, and starts elsewhere in each process: a client that outlives its fleet must not find another
    #: fleet's host where its own was.
    _turn = itertools.count(os.getpid() * 251)

    ONE = "127.0.0.1"
    FIRST_PORT, LAST_PORT = 20000, 60999

    def __init__(self, first_port: int = 0) -> None:
        self._held: list[socket.socket] = []
        self._ports = iter(range(first_port or self.FIRST_PORT, self.LAST_PORT + 1))
        self.by_port = bool(first_port) or not self._whole_range()  #: a port per host

    def _whole_range(self) -> bool:
        """Whether all of 127.0.0.0/8 is this computer's."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((str(self.LAST), 0))
            except OSError:
                return False
        return True

    def next(self, port: int) -> tuple[str, int]:
        """A free address with this port, or (a port per host) 127.0.0.1 with the next free port. Raises OSError when there is none."""
        if self.by_port:
            for number in self._ports:
                if self._hold(self.ONE, number):
                    return self.ONE, number
            raise OSError(f"no free port up to {self.LAST_PORT} is left on {self.ONE}")
        count = int(self.LAST) - int(self.FIRST) + 1
        for turn in itertools.islice(self._turn, count):
            address = str(self.FIRST + turn % count)
            if self._hold(address, port):
                return address, port
        raise OSError(f"no free loopback address with port {port} is left")

    def take(self, address: str, port: int) -> str:
        """This very address. Raises OSError when another fleet has it, or when it is none of this computer."""
        if not self._hold(address, port):
            if not self._hold(address, 0):
                raise OSError(f"{address} is no address of this computer")
            raise OSError(f"the address {address} with port {port} is in use by another fleet")
        return address

    def _hold(self, address: str, port: int) -> bool:
        place = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            place.bind((address, port))
        except OSError:
            place.close()
            return False
        self._held.append(place)
        return True

    def release(self) -> None:
        """Give all back."""
        while self._held:
            self._held.pop().close()
