# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes about images, and the registry behind them."""

from __future__ import annotations

import base64
import fnmatch
import json
from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING, Any

from ..http import Response
from . import archives, texts
from .api import Call, json_response, route
from .dockerfile import apply_changes
from .images import Image, created_at, inspect_image, list_entry
from .pruning import prune_filter
from .pull import Pull, distribution, look_up
from .references import Reference, parse_reference
from .versions import EngineVersion

if TYPE_CHECKING:
    from .engine import Engine

Json = dict[str, Any]


def _stream(messages: AsyncIterator[Json]) -> Response:
    async def lines() -> AsyncIterator[bytes]:
        async for message in messages:
            yield json.dumps(message, separators=(",", ":")).encode() + b"\r\n"

    return Response(200, lines(), [("Content-Type", "application/json")])


def credentials_of(call: Call) -> tuple[str, str] | None:
    """User and password of ``X-Registry-Auth``, JSON in URL-safe base64; what cannot be read counts as none (moby api/types/registry)."""
    header = call.request.header("X-Registry-Auth")
    try:
        document = json.loads(base64.urlsafe_b64decode(header)) if header else {}
    except ValueError:
        return None
    return (document["username"], document.get("password", "")) if document.get("username") else None


async def _messages(messages: Iterable[Json]) -> AsyncIterator[Json]:
    for message in messages:
        yield message


@route("POST", "/images/create")
async def create_image(call: Call) -> Response:
    engine = call.engine
    if call.text("fromSrc"):
        return _import(call)
    reference = parse_reference(call.text("fromImage"), call.text("tag"))
    listing = look_up(engine.registry, reference, credentials_of(call), engine.mirrors)
    pull = Pull(engine.host, engine.state.images, engine.registry, engine.version, engine.downloads)
    return _stream(_pulled(call, reference, pull.run(reference, listing, call.text("platform"))))


async def _pulled(call: Call, reference: Reference, messages: AsyncIterator[Json]) -> AsyncIterator[Json]:
    """The stream of a pull, and the event at its end."""
    failed = False
    async for message in messages:
        failed = failed or "error" in message
        yield message
    if not failed:
        call.engine.events.image(str(reference), reference.familiar, "pull")


def _import(call: Call) -> Response:
    store, host = call.engine.state.images, call.engine.host
    if call.text("fromSrc") != "-":
        raise texts.ApiError(500, f"the simulated engine imports from the request only, not from {call.text('fromSrc')}")
    name = str(parse_reference(call.text("repo"), call.text("tag"))) if call.text("repo") else ""
    config = apply_changes({}, call.query.get("changes", []))
    try:
        host.reserve(len(call.request.body))
    except texts.DiskFull as error:
        raise texts.ApiError(500, "There is not enough space on the disk.") from error
    image = archives.import_tar(store, call.request.body, name, call.text("message") or "Imported from -", config)
    call.engine.events.image(image.id, image.id, "import")
    return _stream(_messages([{"status": image.id}]))


@route("POST", "/images/load")
async def load(call: Call) -> Response:
    """What is wrong with the archive is told in the stream."""
    engine, lines = call.engine, list[Json]()
    try:
        loaded = archives.load(engine.state.images, call.request.body)
    except texts.ApiError as error:
        return _stream(_messages([{"errorDetail": {"message": error.message}, "error": error.message}]))
    for one in loaded:
        for layer in () if call.flag("quiet") else one.fresh_layers:
            engine.host.reserve(layer.on_disk)
            detail = {"current": layer.on_disk, "total": layer.on_disk}
            lines.append({"status": "Loading layer", "progressDetail": detail, "id": layer.digest[7:19]})
        lines += [{"stream": f"Loaded image: {name}\n"} for name in one.names] or [{"stream": f"Loaded image ID: {one.image.id}\n"}]
        engine.events.image(one.image.id, one.image.id, "load")
    return _stream(_messages(lines))


