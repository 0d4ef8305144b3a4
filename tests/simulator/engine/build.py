# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The classic builder: Dockerfile and context in, a stream of steps and an image out.

RUN starts the shell with the commands the simulation knows, on the files of the image; what it does not know is recorded as a layer
and counts as successful. Order and words of the stream: moby builder/dockerfile, compared with a real engine in tests/contract.
"""

from __future__ import annotations

import copy
import fnmatch
import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import dockerfile, pull, texts
from .dockerfile import Instruction
from .files import Files, spelt, tar_nodes
from .images import Image
from .lifecycle import process_allowed
from .references import parse_reference
from .registry import Layer, digest_of
from .values import new_id, now, show_time
from .workload import Exit, Job, NoSuchProgram, process_names

if TYPE_CHECKING:
    from .engine import Engine

Json = dict[str, Any]


class BuildFailed(Exception):
    """A step failed; the text ends the stream."""

    def __init__(self, text: str, code: int = 0) -> None:
        super().__init__(text)
        self.code = code


@dataclass
class Options:
    """What the request asked for."""

    dockerfile: str = "Dockerfile"
    tags: list[str] = field(default_factory=list)
    arguments: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    quiet: bool = False
    no_cache: bool = False
    remove: bool = True
    isolation: str = ""
    accounts: Mapping[str, tuple[str, str]] = field(default_factory=dict)  #: registry to user and password


@dataclass
class Stage:
    """One ``FROM`` and what follows."""

    name: str
    image: Image
    config: Json
    files: Files
    arguments: dict[str, str]


def context_of(data: bytes) -> Files:
    """The build context. Raises ApiError 500 when it is no tar."""
    files = Files()
    for name, node in tar_nodes(data):
        files.put(name, node)
    return files


class Build:
    """One build."""

    def __init__(self, engine: Engine, context: Files, options: Options) -> None:
        self.engine, self.context, self.options = engine, context, options
        self.stages: list[Stage] = []
        self.arguments: dict[str, str] = {}  #: ARGs before the first FROM: only the FROMs know them

    def read(self) -> list[Instruction]:
        """The Dockerfile's instructions. Raises ApiError before anything is streamed."""
        node = self.context.find(self.options.dockerfile)
        if node is None:
            raise texts.ApiError(500, f"Cannot locate specified Dockerfile: {self.options.dockerfile}")
        instructions = dockerfile.parse(node.data.decode("utf-8", "replace"))
        first = next((one for one in instructions if one.name != "ARG"), None)
        if first is None or first.name != "FROM":
            raise texts.ApiError(400, "no build stage in current context")
        chosen = self._up_to_target(instructions) if self.options.target else instructions
        # The request's labels are steps at the end (seen on 20.10).
        return [*chosen, *(Instruction("LABEL", f"{_word(key)}={_word(value)}") for key, value in sorted(self.options.labels.items()))]

    def _up_to_target(self, instructions: list[Instruction]) -> list[Instruction]:
        """What lies behind the stage asked for is no part of the build, and not counted (moby builder/dockerfile/builder.go)."""
        froms = [index for index, one in enumerate(instructions) if one.name == "FROM"]
        for position, index in enumerate(froms):
            words = instructions[index].rest.lower().split()
            if words[1:2] == ["as"] and words[2:3] == [self.options.target]:
                return instructions[: froms[position + 1]] if position + 1 < len(froms) else instructions
        raise texts.ApiError(400, f"failed to reach build target {self.options.target} in Dockerfile")

    async def run(self, instructions: list[Instruction]) -> AsyncIterator[Json]:
        """The messages; the image is in the store at the end."""
        try:
            for number, instruction in enumerate(instructions, 1):
                yield {"stream": f"Step {number}/{len(instructions)} : {instruction}"}
                yield {"stream": "\n"}
                async for line in self._step(instruction):
                    yield {"stream": line}
        except texts.ApiError as error:
            yield {"errorDetail": {"message": error.message}, "error": error.message}
            return
        except BuildFailed as error:
            detail: Json = {"code": error.code} if error.code else {}
            yield {"errorDetail": detail | {"message": str(error)}, "error": str(error)}
            return
        for message in self._finish():
            yield message

    def _finish(self) -> list[Json]:
        stage = self.stages[-1]
        image = stage.image
        messages: list[Json] = [{"aux": {"ID": image.id}}, {"stream": f"Successfully built {_short(image.id)}\n"}]
        for tag in self.options.tags:
            name = str(parse_reference(tag))
            self.engine.state.images.tag(image, name)
            self.engine.events.image(image.id, name, "tag")
            messages.append({"stream": f"Successfully tagged {name}\n"})
        return messages

    async def _step(self, instruction: Instruction) -> AsyncIterator[str]:
        if instruction.name == "FROM":
            yield f" ---> {_short(await self._from(instruction))}\n"
            return
        if instruction.name == "ARG" and not self.stages:
            name, sign, default = instruction.rest.partition("=")
            if name in self.options.arguments or sign:
                self.arguments[name] = self.options.arguments.get(name, default.strip("\"'"))
            return
        stage = self.stages[-1]
        variables = {**stage.arguments, **dict(entry.partition("=")[::2] for entry in stage.config.get("Env") or ())}
        if instruction.name not in ("RUN", "CMD", "ENTRYPOINT", "SHELL", "HEALTHCHECK"):
            instruction = Instruction(instruction.name, dockerfile.expand(instruction.rest, variables), instruction.flags)
        key = digest_of(stage.image.id, str(instruction), self._content(instruction))
        cached = None if self.options.no_cache else self.engine.state.build_cache.get(key)
        if cached is not None and cached in self.engine.state.images.images:
            stage.image = self.engine.state.images.images[cached]
            stage.config, stage.files = copy.deepcopy(dict(stage.image.config)), stage.image.files.copy()
            self._arguments(stage, instruction)
            yield f" ---> Using cache\n ---> {_short(stage.image.id)}\n"
            return
        files = stage.files.copy()
        helper = new_id()[:12]
        if instruction.name not in ("COPY", "ADD"):
            yield f" ---> Running in {helper}\n"
        async for line in self._work(stage, instruction, files):
            yield line
        stage.image = self._commit(stage, str(instruction), files)
        stage.files = files
        self.engine.state.build_cache[key] = stage.image.id
        if instruction.name not in ("COPY", "ADD") and self.options.remove:
            yield f"Removing intermediate container {helper}\n"
        yield f" ---> {_short(stage.image.id)}\n"

    def _content(self, instruction: Instruction) -> str:
        if instruction.name not in ("COPY", "ADD"):
            return ""
        return digest_of([(key, node.data.hex()) for key, node in sorted(self.context.nodes.items())])

    def _arguments(self, stage: Stage, instruction: Instruction) -> None:
        if instruction.name == "ARG":
            key, _unused, default = instruction.rest.partition("=")
            stage.arguments[key] = self.options.arguments.get(key, default)

    async def _work(self, stage: Stage, instruction: Instruction, files: Files) -> AsyncIterator[str]:
        if instruction.name in ("COPY", "ADD"):
            self._copy(stage, instruction, files)
        elif instruction.name == "RUN":
            async for line in self._run(stage, instruction, files):
                yield line
        elif instruction.name == "ARG":
            self._arguments(stage, instruction)
        elif instruction.name != "MAINTAINER":
            dockerfile.change(stage.config, instruction, busybox=stage.image.busybox)
            if instruction.name == "WORKDIR":
                files.make_directory(stage.config["WorkingDir"])

    async def _from(self, instruction: Instruction) -> str:
        """The base: an earlier stage, an image that is here, or one that is pulled."""
        words = dockerfile.expand(instruction.rest, self.arguments).split()
        name = words[2] if len(words) == 3 and words[1].lower() == "as" else ""
        earlier = next((one for one in self.stages if one.name == words[0].lower()), None)
        image = earlier.image if earlier else await self._base(words[0])
        self.stages.append(Stage(name.lower(), image, copy.deepcopy(dict(image.config)), image.files.copy(), {}))
        return image.id

    async def _base(self, name: str) -> Image:
        store = self.engine.state.images
        try:
            return store.find(name)
        except texts.ApiError:
            reference = parse_reference(name)
        try:
            listing = pull.look_up(self.engine.registry, reference, self.options.accounts.get(reference.host), self.engine.mirrors)
        except texts.ApiError as error:
            raise BuildFailed(error.message) from error
        worker = pull.Pull(self.engine.host, store, self.engine.registry, self.engine.version, self.engine.downloads)
        async for message in worker.run(reference, listing, ""):
            if "error" in message:
                raise BuildFailed(str(message["error"]))
        return store.find(name)

    def _copy(self, stage: Stage, instruction: Instruction, files: Files) -> None:
        words = instruction.words() or instruction.rest.split()
        *sources, target = words
        origin = self.context
        if wanted := instruction.flags.get("from"):
            found = [one for index, one in enumerate(self.stages) if wanted.lower() in (one.name, str(index))]
            if not found:
                raise BuildFailed(f"invalid from flag value {wanted}: pull access denied for {wanted}")
            origin = found[0].files
        directory = target.endswith(("/", "\\", ".")) or len(sources) > 1 or files.is_directory(self._inside(stage, target))
        base = self._inside(stage, target)
        for source in sources:
            for path in self._matches(origin, source, instruction.name):
                _copy_one(origin, path, files, base, directory)

    def _inside(self, stage: Stage, path: str) -> str:
        absolute = path[:1] in "/\\" or path[1:2] == ":"
        return spelt(path if absolute else f"{stage.config.get('WorkingDir') or '/'}/{path}")

    def _matches(self, origin: Files, source: str, verb: str) -> list[str]:
        if not any(character in source for character in "*?["):
            if origin.find(source) is None:
                raise BuildFailed(
                    f"{verb} failed: file not found in build context or excluded by .dockerignore: stat {source}: file does not exist"
                )
            return [spelt(source)]
        found = [key for key in origin.nodes if fnmatch.fnmatchcase(key.strip("/"), spelt(source).strip("/").lower())]
        if not found:
            raise BuildFailed(f"{verb} failed: no source files were specified")
        return found

    def _check_isolation(self, stage: Stage) -> None:
        """A step is a container, and fails to start as one does."""
        isolation = self.options.isolation if self.options.isolation in ("process", "hyperv") else self.engine.default_isolation
        host, image = self.engine.host, stage.image
        if isolation == "hyperv" and not host.hyperv_enabled:
            raise BuildFailed(texts.no_hyperv_feature(new_id(), "", self.engine.version).message)
        narrow = host.narrow_process_window
        if isolation == "process" and not process_allowed(host.build, host.revision, image.build, image.revision, narrow=narrow):
            raise BuildFailed(texts.os_mismatch(new_id(), "", self.engine.version).message)

    async def _run(self, stage: Stage, instruction: Instruction, files: Files) -> AsyncIterator[str]:
        if "mount" in instruction.flags:
            raise BuildFailed(texts.BUILDKIT_ONLY.format("mount"))
        self._check_isolation(stage)
        busybox = stage.image.busybox
        shell = dockerfile.shell_of(stage.config, busybox)
        words = instruction.words() or [*shell, instruction.rest]
        lines: list[str] = []
        unknown = False

        async def out(data: bytes) -> None:
            lines.append(data.decode("utf-8", "replace"))

        async def complain(data: bytes) -> None:
            nonlocal unknown
            text = data.decode("utf-8", "replace")
            unknown = unknown or "is not recognized as an internal or external command" in text or text.endswith(": not found\n")
            lines.append(f"\x1b[91m{text}\x1b[0m")

        environment = {**stage.arguments, **dict(entry.partition("=")[::2] for entry in stage.config.get("Env") or ())}
        job = Job(
            words, environment, None, out, complain, busybox, files=files, escaped=not busybox and instruction.words() is None,
            directory=stage.config.get("WorkingDir") or "",
        )  # fmt: skip
        if job.escaped:
            job.words = [" ".join(words)]
        try:
            process_names(job.words, busybox, job.escaped)
            code = await job.run()
        except Exit as end:
            code = end.code
        except NoSuchProgram:
            code, unknown = 0, True
        if unknown:
            self.engine.host.log(f"build: recorded, not run: {instruction.rest}")
            return
        for line in lines:
            yield line
        if code:
            shown = " ".join(words)
            raise BuildFailed(f"The command '{shown}' returned a non-zero code: {code}", code)

    def _commit(self, stage: Stage, made_by: str, files: Files) -> Image:
        image = new_image(stage.image, stage.config, files, comment="", made_by=made_by)
        self.engine.host.reserve(image.size - stage.image.size)
        return self.engine.state.images.add(image)


