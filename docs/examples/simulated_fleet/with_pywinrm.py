# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a program on a host through pywinrm: ``python with_pywinrm.py inventory.yml ws2022``."""

import sys
from pathlib import Path

import yaml
from winrm.protocol import Protocol

inventory = yaml.safe_load(Path(sys.argv[1]).read_text(encoding="utf-8"))
host = inventory["all"]["children"]["windows"]["hosts"][sys.argv[2]]
client = Protocol(
    f"http://{host['ansible_host']}:{host['ansible_port']}/wsman",
    transport="ntlm",
    username=host["ansible_user"],
    password=host["ansible_password"],
)
shell = client.open_shell(codepage=65001)
command = client.run_command(shell, "ver")
stdout, _stderr, code = client.get_command_output(shell, command)
client.cleanup_command(shell, command)
client.close_shell(shell)
print(stdout.decode().strip(), "exit code", code)
