# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients of the Engine API on the local socket: the Docker SDK, and the docker command line where it is installed."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import yaml
from docker import APIClient
from docker.errors import APIError
from requests.exceptions import ConnectionError as Broken

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine import listener
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.listener import Listener, Way
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError
from ansible_collections.winfleet.containers.plugins.plugin_utils.peers import open_peer

from .conftest import IMAGE, PING, Site

ROOT = Path(__file__).resolve().parents[3]
TIMEOUT = 30
STOPPED = 0xC000013A


class Socket:
    """A host with an engine and a running container, and its socket on this machine."""

    def __init__(self, site: Site, path: Path, **options: Any) -> None:
        self.site, self.path, self.reports = site, path, list[str]()
        variables = {
            "ansible_connection": "winrm",
            "ansible_winrm_transport": "ntlm",
            "ansible_winrm_scheme": "http",
            **site.host.inventory(),
        }
        with open_peer("ws2022", {"hostvars": {"ws2022": variables}}) as host:
            way = Way.to(host)
        self.listener = Listener(way, self.reports.append, **options)
        self.listener.open(path)
        self._clients: list[APIClient] = []

    def client(self) -> APIClient:
        """A client that keeps its connection."""
        self._clients.append(APIClient(base_url=f"unix://{self.path}", version="1.47", timeout=TIMEOUT))
        return self._clients[-1]

    @property
    def shells(self) -> int:
        """Shells that are open on the host."""
        service = self.site.host.winrm.service.shells
        count: int = self.site.fleet.call(lambda: len(list(service.shells.all())))
        return count

    def wait_for(self, shells: int) -> None:
        """Until the host has so many shells."""
        deadline = time.monotonic() + TIMEOUT
        while self.shells != shells:
            assert time.monotonic() < deadline, f"{self.shells} shells are open, expected {shells}"
            time.sleep(0.05)

    def wait_for_report(self, beginning: str) -> None:
        """Until the user has been told, of one connection, while things happen on the engine."""
        deadline, web = time.monotonic() + TIMEOUT, self.site.there()
        while not self.reports and time.monotonic() < deadline:
            self.site.fleet.call(lambda: self.site.engine.events.container(web, "rename"))
            time.sleep(0.05)
        assert [text[: len(beginning)] for text in self.reports] == [beginning]

    def close(self) -> None:
        for client in self._clients:
            client.close()
        self.listener.close()


Open = Callable[..., Socket]


@pytest.fixture
def opened(site: Callable[..., Site], tmp_path: Path) -> Iterator[Open]:
    """``opened(tunnels=2, idle=0.5)``."""
    with ExitStack() as stack:

        def start(**options: Any) -> Socket:
            where = site()
            made = where.container(image=IMAGE, command=PING)
            assert not made.error, made.error
            found = Socket(where, tmp_path / "e.sock", **options)
            stack.callback(found.close)
            return found

        yield start


def in_web(client: APIClient, command: list[str], **options: Any) -> str:
    return str(client.exec_create("web", command, **options)["Id"])


def test_clients_use_the_engine_as_if_it_were_here(opened: Open) -> None:
    here = opened()
    assert here.shells == 0, "nothing stays open while nobody asks"
    assert stat.S_IMODE(here.path.stat().st_mode) == 0o600
    client = here.client()
    assert [entry["Names"] for entry in client.containers()] == [["/web"]]
    assert here.shells == 1
    assert b"inside" in client.exec_start(in_web(client, ["cmd", "/c", "echo inside"]))
    exec_id = in_web(client, ["cmd", "/c", "sort"], stdin=True)
    hijacked = client.exec_start(exec_id, socket=True)
    hijacked._sock.sendall(b"b\r\na\r\n")
    hijacked._sock.shutdown(socket.SHUT_WR)
    assert b"a" in b"".join(iter(lambda: hijacked.read(4096), b""))
    hijacked.close()
    followed = client.logs("web", stream=True, follow=True)
    assert b"Pinging" in b"".join(next(followed) for _line in range(2))
    followed.close()
    assert list(client.pull(IMAGE, stream=True, decode=True))
    client.close()
    here.wait_for(shells=0)
    assert here.reports == []


