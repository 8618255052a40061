"""Counts what the answers of models took in one run, and what that cost."""

from __future__ import annotations

from collections.abc import Callable

from headwater.providers.models import Usage
from headwater.v1 import generate_project_pb2 as pb
from headwater.v1 import generate_tests_pb2, projects_pb2


class Costs:
    """The sum of a run, over all of its attempts."""

    def __init__(self, cost: Callable[[str, Usage], float | None]) -> None:
        """Takes what knows the prices."""
        self._cost = cost
        self._all: list[pb.ModelUsage] = []

    def keep(self, told: pb.ModelUsage) -> None:
        """Adds what was told already."""
        self._all.append(told)

    def spent(self, phase: str, model: str, usage: Usage) -> pb.ModelUsage:
        """Returns what an answer took as it is told, and adds it."""
        tokens = generate_tests_pb2.TokenUsage(
            input=usage.input,
            cached=usage.cached,
            output=usage.output,
            reasoning=usage.reasoning,
            estimated=usage.estimated,
        )
        self.keep(pb.ModelUsage(phase=phase, model=model, usage=tokens, cost_usd=self._cost(model, usage)))
        return self._all[-1]

    def total(self, result: projects_pb2.ProjectResult) -> None:
        """Writes the sum into a result, if a model was asked; without a price where one is not known."""
        if not self._all:
            return
        for name in ("input", "cached", "output", "reasoning"):
            setattr(result.usage, name, sum(getattr(each.usage, name) for each in self._all))
        result.usage.estimated = any(each.usage.estimated for each in self._all)
        if all(each.HasField("cost_usd") for each in self._all):
            result.cost_usd = sum(each.cost_usd for each in self._all)
