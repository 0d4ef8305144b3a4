# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a simulated machine says where a real one was recorded (../shared/facts/native): a scene for each recording.

A scene sets up the machine as far as the recording tells, runs the recorded command and gives the lines to compare with the recorded ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from simulator.console import Finished, run_lines
from simulator.programs import dism
from simulator.programs.diagnostics import Endpoint, sections
from simulator.windows.features import State
from simulator.windows.machine import Machine

DISM = "dism.exe /online /english"
Lines = list[str]


@dataclass(frozen=True)
class Scene:
    """How one recording is compared.

    Args:
        play: Recorded lines to ours.
        prepare: Recorded lines to what is compared of them, where not all is.
        difference: Why some lines differ; empty: none may.
        differing: What those lines look like (a regular expression that each must match).
    """

    play: Callable[[Lines], Lines]
    prepare: Callable[[Lines], Lines] = list
    difference: str = ""
    differing: str = ""


def tidy(text: str) -> Lines:
    """Lines without blanks at their ends, without dism's bar and without blank lines at both ends."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n") if not line.startswith("[====")]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _last(machine: Machine, *commands: str, **settings: Any) -> Finished:
    return run_lines(machine, *commands, **settings)[-1]


def _out(profile: str, *commands: str, **settings: Any) -> Callable[[Lines], Lines]:
    return lambda recorded: tidy(_last(Machine("host", profile, **settings), *commands).text)


def _error(*commands: str, **settings: Any) -> Callable[[Lines], Lines]:
    return lambda recorded: tidy(_last(Machine("host", "server-2022", **settings), *commands).error_text)


def _unwrapped(lines: Lines) -> Lines:
    """Joined again where a console broke at 80 characters."""
    out, joining = [], False
    for line in lines:
        out[-1:] = [out[-1] + line] if joining else [*out[-1:], line]
        joining = len(line) == 80
    return out


# --- dism -------------------------------------------------------------------------------------------------------------------


def _listed(profile: str, recorded: Lines, *, table: bool = False, **settings: Any) -> Lines:
    """The list of a machine whose features have the recorded states; only the recorded features, in our order."""
    rows = _states(recorded)
    machine = Machine("host", profile, **settings)
    for name, state in rows.items():
        if machine.features.find(name):
            machine.features.set_state(name, State(state))
    found = _last(machine, f"{DISM} /get-features" + (" /format:table" if table else "")).text
    lines = tidy(found)
    if table:
        return [line for line in lines if " | " in line and (line[0] == "-" or line.split(" | ")[0].strip() in {"Feature Name", *rows})]
    kept: Lines = lines[: lines.index(next(line for line in lines if line.startswith("Feature Name")))]
    for position, line in enumerate(lines):
        if line.startswith("Feature Name : ") and line[15:] in rows:
            kept += [line, lines[position + 1], ""]
    return tidy("\n".join(kept))


def _states(recorded: Lines) -> dict[str, str]:
    text = "\n".join(recorded)
    pairs = re.findall(r"^Feature ?Name +: (.*)\nState +: (.*)$", text, re.MULTILINE) or re.findall(
        r"^([\w-]+) +\|? ?(Enabled|Disabled)$", text, re.MULTILINE
    )
    return dict(pairs)


def _without_head(lines: Lines) -> Lines:
    start = next((number for number, line in enumerate(lines) if line.startswith("Feature Name : ")), 0)
    return lines[start:]


def _server_2016_list(recorded: Lines) -> Lines:
    return _without_head(_listed("server-2016", recorded))


def _no_blank_lines(lines: Lines) -> Lines:
    return [line for line in lines if line]


def _parent_missing(recorded: Lines) -> Lines:
    machine = Machine("host", "server-2016")
    for name in ("IIS-WebServerRole", "IIS-WebServer"):
        machine.features.set_state(name, State.ENABLED)
    return tidy(_last(machine, "dism /online /enable-feature -featurename:IIS-ASPNET45").text)


def _properties(recorded: Lines) -> Lines:
    """A feature's information in the shape that PowerShell gives it."""
    text = _last(Machine("host", "server-2016"), f"{DISM} /get-featureinfo /featurename:Microsoft-Hyper-V").text
    names = {"Feature Name": "FeatureName", "Display Name": "DisplayName", "Restart Required": "RestartRequired"}
    lines = []
    for line in text.splitlines():
        name, colon, value = line.partition(" : ")
        if line.startswith("ServerComponent"):
            lines.append(f"                   {line}")
        elif colon and name in (*names, "Description", "State"):
            lines.append(f"{names.get(name, name):<16} : {value}")
    return [*lines[:5], "CustomProperties :", *lines[5:]][: len(recorded)]


