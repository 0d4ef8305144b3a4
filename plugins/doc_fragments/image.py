# -*- coding: utf-8 -*-
# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options of the modules that provide images; the same as IMAGE_ARGUMENTS in module_utils/image_arguments.py."""

    DOCUMENTATION = r"""
options:
  state:
    description:
      - V(present) provides the image.
      - V(absent) removes the name, and the image itself with its last name. An image that a container uses is not removed; in check mode this is
        only a warning, since an earlier task of the play may be about to remove the container.
    type: str
    choices: [present, absent]
    default: present
  path:
    description:
      - With O(source=load), absolute path of an archive on the controller, as C(docker save) writes it, compressed or not.
      - It is streamed through the connection, with its progress shown, and is not kept on the host.
    type: path
  remote_path:
    description:
      - With O(source=load), absolute path of an archive on the host.
      - It is loaded by C(docker.exe), which prints nothing until it has finished. This may take up to six hours.
    type: str
  from_host:
    description:
      - With O(source=load), name of another host in the inventory whose engine has the image.
      - The image is streamed from there to this host. It passes through the controller and is not kept on it.
      - That host is reached with its own connection variables, through the pipe that O(engine_pipe) names.
    type: str
  detached:
    description:
      - Start the pull on the host, as a process that outlives the connection, and end the task at once.
      - A later task for the same image finds the pull still running. With O(detached=true) it only reports that. Otherwise it joins the running
        download and waits for its end; the engine downloads a layer only once, however many clients ask for it.
      - Is refused together with O(registry_password), which would have to be on a command line or in a file on the host.
      - Additional tags, and the removal of old images, are left to a run that finds the image on the host.
    type: bool
    default: false
  silence_timeout:
    description:
      - Seconds of complete silence from the engine after which a pull, a load or a build is given up.
      - The total time is not limited. Extracting the end of a large layer may be silent for minutes.
    type: int
    default: 600
  check_free_space:
    description:
      - Refuse to pull a base image for which the drive with the engine's data has too little free space.
      - Sizes of other images are not known before the pull.
    type: bool
    default: true
"""
