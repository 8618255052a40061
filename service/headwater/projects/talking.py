"""Leads a conversation with a model: what was said stands in the next question, and what it took is counted."""

from __future__ import annotations

from contextlib import aclosing

from headwater.projects import Spent
from headwater.providers.models import Message, Model, Prompt, Role, Usage


class Talk:
    """A conversation."""

    def __init__(self, model: Model, system: str, *, most: int) -> None:
        """Takes whom to ask, who it is told to be, and how many characters of an answer are read."""
        self._model, self._most = model, most
        self._messages = [Message(role=Role.SYSTEM, text=system)]
        self._usage = Usage()

    async def ask(self, text: str) -> str:
        """Returns the answer as a whole; one that does not end is cut behind the first character too many.

        Raises the Problem of the vendor.
        """
        self._messages.append(Message(role=Role.USER, text=text))
        answer = ""
        async with aclosing(self._model.answer(Prompt(messages=tuple(self._messages)))) as answers:
            async for each in answers:
                answer = each.text if each.restarted else answer + each.text
                if each.usage is not None:
                    self._usage += each.usage
                if len(answer) > self._most:
                    break
        self._messages.append(Message(role=Role.ASSISTANT, text=answer[: self._most]))
        return answer

    def spent(self) -> Spent:
        """Returns what the answers took since this was asked last."""
        usage, self._usage = self._usage, Usage()
        return Spent(model=self._model.name, usage=usage)
