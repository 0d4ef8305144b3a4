# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of containers, images made from Dockerfiles and containers, on both engines."""

from __future__ import annotations

import io
import json
import re
import tarfile
from typing import Any
from urllib.parse import quote

import pytest
from contract.conftest import IMAGE, Side
from contract.test_refusals import ask, refusal
from docker.errors import APIError


def tar_of(files: dict[str, bytes]) -> bytes:
    """A tar with these files."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o644
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def members(pieces: Any) -> dict[str, bytes | None]:
    """Names and content of a tar that comes in pieces; folders have None."""
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as archive:
        found = {}
        for member in archive:
            content = archive.extractfile(member)
            found[member.name.rstrip("/")] = content.read() if content else None
        return found


def test_put_and_get(side: Side) -> None:
    id_ = side.create(["true"])
    assert side.api.put_archive(id_, "/", tar_of({"data/one.txt": b"1", "data/deep/two.txt": b"22"})) is True
    pieces, stat = side.api.get_archive(id_, "/data")
    assert members(pieces) == {"data": None, "data/one.txt": b"1", "data/deep": None, "data/deep/two.txt": b"22"}
    assert (stat["name"], stat["linkTarget"]) == ("data", "")
    pieces, stat = side.api.get_archive(id_, "/data/one.txt")
    assert members(pieces) == {"one.txt": b"1"}
    assert (stat["name"], stat["size"], stat["mode"] & 0o777) == ("one.txt", 1, 0o644)


def test_what_a_command_wrote(side: Side) -> None:
    id_ = side.run(["sh", "-c", "echo written > /made.txt"])
    side.api.wait(id_, timeout=20)
    assert members(side.api.get_archive(id_, "/made.txt")[0]) == {"made.txt": b"written\n"}


def test_a_command_sees_what_was_put(side: Side) -> None:
    id_ = side.create(["cat", "/in.txt"])
    side.api.put_archive(id_, "/", tar_of({"in.txt": b"hello"}))
    side.api.start(id_)
    side.api.wait(id_, timeout=20)
    assert side.api.logs(id_) == b"hello"


@pytest.mark.parametrize(
    ("method", "target", "status", "message"),
    [
        ("GET", "/archive?path=/nope", 404, "Could not find the file /nope in container {id}"),
        ("PUT", "/archive?path=/nope", 404, "Could not find the file /nope in container {id}"),
        ("PUT", "/archive?path=/bin/busybox", 500, "extraction point is not a directory"),
        ("GET", "/archive", 400, "bad parameter: pathcannot be empty"),
    ],
)
def test_refused_archives(side: Side, method: str, target: str, status: int, message: str) -> None:
    id_ = side.create(["true"])
    got, text, _unused = ask(side, method, f"/containers/{id_}{target}")
    assert (got, json.loads(text)) == (status, {"message": message.format(id=id_)})


def test_stat_of_what_is_not_there(side: Side) -> None:
    id_ = side.create(["true"])
    assert ask(side, "HEAD", f"/containers/{id_}/archive?path=/nope")[0] == 404


def test_changes(side: Side) -> None:
    id_ = side.run(["sh", "-c", "mkdir /new; echo x > /new/file"])
    side.api.wait(id_, timeout=20)
    found = {row["Path"]: row["Kind"] for row in side.api.diff(id_)}
    assert (found["/new"], found["/new/file"]) == (1, 1)


DOCKERFILE = f"""# a comment
FROM {IMAGE}
LABEL role=web \\
      "with blank"="a b"
