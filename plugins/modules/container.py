#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub of the module ``container``: documentation and options. The work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: container
short_description: Manage Windows containers, with the isolation you ask for
version_added: 0.1.0
description:
  - Creates, starts, stops, changes and removes containers on a Windows host, by comparing what is asked for with what exists.
  - Before anything is pulled or created, decides whether the isolation can work, from the builds and revisions of host and image, the readiness of
    the host, and the options.
  - Replaces a container only when an option differs that the engine cannot change in place. The old container is set aside, and comes back if the
    new one cannot be created or started, or does not become healthy where O(state=healthy) asks for it.
extends_documentation_fragment:
  - winfleet.containers.attributes
  - winfleet.containers.attributes.actiongroup_engine
  - winfleet.containers.registry
  - winfleet.containers.engine
  - winfleet.containers.progress
author:
  - The winfleet.containers authors (@winfleet)
seealso:
  - module: winfleet.containers.base_image
  - module: winfleet.containers.container_info
  - module: winfleet.containers.isolation_info
notes:
  - Options that are not given are not compared, and a replaced container keeps its values for them. What came from its old image is not kept; the
    new image provides its own. An option given with an empty value asks for nothing of its kind beyond what the image provides.
  - Options of
    L(community.docker.docker_container,https://docs.ansible.com/ansible/latest/collections/community/docker/docker_container_module.html) have the
    same names here where the meaning is the same. Those that Windows refuses or ignores, such as C(privileged), C(capabilities), C(tmpfs),
    C(read_only), C(ulimits), C(sysctls), C(shm_size), C(ipc_mode), C(etc_hosts) or C(security_opts), are refused by name with the reason. None is
    dropped silently.
  - The result and the diff show the names of environment variables and of the log driver's options, never their values. They do show commands and
    labels, so a secret belongs in O(env), not in O(command).
  - While a container is being replaced, its predecessor is named like it, with C(.winfleet-previous) appended. What an interrupted run leaves under
    that name is restored or removed by the next run.
options:
  name:
    description:
      - Name of the container.
      - Either this or O(containers) is required.
    type: str
  containers:
    description:
      - Several containers in one task, over one connection. Each entry takes the options of this module. Options given beside O(containers) apply
        to every entry that does not set them itself.
      - They are processed in the order given, but each after those it depends on (O(depends_on), O(network_mode), O(volumes_from)). A container
        that uses the network of another is restarted when the other is replaced.
      - The first error ends the task; it names the container and those already changed.
    type: list
    elements: dict
  depends_on:
    description: Names of other entries of O(containers) that come first.
    type: list
    elements: str
  image:
    description:
      - Image as repository and tag, repository and digest, or the full id (V(sha256:) and 64 hexadecimal digits) of an image on the host.
      - Required where a container has to be created. A container that is replaced keeps its image if none is given.
    type: str
  update_image:
    description:
      - If O(image) is not given, replace the container when the name of its image now refers to another image, for example after a new one was
        pulled.
    type: bool
    default: false
  pull:
    description:
      - V(missing) pulls an image that the host does not have; with V(never) a missing image is an error.
      - V(always) asks the registry in every run, and pulls when it has another image under this name.
    type: str
    choices: [missing, always, never]
    default: missing
  platform:
    description:
      - V(windows), V(windows/amd64) or V(windows/arm64). An image for another architecture is an error.
      - Among several images under one name, the engine chooses by the host's build, not by this option.
    type: str
  isolation:
    description:
      - If not given, the engine decides when the container is created, and later runs do not compare it. A container that is replaced keeps its
        mode as long as that works.
      - V(default) is the engine's current default mode.
      - V(process) and V(hyperv) give exactly that mode, or an error with the reason why it cannot work.
      - V(auto) is the engine's default if that can work for host and image, otherwise the other mode. An existing container keeps its mode as long
        as that works, even when it is replaced.
    type: str
    choices: [default, process, hyperv, auto]
  verify:
    description:
      - Prove the isolation of the running container from the host's process table, as M(winfleet.containers.isolation_info) does.
      - Evidence against the mode is an error; insufficient evidence is a warning.
    type: bool
    default: false
  state:
    description:
      - V(started) means a container that runs, V(stopped) one that exists but does not run, V(absent) none.
      - V(present) means a container that exists, running or not. A new one is not started; one that is replaced runs if it ran before.
      - V(healthy) means a container that runs and is reported healthy by its health check. One without a health check must have run for
        O(healthy_after) seconds. A replacement that does not become healthy gives way to the old container again.
      - V(absent) also stops the container, within O(stop_timeout), and ignores the other options.
    type: str
    choices: [absent, healthy, present, started, stopped]
    default: started
  wait_timeout:
    description: Seconds to wait for a container to become healthy (O(state=healthy)) or to exit (O(detach=false)).
    type: float
    default: 300.0
    aliases: [healthy_wait_timeout]
  healthy_after:
    description: Seconds a container without a health check must have run to count as healthy.
    type: float
    default: 10.0
  detach:
    description:
      - V(false) waits until the container has exited, and returns its output and its exit code. An exit code other than 0 is an error.
      - A container that exists but does not run is started again in every run.
    type: bool
    default: true
  cleanup:
    description: With O(detach=false), remove the container when it has exited.
    type: bool
    default: false
  recreate:
    description: Replace an existing container even if nothing differs.
    type: bool
    default: false
  restart:
    description: Stop and start a container that is running and does not need to be replaced.
    type: bool
    default: false
  comparisons:
    description:
      - How options are compared, as a dictionary of option names and modes. C(*) stands for all options that are not named.
      - V(strict) requires equality, and is the default, also for lists and dictionaries. O(log_options) are compared with V(allow_more_present),
        since the engine adds its own, and O(stop_timeout) is not compared.
      - V(allow_more_present) allows entries beyond those given. They are kept when the container is replaced.
      - V(ignore) does not compare the option. Its value is used when the container is created or replaced for another reason.
      - C(image) can only be V(strict) or V(ignore).
    type: dict
  force_kill:
    description: Kill the container instead of asking it to shut down when this task stops it.
    type: bool
    default: false
    aliases: [forcekill]
  keep_volumes:
    description: Whether to keep the anonymous volumes of a container that is removed or replaced. Named ones are always kept.
    type: bool
    default: true
  removal_wait_timeout:
    description: Seconds to wait until the engine no longer lists a container that was removed. If not given, the task does not wait.
    type: float
  entrypoint:
    description:
      - Overrides the image's entry point; written like O(command). The image's own command is then ignored.
      - A list with one empty string means no entry point at all.
    type: raw
  command:
    description:
      - Overrides the image's command.
      - As a list, every element reaches the container as one argument, unchanged.
      - As a string, a Windows command line. It is split into arguments the way Windows programs do it; backslashes are kept.
    type: raw
  env:
    description:
      - Environment variables. Those of the image stay unless they are given here. Names are not case-sensitive.
      - Numbers are converted to strings. Put V(true), V(yes) and the like in quotes.
    type: dict
  working_dir:
    description: Folder in which the command starts, with its drive.
    type: str
  user:
    description: Account the command runs as, for example V(ContainerAdministrator), V(ContainerUser) or V(NT AUTHORITY\\SYSTEM).
    type: str
  tty:
    description: Whether the command has a console of its own.
    type: bool
  interactive:
    description: Whether the command's standard input is kept open.
    type: bool
  labels:
    description: Labels. Those of the image stay unless they are given here.
    type: dict
  healthcheck:
    description: How the engine determines whether the container is healthy. What is not given comes from the image.
    type: dict
    suboptions:
      test:
        description:
          - As a list, a command. As a string, a command line for C(cmd /S /C).
          - V(NONE) disables the image's own check.
        type: raw
      interval:
        description: Time between two checks, as V(30s) or V(1m30s).
        type: str
      timeout:
        description: Time that one check may take.
        type: str
      retries:
        description: Consecutive failures that make the container unhealthy.
        type: int
      start_period:
        description: Time after the start in which failures do not count.
        type: str
      start_interval:
        description: Time between two checks within O(healthcheck.start_period). Needs Docker Engine 25 or later.
        type: str
  stop_signal:
    description: Signal that stops the container. V(SIGKILL) terminates it; any other asks Windows to shut it down.
    type: str
  stop_timeout:
    description:
      - Seconds the container gets to stop on its own. The value is stored in a container that is created, used when this task stops one, and not
        compared unless O(comparisons) says so.
      - The engine's own default on Windows is 30.
    type: int
  hostname:
    description: Host name inside the container. If empty, the engine chooses it.
    type: str
  domainname:
    description: Domain name of the container.
    type: str
  network_mode:
    description:
      - V(nat), which is the default, V(none), the name of a network of the host, or V(container:NAME) for the network of another container,
        which works with process isolation only.
    type: str
  networks:
    description:
      - Networks of the host that the container is connected to, and no others. It is created in that of O(network_mode) if given, otherwise in the
        first.
      - Properties of a network that are not given are not compared.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the network.
        type: str
        required: true
      aliases:
        description: Names by which other containers on this network find it.
        type: list
        elements: str
      ipv4_address:
        description: Its IPv4 address on this network.
        type: str
      mac_address:
        description: MAC address of its network adapter. Before Docker Engine 25, on the first network only.
        type: str
      driver_opts:
        description: Options of the network's driver for this endpoint.
        type: dict
  published_ports:
    description:
      - Ports of the container to publish on the host, as V(8080:80) (the host's port first), V(8080:80/udp), or V(80) for a host port that the
        engine chooses.
      - Put them in quotes. Without quotes YAML reads V(80:22) as a base 60 number.
      - Windows publishes on all addresses of the host, one port at a time. Addresses and ranges are refused.
    type: list
    elements: str
    aliases: [ports]
  exposed_ports:
    description:
      - Ports the container declares that it listens on, as V(80), V(53/udp) or V(8000-8010). Published ports are always exposed, and those of the
        image stay.
    type: list
    elements: str
    aliases: [exposed, expose]
  publish_all_ports:
    description: Whether every exposed port is published on a host port that the engine chooses.
    type: bool
  dns_servers:
    description: Addresses of name servers.
    type: list
    elements: str
  dns_search_domains:
    description: Domains in which short names are looked up.
    type: list
    elements: str
  volumes:
    description:
      - Folders of the host, named volumes and named pipes, as V(C:\\data:C:\\app\\data), V(data:C:\\data) or
        V(\\\\.\\pipe\\docker_engine:\\\\.\\pipe\\docker_engine), with V(:ro) at the end for read-only. Forward slashes may be used instead of
        backslashes.
      - Folders of the host must exist. Single files and network shares cannot be mounted.
    type: list
    elements: str
  mounts:
    description: The same as O(volumes), field by field. Unlike there, letter case is kept.
    type: list
    elements: dict
    suboptions:
      type:
        description: A folder of the host, a named volume, or a named pipe.
        type: str
        choices: [bind, volume, npipe]
        default: volume
      source:
        description: Folder, volume name or pipe.
        type: str
        required: true
      target:
        description: Absolute path, or pipe, in the container.
        type: str
        required: true
      read_only:
        description: Whether the container can only read from it.
        type: bool
        default: false
  volumes_from:
    description: Names of containers whose volumes this one also gets, with V(:ro) at the end for read-only.
    type: list
    elements: str
  devices:
    description:
      - Device classes of the host to assign, as V(class/5B45201D-F2F2-4F3B-85BB-30FF1F953599) (graphics).
      - They work with process isolation only.
    type: list
    elements: str
  credential_spec:
    description:
      - The group managed service account the container runs with, as V(file://web.json) for a file in the folder C(CredentialSpecs) of the engine's
        data root, V(registry://web) for a value of the host's registry, or the content of the credential spec itself, as a dictionary or as
        V(raw://) and JSON. Content is sent to the engine with the container; no file is needed on the host.
      - If empty, it runs without one.
    type: raw
  memory:
    description: Memory limit, as V(2G), in binary units. With Hyper-V isolation, the memory of the virtual machine. V(0) means no limit.
    type: str
  cpus:
    description:
      - Limit of processor time in processors, from V(0.01) to the number of processors of the host. V(0) means no limit.
      - Cannot be combined with O(cpu_percent) or O(cpu_shares).
    type: float
  cpu_count:
    description:
      - Number of processors. With Hyper-V isolation, those of the virtual machine.
      - With process isolation it overrides O(cpu_shares) and O(cpu_percent), and the task warns about that.
    type: int
  cpu_shares:
    description:
      - Weight relative to other containers, up to 10000.
      - With process isolation it overrides O(cpu_percent).
    type: int
  cpu_percent:
    description: Limit of processor time as a percentage of the host's, up to 100.
    type: int
  io_max_bandwidth:
    description: Limit of bytes per second on the system drive, as V(50M).
    type: str
  io_max_iops:
    description: Limit of I/O operations per second on the system drive.
    type: int
  storage_opts:
    description: Size of the container's own disk, as a dictionary with the key V(size) and a value such as V(50GB). Not smaller than the base
      image's.
    type: dict
  log_driver:
    description: How the engine logs the container's output, for example V(json-file), V(local), V(etwlogs) or V(none).
    type: str
  log_options:
    description: Options of the log driver. Those of another driver are not kept when the driver changes.
    type: dict
    aliases: [log_opt]
  restart_policy:
    description: When the engine restarts the container on its own. Can be changed without replacing the container.
    type: str
    choices: ['no', always, on-failure, unless-stopped]
  restart_retries:
    description: With O(restart_policy=on-failure), the maximum number of restarts. Can be changed without replacing the container.
    type: int
  auto_remove:
    description:
      - Whether the engine removes the container when it exits. Cannot be combined with a restart policy.
      - Such a container cannot be restored when its replacement fails. The task warns about that.
    type: bool
"""

EXAMPLES = r"""
- name: Run a container that pings itself, in the isolation mode that works
  winfleet.containers.container:
    name: ping
    image: mcr.microsoft.com/windows/nanoserver:ltsc2022
    command: [ping, -t, localhost]
    isolation: auto

- name: Run a web server with Hyper-V isolation, and prove it
  winfleet.containers.container:
    name: web
    image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
    isolation: hyperv
    verify: true
    published_ports:
      - '8080:80'
    volumes:
      - C:\sites\shop:C:\inetpub\wwwroot:ro
    env:
      STAGE: production
    memory: 4G
    cpu_count: 2
    restart_policy: unless-stopped

- name: Run a new version only if it becomes healthy, otherwise keep the old one
  winfleet.containers.container:
    name: shop
    image: images.example.com/shop:2.4
    state: healthy
    wait_timeout: 120
    healthcheck:
      test: [curl.exe, -fsS, 'http://localhost/health']
      interval: 5s

- name: Run a database and what uses it, in this order and over one connection
  winfleet.containers.container:
    restart_policy: always
    containers:
      - name: api
        image: images.example.com/api:7
        networks:
          - name: backend
            aliases: [api]
        depends_on: [db]
      - name: db
        image: images.example.com/db:15
        networks:
          - name: backend
            ipv4_address: 172.30.0.10
        volumes:
          - dbdata:C:\data

- name: Run a tool to its end, and return its output
  winfleet.containers.container:
    name: check
    image: mcr.microsoft.com/windows/nanoserver:ltsc2022
    command: 'cmd /c "ver & whoami"'
    user: ContainerUser
    detach: false
    cleanup: true

- name: Give a build agent the engine's pipe and a command line with backslashes
  winfleet.containers.container:
    name: agent
    image: images.example.com/agent:3
    command: C:\agent\agent.exe --work C:\work\
    mounts:
      - type: npipe
        source: \\.\pipe\docker_engine
        target: \\.\pipe\docker_engine

- name: Give a container a graphics card and a larger disk
  winfleet.containers.container:
    name: render
    image: mcr.microsoft.com/windows/servercore:ltsc2022
    command: ping -t localhost
    isolation: process # devices need it
    devices: [class/5B45201D-F2F2-4F3B-85BB-30FF1F953599]
    storage_opts:
      size: 60GB

- name: Restart it
  winfleet.containers.container:
    name: render
    restart: true

- name: Move a container to the image its tag now refers to
  winfleet.containers.container:
    name: agent
    update_image: true

- name: Stop it, but keep it
  winfleet.containers.container:
    name: agent
    state: stopped
    stop_timeout: 60

- name: Remove it
  winfleet.containers.container:
    name: agent
    state: absent
"""

RETURN = r"""
container:
  description:
    - The container as read back from the engine. V(null) when it is absent.
    - In check mode, V(null) stands for what only the engine can determine.
  returned: success, with O(name)
  type: dict
  contains:
    id:
      description: Id of the container. V(null) in check mode, before it is created.
      type: str
      sample: bee7f05d3210417371c2d17005cbbc2a551e26acf1e1a5de3dfc0d926b54a9dc
    name:
      description: Name.
      type: str
      sample: web
    image:
      description: Image as it was named when the container was created.
      type: str
      sample: mcr.microsoft.com/windows/nanoserver:ltsc2022
    image_id:
      description: Id of the image.
      type: str
      sample: sha256:8a09fa9e06cd9128dc86b7b2561072877cfe13e38b0527223f42b03b90c4af3d
    created:
      description: When it was created.
      type: str
      sample: '2026-11-24T08:00:00.3720658Z'
    status:
      description: State in the engine's words, V(created), V(running), V(paused), V(restarting) or V(exited).
      type: str
      sample: running
    running:
      description: Whether it runs.
      type: bool
      sample: true
    health:
      description: V(starting), V(healthy) or V(unhealthy). V(null) without a health check.
      type: str
      sample: healthy
    exit_code:
      description: Exit code of its last run.
      type: int
      sample: 0
    started_at:
      description: When it was last started.
      type: str
      sample: '2026-11-24T08:00:01.3280773Z'
    finished_at:
      description: When it last exited.
      type: str
      sample: '0001-01-01T00:00:00Z'
    pid:
      description: Id of its first process.
      type: int
      sample: 5620
    isolation:
      description: Isolation mode as the engine records it. M(winfleet.containers.isolation_info) proves it.
      type: str
      sample: process
    command:
      description: Entry point and command.
      type: list
      elements: str
      sample: [ping, -t, localhost]
    env:
      description: Names of the environment variables.
      type: list
      elements: str
      sample: [STAGE]
    labels:
      description: Labels.
      type: dict
      sample: {}
    working_dir:
      description: Folder in which the command starts.
      type: str
      sample: ''
    user:
      description: Account the command runs as. Empty for the image's default.
      type: str
      sample: ContainerUser
    exposed_ports:
      description: Ports it declares that it listens on.
      type: list
      elements: str
      sample: [80/tcp]
    memory:
      description: Memory limit in bytes. 0 means no limit.
      type: int
      sample: 0
    cpus:
      description: Limit of processor time in processors. 0 means no limit.
      type: float
      sample: 0
    cpu_count:
      description: Number of processors. 0 means no limit.
      type: int
      sample: 0
    cpu_shares:
      description: Weight. 0 means the default.
      type: int
      sample: 0
    cpu_percent:
      description: Limit of processor time in percent. 0 means no limit.
      type: int
      sample: 0
    published_ports:
      description: Published ports.
      type: list
      elements: str
      sample: ['8080:80/tcp']
    mounts:
      description: Mounted folders, volumes and pipes as the engine records them.
      type: list
      elements: dict
      sample: [{type: bind, source: 'c:\sites\shop', target: 'c:\inetpub\wwwroot', read_only: true}]
    restart_policy:
      description: Restart policy.
      type: str
      sample: 'no'
    restart_retries:
      description: Maximum number of restarts. 0 means no limit.
      type: int
      sample: 0
    networks:
      description: Address on each network. V(null) while the container does not run.
      type: dict
      sample: {nat: 172.27.8.29}
containers:
  description:
    - The results of the containers in the order they were processed. Each has its C(name), whether it C(changed), and the values that a task for it
      alone would return.
    - Where one failed, each has its C(name), and whether it C(changed), C(failed), or was C(skipped) because another had failed.
  returned: with O(containers)
  type: list
  elements: dict
status:
  description: The container's exit code.
  returned: with O(detach=false), when the container has run
  type: int
  sample: 0
output:
  description:
    - What the container wrote.
    - Where a container does not become healthy, its last lines, without the values of its environment variables. If the task had created it, it is
      gone by then.
  returned: with O(detach=false), when the container has run; with O(state=healthy), when it does not become healthy
  type: str
  sample: "done\r\n"
isolation:
  description: The isolation of the container, and why it has that mode. V(null) when the container is absent.
  returned: success, with O(name)
  type: dict
  contains:
    mode:
      description: V(process) or V(hyperv).
      type: str
      sample: process
    reason:
      description: Why.
      type: str
      sample: process is the engine's default; host and image share build 20348
    verdict:
      description: What the evidence proves, V(process), V(hyperv) or V(unproved).
      returned: with O(verify=true), when the container runs
      type: str
      sample: process
    evidence:
      description: Why.
      returned: with O(verify=true), when the container runs
      type: str
differences:
  description: The options because of which the container was replaced. Empty when it was not replaced.
  returned: success, with O(name)
  type: list
  elements: str
  sample: [image, env]
elapsed:
  description: Seconds that the steps took, also when the task failed partway.
  returned: when steps were carried out
  type: float
  sample: 71.4
progress:
  description: The steps that were carried out, in order. When the task failed partway, the last one is the step that failed.
  returned: when steps were carried out
  type: list
  elements: dict
  contains:
    action:
      description: The kind of step, a stable keyword.
      returned: always
      type: str
      sample: pull
    step:
      description: The step, worded as in RV(plan).
      returned: always
      type: str
      sample: pull the image mcr.microsoft.com/windows/nanoserver:ltsc2022
    elapsed:
      description: Seconds that it took.
      returned: always
      type: float
      sample: 70.9
    bytes:
      description: Bytes that it transferred.
      returned: for steps that transfer a file or an image and count the bytes
      type: int
      sample: 120391823
plan:
  description: The steps that were carried out, or would be in check mode.
  returned: changed
  type: list
  elements: str
  sample: ["create the container web and start it"]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.winfleet.containers.plugins.module_utils.container_options import CONTAINER_ARGUMENTS
from ansible_collections.winfleet.containers.plugins.module_utils.engine_arguments import ENGINE_ARGUMENTS
from ansible_collections.winfleet.containers.plugins.module_utils.image_arguments import REGISTRY_ARGUMENTS, REGISTRY_TOGETHER

ARGUMENT_SPEC: dict[str, object] = {
    **CONTAINER_ARGUMENTS,
    "containers": {"type": "list", "elements": "dict"},
    **REGISTRY_ARGUMENTS,
    **ENGINE_ARGUMENTS,
}
ARGUMENT_RULES: dict[str, object] = {
    "required_one_of": [("name", "containers")],
    "mutually_exclusive": [("name", "containers")],
    "required_together": REGISTRY_TOGETHER,
}


def main() -> None:
    """Refuse to run on a host: the action plugin does the work."""
    module = AnsibleModule(
        argument_spec=ARGUMENT_SPEC,
        required_one_of=[("name", "containers")],
        mutually_exclusive=[("name", "containers")],
        required_together=REGISTRY_TOGETHER,
        supports_check_mode=True,
    )
    module.fail_json(msg="this module runs on the controller through its action plugin")


if __name__ == "__main__":
    main()
