# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""WinRM on the wire: HTTP states, authentication per connection, sealing, and the port that goes away with the machine."""

from __future__ import annotations

import asyncio
from collections import Counter
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING

from ..faults import Faults, Rule, carry_out
from ..http import Abort, Connection, Request, Response, Server
from . import envelope, names, sealing
from .accounts import Accounts
from .authentication import Line, Login
from .certificate import server_certificate_der, tls_context
from .envelope import MalformedEnvelope
from .identify import identify
from .sealing import CannotUnseal
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
        self._accounts = Accounts(machine.name, machine.accounts, settings.keytab)
        idle = settings.limits.connection_idle
        self._servers = [Server(self._handle, address, port, idle=idle)]
        if settings.https_port:
            tls = tls_context(Path(mapping.certificate) for mapping in settings.certificate_mappings)
            self._servers.append(Server(self._handle, address, settings.https_port, idle=idle, tls=tls))
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
        """Going down resets every connection and kills the shells; up opens the port, with what a boot may show at first.

        The service WinRM may also be stopped and started by itself.
        """
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
        elif event == "winrm down":
            await self.stop()
        elif event == "winrm up":
            await self.start()

    # --- one request -----------------------------------------------------------------------------------------------------------

    async def _handle(self, request: Request, connection: Connection) -> Response:
        response = await self._http(request, connection)
        if not isinstance(response, Abort):
            own, date = ("Server", "Microsoft-HTTPAPI/2.0"), ("Date", formatdate(usegmt=True))
            rest = list(response.headers)
            response.headers = [own, *rest, date] if response.status == 401 else [*rest, own, date]  # as recorded (http-401-and-405)
        return response

    async def _http(self, request: Request, connection: Connection) -> Response:
        if not self._admitted(connection):
            return Response(503, close=True)
        if request.target.split("?", 1)[0].lower() not in PATHS:
            return Response(404)
        if request.method != "POST":
            return Response(405, headers=[("Allow", "POST")], close=True)
        if request.header("wsmanidentify").lower() == "unauthenticated":
            self.messages["Identify"] += 1
            return Response(200, identify("", self.settings.stack).encode(), [("Content-Type", sealing.PLAIN_TYPE)])
        return await self._authenticated(request, connection)

    def _admitted(self, connection: Connection) -> bool:
        """MaxConnections: idle connections count until they are closed (facts/wsman.md 6); that the next one meets 503 is unverified."""
        most = self.settings.limits.max_connections
        if "admitted" not in connection.state:
            connection.state["admitted"] = sum(server.connections for server in self._servers) <= most
            if not connection.state["admitted"]:
                self._machine.log("wsman", f"connection refused: quota of {most} used up")
        return bool(connection.state["admitted"])

    async def _authenticated(self, request: Request, connection: Connection) -> Response:
        """401 until the connection (or, for Basic and certificates, the request) is authenticated, even for a sealed body
        (facts/wsman.md 3.2)."""
        login = self._login(connection)
        presented, user, extra = request.header("authorization"), login.user, []
        if presented:
            verdict = login.present(presented)
            user = verdict.user
            extra = [("WWW-Authenticate", verdict.token)] if verdict.token else []
            if not user and not verdict.token:
                self._machine.log("wsman", f"logon refused ({presented.split(' ', 1)[0]})")
        if not user or not request.body:
            return await self._logon(user, extra, login, presented)
        response = await self._content(request, connection, login, user)
        response.headers = [*response.headers, *extra]
        return response

    def _login(self, connection: Connection) -> Login:
        login = connection.state.get("login")
        if not isinstance(login, Login):
            own = server_certificate_der() if connection.encrypted else b""
            line = Line(connection.encrypted, connection.peer_certificate, own)
            login = connection.state["login"] = Login(self._accounts, self.settings, line)
        return login

    async def _logon(self, user: str, extra: list[tuple[str, str]], login: Login, presented: str) -> Response:
        self.messages["Logon"] += 1

        async def answer() -> Response:
            if user:
                return Response(200, headers=extra)
            return Response(401, headers=extra or [("WWW-Authenticate", name) for name in login.schemes], close=not login.offers(presented))

        return await carry_out(self.faults.due("Logon"), answer)

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
        protocol = sealing.protocol_of(request.header("content-type"))
        try:
            plain = login.unseal(request.body)
        except CannotUnseal:
            return Response(400)
        response = await self._message(plain, request, connection, user)
        if isinstance(response, Abort) or not response.body or not isinstance(response.body, bytes):
            return response
        body, kind = login.seal(response.body, protocol)
        return Response(response.status, body, [("Content-Type", kind)])

    async def _message(self, plain: bytes, request: Request, connection: Connection, user: str) -> Response:
        try:
            message = envelope.parse(plain)
        except MalformedEnvelope:
            return Response(400)
        message.user, message.client = user, connection.peer
        message.host = request.header("host").rsplit(":", 1)[0]
        message.chunked = "chunked" in request.header("transfer-encoding").lower()
        is_identify = message.body is not None and message.body.tag == f"{{{names.IDENTITY}}}Identify"

        async def answer() -> Response:
            if is_identify:
                self.messages["Identify"] += 1
                status, text = 200, identify(self._machine.profile.version, self.settings.stack)
            else:
                status, text = await self.service.handle(message)
            return Response(status, text.encode(), [("Content-Type", sealing.PLAIN_TYPE)])

        return await carry_out(self.faults.due("Identify" if is_identify else message.kind), answer)