@route("GET", "/images/get")
async def save_many(call: Call) -> Response:
    return _saved(call, call.query.get("names", []))


@route("GET", "/images/{name:.*}/get")
async def save(call: Call) -> Response:
    return _saved(call, [call.path["name"]])


def _saved(call: Call, names: list[str]) -> Response:
    """An image asked for by name keeps that name, one asked for by id none."""
    store = call.engine.state.images
    chosen: dict[str, tuple[Image, list[str]]] = {}
    for name in names:
        try:
            image = store.find(name)
        except texts.ApiError as error:
            raise texts.ApiError(404, "reference does not exist") from error
        shown = "" if image.id.removeprefix("sha256:").startswith(name.removeprefix("sha256:")) else str(parse_reference(name))
        entry = chosen.setdefault(image.id, (image, []))
        entry[1].extend([shown] if shown else [])
        call.engine.events.image(image.id, image.id, "save")
    return Response(200, archives.save(list(chosen.values())), [("Content-Type", "application/x-tar")])


@route("GET", "/images/json")
async def list_images(call: Call) -> Response:
    filters = call.filters()
    store = call.engine.state.images
    images = [image for image in store.images.values() if _matches(image, filters, call.engine.version)]
    if not call.flag("all"):
        images = [image for image in images if not store.is_intermediate(image)]
    images.sort(key=lambda image: image.created, reverse=True)
    return json_response([list_entry(image, call.api) for image in images])


def _matches(image: Image, filters: dict[str, list[str]], version: EngineVersion) -> bool:
    unknown = set(filters) - {"reference", "label", "dangling", "before", "since", "until"}
    if unknown:
        raise texts.invalid_filter(sorted(unknown)[0], version)
    patterns = filters.get("reference", [])
    if patterns and not any(
        fnmatch.fnmatchcase(name, pattern) or name.rpartition(":")[0] == pattern for name in image.tags for pattern in patterns
    ):
        return False
    if dangling := filters.get("dangling"):
        return (dangling[0].lower() in ("true", "1")) == (not image.tags)
    labels = image.config.get("Labels") or {}
    return all(
        labels.get(key) == value if sign else key in labels for key, sign, value in (one.partition("=") for one in filters.get("label", []))
    )


@route("GET", "/images/{name:.*}/json")
async def inspect(call: Call) -> Response:
    try:
        image = call.engine.state.images.find(call.path["name"])
    except texts.ApiError as error:
        if call.engine.version.major >= 23:
            raise
        raise texts.ApiError(error.status, f"no such image: {call.path['name']}: {error.message}") from error
    return json_response(inspect_image(image, call.api))


@route("GET", "/images/{name:.*}/history")
async def history(call: Call) -> Response:
    store = call.engine.state.images
    image: Image | None = store.find(call.path["name"])
    rows: list[Json] = []
    while image is not None:
        above = store.images.get(image.parent)
        known = {"Id": image.id, "Tags": image.tags or None, "Comment": image.comment}
        made_by = image.made_by or (f"Apply image {image.os_version}" if image.os_version else "")
        if above is None:
            rows += [_history_row(image, layer.on_disk) for layer in reversed(image.layers)]
            rows[-len(image.layers)] |= known | {"CreatedBy": made_by}
        else:
            rows.append(_history_row(image, image.size - above.size) | known | {"CreatedBy": made_by})
        image = above
    return json_response(rows)


def _history_row(image: Image, size: int) -> Json:
    created = int(created_at(image).timestamp())
    return {"Id": "<missing>", "Created": created, "CreatedBy": "", "Tags": None, "Size": size, "Comment": ""}


@route("POST", "/images/{name:.*}/tag")
async def tag(call: Call) -> Response:
    store = call.engine.state.images
    image = store.find(call.path["name"])
    try:
        name = str(parse_reference(call.text("repo"), call.text("tag")))
    except texts.ApiError as error:
        # The parser's error had no class in 20.10 (seen there).
        raise texts.ApiError(500 if call.engine.version.major < 23 else 400, error.message) from error
    store.tag(image, name)
    call.engine.events.image(image.id, name, "tag")
    return Response(201)


