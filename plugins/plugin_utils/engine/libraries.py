# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine layer takes from the Docker SDK and from the HTTP libraries below it.

Only this file imports them, so that the collection can be loaded, and say what is missing, where they are not installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

MISSING = ""  #: why the libraries cannot be imported; empty when they can

if TYPE_CHECKING:
    from docker import APIClient
    from docker.auth import AuthConfig
    from docker.errors import APIError, DockerException
    from docker.utils.build import create_archive, exclude_paths
    from docker.utils.proxy import ProxyConfig
    from requests import PreparedRequest, Response
    from requests.adapters import HTTPAdapter
    from requests.exceptions import RequestException, Timeout
    from urllib3.connection import HTTPConnection
    from urllib3.connectionpool import HTTPConnectionPool
    from urllib3.exceptions import HTTPError, ReadTimeoutError
else:
    try:
        from docker import APIClient
        from docker.auth import AuthConfig
        from docker.errors import APIError, DockerException
        from docker.utils.build import create_archive, exclude_paths
        from docker.utils.proxy import ProxyConfig
        from requests import PreparedRequest, Response
        from requests.adapters import HTTPAdapter
        from requests.exceptions import RequestException, Timeout
        from urllib3.connection import HTTPConnection
        from urllib3.connectionpool import HTTPConnectionPool
        from urllib3.exceptions import HTTPError, ReadTimeoutError
    except ImportError as error:
        MISSING = str(error)
        APIClient = HTTPAdapter = HTTPConnection = HTTPConnectionPool = object
        AuthConfig = ProxyConfig = PreparedRequest = Response = create_archive = exclude_paths = Any

        class DockerException(Exception):
            """Stands in for the SDK's exception; never raised."""

        APIError = HTTPError = ReadTimeoutError = RequestException = Timeout = DockerException

__all__ = [
    "MISSING",
    "APIClient",
    "APIError",
    "AuthConfig",
    "DockerException",
    "HTTPAdapter",
    "HTTPConnection",
    "HTTPConnectionPool",
    "HTTPError",
    "PreparedRequest",
    "ProxyConfig",
    "ReadTimeoutError",
    "RequestException",
    "Response",
    "Timeout",
    "create_archive",
    "exclude_paths",
]
