"""Looks at the files of a project without running any: that each parses, and that the same input gives the same."""

from __future__ import annotations

import ast
import asyncio
import configparser
import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

import tree_sitter
import tree_sitter_typescript
import yaml
from lxml import etree

from headwater.proof.checks import Check, Finding, Ground, listed, not_run
from headwater.synthesis.project.files import File

PLACEHOLDER = re.compile(r"(?:#|//|/\*)\s*(?:TO[D]O|FI[X]ME|XXX)\b|raise NotImplemented[E]rror|rest of (?:the )?code")
"""What stands where something was left out."""


async def _files(ground: Ground) -> Finding:
    return await asyncio.to_thread(_parsed, ground.subject.files)


def _parsed(files: Iterable[File]) -> Finding:
    faults, count = list[str](), 0
    for file in files:
        count += 1
        faults += _faults(file)
    return listed(faults, f"{count} files parse, and nothing is left out in any.")


def _faults(file: File) -> Iterator[str]:
    reader = READERS.get(PurePosixPath(file.path).suffix)
    if reader is not None:
        try:
            reader(file.text)
        except (
            ValueError,
            SyntaxError,
            RecursionError,
            yaml.YAMLError,
            configparser.Error,
            etree.XMLSyntaxError,
        ) as error:
            yield f"{file.path}: {error}"
    found = PLACEHOLDER.search(file.text)
    if found:
        yield f"{file.path}:{file.text.count(chr(10), 0, found.start()) + 1}: {found[0]!r} stands for something"


def _python(text: str) -> None:
    ast.parse(text)


def _yaml(text: str) -> None:
    for _ in yaml.safe_load_all(text):
        pass


def _script(text: str) -> None:
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_typescript.language_tsx()))
    root = parser.parse(text.encode()).root_node
    if root.has_error:
        raise ValueError(f"line {_first_error(root)} does not parse")


def _plain_script(text: str) -> None:
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_typescript.language_typescript()))
    root = parser.parse(text.encode()).root_node
    if root.has_error:
        raise ValueError(f"line {_first_error(root)} does not parse")


def _first_error(node: tree_sitter.Node) -> int:
    while not (node.is_error or node.is_missing):
        node = next(each for each in node.children if each.has_error or each.is_missing)
    return node.start_point.row + 1


def _xml(text: str) -> None:
    etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True))


def _ini(text: str) -> None:
    configparser.ConfigParser(interpolation=None).read_string(text)


READERS: Mapping[str, Callable[[str], object]] = {
    ".py": _python, ".json": json.loads, ".toml": tomllib.loads, ".yaml": _yaml, ".yml": _yaml, ".svg": _xml,
    ".ini": _ini, ".tsx": _script, ".ts": _plain_script,
}  # fmt: skip


async def _again(ground: Ground) -> Finding:
    again = ground.subject.again
    if again is None:
        return not_run("Nobody said how to render the project once more.")
    other = {each.path: each.text for each in await asyncio.to_thread(lambda: tuple(again()))}
    mine = {each.path: each.text for each in ground.subject.files}
    faults = [
        f"{path} is not the same" for path in sorted(mine.keys() | other.keys()) if mine.get(path) != other.get(path)
    ]
    whole = hashlib.sha256("".join(f"{path}\0{text}\0" for path, text in sorted(mine.items())).encode()).hexdigest()
    return listed(faults, f"{len(mine)} files, the same bytes again; SHA-256 of all: {whole}")


FILES = Check(name="files", command="parse each file", run=_files, fast=True)
AGAIN = Check(name="same bytes", command="render again and compare", run=_again, fast=True)
