# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``GET /events``: what was kept since a moment, then what happens, until a moment or the client leaves."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator

from ..http import Response
from . import texts
from .api import Call, route
from .events import Event, wanted
from .routes_streams import moment


@route("GET", "/events")
async def events(call: Call) -> Response:
    since, until = moment(call.text("since")), moment(call.text("until"))
    if until and until < since:
        raise texts.ApiError(400, f"`since` time ({call.text('since')}) cannot be after `until` time ({call.text('until')})")
    filters, source = call.filters(), call.engine.events
    listener: asyncio.Queue[Event] = asyncio.Queue()
    source.listeners.add(listener)
    kept = [one for one in source.kept if (since or until) and one.seconds >= since and (not until or one.seconds <= until)]

    def line(event: Event) -> bytes:
        return json.dumps(event.shown(call.api), separators=(",", ":")).encode() + b"\n"

    async def lines() -> AsyncIterator[bytes]:
        try:
            for event in kept:
                if wanted(event, filters):
                    yield line(event)
            while (left := until - time.time() if until else None) is None or left > 0:
                try:
                    event = await asyncio.wait_for(listener.get(), left)
                except TimeoutError:
                    return
                if wanted(event, filters):
                    yield line(event)
        finally:
            source.listeners.discard(listener)

    return Response(200, lines(), [("Content-Type", "application/json")])
