"""Every failure of a vendor becomes one typed Problem, and never a success, a hang or a leak."""

from __future__ import annotations

import logging
import traceback
from dataclasses import replace
from typing import Any

import pytest

from headwater.errors import Code
from headwater.providers.models import Message, Prompt, Role
from tests.fakes.dialects import Play
from tests.fakes.vendors import FakeVendors
from tests.providers.asking import KEY, QUICK, WIRES, collect_failing, opened, secrets_for, text_of

wires = pytest.mark.parametrize("wire", WIRES)

REFUSALS = {
    400: (Code.INVALID_ARGUMENT, "VENDOR_REFUSED"),
    401: (Code.FAILED_PRECONDITION, "VENDOR_KEY_REJECTED"),
    402: (Code.FAILED_PRECONDITION, "VENDOR_UNPAID"),
    403: (Code.PERMISSION_DENIED, "VENDOR_DENIED"),
    404: (Code.NOT_FOUND, "VENDOR_MODEL_UNKNOWN"),
    408: (Code.DEADLINE_EXCEEDED, "VENDOR_TIMEOUT"),
    409: (Code.ABORTED, "VENDOR_CONFLICT"),
    413: (Code.FAILED_PRECONDITION, "VENDOR_CONTEXT_TOO_LONG"),
    418: (Code.INVALID_ARGUMENT, "VENDOR_REFUSED"),
    422: (Code.INVALID_ARGUMENT, "VENDOR_REFUSED"),
    429: (Code.RESOURCE_EXHAUSTED, "VENDOR_RATE_LIMITED"),
}
FAILURES = {
    **dict.fromkeys((500, 501, 502, 505, 520, 599), (Code.UNAVAILABLE, "VENDOR_FAILED")),
    503: (Code.UNAVAILABLE, "VENDOR_OVERLOADED"),
    504: (Code.DEADLINE_EXCEEDED, "VENDOR_TIMEOUT"),
    529: (Code.UNAVAILABLE, "VENDOR_OVERLOADED"),
}
STATUSES = REFUSALS | FAILURES


@wires
@pytest.mark.parametrize("status", STATUSES)
async def test_each_status_has_its_problem(wire: str, status: int, vendors: FakeVendors) -> None:
    """The code and the reason of each status, the vendor's request id, and the remedy."""
    vendors.play = Play(status=status)
    async with opened(vendors) as models:
        _, found = await collect_failing(models.make([wire]))
    assert (found.code, found.reason) == STATUSES[status]
    assert found.metadata["request_id"] == "req_1"
    assert found.metadata["vendor"] == wire
    assert found.metadata["status"] == str(status)
    assert found.remedy


@wires
@pytest.mark.parametrize("status", STATUSES)
async def test_a_status_with_an_empty_body(wire: str, status: int, vendors: FakeVendors) -> None:
    """Where the body says nothing, the status does."""
    vendors.play = Play(status=status, error={"detail": "no more is said"})
    async with opened(vendors) as models:
        _, found = await collect_failing(models.make([wire]))
    assert (found.code, found.reason) == STATUSES[status]
    assert ("no more is said" in found.message) is (status != 401)


BODIES: list[tuple[str, int, dict[str, Any], str]] = [
    ("openai", 400, {"error": {"code": "context_length_exceeded", "message": "m"}}, "VENDOR_CONTEXT_TOO_LONG"),
    ("vllm:m", 400, {"object": "error", "message": "maximum context length is 8192"}, "VENDOR_CONTEXT_TOO_LONG"),
    (
        "anthropic",
        400,
        {"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long: 9 > 8"}},
        "VENDOR_CONTEXT_TOO_LONG",
    ),
    ("openai", 429, {"error": {"type": "insufficient_quota", "code": "insufficient_quota"}}, "VENDOR_UNPAID"),
    ("azure:m", 400, {"error": {"code": "content_filter", "message": "m"}}, "VENDOR_FILTERED"),
    ("qwen", 400, {"code": "data_inspection_failed", "message": "m", "request_id": "r"}, "VENDOR_FILTERED"),
    ("openrouter", 400, {"error": {"code": 400, "message": "m"}}, "VENDOR_REFUSED"),
    ("ollama", 404, {"error": "model 'x' not found"}, "VENDOR_MODEL_UNKNOWN"),
    ("ollama", 400, {"error": "model runner: exceeds the available context size"}, "VENDOR_CONTEXT_TOO_LONG"),
]


