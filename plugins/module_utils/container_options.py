# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the module ``container`` as one table: what users write, where the engine keeps it, how it is compared.

The first table holds what a container *is*: read, compared, written. The second holds options of ``community.docker.docker_container`` that
Windows has no use for: they are no options here, but using one is refused with its reason. A new option is one line, if its kind exists
(plugin_utils/containers/kinds.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Spec = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One option that a container can differ in.

    Args:
        name: As users write it.
        spec: Its entry in the argument spec.
        path: Where inspect and create have it: ``Config.X``, ``HostConfig.X``, or ``Networks``.
        kind: How values are parsed, read, compared and written: a name of plugin_utils/containers/kinds.py.
        compare: The mode it is compared in when the task does not say otherwise.
        of_image: Whether the engine merges in what the image brings (docker-on-windows.md section 8, 5).
        in_place: Whether ``/update`` can change it on Windows (only the restart policy: section 4).
    """

    name: str
    spec: Spec
    path: str
    kind: str
    compare: str = "strict"
    of_image: bool = False
    in_place: bool = False


_STR: Spec = {"type": "str"}
_INT: Spec = {"type": "int"}
_BOOL: Spec = {"type": "bool"}
_DICT: Spec = {"type": "dict"}
_RAW: Spec = {"type": "raw"}
_TEXTS: Spec = {"type": "list", "elements": "str"}

_MOUNT: Spec = {
    "type": {"type": "str", "choices": ["bind", "volume", "npipe"], "default": "volume"},
    "source": {"type": "str", "required": True},
    "target": {"type": "str", "required": True},
    "read_only": {"type": "bool", "default": False},
}
_NETWORK: Spec = {
    "name": {"type": "str", "required": True},
    "aliases": _TEXTS,
    "ipv4_address": _STR,
    "mac_address": _STR,
    "driver_opts": _DICT,
}
_HEALTH: Spec = {
    "test": _RAW,
    "interval": _STR,
    "timeout": _STR,
    "retries": _INT,
    "start_period": _STR,
    "start_interval": _STR,
}
_POLICIES = ["no", "always", "on-failure", "unless-stopped"]

ROWS: tuple[Row, ...] = (
    # what runs
    Row("entrypoint", _RAW, "Config.Entrypoint", "entrypoint", of_image=True),
    Row("command", _RAW, "Config.Cmd", "command", of_image=True),
    Row("env", _DICT, "Config.Env", "environment", of_image=True),
    Row("working_dir", _STR, "Config.WorkingDir", "folder", of_image=True),
    Row("user", _STR, "Config.User", "text", of_image=True),
    Row("tty", _BOOL, "Config.Tty", "flag"),
    Row("interactive", _BOOL, "Config.OpenStdin", "flag"),
    Row("labels", _DICT, "Config.Labels", "texts", of_image=True),
    Row("healthcheck", {"type": "dict", "options": _HEALTH}, "Config.Healthcheck", "health", of_image=True),
    Row("stop_signal", _STR, "Config.StopSignal", "signal", of_image=True),
    Row("stop_timeout", _INT, "Config.StopTimeout", "seconds", compare="ignore"),
    # its names and networks
    Row("hostname", _STR, "Config.Hostname", "text"),
    Row("domainname", _STR, "Config.Domainname", "text"),
    Row("network_mode", _STR, "HostConfig.NetworkMode", "network_mode"),
    Row("networks", {"type": "list", "elements": "dict", "options": _NETWORK}, "Networks", "networks"),
    Row("published_ports", {**_TEXTS, "aliases": ["ports"]}, "HostConfig.PortBindings", "ports"),
    Row("publish_all_ports", _BOOL, "HostConfig.PublishAllPorts", "flag"),
    Row("exposed_ports", {**_TEXTS, "aliases": ["exposed", "expose"]}, "Config.ExposedPorts", "exposed", of_image=True),
    Row("dns_servers", _TEXTS, "HostConfig.Dns", "addresses"),
    Row("dns_search_domains", _TEXTS, "HostConfig.DnsSearch", "list"),
    # what it sees of the host
    Row("volumes", _TEXTS, "HostConfig.Binds", "volumes"),
    Row("mounts", {"type": "list", "elements": "dict", "options": _MOUNT}, "HostConfig.Mounts", "mounts"),
    Row("volumes_from", _TEXTS, "HostConfig.VolumesFrom", "list"),
    Row("devices", _TEXTS, "HostConfig.Devices", "devices"),
    Row("credential_spec", _RAW, "HostConfig.SecurityOpt", "credential_spec"),
    # what it may use
    Row("memory", _STR, "HostConfig.Memory", "memory"),
    Row("cpus", {"type": "float"}, "HostConfig.NanoCpus", "cpus"),
    Row("cpu_count", _INT, "HostConfig.CpuCount", "cpu_count"),
    Row("cpu_shares", _INT, "HostConfig.CpuShares", "cpu_shares"),
    Row("cpu_percent", _INT, "HostConfig.CpuPercent", "cpu_percent"),
    Row("io_max_bandwidth", _STR, "HostConfig.IOMaximumBandwidth", "size"),
    Row("io_max_iops", _INT, "HostConfig.IOMaximumIOps", "number"),
    Row("storage_opts", _DICT, "HostConfig.StorageOpt", "storage"),
    # what the engine does for it. The engine merges its own log-opts in, so they may be there too (moby daemon/logs.go).
    Row("log_driver", _STR, "HostConfig.LogConfig.Type", "log_driver"),
    Row("log_options", {**_DICT, "aliases": ["log_opt"]}, "HostConfig.LogConfig.Config", "hidden_texts", compare="allow_more_present"),
    Row("restart_policy", {"type": "str", "choices": _POLICIES}, "HostConfig.RestartPolicy.Name", "policy", in_place=True),
    Row("restart_retries", _INT, "HostConfig.RestartPolicy.MaximumRetryCount", "number", in_place=True),
    Row("auto_remove", _BOOL, "HostConfig.AutoRemove", "flag"),
)

_REFUSED_BY_ENGINE = "a Windows engine refuses it"
_IGNORED_BY_ENGINE = "a Windows engine takes it and does nothing with it"
_LEAVE = "Leave it out"
_CPU = "Limit processors with cpus, cpu_count, cpu_percent or cpu_shares"
_IO = "Limit the disk with io_max_bandwidth and io_max_iops"
_NO_LINUX = "Windows has no such thing"

#: How another collection reaches an engine.
_CONNECTION = (
    "api_version", "ca_path", "client_cert", "client_key", "docker_host", "timeout", "tls", "tls_hostname", "use_ssh_client", "validate_certs",
)  # fmt: skip

#: Options of other platforms, why they cannot be used, and what to do instead. Refused and ignored fields: docker-on-windows.md section 4;
#: windows-containers.md 8 (networks) and 11 (resources); extra hosts: moby libnetwork/sandbox_dns_windows.go has no hosts file to write.
REFUSED: Mapping[str, tuple[str, str]] = {
    "blkio_weight": (_REFUSED_BY_ENGINE, _IO),
    "cap_drop": (f"{_IGNORED_BY_ENGINE}; {_NO_LINUX} as capabilities", "Choose the account with user"),
    "capabilities": (f"{_IGNORED_BY_ENGINE}; {_NO_LINUX} as capabilities", "Choose the account with user"),
    "cgroup_ns_mode": (f"{_NO_LINUX} as cgroups", _LEAVE),
    "cgroup_parent": (_REFUSED_BY_ENGINE, _LEAVE),
    "cgroupns_mode": (f"{_NO_LINUX} as cgroups", _LEAVE),
    "command_handling": ("a list is always taken as a list, and a text as a Windows command line", _LEAVE),
    "container_default_behavior": ("an option that is not given is neither set nor compared", _LEAVE),
    "cpu_period": (_REFUSED_BY_ENGINE, _CPU),
    "cpu_quota": (_IGNORED_BY_ENGINE, _CPU),
    "cpuset_cpus": (_REFUSED_BY_ENGINE, _CPU),
    "cpuset_mems": (_REFUSED_BY_ENGINE, _LEAVE),
    "default_host_ip": ("Windows publishes ports on all addresses only, which this module always asks for", _LEAVE),
    "device_cgroup_rules": (f"{_NO_LINUX} as cgroups", _LEAVE),
    "device_read_bps": (_REFUSED_BY_ENGINE, _IO),
    "device_read_iops": (_REFUSED_BY_ENGINE, _IO),
    "device_requests": ("a Windows engine assigns devices by their class only", "Write the class into devices, as class/<GUID>"),
    "device_write_bps": (_REFUSED_BY_ENGINE, _IO),
    "device_write_iops": (_REFUSED_BY_ENGINE, _IO),
    "dns_opts": ("the name resolution of Windows has no such options", "Use dns_servers and dns_search_domains"),
    "env_file": (
        "no file of the host is read for it",
        "Write the variables into env, for example with a lookup of a file of the controller",
    ),
    "etc_hosts": (
        "a Windows engine takes it and writes no hosts file",
        "Give the containers a common network and use its aliases, or a name server",
    ),
    "groups": (f"{_IGNORED_BY_ENGINE}; {_NO_LINUX} as numbered groups", _LEAVE),
    "image_comparison": (
        "what an image brings is taken from the image that the container shall have",
        "Name what is not to be compared in comparisons",
    ),
    "image_label_mismatch": ("labels that the image brings are no difference", _LEAVE),
    "image_name_mismatch": ("images are compared by their ids, not by their names", _LEAVE),
    "init": (f"{_NO_LINUX} as an init process", _LEAVE),
    "ipc_mode": (_IGNORED_BY_ENGINE, _LEAVE),
    "kernel_memory": (_REFUSED_BY_ENGINE, "Limit memory with memory"),
    "kill_signal": (f"{_NO_LINUX} as signals", "Terminate a container with force_kill"),
    "links": (f"{_IGNORED_BY_ENGINE}", "Give the containers a common network and use its aliases"),
    "mac_address": ("an address belongs to a network", "Write it as mac_address of an entry of networks"),
    "memory_reservation": (_REFUSED_BY_ENGINE, "Limit memory with memory"),
    "memory_swap": (_REFUSED_BY_ENGINE, "Limit memory with memory"),
    "memory_swappiness": (_REFUSED_BY_ENGINE, "Limit memory with memory"),
    "networks_cli_compatible": ("the first of networks is always the one the container starts with", _LEAVE),
    "oom_killer": (f"{_NO_LINUX} as an OOM killer to switch off", _LEAVE),
    "oom_score_adj": (_IGNORED_BY_ENGINE, _LEAVE),
    "output_logs": ("the output of a container that was waited for is always returned", "Use detach: false"),
    "paused": ("containers with process isolation cannot be paused", "Use state: stopped"),
    "pid_mode": (_IGNORED_BY_ENGINE, _LEAVE),
    "pids_limit": (_REFUSED_BY_ENGINE, _LEAVE),
    "privileged": (_REFUSED_BY_ENGINE, "Choose the account with user, for example ContainerAdministrator"),
    "pull_check_mode_behavior": ("check mode asks the registry as the run does, and predicts exactly that pull", _LEAVE),
    "purge_networks": (
        "networks that are not listed are removed anyway",
        "To keep others, set comparisons: {networks: allow_more_present}",
    ),
    "read_only": (_REFUSED_BY_ENGINE, "Mount single folders read-only, with :ro"),
    "runtime": ("the engine chooses it, and from 29 on fills it in by itself", "Choose the isolation"),
    "security_opts": ("a Windows engine knows none but the credential spec", "Use credential_spec"),
    "shm_size": (_IGNORED_BY_ENGINE, _LEAVE),
    "sysctls": (_IGNORED_BY_ENGINE, _LEAVE),
    "tmpfs": (_REFUSED_BY_ENGINE, "Use a volume"),
    "ulimits": (_REFUSED_BY_ENGINE, _LEAVE),
    "userns_mode": (_IGNORED_BY_ENGINE, _LEAVE),
    "uts": (_IGNORED_BY_ENGINE, "Choose the name with hostname"),
    "volume_driver": ("Windows has the driver local only", "Make the volume with the module volume, and name it in volumes"),
    **dict.fromkeys(
        _CONNECTION,
        (
            "the engine is reached through Ansible's own connection, without an open port",
            "Leave it out, or choose the pipe with engine_pipe",
        ),
    ),
}

#: What a task says about a container beyond what the container is.
TASK_OPTIONS: dict[str, Spec] = {
    "name": _STR,
    "image": _STR,
    "update_image": {"type": "bool", "default": False},
    "pull": {"type": "str", "choices": ["missing", "always", "never"], "default": "missing"},
    "platform": _STR,
    "isolation": {"type": "str", "choices": ["default", "process", "hyperv", "auto"]},
    "verify": {"type": "bool", "default": False},
    "state": {"type": "str", "choices": ["absent", "healthy", "present", "started", "stopped"], "default": "started"},
    "comparisons": _DICT,
    "recreate": {"type": "bool", "default": False},
    "restart": {"type": "bool", "default": False},
    "force_kill": {"type": "bool", "default": False, "aliases": ["forcekill"]},
    "keep_volumes": {"type": "bool", "default": True},
    "removal_wait_timeout": {"type": "float"},
    "wait_timeout": {"type": "float", "default": 300.0, "aliases": ["healthy_wait_timeout"]},
    "healthy_after": {"type": "float", "default": 10.0},
    "detach": {"type": "bool", "default": True},
    "cleanup": {"type": "bool", "default": False},
    "depends_on": _TEXTS,
}

#: All that can be said of one container.
CONTAINER_ARGUMENTS: dict[str, Spec] = {
    **TASK_OPTIONS,
    **{row.name: row.spec for row in ROWS},
}
