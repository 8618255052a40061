"""AnalyzeCoverage against a real server: one run on every face, cut, killed, cancelled, and out of memory."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from headwater.v1 import runs_pb2
from tests.processes import processes_of

from .conftest import Start
from .coverage_faces import (
    JSON,
    PATH,
    Event,
    analyze,
    check_order,
    events_of,
    from_grpcurl,
    from_lines,
    from_object,
    from_sse,
    journal,
    message,
    post_frames,
    refused_by_stub,
    watched,
)
from .coverage_samples import asking, cobertura, inline, lcov, many, report, write_shop
from .faces import curl, grpcurl, run, state_of, stub
from .server import SECONDS, Server, clean_environment, eventually
from .streams import connect, cut_after


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package on disk, under an allowed root."""
    return write_shop(tmp_path_factory.mktemp("measured") / "shop")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, shop: Path) -> Iterator[Server]:
    """A server that may read the package; afterwards none of its processes and temporary files is left."""
    served = Server(tmp_path_factory.mktemp("covering"), "--allow-root", str(shop.parent), "--max-runs", "2")
    try:
        yield served.start()
        assert files_left(served) == []
        assert served.stop() == 0
        assert served.leftovers() == []
    finally:
        served.close()


@pytest.fixture(scope="module")
def asked(shop: Path) -> dict[str, Any]:
    """A request with everything in it: two reports, source, files, and a key that makes it one run."""
    return {
        "reports": [{"path": str(shop / "coverage.xml")}, report(lcov(), "lcov.info")],
        "source": {"root": str(shop)},
        "files": True,
        "target_coverage": 90,
        "run_options": {"idempotency_key": "one-analysis-for-all-faces"},
    }


@pytest.fixture(scope="module")
def story(server: Server, asked: dict[str, Any]) -> Sequence[Event]:
    """The run as grpcurl shows it."""
    done = grpcurl(server, "AnalyzeCoverage", asked)
    assert done.returncode == 0, done.stderr
    return from_grpcurl(done.stdout)


def test_a_run_keeps_what_every_stream_promises(story: Sequence[Event]) -> None:
    """Gapless sequences, start first, one terminal event last, percent never falls; files, gaps and the sum agree."""
    check_order(story)
    start, complete = story[0].start, story[-1].complete
    assert list(start.reports) == ["coverage.xml", "lcov.info"]
    assert list(start.formats) == ["cobertura", "lcov"]
    assert start.source
    files = {each.file.file.file_path: each.file.file for each in story if each.HasField("file")}
    assert set(files) == {"shop/cart.py", "shop/pay.py"}
    assert list(files["shop/cart.py"].missing_lines) == [6, 9, 14, 15, 16]
    covered = sum(each.counts["lines"].covered for each in files.values())
    assert (complete.counts["lines"].covered, complete.counts["lines"].total) == (covered, 20) == (11, 20)
    assert complete.line_coverage == 55.0
    assert not complete.target_met


def test_complete_holds_the_gaps_that_were_told(story: Sequence[Event]) -> None:
    """Every gap stands in `complete`, the worst first, with terms that explain its score; the unseen file is one."""
    told = {each.gap.gap.id: each.gap.gap for each in story if each.HasField("gap")}
    complete = story[-1].complete
    assert {each.id: each for each in complete.gaps} == told
    assert complete.total_gaps == len(told)
    scores = [each.score for each in complete.gaps]
    assert scores == sorted(scores, reverse=True)
    for gap in complete.gaps:
        weight = sum(term.weight for term in gap.terms)
        assert gap.score == pytest.approx(100 * sum(term.value * term.weight for term in gap.terms) / weight, abs=0.1)
        assert all(term.detail for term in gap.terms)
    by_type = {(each.file_path, each.gap_type, each.symbol) for each in complete.gaps}
    assert ("shop/unseen.py", "never_imported", "lonely") in by_type
    assert ("shop/pay.py", "uncovered_function", "charge") in by_type
    assert ("shop/cart.py", "uncovered_function", "cheapest") in by_type


def test_the_critical_path_is_told_in_words(story: Sequence[Event]) -> None:
    """From `main` to where money moves: the chain, the entry, the risk and why."""
    paths = [each.critical_path for each in story if each.HasField("critical_path")]
    assert paths == list(story[-1].complete.critical_paths)
    path = next(each for each in paths if each.path == "shop/pay.py::charge")
    assert list(path.chain) == ["shop/pay.py::main", "shop/pay.py::charge"]
    assert (path.entry, path.risk) == ("main", "money")
    assert "main" in path.why
    assert set(path.gaps) <= {each.id for each in story[-1].complete.gaps}