@pytest.mark.parametrize(("name", "status", "body", "reason"), BODIES, ids=lambda value: str(value)[:40])
async def test_the_body_tells_more_than_the_status(
    name: str, status: int, body: dict[str, Any], reason: str, vendors: FakeVendors
) -> None:
    """Vendors put the same failure in different words; the reason is the same."""
    vendors.play = Play(status=status, error=body)
    async with opened(vendors) as models:
        _, found = await collect_failing(models.make([name]))
    assert found.reason == reason


MESSAGES = [
    (403, "Country, region, or territory not supported", "VENDOR_REGION_REFUSED"),
    (403, "This model is not available in your region", "VENDOR_REGION_REFUSED"),
    (403, "Your key lacks the scope model.request", "VENDOR_DENIED"),
    (403, "Insufficient balance, top up to go on", "VENDOR_UNPAID"),
    (400, "Your credit balance is too low to access the API", "VENDOR_UNPAID"),
    (400, "Output blocked by content filtering policy", "VENDOR_FILTERED"),
    (400, "This model's maximum context length is 8192 tokens, lower max_tokens", "VENDOR_CONTEXT_TOO_LONG"),
    (413, "too large", "VENDOR_CONTEXT_TOO_LONG"),
    (429, "You exceeded your current quota, check your plan", "VENDOR_RATE_LIMITED"),
    (429, "Too many tokens a minute", "VENDOR_RATE_LIMITED"),
    (400, "`temperature` is not supported by this model", "VENDOR_PARAMETER_REFUSED"),
    (422, "max_tokens: 99999 > 64000", "VENDOR_PARAMETER_REFUSED"),
    (500, "content filter crashed", "VENDOR_FAILED"),
]


@wires
@pytest.mark.parametrize(("status", "said", "reason"), MESSAGES)
async def test_the_words_tell_where_no_code_does(
    wire: str, status: int, said: str, reason: str, vendors: FakeVendors
) -> None:
    """On every wire alike: a bare sentence in the form of the vendor's errors, and the request's id with it."""
    error: Any = {"error": said if wire == "ollama" else {"message": said, "type": "invalid_request_error"}}
    vendors.play = Play(status=status, error=error)
    async with opened(vendors) as models:
        _, found = await collect_failing(models.make([wire]))
    assert found.reason == reason
    assert found.metadata["request_id"] == "req_1"


REFUSED_KNOBS = [
    ({"message": "Unsupported value", "param": "temperature", "code": "unsupported_value"}, "HEADWATER_TEMPERATURE"),
    ({"message": "Unsupported parameter: 'max_tokens' is no more"}, "HEADWATER_MAX_OUTPUT_TOKENS"),
    ({"message": "this model does not support tools"}, "Another model may take it"),
]


@wires
@pytest.mark.parametrize(("body", "remedy"), REFUSED_KNOBS, ids=lambda value: str(value)[:30])
async def test_a_parameter_that_a_vendor_refuses_is_named(
    wire: str, body: dict[str, Any], remedy: str, vendors: FakeVendors
) -> None:
    """The message names the parameter and the model, the remedy the setting that it came from."""
    vendors.play = Play(status=400, error={"error": body})
    async with opened(vendors) as models:
        _, found = await collect_failing(models.make([wire]))
    assert (found.code, found.reason) == (Code.FAILED_PRECONDITION, "VENDOR_PARAMETER_REFUSED")
    assert any(f"'{knob}'" in found.message for knob in ("temperature", "max_tokens", "tools"))
    assert found.metadata["model"] in found.message
    assert remedy in found.remedy


