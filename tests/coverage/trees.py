"""Makes call graphs of small trees of source."""

from __future__ import annotations

from textwrap import dedent

from headwater.coverage.calls.graph import CallGraph
from headwater.coverage.outlines import outline


def graph_of(files: dict[str, str]) -> CallGraph:
    """Reads each file; all of them parse."""
    outlines = {path: outline(path, dedent(text).lstrip("\n")) for path, text in files.items()}
    return CallGraph({path: each for path, each in outlines.items() if each is not None})


def called(graph: CallGraph, path: str, name: str) -> set[str]:
    """Returns what a function calls, each as `file::symbol`."""
    number = next(at for at, (file, symbol) in enumerate(graph.nodes) if (file, symbol.name) == (path, name))
    return {f"{graph.nodes[each][0]}::{graph.nodes[each][1].name}" for each in graph.calls[number]}