def test_every_face_shows_the_same_run(server: Server, asked: dict[str, Any], story: Sequence[Event]) -> None:
    """The same key is the same run on gRPC, SSE, NDJSON and JSON, with the same events and the same numbers."""
    seen = {
        "sse": from_sse(curl(server, PATH, asked, {"Accept": "text/event-stream", **JSON})),
        "ndjson": from_lines(curl(server, f"{PATH}?alt=ndjson", asked, JSON)),
        "stub": analyze(server, asked),
        "events": from_lines(curl(server, f"/v1/runs/{story[0].run}/events?alt=ndjson")),
    }
    assert {name: events == story for name, events in seen.items()} == dict.fromkeys(seen, True)
    final = curl(server, PATH, asked, {"Accept": "application/json", **JSON})
    assert from_object(json.loads(final)) == story[-1]


def test_the_run_is_watched_by_grpc(server: Server, story: Sequence[Event]) -> None:
    """WatchRun shows the events that the call showed, by the stub and by grpcurl."""
    assert watched(server, story[0].run) == story
    assert from_grpcurl(grpcurl(server, "WatchRun", {"run": story[0].run}).stdout) == story


@pytest.mark.parametrize("source", ["inline", "none"])
def test_the_numbers_do_not_depend_on_where_the_source_lies(
    source: str, server: Server, story: Sequence[Event]
) -> None:
    """Sent along, the source gives what it gives on disk; without it, what the reports alone can say is the same."""
    more = {"source": inline()} if source == "inline" else {}
    complete = analyze(server, asking(cobertura(), lcov(), **more))[-1].complete
    assert complete.counts == story[-1].complete.counts
    assert complete.overall_coverage == story[-1].complete.overall_coverage
    if source == "inline":
        assert [each.id for each in complete.gaps] == [each.id for each in story[-1].complete.gaps]
    else:
        assert not complete.critical_paths
        assert {each.file_path for each in complete.gaps} == {"shop/cart.py", "shop/pay.py"}


def test_a_broken_report_among_several_is_a_warning(server: Server) -> None:
    """What is broken, cut off, empty or unknown is left out and told, and the others are analysed."""
    broken = (cobertura()[:-60], lcov()[:-20], b"  \n", b"no report", b"\x1f\x8bno gzip")
    events = analyze(server, asking(*broken, cobertura()))
    check_order(events)
    warnings = [each.warning for each in events if each.HasField("warning")]
    reasons = Counter(each.reason for each in warnings)
    assert reasons == {"REPORT_MALFORMED": 3, "REPORT_EMPTY": 1, "REPORT_UNKNOWN": 1}
    for number in range(len(broken)):
        assert any(f"report-{number}" in each.message for each in warnings), number
    assert all(each.message.endswith("It is left out.") and each.remedy for each in warnings)
    assert events[-1].complete.line_coverage == 55.0


def test_reports_of_which_none_can_be_read_fail(server: Server) -> None:
    """Where nothing is left to analyse, the run says what is wrong."""
    refused = refused_by_stub(server, asking(cobertura()[:-60], lcov()[:-20]))
    assert (refused.code, refused.reason) == ("INVALID_ARGUMENT", "REPORT_MALFORMED")


def test_a_file_that_is_told_twice_is_withdrawn_and_told_again(server: Server) -> None:
    """An LCOV file names a file once for each test: the first word on it is taken back by `reset`, the union holds."""
    parts = lcov({"a.c": {1: 1, 2: 0, 3: 1, 4: 0}}) + lcov({"a.c": {1: 0, 2: 1, 3: 0, 4: 0}, "b.c": {1: 1}})
    events = analyze(server, asking(parts, files=True))
    check_order(events)
    resets = [each for each in events if each.HasField("reset")]
    assert [each.reset.scope for each in resets] == ["file:a.c"]
    after = [each for each in events if each.sequence > resets[0].sequence]
    (file,) = [each.file.file for each in after if each.HasField("file") and each.file.file.file_path == "a.c"]
    assert list(file.missing_lines) == [4]
    gaps = [each.gap.gap for each in after if each.HasField("gap")]
    assert list(events[-1].complete.gaps) == gaps
    assert (events[-1].complete.counts["lines"].covered, events[-1].complete.counts["lines"].total) == (4, 5)


