"""Makes a GenerateTestsRequest from keyword arguments."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, TypedDict

from headwater.v1 import generate_tests_pb2
from headwater_client.fields import Form


class GenerateTestsFields(TypedDict, total=False):
    """What `generate_tests` takes beside the source's text. All optional; what is absent the server decides."""

    path: str
    """The file to test, relative to the folder that goes on the import path."""
    files: Mapping[str, str | bytes]
    """Further files that the code needs, or all of them, by relative path."""
    archive: bytes
    """A zip or tar archive of the files."""
    root: str | os.PathLike[str]
    """A folder on the server, under one of its allowed roots."""
    python: str
    """The interpreter of the project's own environment, on the server."""
    symbols: Sequence[str]
    """Qualified names to aim at, such as `Cart.total`."""
    lines: int | tuple[int, int]
    """A line, or the first and the last line to aim at, counted from 1."""
    covered: generate_tests_pb2.Covered | Mapping[str, Any]
    """What tests that exist execute of the file: what `coverage json` says of it (`executed_lines`,
    `executed_branches`). Only what is left is worth a test."""
    framework: str
    test_type: str
    language: str
    target_count: int
    """How many tests to stop at."""
    coverage_target: float
    """The combined coverage to stop at, in percent."""
    provider: str | Sequence[str]
    """Who writes the tests; several are asked in order."""
    model: str
    seed: int
    budget: float
    """How long to search for tests, in seconds."""
    executions: int
    """How many calls of the code the embedded provider may make: with the same seed they give the same tests."""
    test_timeout: float
    """How long one test may take, in seconds."""
    max_attempts: int
    """How often what failed is tried again."""
    idempotency_key: str
    """Two requests with the same key share one run; a random one when absent, so that a retry starts no second run."""
    on_disconnect: Literal["cancel", "detach"]
    """What becomes of the run when this client leaves."""
    detach_grace: float
    """How long a detached run goes on with nobody watching, in seconds."""
    deadline: float
    """The longest that the run may take, queueing included, in seconds."""


def generate_tests_request(
    source: str | None, base: generate_tests_pb2.GenerateTestsRequest | None, fields: GenerateTestsFields
) -> generate_tests_pb2.GenerateTestsRequest:
    """Makes the request: a copy of `base`, if given, with the fields set on top.

    Raises TypeError for a name that is no field, and HeadwaterError INVALID_ARGUMENT `ARGUMENT_INVALID` for a value
    that its field cannot hold.
    """
    return _FORM.request(base, {"source": source, **fields})


def _set_source(request: generate_tests_pb2.GenerateTestsRequest, source: Any) -> None:
    request.source.content = source


def _add_symbols(request: generate_tests_pb2.GenerateTestsRequest, symbols: Any) -> None:
    if isinstance(symbols, str):
        raise TypeError("text would be read as one name for each letter")
    request.target.symbols.extend(symbols)


def _set_lines(request: generate_tests_pb2.GenerateTestsRequest, lines: Any) -> None:
    first, last = (lines, None) if isinstance(lines, int) else lines
    if first < 1:
        # On the wire 0 means that no range is given, so that the whole file would be aimed at.
        raise ValueError("lines count from 1")
    request.target.line_start = first
    if last is not None:
        request.target.line_end = last


def _set_covered(request: generate_tests_pb2.GenerateTestsRequest, covered: Any) -> None:
    if not isinstance(covered, generate_tests_pb2.Covered):
        told = dict(covered)
        if "executed_lines" not in told:
            raise ValueError("it does not tell executed_lines")
        branches = [_branch(*each) for each in told.get("executed_branches", ())]
        covered = generate_tests_pb2.Covered(lines=told["executed_lines"], branches=branches)
    request.covered.CopyFrom(covered)


def _branch(from_line: int, to_line: int) -> generate_tests_pb2.Branch:
    return generate_tests_pb2.Branch(from_line=from_line, to_line=to_line)


_FORM = Form(
    method="generate_tests",
    kind=generate_tests_pb2.GenerateTestsRequest,
    known=frozenset({"source", *GenerateTestsFields.__annotations__}),
    places=MappingProxyType(
        {
            **dict.fromkeys(("framework", "test_type", "language", "target_count", "coverage_target"), ""),
            **dict.fromkeys(("model", "seed"), ""),
            "python": "source",
            **dict.fromkeys(("budget", "test_timeout", "max_attempts", "executions"), "limits"),
        }
    ),
    fillings=MappingProxyType(
        {
            "source": (_set_source, "Give the text of the code, such as Path('cart.py').read_text()."),
            "symbols": (_add_symbols, 'Give a sequence of names, such as ["Cart.total"].'),
            "lines": (
                _set_lines,
                "Give a line such as 12, or the first and the last one such as (12, 40); lines count from 1.",
            ),
            "covered": (_set_covered, 'Give what `coverage json` says of the file, as in report["files"]["cart.py"].'),
        }
    ),
)
