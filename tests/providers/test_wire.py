"""Bytes become events: however they are cut, whatever they are."""

from __future__ import annotations

import contextlib

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.providers.anthropic import MessageReader
from headwater.providers.asking import SHAPES
from headwater.providers.chat import ChatReader
from headwater.providers.faults import InBand
from headwater.providers.ollama import LineReader
from headwater.providers.responses import ResponsesReader
from headwater.providers.steps import Steps
from headwater.providers.wire import Events, Lines

LIMIT = 1 << 20
WORDS = (
    *("choices", "delta", "content", "tool_calls", "function", "index", "id", "name", "arguments", "usage", "error"),
    *("message", "type", "item", "response", "status", "output", "content_block", "stop_reason", "done", "thinking"),
    *("finish_reason", "prompt_tokens_details", "partial_json", "text", "code", "incomplete_details"),
)
KINDS = (
    *("content_block_delta", "content_block_start", "content_block_stop", "message_delta", "message_stop", "error"),
    *("response.output_text.delta", "response.output_item.done", "response.completed", "response.failed"),
)
STREAM = (
    b'\xef\xbb\xbfdata: {"a":1}\n\n: ping\n\nevent: x\nid: 7\ndata:{"b":2}\nretry: 10\n\n'
    b"data: one\ndata: two\n\n\n\ndata\n\nfoo: bar\n\ndata: \xe6\x97\xa5\n\n"
)
FOUND = [b'{"a":1}', b'{"b":2}', b"one\ntwo", "日".encode()]


def feed(parser: Events | Lines, data: bytes, cuts: list[int]) -> list[bytes]:
    found: list[bytes] = []
    at = 0
    for cut in [*sorted(cut % (len(data) + 1) for cut in cuts), len(data)]:
        found += parser.feed(data[at:cut])
        at = cut
    return found + parser.end()


@given(st.lists(st.integers(0, 1000)), st.sampled_from([b"\n", b"\r\n"]))
def test_events_are_the_same_however_they_are_cut(cuts: list[int], end: bytes) -> None:
    """Comments, other fields and empty events are passed over; several data lines are one event."""
    assert feed(Events(LIMIT), STREAM.replace(b"\n", end), cuts) == FOUND


@given(st.lists(st.integers(0, 1000)), st.sampled_from([b"\n", b"\r\n", b"\n\n"]))
def test_lines_are_the_same_however_they_are_cut(cuts: list[int], end: bytes) -> None:
    data = end.join([b'{"a":1}', b'{"b":"\xe6\x97\xa5"}', b'{"last":1}'])
    assert feed(Lines(LIMIT), data, cuts) == data.split(end)


@given(st.binary(), st.lists(st.integers(0, 1000)))
def test_no_bytes_break_a_parser(data: bytes, cuts: list[int]) -> None:
    """Whatever comes, a parser gives events or refuses what is too long."""
    for parser in (Events(64), Lines(64)):
        with contextlib.suppress(ValueError):
            assert all(len(event) <= 64 for event in feed(parser, data, cuts))


@pytest.mark.parametrize("size", [1, 10, 1000])
@pytest.mark.parametrize("parser", [Events, Lines])
def test_a_line_without_end_is_refused(parser: type[Events | Lines], size: int) -> None:
    """Though it comes in one piece or in many."""
    with pytest.raises(ValueError, match="longer than 100"):
        feed(parser(100), b"x" * 1000, list(range(0, 1000, size)))


def test_an_event_without_end_is_refused() -> None:
    """Though each of its lines is short."""
    with pytest.raises(ValueError, match="longer than 100"):
        feed(Events(100), b"data: 123456789\n" * 20, [])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 600) | st.text(max_size=5) | st.sampled_from(["error", "text_delta"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6),
    max_leaves=12,
)


@given(event=st.dictionaries(st.sampled_from(WORDS), JSON, max_size=8) | JSON, kind=st.sampled_from(KINDS))
@pytest.mark.parametrize("reader", [ChatReader, ResponsesReader, MessageReader, LineReader])
def test_no_json_breaks_a_reader(reader: type[ChatReader], event: object, kind: str) -> None:
    """An event of any shape is read, refused as malformed, or an error of the vendor's; what comes is well typed."""
    if isinstance(event, dict):
        event = {"type": kind, **event}
    for read in (lambda made: made.event(orjson.dumps(event)), lambda made: made.whole(event)):
        steps = Steps()
        with contextlib.suppress(InBand, *SHAPES):
            read(reader(steps))
            answers = steps.take()
            calls = [answer.call for answer in answers if answer.call]
            texts = [answer.text + answer.reasoning for answer in answers]
            texts += [call.id + call.name + call.arguments for call in calls]
            counted = [steps.usage.input + steps.usage.output + steps.usage.cached] if steps.usage else []
            wrong = [each for each in texts if type(each) is not str] + [each for each in counted if each < 0]
            if wrong:
                pytest.fail(f"{wrong}")


def test_an_error_of_any_shape_can_be_told() -> None:
    """What a vendor says of its failure may be text, an object, a list, or nothing."""
    for body in (None, "", "text", b"<html>", [], {"error": []}, {"error": {"message": {}}}, {"error": None}, 7):
        assert isinstance(InBand(body).said.message, str)
