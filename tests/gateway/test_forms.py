"""A form with files fills a request, as `curl -F` sends it; what does not fit is refused with the field's name."""

from __future__ import annotations

import pytest

from tests.gateway.conftest import Bench, assert_refused
from tests.gateway.desk import Run as DeskRun

TESTS = "/v1/tests:generate"
NDJSON = {"accept": "application/x-ndjson"}


@pytest.fixture(autouse=True)
def short(bench: Bench) -> None:
    """Every run of these tests ends at once."""

    def ended(run: DeskRun) -> None:
        run.add(complete={"success": True})

    bench.desk.begin = ended


async def test_parts_fill_fields(bench: Bench) -> None:
    """Parts without a file are parameters by dotted paths; files fill bytes, or lists with a name and a content."""
    files = [
        ("source.files", ("cart.py", b"x = 1\n")),
        ("source.files", ("shop/\u00e4.py", b"\x00\xff")),
        ("source.archive", ("a.zip", b"PK")),
    ]
    data = {"coverage_target": "80", "source.path": "cart.py", "limits.budget": "2s"}
    answer = await bench.http.post(TESTS, data=data, files=files, headers=NDJSON)
    assert answer.status_code == 200, answer.text
    assert bench.desk.request() == {
        "source": {
            "path": "cart.py",
            "files": [{"path": "cart.py", "content": "eCA9IDEK"}, {"path": "shop/\u00e4.py", "content": "AP8="}],
            "archive": "UEs=",
        },
        "coverage_target": 80.0,
        "limits": {"budget": "2s"},
    }


async def test_a_large_file_comes_whole(bench: Bench) -> None:
    """A file is taken as it is, whatever bytes look like the end of its part."""
    content = b"--boundary\r\n\r\n" * 60_000
    answer = await bench.http.post(TESTS, files=[("source.archive", ("a.tar", content))], headers=NDJSON)
    assert answer.status_code == 200
    assert bench.desk.opened[-1][1].source.archive == content


@pytest.mark.parametrize(
    ("files", "data", "field"),
    [
        ([("sauce", ("a.py", b"x"))], {}, "sauce"),
        ([("framework", ("a.py", b"x"))], {}, "framework"),
        ([("source", ("a.py", b"x"))], {}, "source"),
        ([("source.files", ("a.py", b"x"))], {"seed": "many"}, "seed"),
    ],
    ids=["unknown", "text", "message", "parameter"],
)
async def test_what_does_not_fit_is_named(
    bench: Bench, files: list[tuple[str, tuple[str, bytes]]], data: dict[str, str], field: str
) -> None:
    """A file for a field that takes none, and a value that its field does not take."""
    answer = await bench.http.post(TESTS, data=data, files=files, headers=NDJSON)
    assert_refused(answer, 400, "BAD_REQUEST")
    assert field in answer.text


@pytest.mark.parametrize("body", [b"nonsense", b"--x\r\nno header", b"--x\r\n"], ids=["nonsense", "no header", "cut"])
async def test_a_broken_form_is_refused(bench: Bench, body: bytes) -> None:
    """A body that is no form, or breaks off, never becomes a run."""
    headers = {**NDJSON, "content-type": "multipart/form-data; boundary=x"}
    answer = await bench.http.post(TESTS, content=body, headers=headers)
    assert_refused(answer, 400, "BODY_NOT_FORM")


async def test_a_form_names_its_boundary(bench: Bench) -> None:
    """A form without a boundary cannot be read."""
    headers = {**NDJSON, "content-type": "multipart/form-data"}
    assert_refused(await bench.http.post(TESTS, content=b"--x--", headers=headers), 400, "BODY_NOT_FORM")
