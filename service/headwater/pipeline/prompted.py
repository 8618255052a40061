"""The provider that asks a language model: one conversation for each segment that is not covered, several at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from headwater.errors import Problem
from headwater.pipeline.answers import Anew, AnswerLimits, Broken, Cut, Dropped, Listener, Open, Spoken, Whole
from headwater.pipeline.excerpts import ExcerptLimits
from headwater.pipeline.fences import what_it_is
from headwater.pipeline.floor import Floor
from headwater.pipeline.languages import Commission, Hearing, Language
from headwater.pipeline.languages.python import PYTHON
from headwater.pipeline.lookup import TOOL, LookUp, LookUpLimits
from headwater.pipeline.scopes import DraftNames
from headwater.pipeline.segments import Segment, SegmentLimits, Wanted
from headwater.pipeline.talks import Talk, TalkLimits, called
from headwater.pipeline.wording import Templates, digest
from headwater.providers import Delta, LeftOut, Note, Task
from headwater.providers.models import Finish, Message, Model, Prompt, Role, ToolCall, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptedOptions:
    """Bounds and knobs of the conversations."""

    concurrent: int = 6
    """Conversations at once."""
    segments: int = 60
    """Conversations in one attempt; those that may give most come first."""
    tool_rounds: int = 4
    """How often one answer may be put off by calls of tools."""
    tool_calls: int = 8
    """Calls that are answered in one round."""
    live: bool = True
    """Whether a function is heard while it is being written, or when it is complete."""
    temperature: float | None = None
    max_tokens: int | None = 4096
    effort: str | None = None
    segment: SegmentLimits = field(default_factory=SegmentLimits)
    excerpt: ExcerptLimits = field(default_factory=ExcerptLimits)
    look_up: LookUpLimits = field(default_factory=LookUpLimits)
    answer: AnswerLimits = field(default_factory=AnswerLimits)
    talk: TalkLimits = field(default_factory=TalkLimits)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Over:
    """A conversation has come to its end for this attempt."""

    problem: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failed:
    """A conversation failed with what is no Problem: a fault of the service, which must not pass for silence."""

    error: BaseException


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A segment that is asked about in this attempt."""

    segment: Segment
    talk: Talk


class Prompted:
    """Writes tests by asking a model; made for one run, whose conversations it remembers from attempt to attempt."""

    def __init__(self, model: Model, templates: Templates, options: PromptedOptions | None = None) -> None:
        """Asks `model` in the words of `templates`."""
        self._model = model
        self._templates = templates
        self._options = options or PromptedOptions()
        self._talks: dict[tuple[str, int, int], Talk] = {}
        self._names = DraftNames()

    async def stream(self, task: Task) -> AsyncGenerator[Delta, None]:
        """Asks about each segment of what is missing, those that may give most first.

        Raises the Problem of the model where no conversation had an answer; where some had, the others are warnings.
        """
        self._names.tests = set(task.taken_names)
        asked, left_out = self._plan(task)
        if left_out:
            yield Delta(left_out=tuple(left_out))
        if not asked:
            yield Delta(stopped_by="exhausted")
            return
        attempt = _Attempt(self._model, self._options, task, self._names, asked)
        async with aclosing(attempt.deltas()) as deltas:
            async for delta in deltas:
                yield delta
        yield Delta(
            stopped_by=attempt.stopped_by, usage=attempt.usage, model=attempt.model, prompt_sha256=attempt.prompt_sha256
        )

    def _plan(self, task: Task) -> tuple[list[_Asked], list[LeftOut]]:
        """Chooses the segments, and says of what is given up why."""
        wanted = Wanted(
            lines=task.missing_lines,
            branches=task.missing_branches,
            symbols=task.symbols,
            line_range=task.line_range,
        )
        asked: list[_Asked] = []
        speech = language_of(task).speech
        segments, beyond = speech.plan(task.source, wanted, self._options.segment)
        left_out = [
            LeftOut(about=f"lines {each.first}-{each.last}", reason=each.reason)
            for each in (beyond if not self._talks else ())
        ]
        for segment in segments[: self._options.segments]:
            key = (segment.name, segment.first, segment.last)
            talk = self._talks.get(key) or Talk(self._templates, speech, self._options.talk, self._options.excerpt)
            self._talks[key] = talk
            if talk.given_up:
                continue
            if talk.next(segment, task):
                asked.append(_Asked(segment=segment, talk=talk))
            else:
                left_out.append(LeftOut(about=called(segment), reason=talk.given_up))
        return asked, left_out


