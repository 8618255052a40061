"""One run, shown by every face with the same events and the same numbers."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from headwater.v1 import generate_tests_pb2, watch_run_pb2
from headwater_client import AsyncClient, Client

from .faces import curl, grpcurl, message, run, stub
from .server import SECONDS, Server, clean_environment, command_line
from .sources import BRIEF, CART, SMALL, request
from .streams import Event, check_order, frames, from_grpcurl, from_object, kinds, unwrapped

OF_THE_DEMO = request(CART.read_text(), "cart.py", limits={"budget": "60s", "executions": 1000})
"""A search that ends by its calls, with the clock in reserve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A run of the embedded provider, as the face that started it saw it."""

    events: Sequence[Event]
    server: Server

    @property
    def run(self) -> str:
        return self.events[0].run

    @property
    def complete(self) -> generate_tests_pb2.GenerateTestsComplete:
        return self.events[-1].complete


@pytest.fixture(scope="module")
def story(shared: Server) -> Story:
    """Runs the module of the demo by grpcurl."""
    done = grpcurl(shared, "GenerateTests", OF_THE_DEMO)
    assert done.returncode == 0, done.stderr
    return Story(events=from_grpcurl(done.stdout), server=shared)


def test_a_run_keeps_what_every_stream_promises(story: Story) -> None:
    """Gapless sequences, start first, one terminal event last, percent never falls, chunks join, drafts agree."""
    check_order(story.events)
    names = kinds(story.events)
    assert names[-1] == "complete"
    assert {"stage", "progress", "chunk", "draft", "test"} <= set(names)


def test_stages_stand_at_their_percentages(story: Story) -> None:
    """Load prompts 10, generate 30 to 50, format 60, validate 80, retry 85 to 95, done 100."""
    bounds = {"load_prompts": (10, 10), "generate": (30, 50), "format": (60, 60), "validate": (80, 80)}
    bounds |= {"retry": (85, 95), "done": (100, 100)}
    stages = [event.stage for event in story.events if event.HasField("stage")]
    for stage in stages:
        least, most = bounds[stage.stage]
        assert least <= stage.percent <= most, stage
    assert [stage.stage for stage in stages][:2] == ["load_prompts", "generate"]
    assert stages[-1].stage == "done"


def test_complete_holds_the_tests_that_were_announced(story: Story) -> None:
    """Each announced test was good, stands in `complete`, and its code stands in the file."""
    announced = [event.test.test_case for event in story.events if event.HasField("test")]
    assert [event.test.count for event in story.events if event.HasField("test")] == [*range(1, len(announced) + 1)]
    complete = story.complete
    assert {case.test_name for case in complete.tests} == {case.test_name for case in announced}
    assert complete.success
    assert complete.total == len(complete.tests) == len(announced) > 5
    assert complete.lines == complete.output.count("\n")
    assert complete.test_file_name == "test_cart.py"
    for case in complete.tests:
        assert case.verdict == generate_tests_pb2.VERDICT_GOOD
        assert case.test_code in complete.output
        assert case.assertions
        assert case.basis != generate_tests_pb2.BASIS_UNSPECIFIED


@pytest.fixture(scope="module")
def measured(story: Story, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Runs the written file by plain pytest under coverage.py, far from the service."""
    folder = tmp_path_factory.mktemp("written")
    (folder / "cart.py").write_text(CART.read_text())
    (folder / story.complete.test_file_name).write_text(story.complete.output)
    environment = clean_environment(folder / "home")
    collect = ["run", "--branch", "--include=cart.py", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir=."]
    done = run([sys.executable, "-m", "coverage", *collect], cwd=folder, env=environment)
    assert done.returncode == 0, done.stdout
    run([sys.executable, "-m", "coverage", "json", "-o", "report.json"], cwd=folder, env=environment)
    found = json.loads((folder / "report.json").read_text())["files"]["cart.py"]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    return {**found, "passed": int(passed[1])}


def test_the_written_file_passes_under_plain_pytest(story: Story, measured: dict[str, Any]) -> None:
    """Every test in it is collected and passes, with the interpreter and pytest alone."""
    assert measured["passed"] >= story.complete.total


def test_the_estimate_is_what_coverage_itself_measures(story: Story, measured: dict[str, Any]) -> None:
    """Line, branch and combined coverage, the counts behind them and what is missing agree with coverage.py."""
    estimate, summary = story.complete.coverage_estimate, measured["summary"]
    assert estimate.formula == "coverage.py"
    assert (estimate.lines_covered, estimate.lines_total) == (summary["covered_lines"], summary["num_statements"])
    branches = (summary["covered_branches"], summary["num_branches"])
    assert (estimate.branches_covered, estimate.branches_total) == branches
    assert estimate.combined == pytest.approx(summary["percent_covered"], abs=0.01)
    assert estimate.line == pytest.approx(100 * summary["covered_lines"] / summary["num_statements"], abs=0.01)
    assert estimate.branch == pytest.approx(100 * branches[0] / branches[1], abs=0.01)
    assert list(estimate.missing_lines) == measured["missing_lines"]
    missing = sorted((each.from_line, each.to_line) for each in estimate.missing_branches)
    assert missing == sorted((first, last) for first, last in measured["missing_branches"])


def test_grpcurl_watches_the_same_events(story: Story) -> None:
    """WatchRun from the beginning is the stream that GenerateTests was."""
    done = grpcurl(story.server, "WatchRun", {"run": story.run})
    assert from_grpcurl(done.stdout) == story.events


def test_the_stub_watches_the_same_events(story: Story) -> None:
    """The generated gRPC stub reads the journal that grpcurl showed."""
    with stub(story.server) as service:
        watched = service.WatchRun(watch_run_pb2.WatchRunRequest(run=story.run), timeout=SECONDS)
        assert [unwrapped(event) for event in watched] == story.events


def test_curl_shows_the_same_events_as_sse(story: Story) -> None:
    """Each frame has the id `<run>.<sequence>` and is named by its type."""
    shown = curl(story.server, f"/v1/runs/{story.run}/events", headers={"Accept": "text/event-stream"})
    found = list(frames(shown.splitlines()))
    assert [from_object(frame.data) for frame in found] == story.events
    assert [frame.id for frame in found] == [f"{story.run}.{event.sequence}" for event in story.events]
    assert [frame.name for frame in found] == kinds(story.events)


def test_curl_shows_the_same_events_as_ndjson(story: Story) -> None:
    """A line of NDJSON is the object of the SSE frame."""
    shown = curl(story.server, f"/v1/runs/{story.run}/events?alt=ndjson")
    assert [from_object(json.loads(line)) for line in shown.splitlines()] == story.events


def test_curl_shows_the_end_as_json(story: Story) -> None:
    """`application/json` waits for the end and answers with the terminal event."""
    shown = curl(story.server, f"/v1/runs/{story.run}/events", headers={"Accept": "application/json"})
    assert from_object(json.loads(shown)) == story.events[-1]


async def test_the_python_client_reads_the_same_events(story: Story) -> None:
    """The asynchronous client iterates over the events of a run."""
    async with AsyncClient(story.server.grpc) as client:
        assert [event async for event in client.watch_run(story.run)] == story.events


def test_the_synchronous_client_reads_the_same_events(story: Story) -> None:
    """So does the synchronous one, and it returns the result in one call."""
    with Client(story.server.grpc) as client:
        assert list(client.watch_run(story.run)) == story.events
        assert client.watch_run(story.run).complete() == story.complete


def test_the_command_line_prints_the_same_events(story: Story, tmp_path: Path) -> None:
    """`headwater runs watch --json` prints NDJSON, as curl gets it."""
    done = command_line(tmp_path, "runs", "--server", story.server.grpc, "watch", story.run, "--json")
    assert done.returncode == 0, done.stderr
    assert [from_object(json.loads(line)) for line in done.stdout.splitlines()] == story.events


async def test_every_face_can_start_a_run_and_the_same_key_means_the_same_run(shared: Server) -> None:
    """A request with an idempotency key is one run, whichever face it comes through, and shows the same events."""
    asked = request(run_options={"idempotency_key": "one-run-for-all-faces"})
    seen: dict[str, Sequence[Event]] = {}
    seen["grpcurl"] = from_grpcurl(grpcurl(shared, "GenerateTests", asked).stdout)
    check_order(seen["grpcurl"])
    sse = curl(shared, "/v1/tests:generate", asked, {"Accept": "text/event-stream", **JSON})
    seen["sse"] = [from_object(frame.data) for frame in frames(sse.splitlines())]
    ndjson = curl(shared, "/v1/tests:generate?alt=ndjson", asked, JSON)
    seen["ndjson"] = [from_object(json.loads(line)) for line in ndjson.splitlines()]
    with stub(shared) as service:
        seen["stub"] = list(service.GenerateTests(message(asked), timeout=SECONDS))
    async with AsyncClient(shared.grpc) as client:
        seen["client"] = [event async for event in client.generate_tests(request=message(asked))]
    with Client(shared.grpc) as client:
        seen["sync client"] = list(client.generate_tests(request=message(asked)))
    assert {name: events == seen["grpcurl"] for name, events in seen.items()} == dict.fromkeys(seen, True)
    final = curl(shared, "/v1/tests:generate", asked, {"Accept": "application/json", **JSON})
    assert from_object(json.loads(final)) == seen["grpcurl"][-1]


def test_the_curl_line_of_the_documentation_works_as_it_stands(shared: Server) -> None:
    """`curl -d` names no JSON; the body is read as what it is all the same."""
    shown = curl(shared, "/v1/tests:generate", request(), {"Accept": "text/event-stream"})
    assert not shown.startswith('{"error"'), shown
    check_order([from_object(frame.data) for frame in frames(shown.splitlines())])


def test_eventsource_starts_a_run_by_get(shared: Server) -> None:
    """Small inputs fit into the query, since EventSource can send nothing else."""
    query = {"source.path": "small.py", "source.content": SMALL, "limits.executions": "500"}
    answer = httpx.get(
        f"{shared.http}/v1/tests:generate", params=query, headers={"accept": "text/event-stream"}, timeout=SECONDS
    )
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "no-transform" in answer.headers["cache-control"]
    assert answer.headers["x-accel-buffering"] == "no"
    events = [from_object(frame.data) for frame in frames(answer.text.splitlines())]
    check_order(events)
    assert answer.headers["content-location"] == f"/v1/runs/{events[0].run}/events"


def test_the_command_writes_the_file_that_the_run_ends_with(shared: Server, tmp_path: Path) -> None:
    """`headwater tests FILE --server --out` writes what `complete` holds; the journal says the same as it printed."""
    (tmp_path / "small.py").write_text(SMALL)
    options = ("--server", shared.grpc, "--out", "test_small.py", "--json", *BRIEF)
    done = command_line(tmp_path, "tests", "small.py", *options)
    assert done.returncode == 0, done.stderr
    events = [from_object(json.loads(line)) for line in done.stdout.splitlines()]
    check_order(events)
    assert (tmp_path / "test_small.py").read_text() == events[-1].complete.output
    with Client(shared.grpc) as client:
        assert list(client.watch_run(events[0].run)) == events


def test_the_command_works_without_a_server(tmp_path: Path) -> None:
    """Embedded in the command, the service writes tests that pass, and shows progress on stderr only."""
    (tmp_path / "small.py").write_text(SMALL)
    done = command_line(tmp_path, "tests", "small.py", "--out", "test_small.py", *BRIEF)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    checked = run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir=.", "test_small.py"],
        cwd=tmp_path,
        env=clean_environment(tmp_path.with_name(f"{tmp_path.name}-home")),
    )
    assert checked.returncode == 0, checked.stdout


def test_the_command_works_in_the_folder_of_temporary_files(tmp_path: Path) -> None:
    """A file that lies where programs put their temporary ones, such as /tmp/small.py, is tested like any other."""
    (tmp_path / "small.py").write_text(SMALL)
    done = command_line(tmp_path, "tests", "small.py", *BRIEF, environment={"TMPDIR": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert "def test_" in done.stdout


def test_the_same_seed_and_calls_give_the_same_tests(story: Story) -> None:
    """A second run with as many calls of the code writes the same file, however fast the machine is just then."""
    with stub(story.server) as service:
        again = list(service.GenerateTests(message(OF_THE_DEMO), timeout=SECONDS))
    assert again[-1].complete.output == story.complete.output
    assert again[-1].complete.metadata.executions == story.complete.metadata.executions > 0


JSON = {"Content-Type": "application/json"}
