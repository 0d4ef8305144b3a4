# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine's texts mean when a container cannot be made or started. Pure data."""

from __future__ import annotations

from ..images.failures import Meaning

#: Sources: docker-on-windows.md sections 2, 4 to 7; windows-containers.md 3.4; docker/error-messages.json. A host port in use is
#: reported as a file in use (docker/for-win#1745, #3893), with the Win32 code 0x20 in later releases.
CONTAINER_MEANINGS: tuple[Meaning, ...] = (
    Meaning(
        r"container name \"?/?(?P<name>[^\"\s]+)\"? is already in use by container \"?(?P<id>[0-9a-f]{12})?",
        'another container ({id}) already has the name "{name}"',
        "Run the task again: it then takes that container for its own; or choose another name",
    ),
    Meaning(
        r"failed to create endpoint .*(?:\(0x20\)|used by another process|port already exists)",
        "a port to be published ({ports}) is already in use on the host ({text})",
        "Publish another port, or stop what listens on it",
    ),
    Meaning(
        r"(?:port is already allocated|Only one usage of each socket address)",
        "a port to be published ({ports}) is already in use on the host ({text})",
        "Publish another port, or stop what listens on it",
    ),
    Meaning(
        r"does not support host IP addresses in NAT settings",
        "Windows publishes ports on all addresses only",
        "Publish the port without an address of the host",
        option=True,
    ),
    Meaning(
        r"source path does not exist",
        "a folder to be mapped does not exist on the host ({text})",
        "Create the folder first",
    ),
    Meaning(
        r"source path must be a directory|Only directories can be mapped",
        "a file was to be mapped, and Windows maps folders only ({text})",
        "Map the folder the file lies in",
        option=True,
    ),
    Meaning(
        r"required feature is not installed|No hypervisor is present|0xc0351000",
        "the host cannot run Hyper-V isolation ({text})",
        "Enable the feature with host_feature, see host_info for what is missing, or use isolation: process",
    ),
    Meaning(
        r"container operating system does not match the host|0xc0370101",
        "the image was built for another Windows than the host's, which process isolation does not allow",
        "Use isolation: hyperv, or an image of the host's release",
    ),
    Meaning(
        r"0xc0370106|exited unexpectedly",
        "the container or its virtual machine ended unexpectedly ({text})",
        "This is known where the image is newer than the host's last update: update the host, or use isolation: hyperv",
    ),
    Meaning(r"utility VM image could not be found", "the image has no part for Hyper-V isolation ({text})", "Use isolation: process"),
    Meaning(
        r"could not find a network matching|network \S+ not found",
        "the network the container was made for is gone, which a reboot of the host can cause ({text})",
        "Run the task once with recreate: true",
    ),
    Meaning(
        r"CreateProcess.*(?:cannot find the (?:file|path) specified|\(0x[23]\))",
        "the command's program does not exist in the image ({text})",
        "Correct the option command",
    ),
    Meaning(
        r"CreateComputeSystem.*cannot find the (?:file|path) specified",
        "a layer of the image or a file of the container is missing on the host ({text})",
        "Remove the image on the host and run the task again",
    ),
    Meaning(
        r"not enough space on the disk|no space left on device",
        "the host's disk is full ({text})",
        "Free space on the drive of the engine's data root",
    ),
    Meaning(r"No such image", "the image is not on the host ({text})", "Run the task again, or set pull: missing"),
)