def _wsl_properties(recorded: Lines) -> Lines:
    text = _last(Machine("host", "windows-10-22h2"), f"{DISM} /get-featureinfo /featurename:Microsoft-Windows-Subsystem-Linux").text
    return [line for line in text.splitlines() if line.startswith("ServerComponent")]


def _messages(recorded: Lines) -> Lines:
    """Of the message table the texts we have, filled in alike; a text of ours that is in no row would be missing here."""
    ours = {
        *(dism.MISSING_COMMAND, dism.ELEVATION, dism.FAILED, dism.DONE),
        *(text.format("%1") for text in (dism.UNKNOWN_OPTION, dism.MISSING_ARGUMENT)),
        "Restart Windows to complete this operation.\n",
        "\nError: %1!d!\n\n",
        "\nError: 0x%1!x!\n\n",
        "Image Version: %1!s!\n\n",
        "The %1 option does not take an argument. \nRemove the argument and run DISM again.\n",
    }
    return sorted(text.replace("\n", "\\r\\n") for text in ours)


def _messages_recorded(lines: Lines) -> Lines:
    wanted = {
        "0x01500020",
        "0xc1500014",
        "0xc150001e",
        "0xc1500021",
        "0xc150002a",
        "0xc1500035",
        "0xc1500038",
        "0xc150003d",
        "0xc1500066",
        "0xc1500067",
        "0xc1500068",
    }
    return sorted(line.split("\t")[1] for line in lines if line.split("\t")[0] in wanted)


def _known_names(recorded: Lines) -> Lines:
    machine = Machine("host", "server-2022")
    names = [line.split("\t")[0] for line in recorded[1:]]
    return [recorded[0], *(f"{name}\t{'known' if machine.features.find(name) else 'unknown'}" for name in names)]


def _log(path: str, *commands: str, profile: str = "windows-10-22h2", **settings: Any) -> Callable[[Lines], Lines]:
    def play(recorded: Lines) -> Lines:
        machine = Machine("host", profile, **settings)
        run_lines(machine, *commands)
        return _timeless(tidy(machine.files.read(path).decode()))

    return play


def _timeless(lines: Lines) -> Lines:
    return [re.sub(r"^[\d-]+ [\d:]+", "<time>", re.sub(r"\b([PT]ID)=\d+", r"\1=<n>", line)) for line in lines]


# --- services ---------------------------------------------------------------------------------------------------------------


def _sc_qc(recorded: Lines) -> Lines:
    machine = Machine("host", "server-2019")
    path = next(line.partition(": ")[2] for line in recorded if "BINARY_PATH_NAME" in line)
    machine.services.create("docker", path, display_name="Docker Engine", start_mode="Auto")
    return tidy(_last(machine, "sc.exe qc docker").text)


def _sc_query(recorded: Lines) -> Lines:
    machine = Machine("host", "server-2019")
    machine.services.create("clussvc", "C:\\Windows\\cluster\\clussvc.exe", start_mode="Auto")
    service = machine.services.get("clussvc")
    if service:
        service.state, service.exit_code = "Running", 0
    return tidy(_last(machine, "sc query clussvc").text)


