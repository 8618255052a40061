"""Turns what a request calls its source into a tree of files, safely.

`load_source` is the only door. What comes in is a stranger's: every path, size and member is checked before it is used,
and whatever cannot be taken is refused with a Problem that names the field, the reason and the remedy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from headwater.errors import invalid
from headwater.sources.archives import unpack
from headwater.sources.host import find_python, open_folder
from headwater.sources.inline import InlineFiles, Layers
from headwater.sources.names import check_name, import_root, module_name
from headwater.sources.paths import check_path
from headwater.sources.text import check_syntax, decode, encode, extension_of, language_of
from headwater.sources.tree import Files, choose, missing, too_large
from headwater.sources.values import SourceLimits, SourceRequest, SourceTree

__all__ = ["SourceLimits", "SourceRequest", "SourceTree", "load_source"]


def load_source(
    request: SourceRequest, *, limits: SourceLimits, allowed_roots: Sequence[Path], language: str = ""
) -> SourceTree:
    """Reads the source of a request; blocking, so call it off the event loop.

    The source is told in exactly one way: inline (`content`, `files` and `archive`, which combine; `content` lies over
    the files, and those over the archive), or as `root`. `language` overrules the one that the file's name tells; a
    module's name and its syntax are looked at for Python only.

    Raises Problem: INVALID_ARGUMENT for what the caller can put right in the request, NOT_FOUND `SOURCE_NOT_FOUND`,
    PERMISSION_DENIED `SOURCE_OUTSIDE_ROOTS` and `ROOTS_NOT_ALLOWED`.
    """
    path = check_path(request.path, "source.path", limits) if request.path else ""
    _check_ways(request)
    if request.root:
        files: Files = open_folder(request.root, limits=limits, allowed_roots=allowed_roots)
    else:
        files, path = _inline(request, path, limits, language)
    path = path or choose(files)
    raw = files.read(path)
    if raw is None:
        raise missing(path, files)
    python = find_python(request.python, allowed_roots) if request.python else None
    return _describe(files, path, raw, python=python, language=language or language_of(path), field=_field(request))


def _check_ways(request: SourceRequest) -> None:
    inline = request.content is not None or bool(request.files) or bool(request.archive)
    if inline and request.root:
        raise invalid(
            "SOURCE_AMBIGUOUS",
            "source.root",
            "The source is told twice: inline and as a folder on the server.",
            "Send either content, files and archive, or root.",
        )
    if not inline and not request.root:
        raise invalid(
            "SOURCE_EMPTY",
            "source",
            "The request holds no source.",
            "Send its text in source.content, its files in source.files or source.archive, or name a source.root.",
        )


def _inline(request: SourceRequest, path: str, limits: SourceLimits, language: str) -> tuple[InlineFiles, str]:
    """Lays the three inline ways over one another; also returns the path, which a snippet may come without."""
    layers = Layers(limits)
    if request.archive:
        layers.add_archive(unpack(request.archive, limits), path)
    for number, (name, data) in enumerate(request.files.items()):
        layers.add(name, data, field=f"source.files[{number}].path")
    if request.content is not None:
        path = path or f"snippet{extension_of(language)}"
        data = encode(request.content, path, language or language_of(path))
        if len(data) > limits.file_bytes:
            raise too_large(path, len(data), limits.file_bytes, "source.content")
        layers.add(path, data, field="source.path")
    return layers.settled(), path


def _describe(files: Files, path: str, raw: bytes, *, python: Path | None, language: str, field: str) -> SourceTree:
    text = decode(raw, path, language, field)
    if not text.strip():
        raise invalid("SOURCE_EMPTY", field, f"{path} is empty.", "Send a file that holds code.", path=path)
    root, module = "", ""
    if language == "python":
        root = import_root(files, path, check_syntax(text, path, field))
        check_name(path.removeprefix(root))
        module = module_name(path.removeprefix(root))
    layout = files.lay_out(root)
    return SourceTree(
        path=path.removeprefix(root),
        prefix=layout.prefix,
        module=module,
        text=text,
        language=language,
        files=layout.files,
        roots=layout.roots,
        python=python,
        sha256=hashlib.sha256(raw).hexdigest(),
    )


def _field(request: SourceRequest) -> str:
    return "source.content" if request.content is not None else "source.path"
