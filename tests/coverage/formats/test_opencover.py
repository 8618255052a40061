"""OpenCover: sequence points, branch points, and summaries that count more than is listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.coverage import Function
from headwater.errors import Problem
from tests.coverage.formats.written import DATA, read_file, read_text


def module(method: str) -> str:
    files = '<Files><File uid="1" fullPath="C:\\a.cs"/></Files>'
    methods = f"<Class><FullName>A</FullName><Methods>{method}</Methods></Class>"
    return f"<CoverageSession><Modules><Module>{files}<Classes>{methods}</Classes></Module></Modules></CoverageSession>"


def test_arms_and_methods_have_their_names() -> None:
    files, _ = read_file("opencover", DATA / "opencover" / "opencover" / "report.xml")
    cart = files["C:/src/shop/Cart.cs"]
    assert cart.branches == {8: {"100663297,12,0": 2, "100663297,12,1": 0}}
    name = "System.Int32 Shop.Cart::Add(System.Int32)"
    assert cart.functions[name] == Function(name=name, first=7, last=10, hits=2)


def test_hidden_points_are_left_out_with_a_note(tmp_path: Path) -> None:
    points = '<SequencePoint vc="1" sl="16707566"/><SequencePoint vc="3" sl="4"/>'
    text = module(f'<Method><Name>f</Name><FileRef uid="1"/><SequencePoints>{points}</SequencePoints></Method>')
    files, notes = read_text("opencover", tmp_path, text)
    assert files["C:/a.cs"].lines == {4: 3}
    assert [note.reason for note in notes] == ["LINE_OUT_OF_RANGE"]


def test_a_point_of_an_unknown_file_is_told(tmp_path: Path) -> None:
    files, notes = read_text(
        "opencover", tmp_path, module('<Method><SequencePoint vc="1" sl="4" fileid="7"/></Method>')
    )
    assert list(files) == ["file 7"]
    assert [note.reason for note in notes] == ["FILE_UNKNOWN"]


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ('<SequencePoint vc="1" sl="1"/>', "outside of any <Method>"),
        ('<BranchPoint vc="1" sl="1"/>', "outside of any <Method>"),
        ('<Method><SequencePoint vc="1"/></Method>', "lacks its attribute sl"),
        ('<Method><SequencePoint vc="x" sl="1"/></Method>', "wrong value"),
        ("<Method><Method/></Method>", "outside of a class"),
        ("<Class/>", "within another"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, inside: str, expected: str) -> None:
    with pytest.raises(Problem, match=expected):
        read_text("opencover", tmp_path, module(inside))
