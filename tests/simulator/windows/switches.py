# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where Windows may be one way or another: what a simulated machine is told to be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Switches:
    """Behaviour that no source settles, or that tests turn on (native-tools.md and wsman.md 10 name the doubts).

    Args:
        signed_exit_codes: HRESULT exit codes are reported as negative numbers; off: unsigned.
        winrs_quotes_line: WinRM runs ``cmd.exe /C "<line>"`` instead of ``cmd.exe /C <line>`` (wsman.md 4.3).
        pending_install_state: Win32_OptionalFeature.InstallState while a change waits for the restart (native-tools.md 6).
        missing_value_result: What StdRegProv returns for a value that does not exist in a key that does (native-tools.md 6).
        time_scale: Factor on the delays that shutdown.exe and recovery actions are given, so that tests need not wait them out.
        progress_bars: dism draws its bar although stdout is a pipe (native-tools.md 1.1).
        elevated: Programs run with full administrator rights.
        remote_shutdown: The account holds SeRemoteShutdownPrivilege (native-tools.md 3).
        extra_boots: Further restarts Windows makes by itself while it configures features (native-tools.md 3).
        refuses_reboot: The machine accepts the order to restart but never goes down.
        dial_stdio_waits_for_input: docker.exe goes on waiting for input once the engine has closed the connection.
        ignores_remote_shutdown: An order to restart from an account other than SYSTEM is accepted and nothing happens, as on cloud images.
        never_returns: The machine goes down and stays down.
        late_servicing: Seconds for which Windows already answers after a boot while it still carries out pending changes of features
            (native-tools.md 3: answering is not ready); 0: they are made before it answers.
        network_disturbance: Seconds for which the network is gone, shortly after the first boot of Hyper-V (containerd-kubernetes.md 4.11).
        delayed_start_seconds: How long after the others services with a delayed start begin.
        nested_flags_hidden: Win32_Processor's virtualisation flags read False in every guest, also where nesting is exposed.
        silent_hypervisor_log: The System log holds no event of the hypervisor's launch.
        narrow_process_window: Above build 26100 no image older than 26100 runs with process isolation (windows-containers.md 3.3, 13: hcsshim
            says so, containerd/platforms does not).
        netsh_no_match_code: Exit code of netsh when no firewall rule matches (native-tools.md 5: sources disagree).
        boot_time_follows_clock: LastBootUpTime moves with a clock that is set (native-tools.md 3).
        clock_jump_at_boot: Seconds the clock is set by, forward or back, while the machine is down.
        wmi_creation_blocked: Win32_Process.Create is denied, as Defender's rule does it (native-tools.md 6).
        revocation_reachable: The lists of revoked certificates can be had; else curl needs ``--ssl-no-revoke`` (native-tools.md 4).
        newer_image_fails: A process container whose image has a newer revision than this Windows ends at its start with 0xc0370106
            (windows-containers.md 3.2).
        layers_undeletable: The engine's layer folders cannot be deleted by ordinary means (docker-on-windows.md 1.13).
        program_seconds: How long every program takes to start: a slow host.
    """

    signed_exit_codes: bool = True
    winrs_quotes_line: bool = False
    pending_install_state: int = 2
    missing_value_result: int = 2
    time_scale: float = 1.0
    progress_bars: bool = False
    elevated: bool = True
    remote_shutdown: bool = True
    extra_boots: int = 0
    refuses_reboot: bool = False
    dial_stdio_waits_for_input: bool = False
    ignores_remote_shutdown: bool = False
    never_returns: bool = False
    late_servicing: float = 0.0
    network_disturbance: float = 0.0
    delayed_start_seconds: float = 120.0
    nested_flags_hidden: bool = False
    silent_hypervisor_log: bool = False
    narrow_process_window: bool = False
    netsh_no_match_code: int = 1
    boot_time_follows_clock: bool = True
    clock_jump_at_boot: float = 0.0
    wmi_creation_blocked: bool = False
    revocation_reachable: bool = True
    program_seconds: float = 0.0
    newer_image_fails: bool = False
    layers_undeletable: bool = True
