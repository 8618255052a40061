"""Leads the conversation with a model about one segment: what it is told next, and when there is nothing to say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from headwater.pipeline.excerpts import ExcerptLimits, arrows, ranges
from headwater.pipeline.languages import Speech, Words
from headwater.pipeline.segments import MODULE, Segment
from headwater.pipeline.wording import Templates
from headwater.providers import Failure, Task
from headwater.providers.models import Message, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkLimits:
    """Bounds of a conversation."""

    patience: int = 3
    """So many answers without anything gained end it."""
    restarts: int = 1
    """How often it is begun anew, as if nothing had been said, before it is given up."""
    failures: int = 5
    """So many failing tests are told at once."""
    error_characters: int = 1200
    """Of the error of one test."""
    test_lines: int = 40
    """Of the text of a failing test that is told again."""
    test_characters: int = 4000
    """The same, in characters."""
    answer_characters: int = 20_000
    """Of an answer that the model is shown again as its own."""


class Talk:
    """A conversation about a segment."""

    def __init__(self, templates: Templates, speech: Speech, limits: TalkLimits, shown: ExcerptLimits) -> None:
        """Nothing has been said yet."""
        self.messages: list[Message] = []
        self.tests: dict[str, str] = {}
        """The tests of the last answer, by the names that they got in the draft."""
        self.given_up = ""
        self._templates = templates
        self._speech = speech
        self._words = Words()
        self._limits = limits
        self._shown = shown
        self._answers: list[str] = []
        self._gain = 0
        self._fruitless = 0
        self._restarts = 0

    def next(self, segment: Segment, task: Task) -> bool:
        """Adds what the model is told next; returns whether there is anything, and if not, says why in `given_up`."""
        self._words = self._speech.words(task)
        if self._answers:
            self._fruitless = self._fruitless + 1 if segment.gain >= self._gain else 0
        self._gain = segment.gain
        verdicts = self._failures(task)
        why = self._hopeless(verdicts)
        if why and self._restarts >= self._limits.restarts:
            self.given_up = why
            return False
        if why:
            self._restarts += 1
            self._fruitless = 0
            self._answers.clear()
        if not self._answers:
            self.messages.clear()
            self._begin(segment, task)
            return True
        if self.messages[-1].role is Role.USER:
            self.messages.pop()  # it was never answered
        failures = [each for each in verdicts if each.verdict != "useless"]
        self._say(Role.USER, self._follow_up(segment, failures))
        return True

    def answered(self, text: str) -> None:
        """Adds the model's answer."""
        self._answers.append(text)
        self._say(Role.ASSISTANT, shortened(text, self._limits.answer_characters))

    def nudge(self, segment: Segment) -> None:
        """Asks again after an answer that held no test."""
        self._say(Role.USER, self._render("again", name=called(segment)))

    def _begin(self, segment: Segment, task: Task) -> None:
        self._say(Role.SYSTEM, self._templates.render(self._words.system, **dict(self._words.values)))
        text = self._render(
            "initial",
            path=task.path,
            name=called(segment),
            first=segment.first,
            last=segment.last,
            missing=self._missing(segment),
            excerpt=self._speech.excerpt(task, segment, self._shown),
            tried=self._tried(segment, task),
        )
        self._say(Role.USER, text)

    def _follow_up(self, segment: Segment, failures: Sequence[Failure]) -> str:
        name = called(segment)
        if not failures:
            return self._render("missing", name=name, missing=self._missing(segment))
        shown = "\n\n".join(self._failure(each) for each in failures[: self._limits.failures])
        return self._render("failed", name=name, failures=shown, missing=self._missing(segment))

    def _failures(self, task: Task) -> list[Failure]:
        """Returns what became of the tests of the last answer that were not kept."""
        found = {each.test_name: each for each in task.failures if each.test_name in self.tests}
        return [each for name, each in found.items() if name not in task.taken_names]

    def _hopeless(self, failures: Sequence[Failure]) -> str:
        if self._fruitless >= self._limits.patience:
            return "The model's answers do not reach what is missing."
        if len(self._answers) > 1 and self._answers[-1] == self._answers[-2]:
            return "The model gives the same answer again."
        if failures and len(failures) == len(self.tests) and all(each.verdict == "timeout" for each in failures):
            return "Each of its tests ran out of time."
        return ""

    def _failure(self, failure: Failure) -> str:
        lines = failure.code.splitlines()
        most = self._limits.test_lines
        code = "\n".join([*lines[:most], "    ..."] if len(lines) > most else lines)
        code = shortened(code, self._limits.test_characters)
        return f"```{self._words.fence}\n{code}\n```\n{trimmed(failure.detail, self._limits.error_characters)}"

    def _tried(self, segment: Segment, task: Task) -> str:
        """Tells what others have tried in vain, as far as it concerns the segment."""
        word = segment.name.rpartition(".")[2]
        about = [each for each in task.failures if segment.name == MODULE or word in each.code]
        if not about:
            return ""
        shown = "\n\n".join(self._failure(each) for each in about[-self._limits.failures :])
        return f"\n\nThis has been tried, and was not enough:\n\n{shown}"

    def _missing(self, segment: Segment) -> str:
        return missing(segment, arcs=self._words.arcs)

    def _render(self, template: str, /, **values: object) -> str:
        return self._templates.render(self._words.prefix + template, **dict(self._words.values), **values)

    def _say(self, role: Role, text: str) -> None:
        self.messages.append(Message(role=role, text=text))


def called(segment: Segment) -> str:
    """Returns how a segment is called in a sentence."""
    return "the module's own level and its functions" if segment.name == MODULE else segment.name


def missing(segment: Segment, *, arcs: bool = True) -> str:
    """Says in sentences what of a segment is not run; branches with where they lead, or by their lines alone."""
    found: list[str] = []
    if segment.lines:
        found.append(f"Not run yet, by line: {ranges(segment.lines)}.")
    if segment.branches and not arcs:
        found.append(
            f"Branches not taken yet, by the line that decides: {ranges(line for line, _ in segment.branches)}."
        )
    elif segment.branches:
        found.append(f"Branches not taken yet: {arrows(segment.branches)}.")
    return " ".join(found)


def trimmed(detail: str, most: int) -> str:
    """Returns the message and the frames of a failure, without blank lines, and shortened."""
    return shortened(re.sub(r"\n\s*\n+", "\n", detail.strip()), most)


def shortened(text: str, most: int) -> str:
    """Returns a text, cut in the middle where it is long."""
    half = (most - 5) // 2
    return text if len(text) <= most else f"{text[:half]}\n...\n{text[-half:]}"
