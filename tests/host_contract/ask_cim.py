# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions about CIM: shapes of values, methods, the registry provider, and what the machine says of itself (facts/wsman.md 5, 10.5;
facts/native-tools.md 3 and 6)."""

from __future__ import annotations

import re
import time
from collections import Counter
from typing import Any

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ContainersError
from ansible_collections.winfleet.containers.plugins.plugin_utils.host.antivirus import DEFENDER, PRODUCTS
from ansible_collections.winfleet.containers.plugins.plugin_utils.host.facts import (
    COMPUTER_SYSTEM,
    PROCESSOR,
    read_hypervisor_launch,
    read_system,
)
from ansible_collections.winfleet.containers.plugins.plugin_utils.host.reader import TIME_ZONE
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote import envelope
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.cim import CimClass
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.winrm_config import read_winrm, tight_settings

from .question import Answer, NotAsked, question, yes_no
from .site import MARK, Site
from .wire import Reply, exchange

_LOCAL_MACHINE = 2147483650
_VERSION_KEY = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
_ENVIRONMENT_KEY = "SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment"
_REGISTRY = CimClass("StdRegProv", {"sValue": str, "uValue": int}, "root/default")
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_FLAGS = ("VMMonitorModeExtensions", "SecondLevelAddressTranslationExtensions", "VirtualizationFirmwareEnabled")


def registry_method(site: Site, method: str, arguments: dict[str, str], namespace: str = "root/default") -> Reply:
    """Call StdRegProv with just these arguments, in this order."""
    return exchange(site.session, envelope.invoke(namespace, "StdRegProv", method, list(arguments.items())))


def get_value(name: str, key: str = _VERSION_KEY) -> dict[str, str]:
    """Arguments of GetStringValue and its like."""
    return {"hDefKey": str(_LOCAL_MACHINE), "sSubKeyName": key, "sValueName": name}


def result(reply: Reply) -> str:
    """What a method returned, or how it was refused."""
    return reply.outcome if reply.fault else f"result {reply.text('ReturnValue') or 'missing'}"


@question("registry-method", "Does StdRegProv answer a GetStringValue?", fact="wsman.md 10.5, 5.2", contract=True)
def registry_method_works(site: Site) -> Answer:
    reply = registry_method(site, "GetStringValue", get_value("CurrentBuildNumber"))
    return yes_no(reply.text("sValue").isdigit() and reply.text("ReturnValue") == "0", result(reply), no_breaks=True)


@question("registry-in-cimv2", "Is StdRegProv in root/cimv2, too?", fact="wsman.md 5.2; native-tools.md 6")
def registry_in_cimv2(site: Site) -> Answer:
    reply = registry_method(site, "GetStringValue", get_value("CurrentBuildNumber"), "root/cimv2")
    return yes_no(reply.text("ReturnValue") == "0", result(reply))


@question("missing-value", "What does StdRegProv return for a value that does not exist?", fact="wsman.md 5.2; native-tools.md 6")
def missing_value(site: Site) -> Answer:
    value = result(registry_method(site, "GetStringValue", get_value(MARK)))
    number = value.removeprefix("result ")
    known = number in ("1", "2")
    return Answer(value, position={"missing_value_result": int(number)} if known else {}, breaks=not known)


@question("missing-key", "What does StdRegProv return for a key that does not exist?", fact="wsman.md 5.2; native-tools.md 6")
def missing_key(site: Site) -> Answer:
    value = result(registry_method(site, "GetStringValue", get_value("x", f"SOFTWARE\\{MARK}-missing")))
    return Answer(value, breaks=value not in ("result 1", "result 2"))


@question("parameter-order", "May the parameters of a method come in another order?", fact="wsman.md 5.2")
def parameter_order(site: Site) -> Answer:
    reply = registry_method(site, "GetStringValue", dict(reversed(get_value("CurrentBuildNumber").items())))
    return yes_no(reply.text("sValue").isdigit(), result(reply))


@question("missing-parameter", "What does a method answer when a parameter is missing?", fact="wsman.md 5.2")
def missing_parameter(site: Site) -> Answer:
    arguments = get_value("CurrentBuildNumber")
    del arguments["sSubKeyName"]
    return Answer(result(registry_method(site, "GetStringValue", arguments)))


@question("wrong-parameter", "What does a method answer when a parameter has the wrong type?", fact="wsman.md 5.2")
def wrong_parameter(site: Site) -> Answer:
    return Answer(result(registry_method(site, "GetStringValue", {**get_value("CurrentBuildNumber"), "hDefKey": "none"})))


@question("expanded-value", "Does StdRegProv expand REG_EXPAND_SZ when it reads it?", fact="native-tools.md 6")
def expanded_value(site: Site) -> Answer:
    reply = registry_method(site, "GetExpandedStringValue", get_value("windir", _ENVIRONMENT_KEY))
    return Answer("unknown: " + result(reply)) if not reply.text("sValue") else yes_no("%" not in reply.text("sValue"))


@question("nulls", "Do absent values come as xsi:nil?", fact="native-tools.md 6; wsman.md 5.1")
def nulls(site: Site) -> Answer:
    reply = exchange(site.session, envelope.enumerate_wql("root/cimv2", "select * from Win32_LogicalDisk where DeviceID = 'C:'"))
    nil = sum(element.get(_NIL) == "true" for element in reply.root.iter())
    return yes_no(nil > 0, f"{nil} properties of Win32_LogicalDisk")


@question("boot-time-form", "In which form does LastBootUpTime come?", fact="native-tools.md 3; wsman.md 5.1")
def boot_time_form(site: Site) -> Answer:
    text = exchange(site.session, envelope.get("root/cimv2", "Win32_OperatingSystem")).text("LastBootUpTime")
    form = re.sub(r"\d", "9", text)
    site.host.cim.get(CimClass("Win32_OperatingSystem", {"LastBootUpTime": str}))
    return Answer(form or "nothing", breaks=not re.match(r"9999-?99-?99", form))


@question("missing-class", "How is a query of a missing class refused?", fact="wsman.md 10.5, 5.1")
def missing_class(site: Site) -> Answer:
    return Answer(exchange(site.session, envelope.enumerate_wql("root/cimv2", "select Name from Winfleet_Missing")).outcome)


@question("missing-namespace", "How is a query in a missing namespace refused?", fact="native-tools.md 6")
def missing_namespace(site: Site) -> Answer:
    return Answer(exchange(site.session, envelope.enumerate_wql("root/winfleet", "select Name from Winfleet_Missing")).outcome)


@question("associators", "Is ASSOCIATORS OF taken as a WQL filter?", fact="wsman.md 5.1")
def associators(site: Site) -> Answer:
    wql = "ASSOCIATORS OF {Win32_Service.Name='winmgmt'} WHERE ResultClass = Win32_ComputerSystem"
    reply = exchange(site.session, envelope.enumerate_wql("root/cimv2", wql))
    return yes_no(reply.fault is None, reply.outcome)


@question("feature-names", "Is Win32_OptionalFeature.Name compared with regard to case?", fact="native-tools.md 1.1")
def feature_names(site: Site) -> Answer:
    feature = CimClass("Win32_OptionalFeature", {"Name": str})
    exact, lower = (site.host.cim.query(feature, f"Name = '{name}'") for name in ("Containers", "containers"))
    if not exact:
        return Answer("unknown: this Windows has no feature Containers")
    return yes_no(not lower)


@question("feature-list", "How long does it take to list Win32_OptionalFeature?", fact="native-tools.md 6")
def feature_list(site: Site) -> Answer:
    started = time.monotonic()
    count = len(site.host.cim.query(CimClass("Win32_OptionalFeature", {"Name": str, "InstallState": int})))
    took = round(time.monotonic() - started, 1)
    return Answer(f"{took} s", f"{count} features", seen={"seconds": took, "features": count})


@question("processor-flags", "What do the processor's virtualisation flags say?", fact="native-tools.md 6")
def processor_flags(site: Site) -> Answer:
    computer, processor = site.host.cim.query(COMPUTER_SYSTEM)[0], site.host.cim.query(PROCESSOR)[0]
    flags = {name: processor.get(name) for name in _FLAGS}
    beside = "beside a hypervisor" if computer.get("HypervisorPresent") else "without a hypervisor"
    words = ", ".join("unknown" if value is None else str(value).lower() for value in flags.values())
    return Answer(f"{words} {beside}", ", ".join(_FLAGS), seen={"HypervisorPresent": computer.get("HypervisorPresent"), **flags})


@question("hypervisor-log", "Does the System log tell whether the hypervisor started at this boot?", fact="native-tools.md 6")
def hypervisor_log(site: Site) -> Answer:
    feature = CimClass("Win32_OptionalFeature", {"Name": str, "InstallState": int})
    if not site.host.cim.query(feature, "Name = 'Microsoft-Hyper-V' and InstallState = 1"):
        raise NotAsked("Hyper-V is not enabled")
    launch = read_hypervisor_launch(site.host, read_system(site.host).boot_time)
    told = launch != "unknown"
    return Answer(
        "yes" if told else "no", f"it says {launch}" if told else "no event 1 or 41 since the boot", {"silent_hypervisor_log": not told}
    )


@question("command-lines", "Is CommandLine null for processes one may not open?", fact="native-tools.md 6")
def command_lines(site: Site) -> Answer:
    lines = [row.get("CommandLine") for row in site.host.cim.query(CimClass("Win32_Process", {"CommandLine": str}))]
    null = sum(line is None for line in lines)
    return yes_no(null > 0, f"{null} of {len(lines)} processes", null=null, processes=len(lines))


@question("update-dates", "How does Win32_QuickFixEngineering write InstalledOn?", fact="native-tools.md 6")
def update_dates(site: Site) -> Answer:
    rows = site.host.cim.query(CimClass("Win32_QuickFixEngineering", {"InstalledOn": str}))
    forms = Counter(re.sub(r"\d+", "9", str(row.get("InstalledOn") or "nothing")) for row in rows)
    return Answer(", ".join(forms) or "no update is listed", seen=dict(forms))


@question("protection", "Which classes tell of protection against malware?", fact="containerd-kubernetes.md 7.5")
def protection(site: Site) -> Answer:
    seen = {}
    for name, cim_class in (("security centre", PRODUCTS), ("Defender", DEFENDER)):
        try:
            seen[name] = f"{len(site.host.cim.query(cim_class))} instances"
        except ContainersError as error:
            seen[name] = error.cause
    return Answer("; ".join(f"{name}: {words}" for name, words in seen.items()), seen=seen)


@question("time-zone-name", "Does the registry name the time zone, and is that name the same in every language?", fact="native-tools.md 6")
def time_zone_name(site: Site) -> Answer:
    name = site.host.registry.string(TIME_ZONE, "TimeZoneKeyName")
    return Answer(name or "no value TimeZoneKeyName", seen={"offset": read_system(site.host).utc_offset_minutes})


@question("winrm-limits", "What does the WinRM service allow?", fact="wsman.md 2.2, 6")
def winrm_limits(site: Site) -> Answer:
    settings = read_winrm(site.host.session)
    missing = [name for name, value in settings.items() if value is None]
    answer = ", ".join(tight_settings(settings)) or "nothing is below the defaults"
    return Answer(f"{answer}; not told: {', '.join(missing)}" if missing else answer, seen=dict(settings))


@question("machine-words", "With which words does this machine name its maker and model?", fact="native-tools.md 6")
def machine_words(site: Site) -> Answer:
    computer = site.host.cim.query(COMPUTER_SYSTEM)[0]
    return Answer(f"{computer.get('Manufacturer')} / {computer.get('Model')}")


@question("windows", "Which Windows is it?", fact="native-tools.md 6; windows-containers.md 13.1")
def windows(site: Site) -> Answer:
    system = site.host.cim.query(CimClass("Win32_OperatingSystem", {"Caption": str, "Version": str, "OperatingSystemSKU": int}))[0]
    names = ("InstallationType", "ProductName", "DisplayVersion", "EditionID")
    seen: dict[str, Any] = {**system, **{name: site.host.registry.string(_VERSION_KEY, name) for name in names}}
    seen["UBR"] = site.host.registry.dword(_VERSION_KEY, "UBR")
    return Answer(f"{system.get('Caption')}, {system.get('Version')}.{seen['UBR']}", seen=seen)


@question("not-administrator", "How is an account refused that is no administrator?", fact="wsman.md 10.5, 1.1")
def not_administrator(site: Site) -> Answer:
    user, password = site.variables.get("winfleet_contract_user"), site.variables.get("winfleet_contract_password")
    if not user or not password:
        raise NotAsked("the inventory gives no winfleet_contract_user and winfleet_contract_password")
    started = time.monotonic()
    try:
        other = Site(site.name, {**site.variables, "ansible_user": user, "ansible_password": password})
    except ContainersError as error:
        return Answer(
            f"{type(error).__name__}: {error.cause}", f"after {time.monotonic() - started:.1f} s, when the connection opened its shell"
        )
    try:
        outcome = exchange(other.session, envelope.get("root/cimv2", "Win32_OperatingSystem")).outcome
        return Answer(outcome, f"a Get of Win32_OperatingSystem, after {time.monotonic() - started:.1f} s")
    finally:
        other.close()
