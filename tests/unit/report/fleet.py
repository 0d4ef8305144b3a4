# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet in which everything happens that the report speaks of, as the modules' results."""

from __future__ import annotations

from typing import Any

NANO = "mcr.microsoft.com/windows/nanoserver"
CORE = "mcr.microsoft.com/windows/servercore"
#: What a container's owner may write into its name or image, and no page or spreadsheet may take for more than text.
EVIL = '<img src=x onerror="document.title=1">'
TIMESTAMP = "2026-11-24T12:00:00+00:00"


def ready(verdict: str = "yes", is_ready: bool = True, *reasons: str, steps: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"verdict": verdict, "ready": is_ready, "reasons": list(reasons), "next_steps": list(steps)}


def system(release: str, build: int, revision: int, edition: str = "ServerStandard", **more: Any) -> dict[str, Any]:
    """A result of host_info."""
    client = release.startswith("Windows 1")
    names = {"ServerStandard": "Standard", "ServerDatacenter": "Datacenter", "Professional": "Pro"}
    return {
        "changed": False,
        "os": {
            "caption": f"Microsoft {release} {names[edition]}",
            "edition": edition,
            "product_type": "workstation" if client else "server",
            "version": f"10.0.{build}.{revision}",
            "build": build,
            "revision": revision,
            "release": release,
        },
        "platform": "hyperv",
        "hardware": {"free_disk_bytes": 64_000_000_000},
        "readiness": {
            "process": ready("yes", True, f"{release} runs process-isolated containers"),
            "hyperv": ready("yes", True, f"{release} runs Hyper-V isolated containers"),
            "engine": ready("yes", True, f"{release} runs current Docker Engines"),
        },
        "engine": {"installed": True, "running": True, "version": "28.5.2", "default_isolation": "process", "problem": None},
        "reboot": {"pending": False, "reasons": []},
        "support": {"verdict": "yes", "reason": "support ends on 2031-10-14", "end": "2031-10-14", "days_left": 1785},
        "storage": {"free_bytes": 120_000_000_000, "problems": []},
        **more,
    }


def container(name: str, image: str, isolation: str = "process", policy: str = "always", **more: Any) -> dict[str, Any]:
    """An entry of container_info."""
    return {
        "name": name,
        "image": image,
        "image_id": f"sha256:{image}",
        "status": "running",
        "running": True,
        "health": None,
        "isolation": isolation,
        "restart_policy": policy,
        **more,
    }


