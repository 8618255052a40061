"""Answers that are too long or cut off cost no test that was complete by then."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headwater.pipeline.answers import AnswerLimits
from headwater.providers import Failure
from headwater.providers.models import Finish
from tests.fakes.model import RecordedModel, Says
from tests.prompting import TASK, Heard, hear, prompted

GOOD = "from shapes import half\n\n\ndef test_half():\n    assert half(4) == 2\n"
SMALL = AnswerLimits(characters=4000, piece_characters=500, slice_characters=100)
ENDLESS = 6000
"""Characters of a tail, past every bound of `SMALL`."""
TAILS = {
    "remarks": "# and nothing more to say\n",
    "remarks inside": "    # and nothing more to say\n",
    "blank lines": "\n\n   \n",
    "one line": "x" * 100,
    "a comment in one line": "# and nothing more to say ",
    "words": "That is all that I have to say, really.\n",
    "noise": "}{][ %% $$ &&\n",
}


async def answered(text: str, *, finish: Finish = Finish.STOP, fenced: bool = False) -> Heard:
    says = Says(text=f"```python\n{text}" if fenced else text, finish=finish)
    task = replace(TASK, symbols=("half",))
    return await hear(prompted(RecordedModel({"half": [says]}, chunk=1000), answer=SMALL), task)


@pytest.mark.parametrize("fenced", [True, False])
@pytest.mark.parametrize("tail", TAILS.values(), ids=TAILS)
async def test_a_tail_without_end_costs_no_test_before_it(tail: str, fenced: bool) -> None:
    """The answer is cut at a bound, which a warning tells; the test above the tail is kept, without the tail."""
    heard = await answered(GOOD + tail * (ENDLESS // len(tail)), fenced=fenced)
    assert heard.tests == ["test_half"]
    assert [delta.warning for delta in heard.deltas if delta.warning] == [
        "About half: the answer was cut at 4,000 characters; what of it was complete by then is kept."
    ]
    assert len(heard.text) < 1000
    assert all(len(each.code) <= SMALL.piece_characters for each in heard.left_out)


async def test_what_a_cut_goes_through_is_not_trusted() -> None:
    """Though it parses, there may have been more of it; what stands above it is kept."""
    heard = await answered(f"{GOOD}\n\ndef test_more():\n    found = half(2)\n", finish=Finish.LENGTH)
    assert heard.tests == ["test_half"]
    left_out = heard.left_out[-1]
    assert (left_out.about, "cut off" in left_out.reason) == ("test_more", True)


@pytest.mark.parametrize("last", ["    # and of odd ones", "    # it must be a nu"])
async def test_a_remark_inside_a_test_that_is_cut_ends_nothing(last: str) -> None:
    heard = await answered(f"{GOOD}\n\ndef test_more():\n    found = half(2)\n{last}", finish=Finish.LENGTH)
    assert heard.tests == ["test_half"]


async def test_a_test_that_is_itself_too_long_is_left_out() -> None:
    """A body without end is no tail."""
    heard = await answered(f"{GOOD}\n\ndef test_more():\n" + "    assert half(2) == 1\n" * 100)
    assert heard.tests == ["test_half"]
    assert "it is too long" in heard.left_out[-1].reason


async def test_a_long_answer_is_not_told_again_in_full() -> None:
    """In a conversation that goes on, the model is shown the beginning and the end of what it said."""
    model = RecordedModel({"half": [GOOD + "# nothing more\n" * 4000, GOOD]})
    provider = prompted(model)
    await hear(provider, replace(TASK, symbols=("half",), missing_lines=(8, 9)))
    await hear(provider, replace(TASK, symbols=("half",), missing_lines=(8,), attempt=2))
    said = model.prompts[1].messages[2].text
    assert said.startswith("from shapes import half")
    assert len(said) <= 20_000


async def test_what_is_no_code_goes_back_to_the_model() -> None:
    """With its name, its text and where it is wrong, like a test that failed."""
    broken = "def test_odd():\n    assert half(3 == 1\n"
    model = RecordedModel({"half": [f"{GOOD}\n\n{broken}", GOOD]})
    provider = prompted(model)
    heard = await hear(provider, replace(TASK, symbols=("half",), missing_lines=(8, 9)))
    (left_out,) = (each for each in heard.left_out if each.code)
    assert (left_out.about, left_out.verdict) == ("test_odd", "failed")
    failure = Failure(test_name="test_odd", code=left_out.code, verdict=left_out.verdict, detail=left_out.reason)
    again = replace(TASK, symbols=("half",), missing_lines=(8,), attempt=2, failures=(failure,))
    await hear(provider, replace(again, taken_names=frozenset({"test_half"})))
    asked = model.prompts[1].messages[-1].text
    assert "assert half(3 == 1" in asked
    assert "'(' was never closed" in asked


@pytest.mark.parametrize("words", ["Sure! Here are the tests:", "I hope this helps (it should).", "Voilà, les tests."])
async def test_sentences_beside_the_code_are_no_broken_tests(words: str) -> None:
    """Without fences too: nobody is told that they cannot be used."""
    heard = await answered(f"{words}\n\n{GOOD}\n\n{words}\n")
    assert heard.tests == ["test_half"]
    assert not [each for each in heard.left_out if each.code]
