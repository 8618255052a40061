"""What every vendor's wire does alike, against loopback vendors, with the real SDKs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from headwater.errors import Code
from headwater.providers.abilities import find_ability
from headwater.providers.models import Answer, Finish, Message, Prompt, Role, ToolCall, ToolSpec, Usage
from headwater.providers.vendors import VENDORS
from tests.fakes.dialects import Call, Play
from tests.fakes.vendors import FakeVendors
from tests.providers.asking import KEY, PROMPT, WIRES, collect, collect_failing, named, opened, text_of

TEXT = "".join(Play().texts)
LOOK_UP = ToolSpec(name="look_up", description="Looks a name up.", parameters={"type": "object", "properties": {}})
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": False}

wires = pytest.mark.parametrize("wire", WIRES)


@pytest.mark.parametrize("name", VENDORS)
async def test_an_answer_comes_whole(name: str, vendors: FakeVendors) -> None:
    """Each vendor of the table: text in order, one finish, last; who answered; the usage; the key where it belongs."""
    async with opened(vendors) as models:
        answers = await collect(models.make([named(name)]))
    assert text_of(answers) == TEXT
    assert [bool(answer.finish) for answer in answers] == [False] * (len(answers) - 1) + [True]
    assert answers[-1].finish is Finish.STOP
    assert answers[0].model == f"{name}:{VENDORS[name].model or 'some-model'}"
    assert answers[0].request_id == "req_1"
    (asked,) = vendors.asked
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.body["model"] == (VENDORS[name].model or "some-model")


@wires
async def test_usage_is_the_vendors_own_count(wire: str, vendors: FakeVendors) -> None:
    """Input includes what was cached, whatever the vendor means by it."""
    async with opened(vendors) as models:
        usage = (await collect(models.make([wire])))[-1].usage
    bare = {"cached": 0, "reasoning": 0} if wire == "ollama" else {"cached": 40, "reasoning": 5}
    assert usage == Usage(input=100, output=20, **bare)


@wires
async def test_usage_is_estimated_where_the_vendor_is_silent(wire: str, vendors: FakeVendors) -> None:
    vendors.play = Play(usage=False)
    async with opened(vendors) as models:
        usage = (await collect(models.make([wire])))[-1].usage
    assert usage is not None
    assert usage.estimated
    assert usage.input == -(-sum(len(each.text) for each in PROMPT.messages) // 4)
    assert usage.output == -(-len(TEXT) // 4)


@pytest.mark.parametrize("wire", [*WIRES, "ollama-generate", "deepseek"])
async def test_reasoning_is_kept_apart(wire: str, vendors: FakeVendors) -> None:
    """What a model thinks is no part of what it answers."""
    vendors.play = Play(reasoning=("Let me ", "see."))
    async with opened(vendors) as models:
        answers = await collect(models.make([wire]))
    assert "".join(answer.reasoning for answer in answers) == "Let me see."
    assert text_of(answers) == TEXT


@wires
@pytest.mark.parametrize("split", [0, 3])
async def test_tool_calls_come_whole(wire: str, split: int, vendors: FakeVendors) -> None:
    """Pieces of calls are assembled, several of them apart; the finish says that tools are to be called."""
    calls = (
        Call(id="c1", name="look_up", arguments='{"name":"Cart.total"}'),
        Call(id="c2", name="look_up", arguments='{"name":"é"}'),
    )
    vendors.play = Play(texts=("Wait.",), calls=calls, finish="tool_calls", split=split)
    async with opened(vendors) as models:
        answers = await collect(models.make([wire]), replace(PROMPT, tools=(LOOK_UP,)))
    came = [answer.call for answer in answers if answer.call]
    assert [(call.name, call.arguments) for call in came] == [
        ("look_up", '{"name":"Cart.total"}'),
        ("look_up", '{"name":"é"}'),
    ]
    assert len({call.id for call in came}) == 2
    assert answers[-1].finish is Finish.TOOLS
    assert "look_up" in str(vendors.asked[0].body["tools"])


TOLD: dict[str, Any] = {
    "openai": [
        {"role": "system", "content": "S"},
        {"role": "user", "content": "U"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "look_up", "arguments": '{"n":1}'}}],
        },
        {"role": "tool", "content": "found", "tool_call_id": "c1"},
    ],
    "responses": [
        {"role": "system", "content": "S"},
        {"role": "user", "content": "U"},
        {"type": "function_call", "call_id": "c1", "name": "look_up", "arguments": '{"n":1}'},
        {"type": "function_call_output", "call_id": "c1", "output": "found"},
    ],
    "anthropic": [
        {"role": "user", "content": [{"type": "text", "text": "U"}]},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "look_up", "input": {"n": 1}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "found"}]},
    ],
    "ollama": [
        {"role": "system", "content": "S"},
        {"role": "user", "content": "U"},
        {"role": "assistant", "tool_calls": [{"function": {"name": "look_up", "arguments": {"n": 1}}}]},
        {"role": "tool", "content": "found", "tool_name": "look_up"},
    ],
}


@wires
async def test_a_conversation_is_told_in_the_vendors_words(wire: str, vendors: FakeVendors) -> None:
    """A call and its answer stand where each vendor wants them."""
    call = ToolCall(id="c1", name="look_up", arguments='{"n":1}')
    turns = (
        Message(role=Role.SYSTEM, text="S"),
        Message(role=Role.USER, text="U"),
        Message(role=Role.ASSISTANT, calls=(call,)),
        Message(role=Role.TOOL, text="found", call_id="c1"),
    )
    async with opened(vendors) as models:
        await collect(models.make([wire]), Prompt(messages=turns, tools=(LOOK_UP,)))
    body = vendors.asked[0].body
    assert (body["input"] if wire == "responses" else body["messages"]) == TOLD[wire]


@wires
async def test_a_schema_is_asked_for_by_the_vendors_means(wire: str, vendors: FakeVendors) -> None:
    async with opened(vendors) as models:
        await collect(models.make([wire]), replace(PROMPT, schema=SCHEMA))
    body = vendors.asked[0].body
    means = {
        "openai": lambda: body["response_format"]["json_schema"]["schema"],
        "responses": lambda: body["text"]["format"]["schema"],
        "anthropic": lambda: body["output_config"]["format"]["schema"],
        "ollama": lambda: body["format"],
    }
    assert means[wire]() == SCHEMA


async def test_a_vendor_without_schemas_is_asked_for_json(vendors: FakeVendors) -> None:
    async with opened(vendors) as models:
        await collect(models.make(["deepseek"]), replace(PROMPT, schema=SCHEMA))
    body = vendors.asked[0].body
    assert body["response_format"] == {"type": "json_object"}
    assert '"required":["a"]' in body["messages"][-1]["content"]


@pytest.mark.parametrize("name", ["openai:gpt-3.5-turbo", "responses:gpt-3.5-turbo", "anthropic:claude-opus-4-1"])
async def test_a_model_without_schemas_is_told_in_words(name: str, vendors: FakeVendors) -> None:
    async with opened(vendors) as models:
        await collect(models.make([name]), replace(PROMPT, schema=SCHEMA))
    body = vendors.asked[0].body
    assert "fits this JSON schema" in str(body)
    assert "output_config" not in body
    assert "text" not in body


KNOBS = replace(PROMPT, temperature=0.2, seed=7, max_tokens=500, effort="low")


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [
        ("openai:gpt-4o", {"temperature": 0.2, "seed": 7, "max_completion_tokens": 500}, ("reasoning_effort",)),
        ("openai:gpt-6.1-sol", {"reasoning_effort": "low", "max_completion_tokens": 500}, ("temperature", "seed")),
        ("responses:o4-mini", {"reasoning": {"effort": "low"}, "max_output_tokens": 500}, ("temperature", "seed")),
        ("anthropic:claude-sonnet-5-5", {"max_tokens": 500}, ("temperature", "seed")),
        ("qwen:qwen-plus", {"temperature": 0.2, "seed": 7, "max_tokens": 500}, ("reasoning_effort",)),
        ("deepseek:deepseek-v4-pro", {"reasoning_effort": "high", "max_tokens": 500}, ("seed",)),
        ("azure:o3-mini", {"reasoning_effort": "low", "max_completion_tokens": 500}, ("temperature", "max_tokens")),
        ("openai:gpt-5-chat-latest", {"temperature": 0.2}, ("reasoning_effort",)),
    ],
)
async def test_a_knob_that_a_model_lacks_is_not_sent(
    name: str, sent: dict[str, Any], kept: tuple[str, ...], vendors: FakeVendors
) -> None:
    async with opened(vendors) as models:
        await collect(models.make([name]), KNOBS)
    body = vendors.asked[0].body
    assert {key: body.get(key) for key in sent} == sent
    assert not set(kept) & body.keys()


@pytest.mark.parametrize(
    ("name", "field", "most"),
    [
        ("openai:gpt-4o", "max_completion_tokens", 4096),
        ("openai:gpt-6.1-terra", "max_completion_tokens", 32_768),
        ("responses:gpt-4o", "max_output_tokens", 4096),
        ("anthropic:claude-sonnet-5-5", "max_tokens", 32_768),
        ("anthropic:claude-sonnet-4-5", "max_tokens", 4096),
        ("vllm:some-model", "max_tokens", 4096),
    ],
)
async def test_an_answer_always_has_a_bound(name: str, field: str, most: int, vendors: FakeVendors) -> None:
    """Where the prompt names none, the limits do: a wider one for models whose thoughts count as well."""
    async with opened(vendors) as models:
        await collect(models.make([name]))
        await collect(models.make([name]), replace(PROMPT, max_tokens=10_000_000))
    usual, wanted = (asked.body[field] for asked in vendors.asked)
    assert usual == most
    assert wanted == find_ability(*name.split(":")).output


async def test_ollama_is_told_the_context(vendors: FakeVendors) -> None:
    """Ollama cuts long questions in silence, unless it is told how much the model holds."""
    async with opened(vendors) as models:
        await collect(models.make(["ollama:gpt-oss:20b"]), KNOBS)
    body = vendors.asked[0].body
    assert body["model"] == "gpt-oss:20b"
    assert body["think"] == "low"
    assert body["options"] == {"num_ctx": 32768, "temperature": 0.2, "seed": 7, "num_predict": 500}


SHAPES = {
    "bytes one by one": {"split": 1},
    "sevens": {"split": 7},
    "one write": {"merged": True},
    "CRLF": {"line_end": b"\r\n"},
    "CRLF, split": {"line_end": b"\r\n", "split": 5},
    "pings": {"pings": 1},
    "packed": {"gzip": True},
    "packed, split": {"gzip": True, "split": 3},
}


@wires
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
async def test_the_network_cuts_as_it_likes(wire: str, shape: dict[str, Any], vendors: FakeVendors) -> None:
    """However bytes are split or merged, the answer is the same; a keep-alive is nothing."""
    vendors.play = Play(texts=("naïve ", "→ ", "日本 ", "end"), reasoning=("é",), **shape)
    async with opened(vendors) as models:
        answers = await collect(models.make([wire]))
    assert text_of(answers) == "naïve → 日本 end"
    assert answers[-1].finish is Finish.STOP


@wires
async def test_an_answer_that_is_not_streamed(wire: str, vendors: FakeVendors) -> None:
    """A model that cannot stream answers in one piece: text, reasoning, calls, usage, finish."""
    call = Call(id="c1", name="look_up", arguments='{"a":1}')
    vendors.play = Play(reasoning=() if wire == "responses" else ("hm",), calls=(call,), finish="tool_calls")
    async with opened(vendors) as models:
        target = models.target(wire)
        whole = models.open(replace(target, ability=replace(target.ability, streams=False)))
        answers: list[Answer] = await collect(whole)
    assert text_of(answers) == TEXT
    assert [answer.call.arguments for answer in answers if answer.call] == ['{"a":1}']
    assert answers[-1].finish is Finish.TOOLS
    assert answers[-1].usage is not None
    assert vendors.asked[0].body.get("stream") in {None, False}


@pytest.mark.parametrize(("said", "meant"), [("length", Finish.LENGTH), ("content_filter", Finish.FILTER)])
@pytest.mark.parametrize("wire", ["openai", "responses", "anthropic"])
async def test_the_finish_says_why(wire: str, said: str, meant: Finish, vendors: FakeVendors) -> None:
    vendors.play = Play(finish=said)
    async with opened(vendors) as models:
        answers = await collect(models.make([wire]))
    assert answers[-1].finish is meant


@pytest.mark.parametrize("wire", ["openai", "responses", "anthropic"])
async def test_a_filter_before_the_first_word_is_a_problem(wire: str, vendors: FakeVendors) -> None:
    """Nothing was written, so that another vendor can take over in silence."""
    vendors.play = Play(texts=(), finish="content_filter")
    async with opened(vendors) as models:
        came, found = await collect_failing(models.make([wire]))
    assert not text_of(came)
    assert (found.code, found.reason) == (Code.FAILED_PRECONDITION, "VENDOR_FILTERED")


@wires
async def test_connections_are_used_again(wire: str, vendors: FakeVendors) -> None:
    """An answer read to its end leaves the connection to the next one."""
    async with opened(vendors) as models:
        for _ in range(3):
            await collect(models.make([wire]))
    assert vendors.connections == 1


async def test_no_key_is_sent_where_there_is_none(vendors: FakeVendors, monkeypatch: pytest.MonkeyPatch) -> None:
    """A vendor of one's own gets no key, not even another vendor's from the environment."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OLLAMA_API_KEY", KEY)
    urls = {"VLLM_BASE_URL": f"{vendors.url}/v1", "OLLAMA_HOST": vendors.url}
    async with opened(vendors, secrets=urls) as models:
        await collect(models.make(["vllm:some-model"]))
        await collect(models.make(["ollama"]))
    assert [asked.headers.get("authorization") for asked in vendors.asked] == [None, None]


async def test_what_is_meant_for_openai_goes_to_openai_alone(
    vendors: FakeVendors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK's variables for OpenAI are not told to other vendors that speak its wire."""
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "x-own: 1")
    async with opened(vendors) as models:
        for name in ("openai", "deepseek"):
            await collect(models.make([name]))
    mine, theirs = (asked.headers for asked in vendors.asked)
    assert (mine["openai-organization"], mine["openai-project"], mine["x-own"]) == ("org-1", "proj-1", "1")
    assert not {"openai-organization", "openai-project", "x-own"} & theirs.keys()
