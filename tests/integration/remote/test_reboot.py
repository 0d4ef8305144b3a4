# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reboots that go well, late, twice or not at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import (
    ConnectError,
    OptionError,
    RemoteError,
    RemoteTimeout,
    ShellGoneError,
)
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.reboot import RebootRequest, boot_time, reboot
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.restart_order import TASK
from simulator.console import run as run_line

from .conftest import Site


def line(where: Site, text: str) -> None:
    """Run a line on the host, behind WinRM's back."""
    assert where.fleet.call(lambda: run_line(where.host.machine, text)).code == 0


def reboots(where: Site) -> list[str]:
    return [line for line in where.programs() if "shutdown.exe" in line]


@pytest.mark.parametrize("kind", ["winrm", "psrp"])
def test_a_reboot_is_proved_by_the_boot_time(site: Callable[..., Site], kind: str) -> None:
    where = site()
    remote = where.remote(kind)
    remote.programs.shell_builtin("echo before")
    done = reboot(remote, RebootRequest(message="for a test", timeout=60))
    assert done.boot_time_after > done.boot_time_before
    assert boot_time(remote) == done.boot_time_after
    assert remote.programs.shell_builtin("echo after").text == "after\r\n"
    assert len(reboots(where)) == 1
    assert '"/r" "/t" "2"' in reboots(where)[0]
    assert '"for a test"' in reboots(where)[0]


def test_what_windows_answers_while_it_starts_is_waited_out(site: Callable[..., Site]) -> None:
    where = site(winrm={"after_boot": ["reset", 503, 401, 401, 500, "reset"]})
    assert reboot(where.remote(), RebootRequest(timeout=60)).elapsed < 60
    first, *middle, last = where.lines
    assert first == "reboot: ordered, waiting up to 60 s for it to come back"
    assert any(line.startswith("reboot: it does not answer yet (") for line in middle)
    assert last == "reboot: it is back, making sure that it stays so"


def test_one_more_reset_after_the_first_answer(site: Callable[..., Site]) -> None:
    where = site(boot_seconds=0.5)
    remote = where.remote()
    where.host.faults.add("cut", kind="Enumerate", nth=3, times=4)
    done = reboot(remote, RebootRequest(timeout=60))
    assert done.boot_time_after != done.boot_time_before


def test_a_shutdown_that_somebody_scheduled_is_replaced(site: Callable[..., Site]) -> None:
    where = site()
    remote = where.remote()
    remote.programs.run("shutdown.exe", ["/r", "/t", "3000"])
    reboot(remote, RebootRequest(timeout=60))
    assert ['"/a"' in line for line in reboots(where)] == [False, False, True, False]


def tasks(where: Site) -> list[str]:
    """What the task scheduler holds."""
    return [task.name for task in where.fleet.call(where.host.machine.tasks.all)]


@pytest.mark.parametrize("language", ["en-US", "de-DE"])
def test_without_the_privilege_a_task_of_system_reboots_and_is_gone(site: Callable[..., Site], language: str) -> None:
    where = site(remote_shutdown=False, language=language)
    done = reboot(where.remote(), RebootRequest("Update, back soon", timeout=60))
    assert done.boot_time_after > done.boot_time_before
    assert done.task_reason == "the account may not restart Windows"
    assert tasks(where) == []
    order = [line for line in reboots(where) if "/c" in line][-1]
    assert '/c "Update, back soon"' in order


def test_an_order_that_is_ignored_is_given_again_by_a_task(site: Callable[..., Site]) -> None:
    where = site(ignores_remote_shutdown=True)
    done = reboot(where.remote(), RebootRequest("100 > 99", timeout=6))
    assert done.boot_time_after > done.boot_time_before
    assert "ignored it" in done.task_reason
    assert tasks(where) == []


def test_a_task_that_an_interrupted_run_left_is_removed(site: Callable[..., Site]) -> None:
    where = site(remote_shutdown=False)
    remote = where.remote()
    where.host.faults.add("cut", kind="Command", nth=3, times=0)
    with pytest.raises(RemoteTimeout, match="did not go down, and then did not take a scheduled task"):
        reboot(remote, RebootRequest(timeout=2))
    where.host.faults.clear()
    assert tasks(where) == [TASK]
    where.fleet.call(lambda: setattr(where.host.machine.switches, "remote_shutdown", True))
    assert not reboot(where.remote(), RebootRequest(timeout=60)).task_reason
    assert tasks(where) == []


def test_a_refusal_is_told_with_its_cause(site: Callable[..., Site]) -> None:
    where = site(elevated=False)
    with pytest.raises(RemoteError) as caught:
        reboot(where.remote(), RebootRequest(timeout=10))
    assert caught.value.code == 5
    assert "access is denied" in caught.value.cause
    assert "no scheduled task of SYSTEM could be made" in caught.value.cause
    assert "remote system" in caught.value.advice
    assert tasks(where) == []