class _Attempt:
    """All conversations of one attempt, and what has come of them."""

    def __init__(
        self, model: Model, options: PromptedOptions, task: Task, names: DraftNames, asked: Sequence[_Asked]
    ) -> None:
        self.usage = Usage()
        self.model = model.name
        self.stopped_by = "plateau"
        self.prompt_sha256 = digest(message.text for each in asked for message in each.talk.messages)
        self._asking = model
        self._options = options
        self._task = task
        self._asked = asked
        self._language = language_of(task)
        self._hearing = self._language.speech.hearing(task, names)
        find = self._language.find
        self._look_up = None if find is None else LookUp(find(task, options.look_up.hops), options.look_up)
        self._turns = asyncio.Semaphore(options.concurrent)
        self._said: asyncio.Queue[tuple[int, Spoken | _Over | _Failed]] = asyncio.Queue()
        self._floor = Floor()
        self._answered = 0
        self._refused = False
        """Whether the first answer was a refusal: a key that is wrong is wrong for the other conversations too."""
        self._until = asyncio.get_running_loop().time() + task.budget_seconds

    async def deltas(self) -> AsyncGenerator[Delta, None]:
        """Yields what is said until every conversation has ended, or the time is over."""
        tasks = [self._begin(who, each) for who, each in enumerate(self._asked)]
        problems: list[Problem] = []
        try:
            while self._answered + len(problems) < len(tasks) and (heard := await self._next()):
                who, spoken = heard
                if isinstance(spoken, _Failed):
                    raise spoken.error
                if not isinstance(spoken, _Over):
                    for delta in self._delta(who, spoken):
                        yield delta
                elif spoken.problem is None:
                    self._answered += 1
                else:
                    problems.append(spoken.problem)
                    if self._refused:
                        break
        finally:
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if problems and not self._answered:
            raise problems[0]
        for delta in self._rest(problems):
            yield delta

    def _begin(self, who: int, asked: _Asked) -> asyncio.Task[None]:
        """Begins a conversation; what it fails with other than a Problem ends the attempt at once."""

        def ended(task: asyncio.Task[None]) -> None:
            error = None if task.cancelled() else task.exception()
            if error is not None:
                self._said.put_nowait((who, _Failed(error=error)))

        task = asyncio.create_task(self._converse(who, asked))
        task.add_done_callback(ended)
        return task

    async def _next(self) -> tuple[int, Spoken | _Over | _Failed] | None:
        """Waits for what is said next; None when the time is over."""
        try:
            async with asyncio.timeout_at(self._until):
                return await self._said.get()
        except TimeoutError:
            self.stopped_by = "budget"
            return None

    def _rest(self, problems: Sequence[Problem]) -> Iterator[Delta]:
        """Yields what is left when all have ended: half a piece is withdrawn, and what some failed at is a warning."""
        for who in range(len(self._asked)):
            yield from self._delta(who, Dropped())
        for text in dict.fromkeys(map(str, problems)):
            yield Delta(warning=text)
        if self.stopped_by == "budget" and not self._answered:
            yield Delta(warning=f"The time was over before {self.model} had answered.")

    def _delta(self, who: int, spoken: Spoken) -> list[Delta]:
        segment = self._asked[who].segment
        notes = ()
        match spoken:
            case Open(text=text, name=name, begins=begins):
                notes = (Note(test_name=name, symbol=segment.name),) if begins else ()
                chunks = [*self._floor.open(who, text)]
            case Whole(piece=piece):
                names = piece.names if piece.kind == "test" else ()
                notes = tuple(Note(test_name=name, symbol=segment.name) for name in dict.fromkeys((piece.name, *names)))
                notes = notes if piece.kind == "test" else ()
                chunks = [*self._floor.complete(who, piece.code)]
            case Dropped():
                chunks = [*self._floor.drop(who)]
            case Anew(by=by):
                return [Delta(restarted=f"{by} begins the answer about {called(segment)} anew.")]
            case Cut(reason=reason):
                return [Delta(warning=f"About {called(segment)}: {reason}")]
            case Broken(name=name, reason=reason, code=code):
                verdict = "failed" if code else "useless"
                left_out = LeftOut(about=name or called(segment), reason=reason, code=code, verdict=verdict)
                return [Delta(left_out=(left_out,))]
        found = [Delta(text=each.text, withdrawn=each.withdrawn, whole=each.whole) for each in chunks]
        return [Delta(notes=notes), *found] if notes else found

    async def _converse(self, who: int, asked: _Asked) -> None:
        """Asks, answers what the model looks up, and asks once more where the answer holds no test."""
        try:
            async with self._turns:
                if self._refused:
                    return
                written = await self._answer(who, asked)
                if not written:
                    asked.talk.nudge(asked.segment)
                    written = await self._answer(who, asked)
                if not written:
                    said = what_it_is(asked.talk.messages[-1].text, self._language.title)
                    reason = f"The model answered twice without any test; {said}."
                    self._said.put_nowait((who, Broken(reason=reason)))
        except Problem as problem:
            self._refused = self._refused or not (self._answered or problem.retryable)
            self._said.put_nowait((who, Dropped()))
            self._said.put_nowait((who, _Over(problem=problem)))
        else:
            self._said.put_nowait((who, _Over()))

    async def _answer(self, who: int, asked: _Asked) -> bool:
        """Hears one answer to its end; returns whether it held a test."""
        hearing = self._hearing()
        talk = asked.talk
        turns: list[Message] = []
        text, broken = "", dict[str, str]()
        for round_ in range(self._options.tool_rounds + 1):
            tools = (TOOL,) if self._look_up is not None and round_ < self._options.tool_rounds else ()
            heard, calls = await self._turn(who, Prompt(messages=(*talk.messages, *turns), tools=tools), hearing)
            text, broken = heard.text, heard.broken
            if not calls:
                break
            turns.append(Message(role=Role.ASSISTANT, text=text, calls=tuple(calls)))
            turns += [self._called(call, number) for number, call in enumerate(calls)]
        talk.messages += turns
        talk.answered(text)
        talk.tests = {**broken, **hearing.tests}
        return bool(hearing.tests) or hearing.repeats

    async def _turn(self, who: int, prompt: Prompt, hearing: Hearing) -> tuple[Listener, list[ToolCall]]:
        options = self._options
        prompt = replace(
            prompt,
            temperature=options.temperature,
            max_tokens=options.max_tokens,
            effort=options.effort,
            seed=self._task.seed or None,
        )
        listener = Listener(hearing, self._language.grammar, options.answer, live=options.live)
        calls: list[ToolCall] = []
        usage, finish = Usage(), None
        async with aclosing(self._asking.answer(prompt)) as steps:
            async for step in steps:
                if step.restarted:
                    calls.clear()
                    self._say(who, [*listener.restart(), Anew(by=step.model)])
                self._say(who, listener.hear(step.text))
                calls += [step.call] if step.call is not None else []
                self.model = step.model or self.model
                usage, finish = step.usage or usage, step.finish or finish
                if listener.full:
                    finish = Finish.LENGTH
                    break
        self.usage += usage
        self._say(who, listener.end(cut=finish in {Finish.LENGTH, Finish.FILTER}))
        return listener, calls

    def _say(self, who: int, spoken: Sequence[Spoken]) -> None:
        for each in spoken:
            self._said.put_nowait((who, each))

    def _called(self, call: ToolCall, number: int) -> Message:
        """Answers a call; every one must have an answer, or vendors refuse the conversation."""
        most = self._options.tool_calls
        text = f"Only {most} calls are answered at once."
        if self._look_up is None:
            text = "There is no tool."
        elif number < most:
            text = self._look_up.call(call)
        return Message(role=Role.TOOL, text=text, call_id=call.id)


def language_of(task: Task) -> Language:
    """Returns the language in which a task's tests are to be written: Python, unless it says another."""
    return task.language if isinstance(task, Commission) else PYTHON