@route("DELETE", "/images/{name:.*}")
async def remove(call: Call) -> Response:
    store = call.engine.state.images
    image = store.find(call.path["name"])
    name = call.path["name"]
    by_id = image.id.removeprefix("sha256:").startswith(name.removeprefix("sha256:"))
    shown = None if by_id else str(parse_reference(name))
    _check_unused(call, image, shown)
    removed: list[Json] = []
    if by_id and store.has_children(image):
        raise texts.ApiError(409, f"conflict: unable to delete {_short(image)} (cannot be forced) - image has dependent child images")
    if by_id and len({one.rpartition(":")[0] for one in image.tags}) > 1 and not call.flag("force"):
        raise texts.ApiError(
            409, f"conflict: unable to delete {_short(image)} (must be forced) - image is referenced in multiple repositories"
        )
    names = [one for one in (*image.tags, *image.digests) if by_id or one == shown]
    for one in names:
        (image.tags if one in image.tags else image.digests).remove(one)
        removed.append({"Untagged": one})
        call.engine.events.image(image.id, image.id, "untag")
    if not image.tags:
        removed += [{"Untagged": one} for one in image.digests]
        image.digests.clear()
        gone, freed = _delete(call.engine, image, parents=not call.flag("noprune"))
        call.engine.host.release(freed)
        removed += gone
    return json_response(removed)


def _delete(engine: Engine, image: Image | None, *, parents: bool) -> tuple[list[Json], int]:
    """Delete a nameless image nothing stands on, then its nameless parents (moby daemon/images/image_delete.go); the freed bytes."""
    gone, freed, store = list[Json](), 0, engine.state.images
    used = {one.image.id for one in engine.state.containers.values()}
    while image is not None and not (image.tags or image.digests or image.id in used or store.has_children(image)):
        freed += store.remove(image)
        gone.append({"Deleted": image.id})
        engine.events.image(image.id, image.id, "delete")
        image = store.images.get(image.parent) if parents else None
    return gone, freed


def _short(image: Image) -> str:
    return image.id.removeprefix("sha256:")[:12]


def _check_unused(call: Call, image: Image, shown: str | None) -> None:
    """Raises ApiError 409 when a container uses the image and this would take its last name away."""
    if shown is not None and len(image.tags) > 1:
        return
    users = sorted((one for one in call.engine.state.containers.values() if one.image is image), key=lambda one: not one.state.running)
    if users and (not call.flag("force") or (shown is None and users[0].state.running)):
        raise texts.image_in_use(_short(image), users[0].id, users[0].state.running, shown)


@route("POST", "/images/prune")
async def prune(call: Call) -> Response:
    store = call.engine.state.images
    used = {one.image.id for one in call.engine.state.containers.values()}
    wanted = prune_filter(call, ("dangling", "label", "label!", "until"))
    all_unused = call.filters().get("dangling", ["true"])[0].lower() in ("false", "0")
    gone: list[Json] = []
    freed = 0
    for image in list(store.images.values()):
        if image.id in used or store.has_children(image) or not wanted(image.config.get("Labels"), created_at(image)):
            continue
        if image.id in store.images and (all_unused or not image.tags):
            gone += [{"Untagged": name} for name in (*image.tags, *image.digests)]
            image.tags.clear()
            image.digests.clear()
            deleted, bytes_ = _delete(call.engine, image, parents=True)
            gone += deleted
            freed += bytes_
    call.engine.host.release(freed)
    call.engine.events.pruned("image", freed)
    return json_response({"ImagesDeleted": gone or None, "SpaceReclaimed": freed})


@route("GET", "/distribution/{name:.*}/json")
async def distribution_inspect(call: Call) -> Response:
    return json_response(distribution(call.engine.registry, parse_reference(call.path["name"]), credentials_of(call), call.engine.mirrors))