def _kube_proxy(recorded: Lines) -> Lines:
    """The service made with sc, its registry values in the shape that PowerShell gives them."""
    machine = Machine("host", "server-2019")
    run_lines(
        machine,
        "sc create kubeproxy binPath= c:\\k\\nssm.exe start= auto DisplayName= Kubeproxy depend= Kubelet",
        "sc description kubeproxy Kubeproxy",
        "sc failure kubeproxy reset= 86400 actions= restart/60000",
        "sc failureflag kubeproxy 1",
    )
    key = machine.registry.key("SYSTEM\\CurrentControlSet\\Services\\kubeproxy")
    values = {value.name: value.data for value in key.values.values()} if key else {}
    lines = []
    for line in recorded:
        name = line.split(":")[0].strip()
        data = values.get(name)
        shown = f"{{{', '.join(map(str, data[:4]))}...}}" if isinstance(data, bytes) else str(data)
        shown = f"{{{', '.join(data)}}}" if isinstance(data, list) else shown
        lines.append(f"{name:<32} : {shown}")
    return lines


# --- others -----------------------------------------------------------------------------------------------------------------


def _certutil(recorded: Lines) -> Lines:
    machine = Machine("host", "server-2022")
    machine.files.write("C:\\Users\\Public\\Tuffix.2022.Edition.ova", b"x")
    return tidy(_last(machine, "CertUtil -hashfile Tuffix.2022.Edition.ova SHA256", working_directory="C:\\Users\\Public").text)


def _bcdedit(recorded: Lines) -> Lines:
    machine = Machine("host", "windows-10-22h2", features={"Microsoft-Hyper-V-Hypervisor": "enabled"})
    return tidy(_last(machine, "bcdedit /enum").text)


def _hcsdiag(recorded: Lines) -> Lines:
    machine = Machine("host", "windows-11-24h2", features={"Containers": "enabled"})
    machine.compute_systems["cowork-vm-1699151a"] = ("VM", "Running", "de1517ec-bf1d-5a0b-b459-77a48cb1ad97", "cowork-vm-1699151a")
    return tidy(_last(machine, "hcsdiag list").text)


def _hnsdiag(recorded: Lines) -> Lines:
    """The recorded networks and endpoints, printed by ours."""
    text = "\n".join(recorded)
    networks = re.findall(r"^(\S+) +([0-9A-F-]{36})$", text, re.MULTILINE)
    endpoints = [Endpoint(*found) for found in re.findall(r"^(\S+) +([0-9a-f-]{36}) (\S+)$", text, re.MULTILINE)]
    shown = sections(networks, endpoints)
    return tidy("\n".join(shown[name] for name in ("networks", "endpoints", "namespaces")))


def _hnsdiag_recorded(lines: Lines) -> Lines:
    """Without the blank line in the middle of the endpoints, which the source cannot explain."""
    return [line for number, line in enumerate(lines) if line or not (lines[number - 1 : number] + [""])[0].startswith("Ethernet") or (
        lines[number + 1].startswith("Namespaces"))]  # fmt: skip


def _open_port(recorded: Lines) -> Lines:
    name = "Open Port 61001 for admin router"
    add = f'netsh advfirewall firewall add rule name="{name}" dir=in action=allow protocol=TCP localport=61001'
    return tidy(_last(Machine("host", "server-2022"), add, f'netsh advfirewall firewall show rule name="{name}"').text)


def _winrm_rules(recorded: Lines) -> Lines:
    name = 'name="Windows Remote Management (HTTP-In)"'
    rules = f"netsh advfirewall firewall set rule {name} new enable=no", f"netsh advfirewall firewall show rule {name}"
    return _no_blank_lines(tidy(_last(Machine("host", "windows-11-24h2"), *rules).text))


_FORWARD = "netsh interface portproxy add v4tov4 listenaddress=192.168.226.64 listenport=2222 connectaddress=10.4.226.215 connectport=22"


def _systeminfo(profile: str, **settings: Any) -> Callable[[Lines], Lines]:
    """The rows that were recorded."""

    def play(recorded: Lines) -> Lines:
        machine = Machine("EC2AMAZ-SA7RIKE", profile, **settings)
        if profile == "server-2016":
            machine.platform = replace(machine.platform, bios_manufacturer="American Megatrends Inc.", smbios_version="3.0a")
            machine.platform = replace(machine.platform, bios_date=machine.platform.bios_date.replace(2015, 12, 17))
        names = {line.partition(":")[0] for line in recorded}
        return [line for line in tidy(_last(machine, "systeminfo").text) if line.partition(":")[0] in names]

    return play


