"""Refuses a question that is longer than its model's context before anything is sent."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from headwater.errors import Code, problem
from headwater.providers.kinds import TOO_LONG
from headwater.providers.models import Answer, Around, Model, Prompt
from headwater.providers.usage import estimate_input
from headwater.providers.vendors import Target


class Fitted(Around):
    """A model that is only asked what its context holds, where that is known."""

    def __init__(self, model: Model, target: Target) -> None:
        """Takes the context from what the target can do."""
        super().__init__(model)
        self._target = target

    def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        """Asks. Raises Problem FAILED_PRECONDITION `VENDOR_CONTEXT_TOO_LONG`, as it does where the vendor refuses."""
        target = self._target
        tokens, context = estimate_input(prompt, target.limits), target.ability.context
        if context and tokens > context:
            message = f"The question has about {tokens:,} tokens, and the context of {target.name!r} holds {context:,}."
            metadata = {"vendor": target.vendor, "model": target.model, "tokens": str(tokens), "context": str(context)}
            raise problem(Code.FAILED_PRECONDITION, TOO_LONG.reason, message, TOO_LONG.remedy, **metadata)
        return self._model.answer(prompt)
