# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The edge of filters and tests: errors of ours become one sentence of Ansible's templating."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import ParamSpec, TypeVar

from ansible.errors import AnsibleFilterError

from .errors import ContainersError

P = ParamSpec("P")
R = TypeVar("R")


def answering(deed: str, function: Callable[P, R]) -> Callable[P, R]:
    """The function for Jinja.

    Args:
        deed: What cannot be done when it fails, as in "Cannot <deed>: <cause>. <Advice>."
        function: Pure; raises errors of ours.
    """

    @wraps(function)
    def call(*arguments: P.args, **options: P.kwargs) -> R:
        try:
            signature(function).bind(*arguments, **options)
        except TypeError as error:
            # Python's own text would name the function, which a playbook knows under another name.
            raise AnsibleFilterError(f"Cannot {deed}: {error}. Look up its options with ansible-doc.") from None
        try:
            return function(*arguments, **options)
        except ContainersError as error:
            advice = f" {error.advice}." if error.advice else ""
            # From nothing, because core shows also what an error was raised from.
            raise AnsibleFilterError(f"Cannot {deed}: {error.cause}.{advice}") from None

    return call
