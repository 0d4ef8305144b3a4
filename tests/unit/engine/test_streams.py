# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Frames of a multiplexed stream, cut anywhere."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.streams import Frame, FrameParser

FRAMES = st.lists(st.builds(Frame, st.sampled_from([1, 2]), st.binary(max_size=40)), max_size=8)


@given(FRAMES, st.integers(min_value=1, max_value=30))
def test_frames_come_out_as_they_went_in(frames: list[Frame], size: int) -> None:
    wire = b"".join(struct.pack(">BxxxL", frame.stream, len(frame.data)) + frame.data for frame in frames)
    parser = FrameParser()
    found = [frame for start in range(0, len(wire), size) for frame in parser.feed(wire[start : start + size])]
    assert found == frames


def test_a_terminal_has_no_frames() -> None:
    assert FrameParser(tty=True).feed(b"\x01\0\0\0\0\0\0\x02hi") == [Frame(1, b"\x01\0\0\0\0\0\0\x02hi")]
