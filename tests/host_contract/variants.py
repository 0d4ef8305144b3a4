# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every position of the simulator's switches: what Windows might be where no public source settles it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .question import Settings, switch

#: A guest in which Hyper-V can run, with all features on.
NESTED = {
    "platform": "hyperv-guest-nested",
    "features": {"Containers": "enabled", "Microsoft-Hyper-V": "enabled", "Microsoft-Hyper-V-Online": "enabled"},
}

#: A Windows above build 26100, with all features on.
NEWEST = {
    "profile": "windows-11-25h2",
    "features": dict.fromkeys(("Containers", "Microsoft-Hyper-V", "Microsoft-Hyper-V-Hypervisor", "Microsoft-Hyper-V-Services"), "enabled"),
}


@dataclass(frozen=True)
class Variant:
    """One position of one switch.

    Args:
        name: Also the host's name in tests.
        position: The settings, as in a fleet file and as a report gives them.
        tells: Keys of the questions whose answer decides it; empty: none can.
        host: Further settings of the host on which it shows.
        breaks: The collection cannot work in it, and has to say so.
    """

    name: str
    position: Settings
    tells: Sequence[str] = ()
    host: dict[str, Any] = field(default_factory=dict)
    breaks: bool = False


VARIANTS = (
    Variant("usual", {}),
    Variant("second-command-runs", switch("second_command", "run"), ["second-command"]),
    Variant("no-end-markers", switch("end_markers", False), ["end-markers"]),
    Variant("no-exit-code", switch("exit_code", False), ["exit-code"], breaks=True),
    Variant("empty-answers", switch("empty_running", True), ["empty-running"]),
    Variant("small-pieces", {"winrm": {"switches": {"stream_bytes": 700, "receive_bytes": 3001}}}, ["receive-size"]),
    Variant("console-mode-converts", switch("console_mode_stdin", "converts"), ["stdin-console-mode"]),
    Variant("skips-cmd-shell", switch("skip_cmd_shell", "honoured"), ["skip-cmd-shell"]),
    Variant("no-first-item", switch("first_items", 0), ["first-items"]),
    Variant("all-items-at-once", switch("first_items", -1), ["first-items"]),
    Variant("plain-gets-500", switch("unencrypted_status", 500), ["plain-body"]),
    Variant("no-activity-id", switch("activity_id", False), ["activity-id"]),
    Variant("small-envelopes", {"winrm": {"limits": {"max_envelope_kb": 150}}}, ["limits", "large-send"]),
    Variant("fault-when-down", {"winrm": {"going_down": "fault", "while_down": "silent"}}, ["reboot"], {"boot_seconds": 2.6}),
    Variant("slow-logons", {"winrm": {"after_boot": ["reset", 401, 500]}}),
    Variant("unsigned-codes", {"signed_exit_codes": False}, ["exit-code-form"]),
    Variant("quoted-line", {"winrs_quotes_line": True}, ["quotes-around-line"]),
    Variant("pending-is-enabled", {"pending_install_state": 1, "progress_bars": True}, ["feature"]),
    Variant("missing-value-is-1", {"missing_value_result": 1}, ["missing-value"]),
    Variant("netsh-knows-no-failure", {"netsh_no_match_code": 0}, ["netsh-no-match"]),
    Variant("wmi-creates-nothing", {"wmi_creation_blocked": True}, ["delete-spares-created"]),
    Variant("no-older-images", {"narrow_process_window": True}, ["older-image"], NEWEST),
    Variant("clock-goes-back", {"clock_jump_at_boot": -3600.0}),
    Variant("restarts-twice", {"extra_boots": 1}),  # nothing of it shows on the simulated port
    Variant("dial-stdio-waits", {"dial_stdio_waits_for_input": True}),
    Variant("answers-early", {"late_servicing": 1.0}),
    Variant("network-disturbed", {"network_disturbance": 1.0}),
    Variant("flags-hidden", {"nested_flags_hidden": True}, host={"platform": "hyperv-guest-nested"}),
    Variant("newer-images-fail", {"newer_image_fails": True}),  # the images at hand are no newer than their hosts
    Variant("layers-deletable", {"layers_undeletable": False}),  # told only by removing an engine with its data
    Variant("no-hypervisor-log", {"silent_hypervisor_log": True}, ["hypervisor-log"], NESTED),
)


def host_of(variant: Variant, **settings: Any) -> dict[str, Any]:
    """The entry of a fleet file."""
    return {"name": variant.name, "profile": "server-2022", "boot_seconds": 0.4, **variant.host, **settings, **variant.position}
