# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""curl's command line."""

from __future__ import annotations

from dataclasses import dataclass, field

from .curl_transfer import Failed


@dataclass
class Options:
    """What was asked for; ``continue_at`` is ``-`` or a number of bytes."""

    url: str = ""
    output: str | None = None
    fail: bool = False
    silent: bool = False
    show_error: bool = False
    location: bool = False
    head: bool = False
    insecure: bool = False
    create_dirs: bool = False
    ssl_no_revoke: bool = False
    retry_connrefused: bool = False
    retry_all_errors: bool = False
    retry: int = 0
    retry_delay: float | None = None
    connect_timeout: float = 300
    max_time: float = 0
    continue_at: str = ""
    proxy: str | None = None
    proxy_user: str = ""
    noproxy: str | None = None
    cacert: str = ""
    user: str = ""
    write_out: str = ""
    headers: list[str] = field(default_factory=list)


_SHORT_FLAGS = {"f": "fail", "s": "silent", "S": "show_error", "L": "location", "I": "head", "k": "insecure"}
_FLAGS = {
    "--" + name.replace("_", "-"): name
    for name in (*_SHORT_FLAGS.values(), "create_dirs", "ssl_no_revoke", "retry_connrefused", "retry_all_errors")
}
#: Flags without an effect here: progress, protocol versions.
_IGNORED = {
    "--progress-bar",
    "--no-progress-meter",
    "--http1.1",
    "--http2",
    "--tlsv1.2",
    "--tlsv1.3",
    "--remote-time",
    "--disable",
    "--compressed",
}
_VALUES = {
    "-o": "output",
    "--output": "output",
    "--retry": "retry",
    "--retry-delay": "retry_delay",
    "--connect-timeout": "connect_timeout",
    "-m": "max_time",
    "--max-time": "max_time",
    "-C": "continue_at",
    "--continue-at": "continue_at",
    "-x": "proxy",
    "--proxy": "proxy",
    "-U": "proxy_user",
    "--proxy-user": "proxy_user",
    "--noproxy": "noproxy",
    "--cacert": "cacert",
    "-u": "user",
    "--user": "user",
    "-w": "write_out",
    "--write-out": "write_out",
    "-H": "headers",
    "--header": "headers",
    "--url": "url",
}
_IGNORED_VALUES = {"--proto", "--proto-redir", "-A", "--user-agent", "--retry-max-time", "--limit-rate", "--max-redirs"}
_NUMBERS = ("retry", "retry_delay", "connect_timeout", "max_time")


def parse(arguments: list[str]) -> Options:
    """Raises Failed with code 2."""
    options = Options()
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word in _VALUES or word in _IGNORED_VALUES:
            if not rest:
                raise Failed(2, f"option {word}: requires parameter")
            _assign(options, _VALUES.get(word, ""), rest.pop(0))
        elif word in _FLAGS:
            setattr(options, _FLAGS[word], True)
        elif word in _IGNORED:
            continue
        elif word == "--remote-name":
            options.output = "-O"
        elif word.startswith("-") and not word.startswith("--") and len(word) > 1:
            _letters(options, word, rest)
        elif word.startswith("-"):
            raise Failed(2, f"option {word}: is unknown")
        elif options.url:
            raise Failed(2, "the simulated curl takes one URL only")
        else:
            options.url = word
    if not options.url:
        raise Failed(2, "no URL specified")
    return options


def _letters(options: Options, word: str, rest: list[str]) -> None:
    for position, letter in enumerate(word[1:], 2):
        if letter in _SHORT_FLAGS:
            setattr(options, _SHORT_FLAGS[letter], True)
        elif letter == "O":
            options.output = "-O"
        elif f"-{letter}" in _VALUES or f"-{letter}" in _IGNORED_VALUES:
            value = word[position:] or (rest.pop(0) if rest else "")
            _assign(options, _VALUES.get(f"-{letter}", ""), value)
            return
        elif letter not in "g#qR":
            raise Failed(2, f"option {word}: is unknown")


def _assign(options: Options, name: str, value: str) -> None:
    if name == "headers":
        options.headers.append(value)
    elif name in _NUMBERS:
        try:
            setattr(options, name, int(value) if name == "retry" else float(value))
        except ValueError:
            raise Failed(2, f"option --{name.replace('_', '-')}: expected a proper numerical parameter") from None
    elif name == "continue_at" and value != "-" and not value.isdigit():
        raise Failed(2, "option -C: expected a proper numerical parameter")
    elif name:
        setattr(options, name, value)
