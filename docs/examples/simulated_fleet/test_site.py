# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook prepares every host, changes nothing the second time, and survives a bad line."""

import subprocess
from pathlib import Path

HERE = Path(__file__).parent


def play(inventory: Path, *options: str) -> str:
    """Run the playbook; its output."""
    command = ["ansible-playbook", "-i", str(inventory), "-e", "@simulated.yml", "site.yml", *options]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_second_run_changes_nothing(fleet, tmp_path):
    running = fleet(HERE / "fleet.yml")
    inventory = running.write_inventory(tmp_path / "inventory.yml")
    play(inventory)
    assert play(inventory).count("changed=0") == len(running.machines)
    for machine in running.machines.values():
        assert machine.features.enabled("Containers")
        assert machine.services.get("docker").state == "Running"
        assert not [line for line in machine.log_lines if line.kind == "refused"]


def test_a_connection_that_breaks_does_no_harm(fleet, tmp_path):
    running = fleet({"name": "far", "profile": "server-2022"})
    running.hosts["far"].faults.add("cut", kind="Enumerate", when="after", nth=3)
    play(running.write_inventory(tmp_path / "inventory.yml"), "--tags", "container_host_features,container_host_reboot")
    assert running.machines["far"].features.enabled("Containers")
