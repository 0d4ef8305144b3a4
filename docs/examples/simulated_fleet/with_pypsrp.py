# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks CIM and runs a program through pypsrp: ``python with_pypsrp.py inventory.yml ws2022``."""

import sys
from pathlib import Path

import yaml
from pypsrp.shell import Process, WinRS
from pypsrp.wsman import WSMan

SYSTEM = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/Win32_OperatingSystem"

inventory = yaml.safe_load(Path(sys.argv[1]).read_text(encoding="utf-8"))
host = inventory["all"]["children"]["windows"]["hosts"][sys.argv[2]]
client = WSMan(
    host["ansible_host"],
    port=host["ansible_port"],
    ssl=False,
    auth="negotiate",
    username=host["ansible_user"],
    password=host["ansible_password"],
)
with client, WinRS(client, codepage=65001) as shell:
    print(client.get(SYSTEM).findtext(f".//{{{SYSTEM}}}Caption"))
    process = Process(shell, "sc.exe", ["query", "winmgmt"])
    process.invoke()
    print(process.stdout.decode().strip())