def test_nothing_to_measure_is_told(server: Server) -> None:
    """A report without a line, or patterns that leave none over, is complete and warns: 100 % of nothing is no news."""
    for request in (asking(cobertura({})), asking(cobertura(), exclude=["**"]), asking(b"mode: set\n")):
        events = analyze(server, request)
        assert [each.warning.reason for each in events if each.HasField("warning")] == ["NOTHING_MEASURED"]
        assert events[-1].complete.total_files == 0


def test_a_cut_stream_is_taken_up_in_the_middle(server: Server) -> None:
    """Last-Event-ID on the creating URL and on the run's own goes on behind the cut, without a gap or a repetition."""
    asked = asking(many(3000), files=True)
    with connect(server) as client:
        read = cut_after(post_frames(client, asked), 40)
    with connect(server) as client:
        read += cut_after(post_frames(client, asked, {"last-event-id": read[-1].id}), 60)
    run_ = read[0].data["run"]
    with connect(server) as client:
        headers = {"accept": "application/x-ndjson", "last-event-id": read[-1].id}
        rest = client.get(f"/v1/runs/{run_}/events", headers=headers, timeout=SECONDS).text
    events = [*events_of(read), *from_lines(rest)]
    check_order(events)
    assert events == journal(server, run_)
    assert len(told(events)["file"]) == 3000


def test_a_killed_server_goes_on_and_tells_nothing_twice(start: Start) -> None:
    """After kill -9 in the middle and a restart the run is adopted: each file and gap once, and the same sum."""
    server, asked = start(), asking(many(4000), files=True)
    with connect(server) as client:
        stream = post_frames(client, asked)
        read = list(islice(stream, 500))
        server.kill()
        with pytest.raises(httpx.HTTPError):
            read += stream
    assert server.leftovers() == []
    left = files_left(server)
    run_ = read[0].data["run"]
    server.restart()
    events = journal(server, run_)
    check_order(events)
    assert events[: len(read)] == events_of(read)
    assert state_of(server, run_) == (runs_pb2.RUN_STATE_COMPLETED, 2)
    undisturbed = analyze(server, asked)
    assert told(events) == told(undisturbed)
    assert set(told(events)["file"].values()) == {1}
    for one in (events, undisturbed):
        one[-1].complete.ClearField("analysis_time_ms")
    assert events[-1].complete == undisturbed[-1].complete
    assert set(files_left(server)) <= set(left)


def test_cancel_ends_the_worker(server: Server, shop: Path) -> None:
    """CancelRun ends the stream by `cancelled` and the process in which the report was read."""
    path = shop.parent / "large.info"
    path.write_bytes(many(200_000))
    with stub(server) as service:
        call = service.AnalyzeCoverage(message({"reports": [{"path": str(path)}], "files": True}), timeout=SECONDS)
        seen: list[Event] = list(islice(call, 3))
        working = workers()
        assert len(working) == 1
        cancelled = service.CancelRun(runs_pb2.CancelRunRequest(run=seen[0].run, reason="enough"), timeout=SECONDS)
        seen += call
    assert cancelled.state == runs_pb2.RUN_STATE_CANCELLED
    check_order(seen)
    assert (seen[-1].cancelled.origin, seen[-1].cancelled.message) == ("client", "enough")
    assert psutil.wait_procs(working, timeout=10)[1] == []
    eventually(lambda: not files_left(server), "the run's temporary files are removed")


def test_a_reader_that_leaves_ends_the_worker(server: Server, shop: Path) -> None:
    """Where the request wants it, the run ends with its only reader."""
    path = shop.parent / "left.info"
    path.write_bytes(many(200_000))
    asked = {"reports": [{"path": str(path)}], "files": True, "run_options": {"on_disconnect": "ON_DISCONNECT_CANCEL"}}
    with connect(server) as client:
        read = cut_after(post_frames(client, asked), 3)
    run_ = read[0].data["run"]
    eventually(lambda: state_of(server, run_)[0] == runs_pb2.RUN_STATE_CANCELLED, "the run is cancelled")
    eventually(lambda: not workers(), "the worker ends")