def _optional_features_2019(recorded: Lines) -> Lines:
    machine = Machine("host", "server-2019", edition="standard-evaluation")
    info = [line for line in tidy(_last(machine, "systeminfo").text) if line.startswith(("OS Name", "OS Version"))]
    flag = machine.cim.query("root/cimv2", "SELECT * FROM Win32_Processor").instances[0]["VirtualizationFirmwareEnabled"]
    lines = [*info, f"VirtualizationFirmwareEnabled {flag}"]
    for name in _states(recorded):
        feature = machine.features.find(name)
        lines += ["", f"FeatureName : {name}", f"State       : {feature.state.value if feature else 'unknown'}"]
    return lines


def _optional_features_2019_recorded(lines: Lines) -> Lines:
    flag = next(line.split()[-1] for line in lines if line.endswith("True"))
    start = next(number for number, line in enumerate(lines) if line.startswith("FeatureName"))
    return [*lines[:2], f"VirtualizationFirmwareEnabled {flag}", "", *lines[start:]]


def _client_features(recorded: Lines) -> Lines:
    """A client with Hyper-V on and Containers off: the features' states, and the services that run then."""
    states = _states(recorded)
    machine = Machine("host", "windows-11-24h2", features={name: state.lower() for name, state in states.items()})
    lines = [f"{name} {feature.state.value}" for name in states if (feature := machine.features.find(name))]
    for name in ("hns", "vmcompute", "vmms"):
        service = machine.services.get(name)
        if service:
            lines.append(f"{name} {service.state} {service.start_mode.replace('Auto', 'Automatic')}")
    return lines


def _client_features_recorded(lines: Lines) -> Lines:
    return [" ".join(line.split()) for line in lines if line and not line.startswith(("-", "FeatureName", "Name"))]


# --- CIM --------------------------------------------------------------------------------------------------------------------


def _bios(recorded: Lines) -> Lines:
    lines = [recorded[0]]
    for line in recorded[1:]:
        guest = line.split("\t")[0]
        machine = Machine("host", "server-2016", platform="vmware-bios" if guest == "vmware" else guest)
        row = machine.cim.query("root/cimv2", "SELECT * FROM Win32_BIOS").instances[0]
        names = ("Manufacturer", "Caption", "Version", "SMBIOSBIOSVersion", "SerialNumber")
        cells = [str(row[name]) if row[name] is not None else "(null)" for name in names]
        date = row["ReleaseDate"].strftime("%Y%m%d%H%M%S.%f+000")
        lines.append("\t".join([guest, *cells, date, f"{row['SMBIOSMajorVersion']}.{row['SMBIOSMinorVersion']}"]))
    return lines


def _computer_system(recorded: Lines) -> Lines:
    properties = Machine("host", "windows-11-24h2").cim.find("root/cimv2", "Win32_ComputerSystem").properties
    return [name for line in recorded if (name := line.partition(":")[0].strip()) in properties]


def _operating_system(recorded: Lines) -> Lines:
    row = Machine("host", "server-2022-core").cim.get("root/cimv2", "Win32_OperatingSystem", {})[1]
    return [f"{name:<18} : {row[name]}" for name in ("Caption", "Version", "OperatingSystemSKU")]


def _hypervisor(recorded: Lines) -> Lines:
    machine = Machine("host", "windows-10-22h2", features={"Microsoft-Hyper-V-Hypervisor": "enabled"})
    return [f"HyperVisorPresent {machine.cim.query('root/cimv2', 'SELECT * FROM Win32_ComputerSystem').instances[0]['HypervisorPresent']}"]


