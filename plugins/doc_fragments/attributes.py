# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every module of this collection can and cannot do, for the attributes section of its page."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragments: ``attributes`` (changes something), ``attributes.info`` (only reads), and the two action groups."""

    # Modules that change something.
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Says what would change without changing anything.
    support: full
  diff_mode:
    description: Shows the properties that differ, before and after.
    support: full
  action:
    description: All work is done on the controller by an action plugin of the same name. Nothing is copied to the host.
    support: full
  async:
    description: Can be run in the background with C(async).
    support: none
    details: The work is done on the controller. Long tasks show their progress while they run.
  become:
    description: Can be run as another user with C(become).
    support: none
    details: The task works as the user of the connection and is refused with C(become=true).
  platform:
    description: Target systems.
    support: full
    platforms: windows
"""

    # Modules that only read.
    INFO = r"""
options: {}
attributes:
  check_mode:
    description: Only reads, so it does the same in check mode.
    support: full
  diff_mode:
    description: Shows the properties that differ, before and after.
    support: N/A
    details: Nothing is changed.
  action:
    description: All work is done on the controller by an action plugin of the same name. Nothing is copied to the host.
    support: full
  async:
    description: Can be run in the background with C(async).
    support: none
    details: The work is done on the controller.
  become:
    description: Can be run as another user with C(become).
    support: none
    details: The task works as the user of the connection and is refused with C(become=true).
  platform:
    description: Target systems.
    support: full
    platforms: windows
"""

    # Modules about the Windows machine.
    ACTIONGROUP_HOST = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/winfleet.containers.host) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - winfleet.containers.host
"""

    # Modules that talk to the engine.
    ACTIONGROUP_ENGINE = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/winfleet.containers.engine) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - winfleet.containers.engine
"""