def test_too_much_memory_is_refused_and_the_server_lives(start: Start, tmp_path: Path) -> None:
    """An analysis that outgrows its bound ends with RESOURCE_EXHAUSTED and a remedy; the next one works."""
    path = tmp_path / "wide.info"
    lines = "".join(f"DA:{line},{line % 7}\n" for line in range(1, 4_000_000))
    path.write_text(f"SF:wide.c\n{lines}end_of_record\n")
    server = start("--allow-root", str(tmp_path), environment={"HEADWATER_ANALYSIS_MEMORY_MB": "256"})
    refused = refused_by_stub(server, {"reports": [{"path": str(path)}]})
    assert (refused.code, refused.reason) == ("RESOURCE_EXHAUSTED", "ANALYSIS_DIED")
    assert "HEADWATER_ANALYSIS_MEMORY_MB" in refused.remedy
    assert analyze(server, asking(cobertura()))[-1].complete.line_coverage == 55.0


def test_analyses_at_the_same_time_do_not_mix(server: Server) -> None:
    """Two at once find what each finds alone."""
    requests = [asking(many(800), files=True), asking(cobertura(), lcov(), source=inline(), files=True)]
    alone = [told(analyze(server, each)) for each in requests]
    found: dict[int, Any] = {}

    def ask(number: int) -> None:
        found[number] = told(analyze(server, requests[number % 2]))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[number] for number in range(4)] == [alone[number % 2] for number in range(4)]


@pytest.fixture(scope="module")
def improved(server: Server, shop: Path) -> Sequence[Event]:
    """A run with tests for the gaps."""
    asked = {"reports": [{"path": str(shop / "coverage.xml")}], "source": {"root": str(shop)}}
    return analyze(server, {**asked, "suggest": "SUGGEST_MODE_VERIFIED", "suggest_budget": "12s"})


def test_verified_tests_come_and_gain(improved: Sequence[Event]) -> None:
    """Each announced test closes gaps that were told; the coverage is higher with them, by the same formula."""
    check_order(improved)
    tests = [each.test for each in improved if each.HasField("test")]
    assert [each.count for each in tests] == list(range(1, len(tests) + 1))
    assert {each.file_path for each in tests} >= {"shop/cart.py"}
    complete = improved[-1].complete
    gaps = {each.id: each for each in complete.gaps}
    for test in tests:
        assert set(test.gaps) <= set(gaps)
        assert test.test_case.test_code
    closing = [test for test in tests if test.gaps]
    assert closing
    for test in closing:
        for gap in test.gaps:
            verified = [each for each in gaps[gap].suggested_tests if each.verified]
            assert test.test_case.test_name in {each.name for each in verified}
    assert complete.overall_coverage < complete.coverage_after <= 100
    for file in complete.suggested_files:
        assert file.before.lines_covered < file.after.lines_covered


def test_verified_tests_pass_when_they_are_written_to_disk(improved: Sequence[Event], tmp_path: Path) -> None:
    """The files of the sum pass under plain pytest beside the source, and cover there what they are said to cover."""
    write_shop(tmp_path / "shop")
    files = improved[-1].complete.suggested_files
    assert files
    for file in files:
        (tmp_path / "shop" / file.test_file_name).write_text(file.content)
    environment = clean_environment(tmp_path / "home")
    options = ["-q", "-p", "no:cacheprovider", "--rootdir=.", *(file.test_file_name for file in files)]
    collect = ["run", "--branch", "--include=shop/*", "-m", "pytest", *options]
    done = run([sys.executable, "-m", "coverage", *collect], cwd=tmp_path / "shop", env=environment)
    assert done.returncode == 0, done.stdout
    found = re.search(r"(\d+) passed", done.stdout)
    assert found is not None
    assert int(found[1]) >= sum(1 for each in improved if each.HasField("test"))


def told(events: Sequence[Event]) -> dict[str, Counter[str]]:
    """Returns what a run told, whatever the order: its files and gaps, each with how often."""
    return {
        "file": Counter(each.file.file.file_path for each in events if each.HasField("file")),
        "gap": Counter(each.gap.gap.id for each in events if each.HasField("gap")),
    }


def workers() -> list[psutil.Process]:
    """Returns the processes in which analyses run, of the servers of these tests."""
    return processes_of("headwater.coverage.worker")


def files_left(server: Server) -> list[str]:
    """Returns the temporary files that a server has, and no run."""
    return [str(each) for each in (server.folder / "home" / "tmp").rglob("*") if each.is_file()]