_ENABLE = "/enable-feature /all /norestart /featurename"
SCENES: dict[str, Scene] = {
    "bcdedit-enum-boot-loader-win8": Scene(
        _bcdedit, difference="another machine's disks and entries", differing=r"(identifier|device|osdevice|path|description) "
    ),
    "cbs-log-enable-feature-while-reboot-pending-win10-22h2": Scene(
        _log("C:\\Windows\\Logs\\CBS\\CBS.log", f"{DISM} {_ENABLE}:VirtualMachinePlatform", servicing_pending=True), _timeless
    ),
    "certutil-hashfile-sha256": Scene(_certutil, difference="the hash of another file", differing="[0-9a-f]{64}"),
    "dism-enable-feature-error50-no-parent-list-win10-20h2": Scene(
        _out("windows-10-22h2", f"{DISM} {_ENABLE}:VirtualMachinePlatform", build=19042, revision=746, dism_revision=746, servicing_pending=True)
    ),
    "dism-enable-feature-ok-win10-20h2": Scene(
        _out(
            "windows-10-22h2", f"DISM /Online {_ENABLE}:Microsoft-Hyper-V", build=19042, revision=685, dism_revision=572,
            features={"Microsoft-Hyper-V-All": "enabled", "Microsoft-Hyper-V": "enabled"},
        )
    ),
    "dism-enable-feature-parent-missing-server2012r2": Scene(
        _parent_missing, _unwrapped, "Server 2012 R2 is not simulated, its version in the banner", r"(Image )?Version: "
    ),
    "dism-enable-feature-restart-prompt-win10-1909": Scene(
        _out(
            "windows-10-22h2", "dism /online /enable-feature /featurename:Microsoft-Windows-Subsystem-Linux /all", build=18363,
            lab="18362.1.amd64fre.19h1_release.190318-1202", revision=418, dism_revision=1,
        )
    ),
    "dism-enable-feature-source-not-downloaded-server2012r2": Scene(
        _out("server-2016", f"{DISM} {_ENABLE}:NetFx3", failing_features={"NetFx3": 0x800F0906}),
        difference="Server 2012 R2 is not simulated: its versions, and the words of a release before 24H2",
        differing=r'(Image )?Version: |Use the "[sS]ource" option',
    ),
    "dism-exe-message-table": Scene(_messages, _messages_recorded),
    "dism-feature-names-server-known-unknown": Scene(_known_names),
    "dism-get-featureinfo-custom-properties-wsl": Scene(_wsl_properties),
    "dism-get-features-server2016-partial-hyperv": Scene(_server_2016_list),
    "dism-get-features-table-win10-iis": Scene(
        lambda recorded: _listed("windows-10-22h2", recorded, table=True),
        difference="columns are as wide as the longest name, which that host has and this one lacks",
        differing=r".* \| ",
    ),
    "dism-get-features-win10-1709-selected": Scene(lambda recorded: _no_blank_lines(_without_head(_listed("windows-10-22h2", recorded)))),
    "dism-get-features-win11-24h2-head": Scene(lambda recorded: _listed("windows-11-24h2", recorded)),
    "dism-log-unknown-feature-win10": Scene(
        _log("C:\\Windows\\Logs\\DISM\\dism.log", f"{DISM} /enable-feature /featurename:Microsoft-Windows-Subsystem-Linux", profile="server-2022"),
        _timeless,
    ),
    "dism-unknown-feature-server2016": Scene(
        _out("server-2016", f"{DISM} {_ENABLE}:Microsoft-Windows-Subsystem-Linux", revision=3241, dism_revision=3750)
    ),
    "hcsdiag-list-not-permitted": Scene(
        _error("hcsdiag list", elevated=False, features={"Containers": "enabled"}), lambda lines: [" ".join(lines)]
    ),
    "hcsdiag-list-one-vm": Scene(_hcsdiag),
    "hnsdiag-list-all-server": Scene(_hnsdiag, _hnsdiag_recorded),
    "netsh-portproxy-show-all": Scene(_out("server-2022", _FORWARD, "netsh interface portproxy show all")),
    "netsh-show-rule-no-match": Scene(_out("server-2022", "netsh advfirewall firewall show rule name=nope")),
    "netsh-show-rule-open-port": Scene(_open_port),
    "netsh-show-rule-winrm-two-rules-one-name": Scene(_winrm_rules),
    "ps-computerinfo-hyperv-requirement-blank-when-hypervisor": Scene(_hypervisor, lambda lines: [f"HyperVisorPresent {lines[-1].strip()}"]),
    "ps-optional-feature-hyperv-server2016-partial": Scene(_properties),
    "ps-optional-features-client-hyperv-containers": Scene(_client_features, _client_features_recorded),
    "ps-optional-features-server2019-hyperv": Scene(_optional_features_2019, _optional_features_2019_recorded),
    "sc-qc-docker-server2019": Scene(_sc_qc),
    "sc-query-clussvc-server2012r2": Scene(
        _sc_query, difference="that service wants to be told before the shutdown, none here does", differing=r" +\(STOPPABLE, "
    ),
    "sc-query-missing-service": Scene(_out("server-2022", "sc query nosuch")),
    "service-registry-failureactions-kubeproxy": Scene(_kube_proxy),
    "shutdown-already-scheduled": Scene(_error("shutdown /r /f /t 900", "shutdown /r /f /t 10")),
    "shutdown-no-remote-shutdown-privilege": Scene(_error("shutdown /r /t 900", remote_shutdown=False)),
    "systeminfo-hyperv-line-server2019": Scene(_systeminfo("server-2019", platform="hyperv-guest")),
    "systeminfo-server2016-selected-lines": Scene(_systeminfo("server-2016")),
    "systeminfo-server2025-ec2-partial": Scene(
        _systeminfo("server-2025", platform="ec2", edition="datacenter"),
        difference="another machine: its owner, ids, dates, processor and memory",
        differing=r"Registered|Product ID|Original|System Boot|Boot Device|Total| +\[01\]:",
    ),
    "tar-version-windows-client": Scene(_out("windows-10-22h2", "tar --version")),
    "tar-xvf-zip-one-member": Scene(
        lambda recorded: tidy(_last(_with_archive(), "tar -xvf C:\\packer.tar -C C:\\Users packer.exe").error_text)
    ),
    "wmi-bios-guests": Scene(
        _bios, difference="the KVM guest's date has stars for the time of day, ours is midnight", differing="kvm\t"
    ),
    "wmi-computersystem-msi-laptop": Scene(_computer_system, lambda lines: [line.partition(":")[0].strip() for line in lines]),
    "wmi-operatingsystem-sku-server2022-core": Scene(_operating_system),
}  # fmt: skip
#: Words of a README's column "host" to a profile, for recordings nobody has written a scene for.
_PROFILES = {
    "Server 2025": "server-2025",
    "Server 2022": "server-2022",
    "Server 2019": "server-2019",
    "Server 2016": "server-2016",
    "Windows 11": "windows-11-24h2",
    "Windows 10": "windows-10-22h2",
}


def unknown(name: str, readme: str) -> Scene | None:
    """The scene of a recording that is new here: its command as the README beside it has it, on the release it names."""
    row = next((line.split("|") for line in readme.splitlines() if line.startswith(f"| {name}")), None)
    if row is None or len(row) < 4:
        return None
    command, host = re.sub(r" *\(.*?\)|,.*", "", row[2]).strip(" `"), row[3]
    profile = next((profile for words, profile in _PROFILES.items() if words in host), "server-2022")
    return Scene(lambda recorded: tidy((done := _last(Machine("host", profile), command)).text or done.error_text))


#: Recordings without a scene, and why.
LEFT_OUT = {
    "dism-add-package-source-missing-win11-24h2": "packages and offline images are not simulated; its words are those of 0x800f081f",
    "dism-get-features-server2008r2": "Server 2008 R2 is not simulated",
    "ps-install-windowsfeature-hyperv-prereq-failed-server2019": "a check of Install-WindowsFeature, which is PowerShell; dism has none",
}


def _with_archive() -> Machine:
    machine = Machine("host", "windows-10-22h2")
    machine.files.write("C:\\packer.exe", b"x")
    run_lines(machine, "tar -cf C:\\packer.tar -C C:\\ packer.exe")
    return machine
