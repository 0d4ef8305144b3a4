# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A callback that writes one JSON line for each result, for the demo's summary and the bench's table."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: winfleet_record
type: aggregate
short_description: Record results
description:
  - Appends one JSON line for each result to the file that the environment variable C(WINFLEET_RECORD) names.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]  # ansible-core carries no types
    """One line for each host and task, and for each item of a loop."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "winfleet_record"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._path = os.environ.get("WINFLEET_RECORD", "")
        self._started = time.monotonic()

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._started = time.monotonic()

    def _record(self, result: Any, outcome: str) -> None:
        if not self._path:
            return
        # ansible-core before 2.19 knows the names with an underscore alone.
        host, task = (result.host, result.task) if hasattr(result, "task") else (result._host, result._task)
        values = dict(result.result if hasattr(result, "result") else result._result)
        line = {
            "host": host.get_name(),
            "task": task.get_name(),
            "action": task.action,
            "outcome": outcome,
            "changed": bool(values.get("changed")) and outcome == "ok",
            "seconds": round(time.monotonic() - self._started, 3),
            "time": round(time.time(), 3),
            "loop": "results" in values,
            "result": {key: value for key, value in values.items() if not key.startswith("_ansible")},
        }
        with Path(self._path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, default=str) + "\n")

    def v2_runner_on_ok(self, result: Any) -> None:
        self._record(result, "ok")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._record(result, "ignored" if ignore_errors else "failed")

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._record(result, "unreachable")

    def v2_runner_item_on_ok(self, result: Any) -> None:
        self._record(result, "item")

    def v2_runner_item_on_failed(self, result: Any) -> None:
        self._record(result, "item failed")