def new_image(base: Image, config: Json, files: Files, *, comment: str, made_by: str) -> Image:
    """An image with one more layer when files changed."""
    config = {key: value for key, value in config.items() if not key.startswith("_")}
    created = show_time(now())
    layers = base.layers
    if files.changes(base.files):
        grown = max(0, files.size() - base.files.size()) or 512
        layers = (*layers, Layer(digest_of("built", created, new_id()), grown, grown))
    id_ = digest_of(base.id, made_by, json.dumps(config, sort_keys=True), created, new_id())
    return Image(
        id_, base.os_version, layers, config, created, comment=comment, busybox=base.busybox, files=files, parent=base.id, made_by=made_by
    )


def _word(text: str) -> str:
    """As an instruction takes it, quoted where it must be."""
    return text if re.fullmatch(r"[\w.:/@+-]+", text) else json.dumps(text)


def _copy_one(origin: Files, path: str, files: Files, base: str, directory: bool) -> None:
    node = origin.find(path)
    if node is None:
        return
    if node.kind == "directory":
        files.make_directory(base)
        for inner, each in origin.below(path):
            files.put(f"{base}/{inner}", each)
    else:
        files.put(f"{base}/{node.name}" if directory else base, node)


def _short(id_: str) -> str:
    return id_.removeprefix("sha256:")[:12]
