"""A language model that says what a test wrote down for it, in pieces of any size, and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass

from headwater.errors import Problem
from headwater.providers.models import Answer, Finish, Prompt, Role, ToolCall, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """One answer: its text, and how it ends."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    finish: Finish = Finish.STOP
    before: str = ""
    """What another vendor had said before it failed: withdrawn."""
    fails: Problem | None = None
    waits: asyncio.Event | None = None
    """Comes before the end of the answer."""


class RecordedModel:
    """Answers each conversation by a word that its first question holds, the n-th time with the n-th answer."""

    def __init__(self, answers: Mapping[str, Sequence[str | Says]], *, chunk: int = 7) -> None:
        self.prompts: list[Prompt] = []
        self.open = 0
        self._answers = answers
        self._chunk = chunk
        self._asked: dict[str, int] = {}

    @property
    def name(self) -> str:
        return "fake:recorded"

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        self.prompts.append(prompt)
        said = self._next(prompt)
        self.open += 1
        try:
            async for step in self._say(said):
                yield step
        finally:
            self.open -= 1

    async def _say(self, said: Says) -> AsyncGenerator[Answer, None]:
        for text in self._pieces(said.before):
            yield Answer(text=text, model="fake:first")
        yield Answer(restarted=bool(said.before), model=self.name)
        for text in self._pieces(said.text):
            await asyncio.sleep(0)
            yield Answer(text=text)
        if said.waits is not None:
            await said.waits.wait()
        if said.fails is not None:
            raise said.fails
        for call in said.calls:
            yield Answer(call=call)
        yield Answer(usage=Usage(input=100, output=len(said.text)), finish=Finish.TOOLS if said.calls else said.finish)

    def _next(self, prompt: Prompt) -> Says:
        question = next(each.text for each in prompt.messages if each.role is Role.USER)
        word = next((each for each in self._answers if each in question), "")
        number = self._asked.get(word, 0)
        self._asked[word] = number + 1
        known = self._answers.get(word, [""])
        said = known[min(number, len(known) - 1)]
        return Says(text=said) if isinstance(said, str) else said

    def _pieces(self, text: str) -> Sequence[str]:
        return [text[start : start + self._chunk] for start in range(0, len(text), self._chunk)]
