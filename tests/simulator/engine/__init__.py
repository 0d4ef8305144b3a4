# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated Docker Engine: state, API face, texts, registry and download mirror."""

from . import (
    routes_build,
    routes_containers,
    routes_events,
    routes_files,
    routes_images,
    routes_networks,
    routes_streams,
    routes_system,
    routes_volumes,
)
from .engine import Engine, EngineState
from .host import EngineHost, PlainHost
from .registry import Registry

#: The modules that hold routes; importing them fills the table in api.py.
ROUTES = (
    routes_build,
    routes_containers,
    routes_events,
    routes_files,
    routes_images,
    routes_networks,
    routes_streams,
    routes_system,
    routes_volumes,
)

__all__ = ["ROUTES", "Engine", "EngineHost", "EngineState", "PlainHost", "Registry"]
