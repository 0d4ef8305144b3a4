# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers as they came over the wire, headers and faults included."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from xml.etree import ElementTree

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import describe_code
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.envelope import NAMESPACES, Request, local_name
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.faults import OPERATION_TIMED_OUT, Fault, parse_fault
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.session import Session


@dataclass(frozen=True)
class Reply:
    """One answer."""

    root: ElementTree.Element

    @cached_property
    def fault(self) -> Fault | None:
        found = self.root.find("s:Body/s:Fault", NAMESPACES)
        return None if found is None else parse_fault(found)

    @property
    def timed_out(self) -> bool:
        return self.fault is not None and OPERATION_TIMED_OUT in self.fault.codes

    @property
    def outcome(self) -> str:
        """``taken``, or how it was refused."""
        if self.fault is None:
            return "taken"
        if self.timed_out:
            return "timed out"
        codes = " and ".join(dict.fromkeys(map(describe_code, self.fault.codes)))
        return f"refused with code {codes}" if codes else f"refused with {self.fault.subcode}"

    def first(self, name: str) -> ElementTree.Element | None:
        """The first element of that local name."""
        return next((element for element in self.root.iter() if local_name(element) == name), None)

    def text(self, name: str) -> str:
        """The text of that element, all of it; empty when it is missing."""
        element = self.first(name)
        return "" if element is None else "".join(element.itertext()).strip()

    @property
    def streams(self) -> list[ElementTree.Element]:
        return list(self.root.iterfind(".//rsp:Stream", NAMESPACES))

    @property
    def done(self) -> bool:
        state = self.first("CommandState")
        return state is not None and state.get("State", "").endswith("/Done")


def exchange(session: Session, request: Request) -> Reply:
    """Send once. Raises what the session raises when no envelope comes back.

    The session's own way to send maps faults to exceptions; here they are the answer.
    """
    return Reply(ElementTree.fromstring(session._post(request)))
