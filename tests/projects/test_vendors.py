"""A language model behind GenerateProject, over real sockets: what it proposes is checked, and breaks nothing."""

from __future__ import annotations

import ast
import io
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
from google.protobuf import json_format
from rich.console import Console

from headwater.config import load_settings
from headwater.local import Local, opened
from headwater.projects import data, lock, planning
from headwater.rpc.fields import plain
from headwater.rpc.project_steps import past_of, spec_value
from headwater.show import Show
from headwater.synthesis.project import spec_json
from headwater.synthesis.project.hooks import HOOKS, TESTS
from headwater.v1 import generate_project_pb2 as pb
from headwater.v1 import projects_pb2
from tests.fakes.plays import Play
from tests.fakes.vendors import FakeVendors, fake_vendors
from tests.projects.test_hooks import GOOD, NAME, NAMES, RULE, SMALL, TOLD

BLOG = "Build a blog with authentication and comments"
NUMBERS = "Product: name required, price decimal default 5, stock integer default 0"
KEY = "sk-planted-0123456789"
BADGE = json.dumps(
    {"operations": [{"do": "add_entity", "name": "Badge", "fields": [{"name": "title", "type": "string"}]}]}
)
CIRCLE = json.dumps(
    {
        "operations": [
            {"do": "add_relation", "name": "first", "source": "Post", "target": "Comment", "kind": "many_to_one"},
            {"do": "add_relation", "name": "second", "source": "User", "target": "Post", "kind": "many_to_one"},
        ]
    }
)
BROKEN = {
    "prose": "A blog needs badges, I think.",
    "half a spec": BADGE[:70],
    "broken JSON": BADGE.replace('"title"', "title"),
    "unknown types": BADGE.replace('"string"', '"hologram"'),
    "a circle": CIRCLE,
    "another object": '{"entities": [{"name": "Badge"}]}',
    "hostile names": BADGE.replace("Badge", "'; DROP TABLE users; --"),
    "a fence in a fence": f"```\n```json\n{BADGE}\n```\n```",
}


@pytest.fixture
async def vendors() -> AsyncIterator[FakeVendors]:
    async with fake_vendors(Play()) as served:
        yield served


@pytest.fixture
async def service(vendors: FakeVendors, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Local]:
    for name in ("OPENAI", "ANTHROPIC"):
        monkeypatch.setenv(f"{name}_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", f"{vendors.url}/v1")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", vendors.url)
    monkeypatch.setenv("OLLAMA_HOST", vendors.url)
    settings = load_settings(store=f"sqlite://{tmp_path}/journal.db", on_disconnect="cancel", max_attempts=2)
    async with opened(settings) as local:
        yield local


async def generate(service: Local, *provider: str, requirements: str = BLOG) -> list[pb.GenerateProjectEvent]:
    """Generates a project and returns all events."""
    request = pb.GenerateProjectRequest(requirements=requirements, provider=provider, proof=pb.PROOF_LEVEL_NONE)
    async with aclosing(service.stream("GenerateProject", request)) as stream:
        return [event async for event in stream]


def entities(events: list[pb.GenerateProjectEvent]) -> set[str]:
    """Returns the names of the entities that the project has."""
    return {each.name for each in events[-1].complete.result.phases.analysis.spec.entities}


def files_of(events: list[pb.GenerateProjectEvent]) -> dict[str, str]:
    """Returns the files of the project."""
    texts: dict[str, str] = {}
    for event in events:
        chunk = event.code_chunk
        texts[chunk.path] = texts.get(chunk.path, "") + chunk.content
    return texts


def shown(events: list[pb.GenerateProjectEvent]) -> str:
    """Returns how events read."""
    file = io.StringIO()
    with Show(Console(file=file, width=300)) as show:
        for each in events:
            show(each)
    return file.getvalue()


def parse_all(events: list[pb.GenerateProjectEvent]) -> None:
    """Parses every Python file of the project."""
    for path, text in files_of(events).items():
        if path.endswith(".py"):
            ast.parse(text, path)


@pytest.mark.parametrize("provider", ["openai:gpt-4o", "anthropic:claude-sonnet-5-5", "ollama:fake"])
async def test_what_a_model_proposes_is_in_the_project(service: Local, vendors: FakeVendors, provider: str) -> None:
    """On every wire a proposal that can be done becomes an entity with its table, routes and pages."""
    vendors.play = Play(texts=(BADGE[:20], BADGE[20:]))
    events = await generate(service, provider)
    assert entities(events) == {"User", "Post", "Comment", "Badge"}
    parse_all(events)
    assert KEY not in str(events)


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
async def test_whatever_a_model_says_the_project_is_whole(service: Local, vendors: FakeVendors, answer: str) -> None:
    """What cannot be used is sent back once and then given up with a warning; the project is there in any case."""
    vendors.play = Play(texts=(answer,))
    events = await generate(service, "openai:gpt-4o")
    assert events[-1].HasField("complete")
    assert entities(events) >= {"User", "Post", "Comment"}
    parse_all(events)
    mended = len(entities(events)) == 4
    warned = any(event.warning.reason == "PROPOSALS_DROPPED" for event in events)
    assert mended or warned
    assert sum(event.model_usage.phase == "analysis" for event in events) <= 2


