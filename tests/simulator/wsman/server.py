# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""WinRM on the wire: HTTP states, authentication per connection, sealing, and the port that goes away with the machine."""

from __future__ import annotations

import asyncio
from collections import Counter
from email.utils import formatdate
from typing import TYPE_CHECKING

from spnego.exceptions import SpnegoError

from ..faults import Faults, Rule
from ..http import Abort, Connection, Request, Response, Server
from . import envelope, names, sealing
from .authentication import Accounts, Login
from .certificate import tls_context
from .envelope import MalformedEnvelope
from .identify import identify
from .service import Service
from .settings import WinrmSettings

if TYPE_CHECKING:
    from ..windows.machine import Machine

PATHS = ("/wsman", "/wsman/")


class WinrmServer:
    """The WinRM listener of one machine.

    Attributes:
        faults: Trouble on purpose.
        service: The WS-Management service behind it.
    """

    def __init__(self, machine: Machine, address: str, port: int, settings: WinrmSettings, faults: Faults) -> None:
        self._machine, self.address, self.port, self.settings, self.faults = machine, address, port, settings, faults
        self.service = Service(machine, settings)
        self._accounts = Accounts(machine.name, machine.accounts)
        self._servers = [Server(self._handle, address, port, idle=settings.limits.connection_idle)]
        if settings.https_port:
            self._servers.append(
                Server(self._handle, address, settings.https_port, idle=settings.limits.connection_idle, tls=tls_context())
            )
        machine.on_power(self._power)

    @property
    def messages(self) -> Counter[str]:
        """Messages by kind since the start; ``Logon`` counts requests that only authenticate."""
        return self.service.messages

    async def start(self) -> None:
        """Open the ports. Raises OSError when one is taken."""
        for server in self._servers:
            await server.start()

    async def stop(self) -> None:
        """Close the ports, reset the connections, end the shells."""
        self.service.stop()
        for server in self._servers:
            await server.stop()

    async def close(self) -> None:
        """Stop for good."""
        await self.stop()
        self._accounts.close()

    def disconnect_idle(self) -> int:
        """Drop the connections on which nothing is under way, as after two idle minutes; how many."""
        return sum(server.disconnect_idle() for server in self._servers)

    async def _power(self, event: str) -> None:
        """Going down resets every connection and kills the shells; up opens the port, with what a boot may show at first."""
        if event == "going down":
            if self.settings.going_down == "fault":
                self.service.stop()
                await asyncio.sleep(0.05)  # for the answers to leave
            await self.stop()
            if self.settings.while_down == "silent":
                for server in self._servers:
                    server.fall_silent()
        elif event == "up":
            for number, trouble in enumerate(self.settings.after_boot, 1):
                rule = Rule("cut", nth=number) if trouble == "reset" else Rule("status", nth=number, status=int(trouble))
                self.faults.rules.append(rule)
            await self.start()

    # --- one request -----------------------------------------------------------------------------------------------------------

    async def _handle(self, request: Request, connection: Connection) -> Response:
        response = await self._http(request, connection)
        if not isinstance(response, Abort):
            response.headers = [*response.headers, ("Server", "Microsoft-HTTPAPI/2.0"), ("Date", formatdate(usegmt=True))]
        return response

    async def _http(self, request: Request, connection: Connection) -> Response:
        if request.target.split("?", 1)[0].lower() not in PATHS:
            return Response(404)
        if request.method != "POST":
            return Response(405, headers=[("Allow", "POST")], close=True)
        if request.header("wsmanidentify").lower() == "unauthenticated":
            self.messages["Identify"] += 1
            return Response(200, identify("").encode(), [("Content-Type", sealing.PLAIN_TYPE)])
        return await self._authenticated(request, connection)

    async def _authenticated(self, request: Request, connection: Connection) -> Response:
        """401 until the connection (or, for Basic, the request) is authenticated, even for a sealed body (facts/wsman.md 3.2)."""
        login = connection.state.get("login")
        if not isinstance(login, Login):
            login = connection.state["login"] = Login(self._accounts, basic=self.settings.basic)
        presented, user, extra = request.header("authorization"), login.user, []
        if presented:
            verdict = login.present(presented)
            user = verdict.user
            extra = [("WWW-Authenticate", verdict.token)] if verdict.token else []
            if not user and not verdict.token:
                self._machine.log("wsman", f"logon refused ({presented.split(' ', 1)[0]})")
        if not user or not request.body:
            return await self._logon(user, extra, login)
        response = await self._content(request, connection, login, user)
        response.headers = [*response.headers, *extra]
        return response

    async def _logon(self, user: str, extra: list[tuple[str, str]], login: Login) -> Response:
        self.messages["Logon"] += 1
        rules = self.faults.due("Logon")
        if trouble := await _apply(rules, "before"):
            return trouble
        answer = (
            Response(200, headers=extra) if user else Response(401, headers=extra or [("WWW-Authenticate", name) for name in login.schemes])
        )
        return await _apply(rules, "after") or answer

    async def _content(self, request: Request, connection: Connection, login: Login, user: str) -> Response:
        """Size and type of the body, unsealing, and sealing the answer."""
        if len(request.body) > self.settings.limits.max_envelope_kb * 1024:
            return Response(413)
        kind = request.header("content-type")
        if sealing.is_sealed(kind):
            return await self._sealed(request, connection, login, user)
        if not kind.lower().startswith("application/soap+xml"):
            return Response(415)
        if not (self.settings.allow_unencrypted or connection.encrypted):
            self._machine.log("wsman", f"unencrypted message of {user} refused")
            return Response(self.settings.switches.unencrypted_status)
        return await self._message(request.body, request, connection, user)

    async def _sealed(self, request: Request, connection: Connection, login: Login, user: str) -> Response:
        if login.sealing is None:
            return Response(400)
        try:
            signature, sealed, length = sealing.unframe(request.body)
            plain = login.sealing.unwrap_winrm(signature, sealed)
        except (sealing.CannotUnseal, SpnegoError):
            return Response(400)
        if len(plain) != length:
            return Response(400)
        response = await self._message(plain, request, connection, user)
        if isinstance(response, Abort) or not response.body or not isinstance(response.body, bytes):
            return response
        wrapped = login.sealing.wrap_winrm(response.body)
        body = sealing.frame(wrapped.header, wrapped.data, len(response.body))
        return Response(response.status, body, [("Content-Type", sealing.CONTENT_TYPE)])

    async def _message(self, plain: bytes, request: Request, connection: Connection, user: str) -> Response:
        try:
            message = envelope.parse(plain)
        except MalformedEnvelope:
            return Response(400)
        message.user, message.client = user, connection.peer
        message.host = request.header("host").rsplit(":", 1)[0]
        is_identify = message.body is not None and message.body.tag == f"{{{names.IDENTITY}}}Identify"
        rules = self.faults.due("Identify" if is_identify else message.kind)
        if trouble := await _apply(rules, "before"):
            return trouble
        if is_identify:
            self.messages["Identify"] += 1
            status, text = 200, identify(self._machine.profile.version)
        else:
            status, text = await self.service.handle(message)
        answer = Response(status, text.encode(), [("Content-Type", sealing.PLAIN_TYPE)])
        return await _apply(rules, "after") or answer


async def _apply(rules: list[Rule], when: str) -> Response | None:
    """Carry out the rules of one moment; the response that replaces the real one, if any."""
    for rule in rules:
        if rule.when != when:
            continue
        if rule.do == "delay":
            await asyncio.sleep(rule.seconds)
        elif rule.do == "cut":
            return Abort()
        else:
            return Response(rule.status)
    return None