class Http(HTTPConnection):
    """One connection to the socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=TIMEOUT)
        self._path = path

    def __enter__(self) -> Http:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(TIMEOUT)
        self.sock.connect(str(self._path))

    def ask(self, method: str, path: str, **options: Any) -> tuple[int, Message, bytes]:
        """Status, headers and body."""
        self.request(method, path, **options)
        answer = self.getresponse()
        return answer.status, answer.headers, answer.read()


def test_http_passes_as_the_docker_command_line_and_compose_speak_it(opened: Open) -> None:
    here = opened()
    http = Http(here.path)
    status, headers, body = http.ask("HEAD", "/_ping")
    assert (status, body) == (200, b"")
    assert (headers["Api-Version"], headers["Ostype"], headers["Builder-Version"]) == ("1.51", "windows", "1")
    # What asks for BuildKit is answered, and the connection goes on.
    assert http.ask("POST", "/grpc", headers={"Connection": "Upgrade", "Upgrade": "h2c"})[0] == 404
    assert http.ask("GET", "/v1.24/version")[0] == 200
    http.request("POST", "/v1.51/containers/web/wait?condition=next-exit")
    waiting = http.getresponse()  # its head comes before the container is over
    here.client().stop("web", timeout=1)
    assert json.loads(waiting.read())["StatusCode"] == STOPPED
    http.sock.sendall(b"GET /_ping HTTP/1.1\r\nHost: x\r\n\r\nGET /_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"".join(iter(lambda: http.sock.recv(4096), b"")).count(b"\r\n\r\nOK") == 2, "two questions at once"


def test_a_build_context_in_chunks_waits_for_the_engine_to_want_it(opened: Open) -> None:
    here = opened()
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        text = f"FROM {IMAGE}\nARG WHAT\nRUN echo %WHAT%\n".encode()
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(text)
        tar.addfile(entry, io.BytesIO(text))
    http = Http(here.path)
    http.connect()
    query = "t=my%3A1&buildargs=%7B%22WHAT%22%3A%22chunks%22%7D&labels=%7B%22a%22%3A%22b%22%7D&rm=1&version=1"
    head = f"POST /v1.51/build?{query} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-tar\r\n"
    http.sock.sendall(f"{head}Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    assert http.sock.recv(4096).startswith(b"HTTP/1.1 100 ")
    data = context.getvalue()
    for start in range(0, len(data), 4000):
        piece = data[start : start + 4000]
        http.sock.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
    http.sock.sendall(b"0\r\n\r\n")
    answer = b""
    while not answer.endswith(b"0\r\n\r\n"):
        answer += http.sock.recv(65536)
    assert b"chunks" in answer and b"Successfully tagged my:1" in answer
    http.close()
    assert here.client().inspect_image("my:1")["Config"]["Labels"] == {"a": "b"}


def test_the_calls_of_compose_and_of_community_docker_work(opened: Open) -> None:
    here = opened()
    client = here.client()
    client.create_network("front", driver="nat", labels={"com.docker.compose.project": "shop"})
    networking = client.create_networking_config({"front": client.create_endpoint_config(aliases=["job"])})
    client.create_container(IMAGE, ["cmd", "/c", "echo done"], name="job", networking_config=networking)
    attached = client.attach_socket("job", params={"stdout": 1, "stream": 1})
    client.start("job")
    assert b"done" in b"".join(iter(lambda: attached.read(4096), b""))
    attached.close()
    assert client.inspect_container("job")["NetworkSettings"]["Networks"]["front"]["Aliases"][0] == "job"
    events = client.events(decode=True, since=1, filters={"container": "job", "event": ["start", "die"]})
    assert [next(events)["Action"] for _number in range(2)] == ["start", "die"]
    events.close()
    image = client.inspect_image(IMAGE)
    assert client.inspect_image(image["RepoDigests"][0])["Id"] == image["Id"]
    typing = in_web(client, ["cmd"], stdin=True, tty=True)
    terminal = client.exec_start(typing, socket=True, tty=True)
    client.exec_resize(typing, height=30, width=100)
    terminal._sock.sendall(b"echo typed\rexit 3\r")
    assert b"\r\ntyped\r\n" in b"".join(iter(lambda: terminal.read(4096), b""))
    terminal.close()
    assert client.exec_inspect(typing)["ExitCode"] == 3
    assert here.reports == []


def test_more_clients_than_tunnels_wait_for_their_turn(opened: Open) -> None:
    here = opened(tunnels=3, idle=0)
    seen: list[int] = []

    def ask(_number: int) -> str:
        client = here.client()  # which keeps its connection: it is closed only because others wait
        version = str(client.version()["Version"])
        seen.append(here.shells)
        return version

    first = here.client()
    assert first.version()["Version"] == "28.5.2"
    stream = first.events()
    with ThreadPoolExecutor(5) as pool:
        assert list(pool.map(ask, range(5))) == ["28.5.2"] * 5
    assert max(seen) == 3
    assert first.version()["Version"] == "28.5.2", "a closed connection is opened again"
    stream.close()


def test_who_gave_up_in_the_queue_gets_no_tunnel(opened: Open) -> None:
    here = opened(tunnels=1)
    with Http(here.path) as first:
        first.request("GET", "/events")
        answer = first.getresponse()
        for _number in range(3):
            with Http(here.path) as gone:
                gone.request("GET", "/_ping")
        before = here.site.host.messages["Command"]
        answer.close()
    assert here.client().version()["Version"] == "28.5.2"
    assert here.site.host.messages["Command"] == before + 1


def test_a_stream_that_is_silent_is_not_idle(opened: Open) -> None:
    here = opened(idle=0.3)
    events = here.client().events(decode=True)
    waiter = ThreadPoolExecutor(1).submit(next, events)
    time.sleep(1.2)
    here.client().stop("web", timeout=1)
    assert waiter.result(TIMEOUT)["Type"] in ("container", "network")


def test_an_exec_ends_although_docker_on_the_host_does_not(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "ASK_AFTER", 0.5)
    here = opened()
    here.site.machine.switches.dial_stdio_waits_for_input = True
    client = here.client()
    hijacked = client.exec_start(in_web(client, ["cmd", "/c", "echo done"], stdin=True), socket=True)
    assert b"done" in b"".join(iter(lambda: hijacked.read(4096), b"")), "nobody ends the input, and the stream ends all the same"
    hijacked.close()
    waiting = client.exec_start(in_web(client, ["cmd"], stdin=True), socket=True)
    time.sleep(1.5)
    waiting._sock.sendall(b"echo still here\r\nexit\r\n")
    assert b"still here" in b"".join(iter(lambda: waiting.read(4096), b"")), "one that is silent goes on"
    waiting.close()


def test_the_end_closes_every_shell_and_the_socket(opened: Open) -> None:
    here = opened()
    clients = [here.client() for _number in range(3)]
    streams = [client.events() for client in clients]
    here.wait_for(shells=3)
    here.listener.close()
    assert (here.shells, here.path.exists()) == (0, False)
    for stream in streams:
        with pytest.raises((StopIteration, Broken, OSError)):
            next(stream)


def test_a_cut_connection_ends_one_client_and_is_reported(opened: Open) -> None:
    here = opened()
    here.site.host.faults.add("cut", kind="Receive", when="after", nth=1)
    with pytest.raises((Broken, APIError)):
        here.client().info()
    assert here.client().version()["Version"] == "28.5.2"
    assert here.reports == [], "the client was told"
    stream = here.client().events()
    here.site.host.faults.add("cut", kind="Receive", when="after", nth=1)
    here.wait_for_report("Cannot reach the engine on ws2022: the connection broke")
    with pytest.raises((Broken, StopIteration)):
        while True:
            next(stream)


def test_what_the_host_refuses_reaches_the_client_as_an_answer(opened: Open) -> None:
    here = opened()
    here.site.fleet.call(lambda: here.site.machine.services.stop("docker"))
    with pytest.raises(APIError) as caught:
        here.client().version()
    assert caught.value.explanation.startswith(
        'Cannot reach the engine on ws2022: the engine does not run: its service "docker" is stopped.'
    )
    here.site.fleet.call(lambda: here.site.machine.services.start("docker"))
    assert here.client().version()["Version"] == "28.5.2"
    here.site.host.faults.add("status", kind="Create", status=401)
    with pytest.raises(APIError) as denied:
        here.client().version()
    assert "ws2022: the credentials were rejected" in denied.value.explanation
    assert here.reports == []


def test_a_path_in_use_is_refused_and_one_left_behind_taken_over(opened: Open, tmp_path: Path) -> None:
    here = opened()
    with pytest.raises(OptionError, match="is in use"):
        Listener(here.listener._way).open(here.path)
    assert here.client().version()
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OptionError, match="is in use"):
        Listener(here.listener._way).open(tmp_path / "file")
    with pytest.raises(OptionError, match="longer than"):
        Listener(here.listener._way).open(tmp_path / ("a" * 120))
    left = tmp_path / "left.sock"
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(left))
    again = Listener(here.listener._way)
    again.open(left)
    again.close()
    assert not left.exists()


@pytest.fixture
def command(tmp_path: Path, site: Callable[..., Site]) -> tuple[Site, list[str]]:
    """The installed command for a host with an engine: the script where ansible-galaxy would put it, and its arguments."""
    collection = tmp_path / "ansible_collections" / "winfleet" / "containers"
    shutil.copytree(ROOT / "scripts", collection / "scripts")
    (collection / "plugins").symlink_to(ROOT / "plugins")
    (tmp_path / "engine_socket").symlink_to(collection / "scripts" / "engine_socket")
    where = site()
    inventory = tmp_path / "inventory.yml"
    inventory.write_text(yaml.safe_dump(where.fleet.inventory()))
    (tmp_path / "empty").mkdir()
    return where, [str(tmp_path / "engine_socket"), "ws2022", "-i", str(inventory)]


def environment() -> dict[str, str]:
    """No trace of this clone: what the script needs it finds by itself."""
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "ANSIBLE_COLLECTIONS_PATH")}
    return {**kept, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def test_a_script_outside_of_a_collection_says_where_the_right_one_is(tmp_path: Path) -> None:
    alone = shutil.copy(ROOT / "scripts" / "engine_socket", tmp_path)
    done = subprocess.run([alone, "ws2022"], env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Cannot find the collection around this command. ")
    assert len(done.stderr.splitlines()) == 1


DOCKER = f"""
set -eux
docker version --format '{{{{.Server.Version}}}} {{{{.Server.Os}}}}'
docker info --format '{{{{.OSType}}}}'
docker pull -q {IMAGE}
docker run --rm {IMAGE} cmd /c echo from run
docker run -d --name web {IMAGE} ping -t localhost
printf 'b\\r\\na\\r\\n' | docker exec -i web cmd /c sort
docker logs -n 1 web
docker logs -f web | head -n 3
for number in 1 2 3 4 5 6 7 8 9 10; do docker inspect -f 'inspected {{{{.State.Status}}}}' web & done
wait
printf 'FROM {IMAGE}\\nCOPY a.txt /a.txt\\nRUN echo built\\n' >Dockerfile
head -c 600000 /dev/urandom >a.txt
DOCKER_BUILDKIT=0 docker build -q -t my:1 .
docker ps --format 'listed {{{{.Names}}}}'
docker rm -f web
exit 7
"""


@pytest.mark.skipif(shutil.which("docker") is None, reason="the docker command line is not installed")
def test_the_docker_command_line_works_on_the_host(command: tuple[Site, list[str]], tmp_path: Path) -> None:
    where, words = command
    done = subprocess.run(
        [*words, "--", "sh", "-c", DOCKER],
        env=environment(),
        cwd=tmp_path / "empty",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 7, done.stdout + done.stderr
    for line in ("28.5.2 windows", "windows", "from run", "listed web"):
        assert line in done.stdout.splitlines(), done.stdout + done.stderr
    assert done.stdout.count("inspected running") == 10
    assert where.engine.state.images.find("my:1")
    assert where.names() == []


def test_the_command_ends_cleanly_and_says_what_is_wrong(command: tuple[Site, list[str]], tmp_path: Path) -> None:
    where, words = command
    path = tmp_path / "e.sock"
    with subprocess.Popen(
        [*words, "--socket", str(path)], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == f"DOCKER_HOST=unix://{path}\n"
        client = APIClient(base_url=f"unix://{path}", version="1.47", timeout=TIMEOUT)
        events = client.events()
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT) == 0
        assert (path.exists(), list(events)) == (False, [])
        client.close()
    assert not where.fleet.call(lambda: list(where.host.winrm.service.shells.shells.all()))
    wrong = subprocess.run(
        [*words, "-e", "ansible_password=wrong"], env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert wrong.returncode == 1
    assert "Cannot reach ws2022: the credentials were rejected. Check ansible_user and ansible_password." in " ".join(wrong.stderr.split())
    assert "wrong" not in wrong.stderr + wrong.stdout
    group = subprocess.run([words[0], "windows", *words[2:]], env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert group.returncode == 1
    assert '"windows" is a group of the inventory. Name one of its hosts' in " ".join(group.stderr.split())