@pytest.mark.parametrize("play", [Play(status=500), Play(status=429), Play(fault="cut"), Play(fault="malformed")])
async def test_a_vendor_that_fails_leaves_the_embedded_spec(service: Local, vendors: FakeVendors, play: Play) -> None:
    """With `embedded` behind it, its failure is a warning; alone, it is the run's error."""
    vendors.play = play
    events = await generate(service, "openai:gpt-4o", "embedded")
    assert entities(events) == {"User", "Post", "Comment"}
    assert any(event.HasField("warning") for event in events)
    alone = await generate(service, "openai:gpt-4o")
    assert alone[-1].HasField("error")
    assert alone[-1].error.reason.startswith("VENDOR_")


async def test_a_hook_comes_through_the_whole_service(service: Local, vendors: FakeVendors) -> None:
    """Named, tested, written and tried over a real wire: told as it happens, kept in the files, counted in the end."""
    sequence = ('{"operations": []}', NAMES, TOLD, GOOD)
    vendors.plays = [Play(texts=(each[:30], each[30:])) for each in sequence]
    events = await generate(service, "openai:gpt-4o", requirements=SMALL)
    result = events[-1].complete.result
    assert result.success, events[-1]
    (hook,) = [each.hook for each in events if each.HasField("hook")]
    assert (hook.name, hook.rule, hook.status, hook.attempts) == (NAME, RULE, "accepted", 2), hook.message
    assert list(result.phases.backend.hooks) == [hook]
    steps = [each.phase_progress for each in events if each.phase_progress.step == "hooks"]
    assert {each.phase for each in steps} == {"backend"}
    assert f"{NAME}: asking for the tests" in [each.message for each in steps]
    took = [each.model_usage for each in events if each.HasField("model_usage")]
    assert [each.phase for each in took] == ["analysis", "backend", "backend", "backend"]
    assert result.usage.input == sum(each.usage.input for each in took) == 400
    assert result.usage.output == sum(each.usage.output for each in took)
    written = files_of(events)
    assert "def before_save_note(note: models.Note" in written[HOOKS]
    assert "def test_a_secret_title_is_refused" in written[TESTS]
    assert lock.read(written[lock.PATH]).hooks[0].code == hook.code
    assert [each.hook.name for each in past_of(events, 2).hooks] == [NAME]
    assert vendors.plays == []
    told = shown(events)
    assert f"{NAME}  {RULE}" in told
    assert "1 kept, 0 left out" in told
    assert "400 tokens in" in told
    assert KEY not in str(events)


def test_a_hook_that_is_left_out_says_why() -> None:
    """Its name and rule are shown with the reason."""
    left = projects_pb2.ProjectHook(
        name=NAME, rule=RULE, status="left_out", reason="TESTS_NOT_RED", message="They pass without it."
    )
    told = shown([pb.GenerateProjectEvent(hook=left)])
    assert f"{NAME}  {RULE}" in told
    assert "left out: TESTS_NOT_RED  They pass without it." in told


async def test_without_a_vendor_there_are_no_hooks(service: Local, vendors: FakeVendors) -> None:
    """The embedded provider names and asks nobody, and the file of hooks is the empty one."""
    events = await generate(service, "embedded", requirements=f"{SMALL} {RULE}")
    assert vendors.asked == []
    assert not [each for each in events if each.HasField("hook") or each.HasField("model_usage")]
    assert events[-1].complete.result.HasField("usage") is False
    written = files_of(events)
    assert written[HOOKS].endswith("hooks = Hooks()\n")
    assert TESTS not in written
    assert '"hooks"' not in written[lock.PATH]


@pytest.mark.parametrize("wanted", [BLOG, NUMBERS, SMALL])
def test_a_spec_comes_back_from_the_journal_as_it_was(wanted: str) -> None:
    """What a resumed run reads out of its events renders the same bytes, empty texts and whole numbers included."""
    spec = planning.read(wanted, "", "")
    told = json_format.ParseDict(plain(data.analysis(spec)), projects_pb2.AnalysisData())
    assert repr(spec_json.from_value(spec_value(told.spec))) == repr(spec)
