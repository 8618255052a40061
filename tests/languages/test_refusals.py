"""What cannot be asked for in another language is refused before a run begins, with the remedy."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import pytest

from headwater.config import load_settings
from headwater.errors import Code, Problem
from headwater.local import opened
from headwater.v1 import generate_tests_pb2 as pb
from tests.languages.asking import ask, says, serving

SCRIPT = "export const half = (n) => n / 2;\n"


async def refusal(monkeypatch: pytest.MonkeyPatch, **fields: Any) -> Problem:
    async with opened(load_settings(store="sqlite://:memory:")) as local:
        with pytest.raises(Problem) as raised:
            async with aclosing(local.stream("GenerateTests", pb.GenerateTestsRequest(**fields))) as stream:
                await anext(stream)
    return raised.value


@pytest.mark.parametrize(("path", "title"), [("a.js", "JavaScript"), ("a.tsx", "TypeScript"), ("a.go", "Go")])
@pytest.mark.parametrize("provider", [[], ["embedded"]])
async def test_the_embedded_engine_names_the_vendors(
    monkeypatch: pytest.MonkeyPatch, path: str, title: str, provider: list[str]
) -> None:
    """Asked for another language than Python it says so, and who can be asked instead."""
    content = "package a\n" if title == "Go" else SCRIPT
    found = await refusal(monkeypatch, source=pb.Source(path=path, content=content), provider=provider)
    assert (found.code, found.reason) == (Code.UNIMPLEMENTED, "LANGUAGE_NEEDS_MODEL")
    assert title in found.message
    assert "--provider openai --model gpt-4o" in found.remedy


@pytest.mark.parametrize(
    ("path", "framework", "offered"), [("a.js", "pytest", "node, vitest, jest"), ("a.go", "jest", "go")]
)
async def test_a_framework_of_another_language_is_refused(
    monkeypatch: pytest.MonkeyPatch, path: str, framework: str, offered: str
) -> None:
    """The refusal lists the language's own."""
    content = "package a\n" if path == "a.go" else SCRIPT
    source = pb.Source(path=path, content=content)
    found = await refusal(monkeypatch, source=source, provider=["openai"], framework=framework)
    assert (found.reason, found.metadata["field"]) == ("FRAMEWORK_UNKNOWN", "framework")
    assert offered in found.remedy


async def test_symbols_of_another_language_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A symbol that the file lacks is refused with those that it has."""
    source = pb.Source(path="a.js", content="class Cart {\n  total() { return 1; }\n}\nconst half = (n) => n / 2;\n")
    found = await refusal(
        monkeypatch, source=source, provider=["openai"], target=pb.Target(symbols=["Cart.total", "Cart.sum"])
    )
    assert (found.reason, found.metadata["field"]) == ("TARGET_UNKNOWN", "target.symbols[1]")
    assert found.remedy == "It defines: Cart, Cart.total, half."


async def test_a_language_that_nobody_writes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal lists the languages."""
    found = await refusal(monkeypatch, source=pb.Source(path="a.rb", content="puts 1\n"), provider=["openai"])
    assert found.reason == "LANGUAGE_UNKNOWN"
    assert "Python, JavaScript, TypeScript, Go" in found.remedy


async def test_the_engine_is_left_out_of_a_chain(monkeypatch: pytest.MonkeyPatch, node: str) -> None:
    """`embedded+openai` and `openai,embedded` come to the model alone."""
    async with serving(monkeypatch) as (local, vendors):
        vendors.play = says('```js\ntest("halves", () => {\n  assert.equal(half(4), 2);\n});\n```')
        request = pb.GenerateTestsRequest(
            source=pb.Source(path="a.js", content=SCRIPT), provider=["embedded+openai:gpt-4o", "embedded"]
        )
        async with aclosing(local.stream("GenerateTests", request)) as stream:
            events: list[Any] = [event async for event in stream]
    assert events[-1].complete.total == 1, events[-1]
    assert events[-1].complete.metadata.provider == "openai"


async def test_a_locked_sandbox_leaves_tests_unverified(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Where nothing locks strangers' code up, nothing runs, and the tests of a model are told to be unverified."""
    monkeypatch.setenv("PATH", str(tmp_path))
    async with serving(monkeypatch, sandbox="bubblewrap") as (local, vendors):
        vendors.play = says('```js\ntest("halves", () => {\n  assert.equal(half(4), 2);\n});\n```')
        told = await ask(local, source=pb.Source(path="a.js", content=SCRIPT))
    assert told.names == ["halves"], told.error
    assert "bubblewrap" in told.warnings[0].remedy