def image(tag: str, version: str | None, family: str | None = None, containers: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """An entry of image_info."""
    return {
        "id": f"sha256:{tag}",
        "tags": [tag],
        "digests": [],
        "created": "2026-07-10T00:00:00Z",
        "size": 296_000_000,
        "os_version": version,
        "family": family,
        "base": None,
        "containers": list(containers),
        **more,
    }


def proof(name: str, requested: str, verdict: str = "", as_requested: bool | None = True, reason: str = "") -> dict[str, Any]:
    """An entry of isolation_info."""
    reason = (
        reason
        or {"process": "2 of 2 processes compared are on the host", "hyperv": "of 9 processes compared none is on the host"}[requested]
    )
    confidence = "high" if as_requested is not None else "none"
    return {
        "name": name,
        "requested": requested,
        "verdict": verdict or requested,
        "as_requested": as_requested,
        "confidence": confidence,
        "reason": reason,
    }


def offer(tag: str, version: str, offered: str) -> dict[str, Any]:
    """An entry of image_update_info."""
    return {"reference": tag, "id": f"sha256:{tag}", "os_version": version, "offered_os_version": offered, "outdated": version != offered}


def host(
    name: str, group: str, info: dict[str, Any], containers: Any = None, images: Any = None, proofs: Any = None, updates: Any = None
) -> dict[str, Any]:
    """An entry of the option hosts."""
    skipped = {"skipped": True, "skip_reason": "Conditional result was False"}
    return {
        "name": name,
        "groups": ["windows", group],
        "host": info,
        "containers": skipped if containers is None else {"containers": containers},
        "images": skipped if images is None else {"images": images},
        "isolation": skipped if proofs is None else {"containers": proofs},
        "updates": skipped if updates is None else updates,
    }


def web01() -> dict[str, Any]:
    """Windows Server 2022 Standard with one Hyper-V container too many, images behind, and an evidence that speaks against a container."""
    nano, shop = f"{NANO}:ltsc2022", "registry.example.com/shop/web:1.4"
    vms = [container(f"tenant-{letter}", nano, "hyperv") for letter in "abc"]
    web = container("web", shop, "process", "unless-stopped", health="unhealthy")
    job = container("nightly-job", nano, "process", "no", status="exited", running=False)
    return host(
        "web01",
        "web",
        system("Windows Server 2022", 20348, 3807, reboot={"pending": True, "reasons": ["Windows Update waits for a reboot"]}),
        [*vms, web, job],
        [
            image(nano, "10.0.20348.3807", "nanoserver", ("tenant-a", "tenant-b", "tenant-c", "nightly-job")),
            image(
                shop, "10.0.20348.3692", None, ("web",), base={"family": "servercore", "os_version": "10.0.20348.3692"}, size=4_100_000_000
            ),
            image(f"{CORE}:10.0.20348.3692", "10.0.20348.3692", "servercore", size=3_850_000_000),
        ],
        [
            *(proof(entry["name"], "hyperv") for entry in vms),
            proof("web", "process", "hyperv", False, "none of its processes is on the host"),
        ],
        {
            "images": [offer(nano, "10.0.20348.3807", "10.0.20348.4405")],
            "containers": [{"name": "tenant-a", "outdated": True}, {"name": "web", "outdated": False}],
            "stale": [
                {
                    "image": shop,
                    "id": f"sha256:{shop}",
                    "base": "servercore 10.0.20348.3692",
                    "newest": "10.0.20348.4405",
                    "containers": ["web"],
                }
            ],
        },
    )


def legacy() -> dict[str, Any]:
    """Windows Server 2016: equal revisions for process isolation, so that the next update stops it."""
    core = f"{CORE}:ltsc2016"
    info = system(
        "Windows Server 2016",
        14393,
        8868,
        engine={"installed": True, "running": True, "version": "20.10.27", "problem": None},
        support={"verdict": "yes", "reason": "support ends on 2027-01-12", "end": "2027-01-12", "days_left": 49},
        storage={"free_bytes": 6_500_000_000, "problems": []},
    )
    info["readiness"]["hyperv"] = ready(
        "no", False, "this virtual machine sees no virtualization of its processor", steps=("Enable nested virtualization on its host",)
    )
    return host(
        "legacy", "erp", info, [container("erp", core)], [image(core, "10.0.14393.8868", "servercore", ("erp",), size=10_300_000_000)],
        [proof("erp", "process")], {"images": [offer(core, "10.0.14393.8868", "10.0.14393.8868")], "containers": [], "stale": []},
    )  # fmt: skip


def web02() -> dict[str, Any]:
    """Windows Server 2019: process isolation that an upgrade ends, and one that cannot be proved."""
    core = f"{CORE}:ltsc2019"
    return host(
        "web02", "web", system("Windows Server 2019", 17763, 7434, "ServerDatacenter"),
        [container("shop", core, "process", "on-failure"), container(EVIL, "=cmd|'/C calc'!A1", "hyperv")],
        [image(core, "10.0.17763.7434", "servercore", ("shop",), size=4_840_000_000), image("=cmd|'/C calc'!A1", None, None, (EVIL,))],
        [proof("shop", "process", "unproved", None, "it ended while it was looked at"), proof(EVIL, "hyperv")],
        {"images": [offer(core, "10.0.17763.7434", "10.0.17763.7434")], "containers": [], "stale": []},
    )  # fmt: skip


def build1() -> dict[str, Any]:
    """Windows Server 2025, in order."""
    nano = f"{NANO}:ltsc2025"
    return host(
        "build1", "ci", system("Windows Server 2025", 26100, 4349, "ServerDatacenter"), [container("runner", nano, "hyperv")],
        [image(nano, "10.0.26100.4349", "nanoserver", ("runner",), size=480_000_000)], [proof("runner", "hyperv")],
        {"images": [offer(nano, "10.0.26100.4349", "10.0.26100.4349")], "containers": [], "stale": []},
    )  # fmt: skip


def new() -> dict[str, Any]:
    """A bare Windows Server 2022."""
    steps = ("Enable the feature Containers with the module host_feature", "Install a Docker Engine with the module docker_engine")
    info = system(
        "Windows Server 2022",
        20348,
        4405,
        "ServerDatacenter",
        engine={"installed": False, "running": False, "version": None, "problem": None},
    )
    info["readiness"]["process"] = ready(
        "yes", False, "Windows Server 2022 runs process-isolated containers", "the feature Containers is not enabled", steps=steps
    )
    info["readiness"]["hyperv"] = ready("unknown", False, "a hypervisor hides the processor's flags", steps=steps)
    info["readiness"]["engine"] = ready("yes", False, "the feature Containers is not enabled", "no Docker Engine is installed", steps=steps)
    return host("new", "web", info)


def workstation() -> dict[str, Any]:
    """Windows 11 without an engine that answers."""
    info = system(
        "Windows 11 24H2", 26100, 4349, "Professional", platform="metal",
        engine={"installed": True, "running": True, "version": None, "problem": "the pipe docker_engine does not exist"},
        support={"verdict": "no", "reason": "support ended on 2026-10-13", "end": "2026-10-13", "days_left": -42},
    )  # fmt: skip
    failed = {"failed": False, "msg": "Cannot look at containers on dev-pc: the pipe docker_engine does not exist."}
    return {**host("dev-pc", "dev", info), "containers": failed}


def gone() -> dict[str, Any]:
    """Two that cannot be looked at."""
    return {"name": "gone", "groups": ["windows", "web"], "host": {"unreachable": True, "msg": "Cannot reach gone: connection refused"}}


def locked() -> dict[str, Any]:
    return {
        "name": "locked",
        "groups": ["windows", "web"],
        "host": {"failed": False, "msg": "Cannot read the facts of the host on locked: access is denied."},
    }


FLEET = [make() for make in (web01, legacy, web02, build1, new, workstation, gone, locked)]