@wires
@pytest.mark.parametrize("at", [0, 2])
async def test_an_answer_that_stops_tells_the_request(wire: str, at: int, vendors: FakeVendors) -> None:
    """A vendor that falls silent is asked about by the id of the request, before its first word and after it."""
    vendors.play = Play(fault="stall", at=at)
    first = QUICK.first_token_seconds if at else 1.0
    limits = replace(QUICK, first_token_seconds=first, reasoning_seconds=first, idle_seconds=0.5)
    async with opened(vendors, limits=limits) as models:
        _, found = await collect_failing(models.make([wire]))
    assert found.reason == ("VENDOR_STALLED" if at else "VENDOR_SLOW")
    assert found.metadata["request_id"] == "req_1"


RETRY_AFTERS = {"7": 7.0, "0.25": 0.25, "Wed, 21 Oct 2015 07:28:00 GMT": 0.0}


@wires
@pytest.mark.parametrize("status", [429, 503, 529])
@pytest.mark.parametrize("given", [*RETRY_AFTERS, "soon", "nan", "-1", ""])
async def test_who_is_too_busy_says_when_to_return(wire: str, given: str, status: int, vendors: FakeVendors) -> None:
    """As seconds, as a date; where the vendor says neither, the longest pause between two tries."""
    vendors.play = Play(status=status, headers={"retry-after": given} if given else {})
    async with opened(vendors) as models:
        _, found = await collect_failing(models.make([wire]))
    assert found.retry_after_seconds == RETRY_AFTERS.get(given, QUICK.backoff_cap_seconds)


BROKEN = {
    "cut": (Code.UNAVAILABLE, {"VENDOR_TRUNCATED"}),
    "close": (Code.UNAVAILABLE, {"VENDOR_DISCONNECTED"}),
    "abort": (Code.UNAVAILABLE, {"VENDOR_DISCONNECTED"}),
    "malformed": (Code.UNAVAILABLE, {"VENDOR_MALFORMED"}),
    "wrong_shape": (Code.UNAVAILABLE, {"VENDOR_MALFORMED"}),
    "in_band": (Code.UNAVAILABLE, {"VENDOR_FAILED", "VENDOR_OVERLOADED"}),
}


@wires
@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("at", [0, 2])
async def test_a_broken_stream_is_no_success(wire: str, fault: str, at: int, vendors: FakeVendors) -> None:
    """What came is given, with an estimate of what it cost; no finish; then the Problem, with the request's id."""
    vendors.play = Play(fault=fault, at=at)
    async with opened(vendors) as models:
        came, found = await collect_failing(models.make([wire]))
    code, reasons = BROKEN[fault]
    assert found.code is code
    assert found.reason in reasons
    assert found.metadata["request_id"] == "req_1"
    given = "".join(Play().texts[:at])
    assert text_of(came) == given or (fault in {"close", "abort"} and given.startswith(text_of(came)))
    assert not any(answer.finish for answer in came)
    assert all(answer.usage.estimated for answer in came if answer.usage)


async def test_a_rate_limit_within_a_stream(vendors: FakeVendors) -> None:
    """A vendor that says 429 inside a 200 is told apart from one that broke."""
    vendors.play = Play(fault="in_band", in_band={"error": {"code": 429, "message": "too many"}})
    async with opened(vendors) as models:
        _, found = await collect_failing(models.make(["openrouter"]))
    assert found.reason == "VENDOR_RATE_LIMITED"


@wires
async def test_a_web_page_is_no_answer(wire: str, vendors: FakeVendors) -> None:
    """A proxy that answers 200 with HTML."""
    vendors.play = Play(page=b"<html>Please sign in</html>")
    async with opened(vendors) as models:
        _, found = await collect_failing(models.make([wire]))
    assert found.reason == "VENDOR_MALFORMED"
    assert "sign in" not in str(found)


