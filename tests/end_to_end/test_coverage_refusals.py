"""Bad input to AnalyzeCoverage: refused with code, reason, field and remedy, or told by a warning and read over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .coverage_bad import ADMISSION, FAILED, HOSTILE, ODD, OWNED, Bad, hostile, prepare
from .coverage_faces import FACES, analyze, check_order, refused_by_json
from .coverage_samples import asking, cobertura
from .refusals import assert_civil
from .server import Server

HTTP = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "RESOURCE_EXHAUSTED": 429,
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one that may be read in it, and ways out."""
    folder = tmp_path_factory.mktemp("place")
    prepare(folder)
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, place: Path) -> Iterator[Server]:
    """A server that unpacks little; in the end it works, has logged no fault, and left nothing behind."""
    folder = tmp_path_factory.mktemp("refusing")
    options = ("--allow-root", str(place / "allowed"), "--max-runs", "2")
    served = Server(folder, *options, environment={"HEADWATER_MAX_REPORT_MB": "4"})
    try:
        yield served.start()
        assert analyze(served, asking(cobertura()))[-1].complete.line_coverage == 55.0
        faults = [line for line in served.log.splitlines() if '"level": "error"' in line or "Traceback" in line]
        assert faults == []
        assert [each for each in (folder / "home" / "tmp").rglob("*") if each.is_file()] == []
        assert list(folder.rglob(OWNED)) == list(place.rglob(OWNED)) == []
        assert served.stop() == 0
        assert served.leftovers() == []
    finally:
        served.close()


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("case", ADMISSION)
def test_unusable_requests_are_refused_before_a_run_begins(case: str, face: str, server: Server, place: Path) -> None:
    """In the same words on every face, with the field where it is one."""
    check(ADMISSION[case], face, server, place)


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("case", FAILED)
def test_what_shows_while_it_is_read_ends_the_run(case: str, face: str, server: Server, place: Path) -> None:
    """The run ends by `error`, with the place and what was expected; as the one final object, with the HTTP status."""
    check(FAILED[case], face, server, place)


@pytest.mark.parametrize("case", [f"database: {name}" for name in HOSTILE])
def test_databases_that_are_no_coverage_are_refused(case: str, server: Server, tmp_path: Path) -> None:
    """Nothing that a stranger's database defines is run, and no question to it lasts."""
    check(hostile(tmp_path)[case], "stub", server, tmp_path)


@pytest.mark.parametrize("case", ODD)
def test_odd_input_is_read_over(case: str, server: Server, place: Path) -> None:
    """What can be read is analysed; what cannot be believed is told by a warning."""
    odd = ODD[case]
    events = analyze(server, {**filled(odd.request, place), "files": True})
    check_order(events)
    complete = events[-1].complete
    assert (complete.counts["lines"].covered, complete.counts["lines"].total) == odd.lines
    assert tuple(each.warning.reason for each in events if each.HasField("warning")) == odd.warnings
    if odd.files:
        assert tuple(each.file.file.file_path for each in events if each.HasField("file")) == odd.files


@pytest.mark.parametrize("asked", [{"reports": [{"name": "\ud800"}]}, {"include": ["\udfff"]}])
def test_lone_surrogates_in_a_request_are_refused(asked: dict[str, Any], server: Server) -> None:
    """They are no text, and no message can hold them."""
    refused = refused_by_json(server, json.dumps(asked).encode())
    assert (refused.code, refused.http) == ("INVALID_ARGUMENT", 400)
    assert_civil(refused)


def check(bad: Bad, face: str, server: Server, place: Path) -> None:
    """Asks, and holds the refusal to what is expected."""
    refused = FACES[face](server, filled(bad.request, place))
    assert (refused.code, refused.reason) == (bad.code, bad.reason), refused.text
    assert refused.http in (0, HTTP[bad.code])
    if bad.field:
        assert refused.fields == (bad.field,), refused.text
    assert_civil(refused)
    assert all(text in refused.text for text in bad.says), refused.text


def filled(request: dict[str, Any], place: Path) -> dict[str, Any]:
    """Puts the folders in."""
    text = json.dumps(request)
    for name, folder in (("{allowed}", place / "allowed"), ("{outside}", place)):
        text = text.replace(name, str(folder))
    found: dict[str, Any] = json.loads(text)
    return found