ENV GREETING=hello OTHER="two words"
WORKDIR /srv
COPY one.txt folder/ ./
RUN echo made > /made.txt
EXPOSE 80 53/udp
USER nobody
HEALTHCHECK --interval=5s --retries=2 CMD test -f /made.txt
CMD ["sh", "-c", "cat one.txt; cat two.txt; cat /made.txt; echo $GREETING"]
"""
CONTEXT = {"one.txt": b"1\n", "folder/two.txt": b"2\n"}


def build(side: Side, text: str, files: dict[str, bytes] | None = None, **options: Any) -> list[dict[str, Any]]:
    """The messages of a build."""
    context = io.BytesIO(tar_of({"Dockerfile": text.encode(), **(CONTEXT if files is None else files)}))
    return list(side.api.build(fileobj=context, custom_context=True, decode=True, **options))


def plain(messages: list[dict[str, Any]]) -> str:
    """The text of a stream, ids made equal."""
    return re.sub(r"\b[0-9a-f]{12}\b", "<id>", "".join(message.get("stream", "") for message in messages))


def test_build(side: Side) -> None:
    messages = build(side, DOCKERFILE, tag="contract/built:1", rm=True, nocache=True)
    image = side.api.inspect_image("contract/built:1")
    config = image["Config"]
    assert {"aux": {"ID": image["Id"]}} in messages
    assert messages[-1] == {"stream": "Successfully tagged contract/built:1\n"}
    assert config["Labels"] == {"role": "web", "with blank": "a b"}
    assert set(config["Env"]) >= {"GREETING=hello", "OTHER=two words"}
    assert set(config["ExposedPorts"]) == {"80/tcp", "53/udp"}
    assert (config["User"], config["WorkingDir"]) == ("nobody", "/srv")
    assert config["Healthcheck"] == {"Test": ["CMD-SHELL", "test -f /made.txt"], "Interval": 5 * 10**9, "Retries": 2}


def test_the_stream_of_a_build(side: Side) -> None:
    text = plain(build(side, f"FROM {IMAGE}\nENV a=b\nCOPY one.txt /\nRUN echo out\n", rm=True, nocache=True))
    assert text == (
        f"Step 1/4 : FROM {IMAGE}\n ---> <id>\n"
        "Step 2/4 : ENV a=b\n ---> Running in <id>\nRemoving intermediate container <id>\n ---> <id>\n"
        "Step 3/4 : COPY one.txt /\n ---> <id>\n"
        "Step 4/4 : RUN echo out\n ---> Running in <id>\nout\nRemoving intermediate container <id>\n ---> <id>\n"
        "Successfully built <id>\n"
    )


def test_a_build_again_uses_the_cache(side: Side) -> None:
    text = f"FROM {IMAGE}\nENV cached=yes\n"
    build(side, text)
    assert "Step 2/2 : ENV cached=yes\n ---> Using cache\n ---> <id>\n" in plain(build(side, text))


def test_run_what_was_built(side: Side) -> None:
    build(side, DOCKERFILE.replace("USER nobody\n", ""), tag="contract/runs:1")
    id_ = side.api.create_container("contract/runs:1", host_config=side.api.create_host_config(network_mode="none"))["Id"]
    side.api.start(id_)
    side.api.wait(id_, timeout=20)
    assert side.api.logs(id_) == b"1\n2\nmade\nhello\n"


def test_stages(side: Side) -> None:
    build(side, f"FROM {IMAGE} AS first\nRUN echo a > /a.txt\nFROM {IMAGE}\nCOPY --from=first /a.txt /b.txt\n", tag="contract/staged:1")
    id_ = side.api.create_container("contract/staged:1", ["true"])["Id"]
    assert members(side.api.get_archive(id_, "/b.txt")[0]) == {"b.txt": b"a\n"}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (f"FROM {IMAGE}\nRUN exit 3\n", "The command '/bin/sh -c exit 3' returned a non-zero code: 3"),
        (
            f"FROM {IMAGE}\nCOPY nope /\n",
            "COPY failed: file not found in build context or excluded by .dockerignore: stat nope: file does not exist",
        ),
    ],
)
def test_a_step_that_fails(side: Side, text: str, error: str) -> None:
    last = build(side, text)[-1]
    assert last["error"] == error
    assert last["errorDetail"]["message"] == error


@pytest.mark.parametrize("text", ["NONSENSE x\n", f"FROM {IMAGE}\nNONSENSE x\n"])
def test_an_unknown_instruction(side: Side, text: str) -> None:
    with pytest.raises(APIError) as caught:
        build(side, text)
    assert caught.value.status_code == 400
    assert "unknown instruction: NONSENSE" in str(caught.value.explanation)


def test_commit(side: Side) -> None:
    id_ = side.run(["sh", "-c", "echo kept > /kept.txt"])
    side.api.wait(id_, timeout=20)
    image = side.api.commit(id_, repository="contract/kept", tag="1", changes='CMD ["cat", "/kept.txt"]')["Id"]
    shown = side.api.inspect_image("contract/kept:1")
    assert (shown["Id"], shown["Config"]["Cmd"], shown["Parent"]) == (image, ["cat", "/kept.txt"], side.api.inspect_image(IMAGE)["Id"])
    second = side.api.create_container("contract/kept:1", host_config=side.api.create_host_config(network_mode="none"))["Id"]
    side.api.start(second)
    side.api.wait(second, timeout=20)
    assert side.api.logs(second) == b"kept\n"


def test_commit_while_it_runs(side: Side) -> None:
    id_ = side.run(["sleep", "60"])
    if side.platform.live_files:
        assert side.api.commit(id_)["Id"]
    else:
        assert refusal(side.api.commit, id_) == (500, "windows does not support commit of a running container")


def test_export(side: Side) -> None:
    id_ = side.create(["true"])
    if side.platform.exports:
        assert b"bin/busybox" in b"".join(side.api.export(id_))
    else:
        text = "the daemon on this operating system does not support exporting Windows containers"
        assert refusal(lambda: list(side.api.export(id_))) == (500, text)


def test_save_what_is_not_there(side: Side) -> None:
    status, text, _unused = ask(side, "GET", f"/images/{quote('nothing:here')}/get")
    assert (status, json.loads(text)) == (404, {"message": "reference does not exist"})


def test_save_load_and_run(side: Side) -> None:
    build(side, f"FROM {IMAGE}\nRUN echo saved > /saved.txt\n", tag="contract/saved:1")
    before = side.api.inspect_image("contract/saved:1")
    saved = b"".join(side.api.get_image("contract/saved:1"))
    side.api.remove_image("contract/saved:1", force=True)
    assert list(side.api.load_image(saved))[-1] == {"stream": "Loaded image: contract/saved:1\n"}
    after = side.api.inspect_image("contract/saved:1")
    assert (after["RepoTags"], after["Config"]["Cmd"]) == (before["RepoTags"], before["Config"]["Cmd"])
    id_ = side.api.create_container("contract/saved:1", ["true"])["Id"]
    assert members(side.api.get_archive(id_, "/saved.txt")[0]) == {"saved.txt": b"saved\n"}