def test_answering_is_not_ready(site: Callable[..., Site]) -> None:
    """Servicing goes on, WinRM and the test's service start late, and the test wants it all."""
    where = site(late_servicing=1.0, features={"Containers": "enable_pending"}, time_scale=0.01)
    machine = where.host.machine
    line(where, "sc config Spooler start= delayed-auto")
    missed = "reboot: it is back, but the test where.exe ended with code 1"

    def install() -> None:
        """Once the test has failed without it."""
        while missed not in where.lines:
            time.sleep(0.05)
        where.fleet.call(lambda: machine.files.write("C:\\Windows\\System32\\late.exe", b"MZ"))

    threading.Thread(target=install, daemon=True).start()
    reboot(where.remote(), RebootRequest(timeout=60, services=("Spooler", "nobody"), test=("where.exe", "late.exe")))
    assert missed in where.lines
    assert machine.features.find("Containers").state.value == "Enabled"
    assert machine.services.get("TrustedInstaller").state == "Stopped"
    assert machine.services.get("Spooler").state == "Running"


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (RebootRequest(timeout=2, services=("RemoteRegistry",)), "last: the service RemoteRegistry is stopped"),
        (RebootRequest(timeout=2, test=("where.exe", "nothing.exe")), "last: the test where.exe ended with code 1"),
    ],
)
def test_what_is_not_ready_in_time_is_named(site: Callable[..., Site], request_: RebootRequest, said: str) -> None:
    with pytest.raises(RemoteTimeout) as caught:
        reboot(site().remote(), request_)
    assert "it restarted, but is not steadily ready" in caught.value.cause
    assert said in caught.value.cause


def test_a_test_that_fails_again_and_again_leaves_no_shell(site: Callable[..., Site]) -> None:
    """A program under a path with blanks has a shell of its own, and a user may have thirty."""
    where = site()
    folder = "C:\\Program Files\\tools"
    where.fleet.call(lambda: where.host.machine.files.write(f"{folder}\\where.exe", b"MZ", parents=True))
    with pytest.raises(RemoteTimeout) as caught:
        reboot(where.remote(), RebootRequest(timeout=4, test=(f"{folder}\\where.exe", "nothing.exe")))
    assert "ended with code" in caught.value.cause
    shells = where.fleet.call(lambda: list(where.host.winrm.service.shells.shells.all()))
    assert [shell for shell in shells if shell.working_directory == folder] == []


def test_hyperv_disturbs_the_network_at_its_first_boot(site: Callable[..., Site]) -> None:
    """It answers, goes away, and comes again: nothing of that fails the reboot."""
    where = site(platform="metal", features={"Microsoft-Hyper-V-Online": "enable_pending"}, network_disturbance=1.0)
    remote = where.remote()
    done = reboot(remote, RebootRequest(timeout=60, steady=6))
    assert boot_time(remote) == done.boot_time_after
    assert where.host.machine.hypervisor_running


def test_a_host_that_does_not_come_back(site: Callable[..., Site]) -> None:
    where = site(never_returns=True)
    with pytest.raises(RemoteTimeout) as caught:
        reboot(where.remote(), RebootRequest(timeout=3))
    assert "went away and did not come back" in caught.value.cause
    assert "refused" in caught.value.cause


def test_a_host_that_does_not_go_down(site: Callable[..., Site]) -> None:
    remote = site(refuses_reboot=True).remote()
    with pytest.raises(RemoteTimeout) as caught:
        reboot(remote, RebootRequest(timeout=2))
    assert "did not go down, also when a scheduled task of SYSTEM ordered it" in caught.value.cause


def test_windows_restarts_once_more_by_itself(site: Callable[..., Site]) -> None:
    where = site(extra_boots=1)
    remote = where.remote()
    done = reboot(remote, RebootRequest(timeout=60))
    assert boot_time(remote) == done.boot_time_after


def test_the_answer_to_the_request_may_be_lost(site: Callable[..., Site]) -> None:
    where = site()
    remote = where.remote()
    where.host.faults.add("cut", kind="Receive", when="after")
    assert reboot(remote, RebootRequest(timeout=60)).boot_time_after


@pytest.mark.parametrize("message", ["x" * 513, "100 %", "two\nlines"])
def test_messages_that_cannot_be_shown_are_refused_first(site: Callable[..., Site], message: str) -> None:
    where = site()
    with pytest.raises(OptionError):
        reboot(where.remote(), RebootRequest(message=message))
    assert not reboots(where)


@pytest.mark.parametrize("moment", [0.3, 1.2])
def test_somebody_else_reboots_at_the_wrong_moment(site: Callable[..., Site], moment: float) -> None:
    """A program is running: one error of ours, soon, and the host is usable again when it is back."""
    where = site(servicing_seconds=30, boot_seconds=0.2)
    remote = where.remote()
    timer = threading.Timer(moment, lambda: where.fleet.call(where.host.machine.reboot))
    timer.start()
    started = time.monotonic()
    with pytest.raises((ConnectError, ShellGoneError)) as caught:
        remote.programs.run("dism.exe", ["/online", "/enable-feature", "/featurename:Containers", "/norestart"])
    timer.join()
    assert time.monotonic() - started < 25
    assert caught.value.advice
    remote.disconnect()
    remote.reconnect()
    assert remote.programs.shell_builtin("echo back").text == "back\r\n"
