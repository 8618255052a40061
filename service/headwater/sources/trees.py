"""Opens a source as a whole tree of files, of which none is under test: what an analysis looks around in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from headwater.errors import invalid
from headwater.sources.archives import unpack
from headwater.sources.host import open_folder
from headwater.sources.inline import Layers
from headwater.sources.paths import check_path
from headwater.sources.values import SourceLimits, SourceRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A tree on disk: `top` is its folder, and nothing of it may lead out of `allowed`."""

    top: Path
    allowed: Path


def open_tree(
    request: SourceRequest, *, limits: SourceLimits, allowed_roots: Sequence[Path], scratch: Path
) -> Tree | None:
    """Returns the tree of a request, or None where it names none; blocking. What comes inline is written to `scratch`.

    Raises Problem as `load_source` does.
    """
    path = check_path(request.path, "source.path", limits) if request.path else ""
    if request.root:
        folder = open_folder(str(Path(request.root) / path), limits=limits, allowed_roots=allowed_roots)
        return Tree(top=folder.top, allowed=folder.allowed)
    layers = Layers(limits)
    if request.archive:
        layers.add_archive(unpack(request.archive, limits), path)
    for number, (name, data) in enumerate(request.files.items()):
        layers.add(name, data, field=f"source.files[{number}].path")
    if request.content is not None:
        if not path:
            message = "The source has a text and no path to put it at."
            raise invalid("SOURCE_PATH_NEEDED", "source.path", message, "Name the file as the reports do.")
        layers.add(path, request.content.encode(), field="source.path")
    files = layers.settled().lay_out("").files
    if not files:
        return None
    for name, data in files.items():
        target = scratch / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return Tree(top=scratch, allowed=scratch)
