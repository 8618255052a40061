"""The table of vendors: what each needs, what is said where it is missing, and what is known of the models."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headwater.errors import Code, Problem
from headwater.providers.abilities import find_ability
from headwater.providers.limits import Limits
from headwater.providers.list import check, list_vendors
from headwater.providers.make import make_model
from headwater.providers.usage import load_prices
from headwater.providers.vendors import VENDORS, find_target
from tests.fakes.dialects import Play
from tests.fakes.vendors import FakeVendors
from tests.providers.asking import KEY, QUICK, WIRES, collect, named, opened, secrets_for, text_of

NEEDY = [name for name, vendor in VENDORS.items() if vendor.key_needed]


@pytest.mark.parametrize("name", NEEDY)
@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_key_names_its_variable(name: str, value: str | None) -> None:
    """And the way without a key."""
    variable = VENDORS[name].keys[0]
    secrets = {} if value is None else {variable: value}
    with pytest.raises(Problem) as found:
        find_target(named(name), secrets, Limits())
    assert (found.value.code, found.value.reason) == (Code.FAILED_PRECONDITION, "VENDOR_KEY_MISSING")
    assert variable in found.value.remedy
    assert "embedded" in found.value.remedy


@pytest.mark.parametrize("key", [f"{KEY}\nx", f"Bearer {KEY}", "sk-ключ", f"{KEY}\x00"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    """Before it is sent, and without being shown."""
    with pytest.raises(Problem) as found:
        find_target("openai", {"OPENAI_API_KEY": key}, Limits())
    assert found.value.reason == "VENDOR_KEY_INVALID"
    assert KEY not in repr(found.value)


@pytest.mark.parametrize("url", ["api.example.com", "ftp://x", "http://", "http://[", "http://x:0", "https://x:port"])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(Problem) as found:
        find_target("openai", {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": url}, Limits())
    assert found.value.reason == "VENDOR_URL_INVALID"
    assert "OPENAI_BASE_URL" in found.value.message


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        ("box", "http://box:11434"),
        ("box:99", "http://box:99"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        (":99", "http://127.0.0.1:99"),
        ("https://box/x/", "https://box/x"),
    ],
)
def test_ollama_host_is_read_as_ollama_reads_it(given: str, url: str) -> None:
    assert find_target("ollama", {"OLLAMA_HOST": given}, Limits()).url == url


def test_azure_is_found_by_its_endpoint() -> None:
    """The endpoint alone is enough; without it there is nobody to call."""
    secrets = {"AZURE_OPENAI_API_KEY": KEY, "AZURE_OPENAI_ENDPOINT": "https://me.openai.azure.com/"}
    assert find_target("azure:mine", secrets, Limits()).url == "https://me.openai.azure.com/openai/v1"
    with pytest.raises(Problem, match="AZURE_OPENAI_ENDPOINT"):
        find_target("azure:mine", {"AZURE_OPENAI_API_KEY": KEY}, Limits())


@pytest.mark.parametrize(("name", "reason"), [("nobody:x", "VENDOR_UNKNOWN"), ("vllm", "MODEL_MISSING")])
def test_a_name_that_means_nothing_is_refused(name: str, reason: str) -> None:
    with pytest.raises(Problem) as found:
        find_target(name, {}, Limits())
    assert (found.value.code, found.value.reason) == (Code.INVALID_ARGUMENT, reason)


@pytest.mark.parametrize(
    ("vendor", "model", "reasons", "temperature"),
    [
        ("openai", "gpt-4o-2024-11-20", False, True),
        ("openai", "gpt-5-chat-latest", False, True),
        ("openai", "gpt-5.4-mini", True, False),
        ("azure", "o3-mini", True, False),
        ("anthropic", "claude-sonnet-4-5-20250929", False, False),
        ("anthropic", "claude-opus-5-5", True, False),
        ("ollama", "qwen3-coder:30b", False, True),
        ("vllm", "anything", False, True),
        ("azure", "gpt-5-mini", True, False),
        ("anthropic", "claude-3-5-haiku-20241022", False, False),
        ("anthropic", "claude-opus-4-1-20250805", False, False),
        ("anthropic", "claude-sonnet-4-20250514", False, False),
        ("anthropic", "claude-sonnet-4-6", True, False),
    ],
)
def test_abilities_are_found_by_name(vendor: str, model: str, reasons: bool, temperature: bool) -> None:
    ability = find_ability(vendor, model)
    assert (ability.reasons, ability.temperature) == (reasons, temperature)


def test_the_list_says_who_is_configured() -> None:
    """With a key, without one, and what to do about it; no key is shown."""
    listed = {each.name: each for each in list_vendors({"OPENAI_API_KEY": KEY}, load_prices())}
    assert listed.keys() == VENDORS.keys()
    assert {name for name, each in listed.items() if each.configured} == {
        *("openai", "responses"),
        *(name for name, vendor in VENDORS.items() if not vendor.key_needed),
    }
    assert "ANTHROPIC_API_KEY" in listed["anthropic"].missing
    assert "gpt-4o" in {each.name for each in listed["openai"].models}
    assert KEY not in repr(listed)


@pytest.mark.parametrize("name", VENDORS)
async def test_a_live_check_asks_for_the_models(name: str, vendors: FakeVendors) -> None:
    async with opened(vendors) as models:
        checked = await check(name, models)
    assert checked.problem is None
    assert checked.models in {("fake",), ("fake:latest",)}


@pytest.mark.parametrize("name", WIRES)
async def test_a_live_check_says_what_is_wrong(name: str, vendors: FakeVendors) -> None:
    """A rejected key, a missing one, an unknown vendor."""
    vendors.play = Play(status=401)
    async with opened(vendors) as models:
        found = (await check(name, models)).problem
        assert found is not None
        assert found.reason == "VENDOR_KEY_REJECTED"
        found = (await check("nobody", models)).problem
        assert found is not None
        assert found.reason == "VENDOR_UNKNOWN"
    async with opened(vendors, secrets={}) as models:
        found = (await check("anthropic", models)).problem
        assert found is not None
        assert found.reason == "VENDOR_KEY_MISSING"


async def test_a_check_of_a_page_is_no_success(vendors: FakeVendors) -> None:
    vendors.play = Play(status=203, error={"hello": 1})
    async with opened(vendors) as models:
        found = (await check("openai", models)).problem
    assert found is not None
    assert found.reason == "VENDOR_MALFORMED"


@pytest.mark.parametrize("name", WIRES)
async def test_a_live_check_has_an_end(name: str, vendors: FakeVendors) -> None:
    """A vendor that takes the question and says nothing; one that is not there."""
    vendors.play = Play(status=503, first_after=600)
    async with opened(vendors, limits=replace(QUICK, check_seconds=0.3)) as models:
        checked = await check(name, models)
    assert checked.problem is not None
    assert (checked.problem.code, checked.problem.reason) == (Code.DEADLINE_EXCEEDED, "VENDOR_SLOW")
    assert "did not list its models in the time" in checked.problem.message
    assert checked.seconds < 60
    secrets = {**secrets_for(vendors, name), VENDORS[name].url_variable: "http://127.0.0.1:9"}
    async with opened(vendors, secrets=secrets) as models:
        checked = await check(name, models)
    assert checked.problem is not None
    assert checked.problem.reason == "VENDOR_UNREACHABLE"


ODD = ["[]", "null", '{"data": 7}', '{"data": [7]}', '{"models": [{}]}', "{", "<html>", ""]


@pytest.mark.parametrize("body", ODD)
@pytest.mark.parametrize("name", WIRES)
async def test_a_live_check_reads_any_body(name: str, body: str, vendors: FakeVendors) -> None:
    """What is no list of models is said to be unreadable, and where to look."""
    vendors.play = Play(status=203, page=body.encode() or b" ")
    async with opened(vendors) as models:
        found = (await check(name, models)).problem
    assert found is not None
    assert (found.reason, found.metadata["vendor"]) == ("VENDOR_MALFORMED", name)
    assert "check its URL" in found.remedy


@pytest.mark.parametrize("name", WIRES)
async def test_a_live_check_at_a_wrong_url(name: str, vendors: FakeVendors) -> None:
    """What is not there is the list, not a model: nobody asked for one."""
    vendors.play = Play(status=404)
    async with opened(vendors) as models:
        found = (await check(name, models)).problem
    assert found is not None
    assert (found.code, found.reason) == (Code.NOT_FOUND, "VENDOR_LIST_MISSING")
    assert "URL" in found.remedy


async def test_a_list_without_end_ends(vendors: FakeVendors) -> None:
    vendors.play = Play(status=203, page=b" " * 100_000)
    async with opened(vendors, limits=replace(QUICK, answer_bytes=10_000)) as models:
        found = (await check("openai", models)).problem
    assert found is not None
    assert found.reason == "VENDOR_ANSWER_TOO_LONG"


async def test_one_question_needs_one_call(vendors: FakeVendors) -> None:
    """`make_model` is all that a command needs; it closes what it opened."""
    model = make_model(["openai"], secrets=secrets_for(vendors), options=replace(QUICK, attempts=1))
    try:
        assert model.name == "openai:gpt-6.1-terra"
        assert text_of(await collect(model)) == "".join(Play().texts)
    finally:
        await model.close()
