"""A language model behind GenerateProject, over real sockets: what it proposes is checked, and breaks nothing."""

from __future__ import annotations

import ast
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from headwater.config import load_settings
from headwater.local import Local, opened
from headwater.v1 import generate_project_pb2 as pb
from tests.fakes.plays import Play
from tests.fakes.vendors import FakeVendors, fake_vendors

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


async def generate(service: Local, *provider: str) -> list[pb.GenerateProjectEvent]:
    """Generates a blog and returns all events."""
    request = pb.GenerateProjectRequest(
        requirements="Build a blog with authentication and comments", provider=provider, proof=pb.PROOF_LEVEL_NONE
    )
    async with aclosing(service.stream("GenerateProject", request)) as stream:
        return [event async for event in stream]


def entities(events: list[pb.GenerateProjectEvent]) -> set[str]:
    """Returns the names of the entities that the project has."""
    return {each.name for each in events[-1].complete.result.phases.analysis.spec.entities}


def parse_all(events: list[pb.GenerateProjectEvent]) -> None:
    """Parses every Python file of the project."""
    texts: dict[str, str] = {}
    for event in events:
        chunk = event.code_chunk
        texts[chunk.path] = texts.get(chunk.path, "") + chunk.content
    for path, text in texts.items():
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
    assert len(vendors.asked) <= 2


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
