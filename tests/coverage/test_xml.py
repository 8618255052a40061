"""The XML reader: hostile documents are refused, odd bytes are read, memory stays flat."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from headwater.coverage.formats import detect, formats
from headwater.errors import Problem
from tests.coverage.formats.written import read_text, report

CLASS = '<class name="{0}" filename="{0}"><methods/><lines><line number="1" hits="1"/></lines></class>'
DOCUMENT = "<coverage><packages><package><classes>{}</classes></package></packages></coverage>"
BOMB = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))


@pytest.mark.parametrize(
    "doctype",
    [
        f'<!DOCTYPE coverage [<!ENTITY e0 "lol">{BOMB}]>',
        '<!DOCTYPE coverage [<!ENTITY e9 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE coverage [<!ENTITY % e9 SYSTEM "http://127.0.0.1:9/x.dtd"> %e9;]>',
    ],
    ids=["expansion", "file", "parameter"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_declared_entity_is_refused(tmp_path: Path, doctype: str, encoding: str) -> None:
    text = doctype + DOCUMENT.format(CLASS.format("&e9;"))
    with pytest.raises(Problem, match="entity"):
        read_text("cobertura", tmp_path, text.encode(encoding))


def test_a_doctype_is_not_fetched(tmp_path: Path) -> None:
    doctype = f'<!DOCTYPE coverage SYSTEM "file://{tmp_path}/coverage.dtd">'
    (tmp_path / "coverage.dtd").write_text('<!ENTITY name "fetched.py">')
    files, _ = read_text("cobertura", tmp_path, doctype + DOCUMENT.format(CLASS.format("a.py")))
    assert list(files) == ["a.py"]


@pytest.mark.parametrize("tag", ["package", "line", "x"])
def test_deep_nesting_is_refused(tmp_path: Path, tag: str) -> None:
    with pytest.raises(Problem) as refusal:
        read_text("cobertura", tmp_path, f'<coverage><packages><class filename="a">{f"<{tag}>" * 100_000}')
    assert refusal.value.reason == "REPORT_MALFORMED"


def test_a_name_that_is_no_utf_8_keeps_a_replacement(tmp_path: Path) -> None:
    data = DOCUMENT.format(CLASS.format("na?ve.py")).encode().replace(b"?", b"\xef")
    files, _ = read_text("cobertura", tmp_path, b'<?xml version="1.0" encoding="UTF-8"?>' + data)
    assert list(files) == ["na\N{REPLACEMENT CHARACTER}ve.py"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_other_encodings_are_read_as_declared(tmp_path: Path, encoding: str) -> None:
    declared = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    files, _ = read_text("cobertura", tmp_path, (declared + DOCUMENT.format(CLASS.format("naïve.py"))).encode(encoding))
    assert list(files) == ["naïve.py"]


def test_an_unknown_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "report"
    path.write_text(f'<?xml version="1.0" encoding="klingon"?>{DOCUMENT.format(CLASS.format("a.py"))}')
    with pytest.raises(Problem):
        list(formats()["cobertura"].read(report(path), lambda note: None))


def test_a_report_of_another_root_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "report"
    path.write_text('<report name="x"><package name="a"/></report>')
    assert detect(report(path)).name == "jacoco"
    with pytest.raises(Problem, match="root element is <report>"):
        list(formats()["cobertura"].read(report(path), lambda note: None))


def test_memory_is_flat_in_the_size_of_the_report(tmp_path: Path) -> None:
    """Ten times the files need no more memory."""
    lines = "".join(f'<line number="{number}" hits="1"/>' for number in range(1, 200))
    peaks: list[int] = []
    for files in (300, 3000):
        path = tmp_path / "report"
        classes = (f'<class filename="{number}.py"><lines>{lines}</lines></class>' for number in range(files))
        path.write_text(DOCUMENT.format("\n".join(classes)))
        tracemalloc.start()
        assert sum(1 for _ in formats()["cobertura"].read(report(path), lambda note: None)) == files
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5