@wires
@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "https://127.0.0.1:{port}", "http://nowhere.invalid"])
async def test_a_vendor_that_is_not_there(wire: str, url: str, vendors: FakeVendors) -> None:
    """Refused, without TLS where TLS is expected, without an address."""
    secrets = secrets_for(vendors, wire)
    variable = next(name for name in secrets if name.endswith(("URL", "HOST")))
    secrets[variable] = url.format(port=vendors.port)
    async with opened(vendors, secrets=secrets) as models:
        _, found = await collect_failing(models.make([wire]))
    assert (found.code, found.reason) == (Code.UNAVAILABLE, "VENDOR_UNREACHABLE")


@wires
async def test_an_endless_answer_ends(wire: str, vendors: FakeVendors) -> None:
    """An answer over the limit is ended with a Problem, and the vendor is let go."""
    vendors.play = Play(tokens=100_000)
    async with opened(vendors, limits=replace(QUICK, answer_bytes=100_000)) as models:
        came, found = await collect_failing(models.make([wire]))
    assert found.reason == "VENDOR_ANSWER_TOO_LONG"
    assert 0 < len(text_of(came)) < 100_000


@wires
async def test_one_endless_event_ends(wire: str, vendors: FakeVendors) -> None:
    vendors.play = Play(texts=("x" * 50_000,))
    async with opened(vendors, limits=replace(QUICK, event_bytes=10_000)) as models:
        _, found = await collect_failing(models.make([wire]))
    assert found.reason == "VENDOR_MALFORMED"


SOURCE = "def total(items): return sum(item.price for item in items if item.price > 0)"
ECHOES = [
    f"Incorrect API key provided: {KEY}.",
    f"Incorrect API key provided: {KEY[:8]}********.",
    f"Invalid input: {SOURCE}",
    f"cannot parse '{SOURCE[10:60]}'",
]


@wires
@pytest.mark.parametrize("status", [400, 401, 500])
@pytest.mark.parametrize("said", ECHOES)
async def test_no_problem_tells_the_key_or_the_prompt(
    wire: str, status: int, said: str, vendors: FakeVendors, caplog: pytest.LogCaptureFixture
) -> None:
    """A vendor that repeats the key or the user's source is not repeated: not in messages, traces, logs or reprs."""
    error = said if wire == "ollama" else {"message": said, "type": "x"}
    vendors.play = Play(status=status, error={"error": error})
    prompt = Prompt(messages=(Message(role=Role.USER, text=f"Test this:\n{SOURCE}\n"),))
    with caplog.at_level(logging.INFO):
        async with opened(vendors) as models:
            model = models.open(models.target(wire))
            _, found = await collect_failing(models.make([wire]), prompt)
            shown = [repr(found), str(found), repr(found.metadata), repr(model), repr(model.target), repr(models)]
    shown += [*traceback.format_exception(found), caplog.text]
    for text in shown:
        assert KEY[:8] not in text
        assert SOURCE[10:50] not in text


@pytest.mark.parametrize("wire", WIRES)
async def test_debug_logs_hold_no_key(wire: str, vendors: FakeVendors, caplog: pytest.LogCaptureFixture) -> None:
    """Not even the SDKs' own logs, at their most talkative."""
    vendors.play = Play(status=401)
    with caplog.at_level(logging.DEBUG):
        async with opened(vendors) as models:
            await collect_failing(models.make([wire]))
    assert KEY not in caplog.text


async def test_the_vendors_words_help_where_they_are_harmless(vendors: FakeVendors) -> None:
    vendors.play = Play(status=400, error={"error": {"message": "the moon is too full", "code": "bad_value"}})
    async with opened(vendors) as models:
        _, found = await collect_failing(models.make(["openai"]))
    assert found.message == "The vendor 'openai' refused the request: the moon is too full."
    assert found.metadata["vendor_code"] == "bad_value"
