"""The provider that asks a model: what it is told, what of its answers becomes text, and how a conversation goes on."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from headwater.errors import Code, Problem, problem
from headwater.pipeline.answers import AnswerLimits
from headwater.pipeline.segments import SegmentLimits
from headwater.pipeline.talks import TalkLimits
from headwater.providers import Delta, Failure
from headwater.providers.models import Finish, Message, Role, ToolCall, Usage
from tests.fakes.model import RecordedModel, Says
from tests.prompting import AREA, HALF, TASK, TEST_IT, Heard, hear, prompted


@pytest.mark.parametrize("chunk", [1, 7, 10_000])
@pytest.mark.parametrize("live", [True, False])
async def test_answers_become_one_module(chunk: int, live: bool) -> None:
    """Two answers that come at once give one text that parses, without fences and prose, each piece whole."""
    model = RecordedModel({"half, lines": [HALF], "area, lines": [AREA]}, chunk=chunk)
    heard = await hear(prompted(model, live=live))
    ast.parse(heard.text)
    assert sorted(heard.tests) == ["test_area", "test_half_of_even", "test_half_of_odd"]
    assert heard.notes == {"test_half_of_even": "half", "test_half_of_odd": "half", "test_area": "area"}
    assert "import pytest" in heard.text  # the second answer forgot it
    assert heard.last.usage == Usage(input=200, output=len(HALF) + len(AREA))
    assert (heard.last.model, heard.last.stopped_by, len(heard.last.prompt_sha256)) == ("fake:recorded", "plateau", 64)
    assert model.open == 0


async def test_a_test_is_heard_while_it_is_being_written() -> None:
    """Its lines come as they are written, not only when it is complete."""
    held = asyncio.Event()
    half = "from shapes import half\n\n\ndef test_a():\n    number = 4\n    assert half(number) == 2\n"
    model = RecordedModel({"half, lines": [Says(text=half, waits=held)]})
    heard: list[Delta] = []
    async for delta in prompted(model).stream(replace(TASK, symbols=("half",))):
        heard.append(delta)
        if "number = 4" in delta.text:
            held.set()
    assert held.is_set()
    assert Heard(heard).tests == ["test_a"]


async def test_what_is_written_at_once_never_mixes() -> None:
    """While one function is heard, the pieces of others wait, however the answers take turns."""
    answers = {
        f"f{number}, lines": [
            f"from many import f{number}\n\n\n"
            + "\n\n\n".join(
                f"def test_{number}_{test}():\n    one = {test}\n    assert f{number}() == one" for test in range(5)
            )
        ]
        for number in range(6)
    }
    source = "\n\n\n".join(f"def f{number}():\n    return {number}" for number in range(6))
    model = RecordedModel(answers, chunk=3)
    heard = await hear(prompted(model), replace(TASK, source=source, path="many.py", module="many"))
    assert len(heard.tests) == 30
    assert not [each for each in heard.pieces if each.kind == "broken"]
    assert not any(delta.withdrawn for delta in heard.deltas)


async def test_the_first_question_shows_the_segment() -> None:
    """It names the file, the lines and branches that are missing, the code with its numbers, and the tool."""
    model = RecordedModel({"half": [HALF]})
    await hear(prompted(model), replace(TASK, missing_lines=(8, 17), missing_branches=((7, 8),)))
    (prompt,) = model.prompts
    assert [message.role for message in prompt.messages] == [Role.SYSTEM, Role.USER]
    text = prompt.messages[1].text
    assert "shapes.py (module shapes): half, lines 6-9" in text
    assert "by line: 8." in text
    assert "7->8" in text
    assert '8:         raise ValueError("odd")' in text
    assert [tool.name for tool in prompt.tools] == ["look_up"]


async def test_a_model_may_look_things_up() -> None:
    """A call of the tool is answered from the code base, and after so many rounds there is no tool any more."""
    call = ToolCall(id="c1", name="look_up", arguments='{"name": "rounded"}')
    model = RecordedModel({"area, lines": [Says(calls=(call,)), Says(calls=(call,)), AREA]})
    heard = await hear(prompted(model, tool_rounds=2), replace(TASK, symbols=("area",)))
    assert heard.tests == ["test_area"]
    answered = model.prompts[1].messages[-1]
    assert (answered.role, answered.call_id) == (Role.TOOL, "c1")
    assert answered.text == "# tools/round.py, lines 1-2\ndef rounded(x):\n    return round(x)"
    assert [bool(prompt.tools) for prompt in model.prompts] == [True, True, False]


async def second(
    answers: list[str | Says], *failures: Failure, **task: Any
) -> tuple[RecordedModel, Heard, Sequence[Message]]:
    """Runs two attempts about `half`; returns what the second one said and was asked."""
    model = RecordedModel({"half": answers})
    provider = prompted(model)
    first = replace(TASK, missing_lines=(7, 8, 9), missing_branches=((7, 8), (7, 9)))
    await hear(provider, first)
    again = {"missing_lines": (8,), "missing_branches": ((7, 8),), "taken_names": frozenset({"test_half_of_even"})}
    heard = await hear(provider, replace(first, attempt=2, failures=failures, **{**again, **task}))
    return model, heard, model.prompts[-1].messages


FAILED = Failure(
    test_name="test_half_of_odd",
    code="def test_half_of_odd():\n    half(3)\n",
    verdict="failed",
    detail="ValueError: odd",
)


async def test_what_failed_goes_back_with_its_error() -> None:
    """The second question follows the first answer, and shows the failing test, its error and what is missing."""
    mended = "from shapes import half\n\n\ndef test_half_of_odd():\n    assert half(6) == 3\n"
    _, heard, messages = await second([HALF, mended], FAILED)
    assert [message.role for message in messages] == [Role.SYSTEM, Role.USER, Role.ASSISTANT, Role.USER]
    assert messages[2].text == HALF
    assert "def test_half_of_odd" in messages[3].text
    assert "ValueError: odd" in messages[3].text
    assert "7->8" in messages[3].text
    assert heard.tests == ["test_half_of_odd"]


async def test_what_lacks_coverage_goes_back_with_what_is_missing() -> None:
    """Where nothing failed, the model is told the lines and branches that its tests leave out."""
    useless = replace(FAILED, verdict="useless")
    _, heard, messages = await second([HALF, AREA], useless)
    assert "Your tests pass" in messages[-1].text
    assert "by line: 8. Branches not taken yet: 7->8." in messages[-1].text
    assert "ValueError" not in messages[-1].text
    assert heard.tests == ["test_area"]


async def test_what_others_tried_is_told_at_the_first_question() -> None:
    """Where a search came before, the model sees what failed of it in the segment: all of it where that is the file."""
    other = replace(FAILED, test_name="test_area", code="def test_area():\n    area(2)\n", detail="AssertionError")
    model = RecordedModel({"half": [HALF]})
    await hear(prompted(model), replace(TASK, attempt=2, missing_lines=(8,), failures=(FAILED, other)))
    text = model.prompts[0].messages[-1].text
    assert "This has been tried, and was not enough:" in text
    assert "ValueError: odd" in text
    assert "AssertionError" not in text
    model = RecordedModel({"half": [HALF]})
    task = replace(TASK, attempt=2, missing_lines=(8,), failures=(FAILED, other))
    await hear(prompted(model, segment=SegmentLimits()), task)
    assert "AssertionError" in model.prompts[0].messages[-1].text


async def test_a_name_that_is_taken_is_not_used_again() -> None:
    """A new test of the name of an accepted one gets a number; the same test is not written twice."""
    other = HALF.replace("half(4) == 2", "half(8) == 4")
    _, heard, _ = await second([HALF, other], FAILED)
    assert heard.tests == ["test_half_of_even_2"]


async def test_a_model_that_repeats_itself_is_given_up() -> None:
    """Twice the same answer ends the conversation, with the reason; nothing is left to ask about then."""
    model = RecordedModel({"half": [HALF]})
    provider = prompted(model, talk=TalkLimits(restarts=0))
    task = replace(TASK, missing_lines=(8,), missing_branches=())
    await hear(provider, task)
    await hear(provider, replace(task, attempt=2))
    heard = await hear(provider, replace(task, attempt=3))
    assert heard.left_out[0].about == "half"
    assert "same answer" in heard.left_out[0].reason
    assert heard.last.stopped_by == "exhausted"
    assert len(model.prompts) == 2


async def test_patience_ends() -> None:
    """So many answers in a row without anything gained, and the segment is given up."""
    model = RecordedModel({"half": [HALF.replace("4", str(number)) for number in range(10)]})
    provider = prompted(model, talk=TalkLimits(patience=2, restarts=0))
    task = replace(TASK, missing_lines=(8,), missing_branches=())
    reasons = [
        each.reason
        for attempt in (1, 2, 3, 4)
        for each in (await hear(provider, replace(task, attempt=attempt))).left_out
    ]
    assert reasons[-1] == "The model's answers do not reach what is missing."
    assert len(model.prompts) == 2


async def test_a_conversation_that_leads_nowhere_is_begun_anew_once() -> None:
    """A second beginning forgets what was said, and tells only what is missing now."""
    model = RecordedModel({"half": [HALF.replace("4", str(number)) for number in range(10)]})
    provider = prompted(model, talk=TalkLimits(patience=1, restarts=1))
    task = replace(TASK, missing_lines=(8,), missing_branches=())
    heard = [await hear(provider, replace(task, attempt=attempt)) for attempt in (1, 2, 3, 4)]
    assert [len(prompt.messages) for prompt in model.prompts] == [2, 2]
    assert [len(each.left_out) for each in heard] == [1, 0, 1, 0]


async def test_a_segment_whose_tests_all_hang_is_given_up() -> None:
    """Where every test ran out of time, asking again would only cost more of it."""
    model = RecordedModel({"half": [HALF]})
    provider = prompted(model, talk=TalkLimits(restarts=0))
    task = replace(TASK, missing_lines=(8, 9), missing_branches=())
    await hear(provider, task)
    hung = tuple(
        replace(FAILED, test_name=name, verdict="timeout") for name in ("test_half_of_even", "test_half_of_odd")
    )
    heard = await hear(provider, replace(task, attempt=2, failures=hung, missing_lines=(8,)))
    assert [each.reason for each in heard.left_out] == ["Each of its tests ran out of time."]


async def test_prose_is_asked_for_code_once() -> None:
    """An answer without a test is followed by one more question; a second one gives the segment up."""
    model = RecordedModel({"half": ["I would rather talk about the weather.", HALF]})
    heard = await hear(prompted(model), replace(TASK, symbols=("half",)))
    assert heard.tests == ["test_half_of_even", "test_half_of_odd"]
    assert "no test in that answer" in model.prompts[1].messages[-1].text
    model = RecordedModel({"half": ["I would rather talk about the weather."]})
    heard = await hear(prompted(model), replace(TASK, symbols=("half",)))
    assert heard.text == ""
    assert "twice without any test; it answered in words, not in Python: “I would" in heard.left_out[-1].reason


@pytest.mark.parametrize("live", [True, False])
async def test_the_last_piece_of_a_cut_answer_is_not_trusted(live: bool) -> None:
    """A function that the limit cut off is withdrawn although it parses; what was complete stays."""
    cut = HALF.partition("    with")[0].replace("of_odd():", "of_odd():\n    half(2)")
    model = RecordedModel({"half": [Says(text=cut, finish=Finish.LENGTH)]})
    heard = await hear(prompted(model, live=live), replace(TASK, symbols=("half",)))
    assert heard.tests == ["test_half_of_even"]
    assert [(each.about, "cut off" in each.reason) for each in heard.left_out if each.code] == [
        ("test_half_of_odd", True)
    ]


async def test_a_restarted_answer_withdraws_what_was_not_complete() -> None:
    """What another vendor had finished stays, for each test is judged by itself; half a function does not."""
    first = "from shapes import half\n\n\ndef test_first():\n    assert half(8) == 4\n"
    before = first + "\n\ndef test_b():\n    number = 3\n    x"
    model = RecordedModel({"half": [Says(before=before, text=HALF)]})
    heard = await hear(prompted(model), replace(TASK, symbols=("half",)))
    assert heard.tests == ["test_first", "test_half_of_even", "test_half_of_odd"]
    assert "number = 3" not in heard.text
    assert any(delta.withdrawn for delta in heard.deltas)
    ast.parse(heard.text)


async def test_an_answer_without_end_is_cut() -> None:
    """Five megabytes are not read to the end."""
    model = RecordedModel({"half": [HALF.partition("```\n")[0] + "x = 1\n" * 1_000_000]}, chunk=10_000)
    heard = await hear(prompted(model, answer=AnswerLimits(pieces=50)), replace(TASK, symbols=("half",)))
    assert heard.tests == ["test_half_of_even", "test_half_of_odd"]
    assert len(heard.text) < 5_000
    assert sum(len(message.text) for message in model.prompts[0].messages) < 10_000
    assert model.open == 0


REFUSED = problem(Code.FAILED_PRECONDITION, "VENDOR_KEY_REJECTED", "The vendor refuses the key.", "Set another.")
DOWN = problem(Code.UNAVAILABLE, "VENDOR_UNREACHABLE", "The vendor does not answer.", "Try later.")


async def test_a_refusal_ends_everything_at_once() -> None:
    """Where no answer came, the model's Problem is the provider's."""
    model = RecordedModel({"lines": [Says(fails=REFUSED)]})
    with pytest.raises(Problem) as raised:
        await hear(prompted(model, concurrent=1))
    assert raised.value.reason == "VENDOR_KEY_REJECTED"
    assert len(model.prompts) == 1
    assert model.open == 0


async def test_one_failed_conversation_costs_no_other() -> None:
    """What some answered is kept; what one failed at is a warning."""
    half = "from shapes import half\n\n\ndef test_cut():\n    number = 3\n    assert number\n    ha"
    model = RecordedModel({"half, lines": [Says(text=half, fails=DOWN)], "area, lines": [AREA]})
    heard = await hear(prompted(model))
    assert heard.tests == ["test_area"]
    assert [delta.warning for delta in heard.deltas if delta.warning] == [str(DOWN)]


async def test_closing_the_stream_ends_every_request() -> None:
    """A caller that has enough leaves no request open."""
    never = asyncio.Event()
    model = RecordedModel({"lines": [Says(text=HALF, waits=never)]})
    stream = prompted(model).stream(TASK)
    async for delta in stream:
        if "half(4)" in delta.text:
            break
    assert model.open == 2
    await stream.aclose()
    assert model.open == 0


async def test_the_budget_ends_what_goes_on_too_long() -> None:
    """When the time is over, what is complete stays and what is not is withdrawn."""
    never = asyncio.Event()
    text = (
        "from shapes import half\n\n\ndef test_a():\n    assert half(2) == 1\n\n\ndef test_b():\n    one = 1\n    two"
    )
    model = RecordedModel({"half": [Says(text=text, waits=never)]})
    heard = await hear(prompted(model), replace(TASK, symbols=("half",), budget_seconds=1.0))
    assert heard.tests == ["test_a"]
    assert heard.last.stopped_by == "budget"
    assert model.open == 0


async def test_only_so_many_conversations_go_on_at_once() -> None:
    """The others wait for their turn; those that may give most come first."""
    held = asyncio.Event()
    source = "\n\n\n".join(
        f"def f{number}():\n" + "    pass\n" * number + f"    return {number}" for number in range(6)
    )
    model = RecordedModel({"lines": [Says(text=HALF, waits=held)]})
    provider = prompted(model, concurrent=2, live=False)
    names: list[str] = []
    async for _ in provider.stream(replace(TASK, source=source)):
        if not held.is_set():
            names = [prompt.messages[1].text.partition("): ")[2].partition(",")[0] for prompt in model.prompts]
            assert model.open == 2
            held.set()
    assert names == ["f5", "f4"]
    assert len(model.prompts) == 6


async def test_nothing_missing_asks_nobody() -> None:
    """A module that is covered costs no token; code for scripts only is left out with the reason."""
    model = RecordedModel({})
    heard = await hear(prompted(model), replace(TASK, missing_lines=(17,), missing_branches=((16, 17),)))
    assert heard.last.stopped_by == "exhausted"
    assert [each.about for each in heard.left_out] == ["lines 17-17"]
    assert model.prompts == []


async def test_names_of_different_answers_are_kept_apart() -> None:
    """The same name for other helpers, and one name imported from two places, stay what they are in each answer."""
    half = "from datetime import datetime\nfrom shapes import half\nN = 2\n" + TEST_IT.format(
        "half(N) and datetime.now()"
    )
    area = "import datetime\nfrom shapes import area\nN = 'x'\n" + TEST_IT.format("area(len(N)) and datetime.date")
    model = RecordedModel({"half, lines": [half], "area, lines": [area]}, chunk=10_000)
    heard = await hear(prompted(model))
    assert sorted(heard.tests) == ["test_it", "test_it_2"]
    bound: dict[str, Any] = {"__name__": "tests_of_shapes"}
    code = heard.text.replace("from shapes import half", "half = bool").replace(
        "from shapes import area", "area = bool"
    )
    exec(compile(code, "<tests>", "exec"), bound)
    bound["test_it"]()
    bound["test_it_2"]()


async def test_an_import_of_what_is_not_there_costs_only_the_tests_that_use_it() -> None:
    """An import that would break the whole file is left out, or corrected where the name is nearly right."""
    text = HALF.replace(
        "from shapes import half", "from shapes import half, Circle, areaa\nfrom tools.round import nothing"
    )
    text = text.replace("I hope", "```python\ndef test_area():\n    assert areaa(1) == 3\n```\nI hope")
    heard = await hear(prompted(RecordedModel({"half": [text]})), replace(TASK, symbols=("half",)))
    assert "Circle" not in heard.text
    assert "nothing" not in heard.text
    assert "from shapes import area as areaa" in heard.text
