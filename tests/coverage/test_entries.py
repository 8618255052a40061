"""JSON reports are streamed entry by entry, and refused with the place where they break."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.coverage.calls.entries import Document
from headwater.errors import Problem
from tests.coverage.formats.written import report

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(st.text(), st.dictionaries(st.text(), VALUES, max_size=3), max_size=3)


def read(path: Path, data: bytes, chunk_bytes: int = 1 << 20) -> dict[tuple[str, ...], Any]:
    path.write_bytes(data)
    return dict(Document(report(path), chunk_bytes).entries(lambda path: len(path) < 2))


@settings(max_examples=100, derandomize=True, database=None, deadline=None)
@given(document=DOCUMENTS, chunk=st.integers(1, 9), plain=st.booleans(), indent=st.none() | st.just(2))
def test_entries_are_those_of_the_document_wherever_a_chunk_ends(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any], chunk: int, plain: bool, indent: int | None
) -> None:
    data = json.dumps(document, ensure_ascii=plain, indent=indent).encode("utf-8", "surrogatepass")
    path = tmp_path_factory.getbasetemp() / "entries.json"
    expected = {(outer, inner): value for outer, each in document.items() for inner, value in each.items()}
    assert read(path, data, chunk) == expected


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [
        (b'{"a": {"b": [1, 2', "byte 17", "ends in the middle"),
        (b'{"a": {"b": "c', "byte 12", "ends in the middle"),
        (b'{"a": {"b": 1}} x', "byte 16", "follows after the end"),
        (b'{"a": {"b": 1} "c"}', "byte 15", "',' or '}'"),
        (b'{"a" 1}', "byte 5", "':'"),
        (b"{a: 1}", "byte 1", "double quotes"),
        (b'{"a": {"b": nope}, "c": "' + b"x" * 99 + b'"}', "byte 12", "no JSON"),
        ('{"ü": {"b": [1,,2], "c": "' + "x" * 99 + '"}}', "byte 16", "no JSON"),
        (b'{"a": NaN}', "byte 6", "NaN"),
        (b'{"a": {"b": ' + b"9" * 5000 + b"}}", "byte 12", "number"),
        (b'{"a": {"b": ' + b"[" * 200_000, "byte 12", "nested too deep"),
        (b"", "byte 0", "ends in the middle"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(data: bytes | str, place: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(Problem) as refusal:
        read(tmp_path / "report.json", data.encode() if isinstance(data, str) else data)
    assert refusal.value.metadata["place"] == place
    assert words in refusal.value.message


def test_a_broken_entry_is_refused_before_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(b'{"a": {"b": [1,,2], "c": "' + b"x" * 5_000_000 + b'"}}')
    opened = report(path)
    with pytest.raises(Problem):
        list(Document(opened, 1000).entries(lambda path: len(path) < 2))
    assert opened.read_bytes < 3_000_000
