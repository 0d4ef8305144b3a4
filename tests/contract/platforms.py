# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may differ between the engine of a Windows host and a real one on Linux: the one list. All else is asserted equal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Platform:
    """One side of the table.

    Attributes:
        os: OSType of info, Os of version and of images.
        driver: Storage driver.
        has_isolation: ``/info`` and inspect name the isolation in force.
        stopped_code: Exit code of a command that does not end by itself and is stopped or killed.
        missing_program_words: What a start says whose program does not exist.
        top_titles: Columns of ``top``.
        process_name_column: That of the program's name.
        takes_top_arguments: Whether ``top`` takes arguments of ps.
        pause: Whether a container of the default isolation can be paused.
        privileged: Whether privileged containers exist.
        live_files: Whether a running container can be committed and compared with its image.
        ordered_times: Whether the start is always noted before the end.
        exports: Whether a container's files can be exported.
    """

    os: str
    driver: str
    has_isolation: bool
    stopped_code: int
    missing_program_words: str
    top_titles: tuple[str, ...]
    pause: bool
    takes_top_arguments: bool
    process_name_column: str
    privileged: bool
    live_files: bool
    exports: bool
    ordered_times: bool


LINUX = Platform(
    os="linux",
    driver="vfs",
    has_isolation=False,
    stopped_code=137,
    missing_program_words="executable file not found",
    top_titles=("UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"),
    pause=True,
    takes_top_arguments=True,
    process_name_column="CMD",
    privileged=True,
    live_files=True,
    exports=True,
    ordered_times=False,
)
WINDOWS = Platform(
    os="windows",
    driver="windowsfilter",
    has_isolation=True,
    stopped_code=0xC000013A,
    missing_program_words="The system cannot find the file specified",
    top_titles=("Name", "PID", "CPU", "Private Working Set"),
    pause=False,
    takes_top_arguments=False,
    process_name_column="Name",
    privileged=False,
    live_files=False,
    exports=False,
    ordered_times=True,
)
