"""What looks like a bug is told, first of all that was left out, and never written into the file."""

from __future__ import annotations

from contextlib import aclosing

from google.protobuf.json_format import MessageToDict

from headwater.config import load_settings
from headwater.local import opened
from headwater.providers import LeftOut
from headwater.rpc.steps import VERDICTS
from headwater.show.generate_tests import SUSPECTED
from headwater.v1 import generate_tests_pb2 as pb

SOURCE = '''
def mean(values: list[int]) -> float:
    """Returns the mean."""
    return sum(values) / len(values)


def first(text: str) -> str:
    """Returns the first word.

    >>> first("one two")
    'one'
    >>> first("  padded text")
    'padded'
    """
    return text.split(" ")[0]
'''


async def test_a_suspected_bug_is_told_and_not_written() -> None:
    """A mishap and a broken promise come first among what was dropped, each with its inputs, its reason and a test."""
    request = pb.GenerateTestsRequest()
    request.source.content = SOURCE
    settings = load_settings(store="sqlite://:memory:", on_disconnect="cancel")
    async with opened(settings) as service, aclosing(service.stream("GenerateTests", request)) as stream:
        events = [event async for event in stream]
    complete = events[-1]
    assert isinstance(complete, pb.GenerateTestsEvent)
    dropped = list(complete.complete.dropped)
    bugs = [each for each in dropped if each.verdict == pb.VERDICT_SUSPECTED_BUG]
    assert bugs == dropped[: len(bugs)]
    assert {each.test_name for each in bugs} == {"mean", "first"}
    told = {each.test_name: each for each in bugs}
    assert "ZeroDivisionError" in told["mean"].reason
    assert "mean([])" in told["mean"].test_code
    assert "padded" in told["first"].reason
    assert "mean([])" not in complete.complete.output
    assert "padded text" not in complete.complete.output
    assert MessageToDict(bugs[0])["verdict"] == "VERDICT_SUSPECTED_BUG"


def test_a_provider_says_what_became_of_what_it_left_out() -> None:
    """The verdict is the provider's word, useless unless it says so, and every word has its value on the wire."""
    plain = LeftOut(about="mean", reason="no").verdict
    assert (VERDICTS[plain], VERDICTS[SUSPECTED]) == (pb.VERDICT_USELESS, pb.VERDICT_SUSPECTED_BUG)
