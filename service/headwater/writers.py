"""Makes who writes the tests of a run, from the names that its request gives: part of the composition root."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from itertools import groupby
from pathlib import Path
from typing import Any

from headwater.errors import Problem
from headwater.pipeline.prompted import Prompted
from headwater.pipeline.together import Fallback, InTurn
from headwater.pipeline.wording import load_templates
from headwater.providers import PROVIDERS, Provider, make_provider
from headwater.providers.make import Models
from headwater.providers.names import FIRST


class Writers:
    """Makes providers; keeps what they share, such as connections and quotas."""

    def __init__(self, models: Models, *, prompts: Path | None, options: Mapping[str, Any]) -> None:
        """Asks vendors through `models`, in the words of the templates that `prompts` may replace."""
        self.models = models
        self._templates = load_templates(prompts)
        self._options = options

    def make(self, names: Sequence[str], owner: str) -> Provider:
        """Makes the provider of one run. Each name is asked where those before it cannot go on.

        Vendors that follow each other are a chain, in which the next takes over at once; one that cannot be made, for
        want of a key, is passed over if there is another. Raises the Problem of the first where none can be made.
        """
        made: list[Provider] = []
        problems: list[Problem] = []
        groups = list(_groups(names))
        for group in groups:
            try:
                made.append(self._make(group, owner, patient=group is groups[-1]))
            except Problem as problem:
                problems.append(problem)
        if not made:
            raise problems[0]
        return reduce(lambda later, earlier: Fallback(earlier, later), reversed(made))

    def _make(self, names: Sequence[str], owner: str, *, patient: bool) -> Provider:
        """Makes one link. Only the last one is `patient`: nobody waits for a vendor while another could begin."""
        first = names[0]
        if first.startswith(FIRST):
            embedded = make_provider("embedded", self._options)
            return InTurn(embedded, self._ask([first.removeprefix(FIRST)], owner, patient=patient))
        own = first.partition(":")[0]
        return make_provider(own, self._options) if own in PROVIDERS else self._ask(names, owner, patient=patient)

    def _ask(self, names: Sequence[str], owner: str, *, patient: bool) -> Provider:
        return Prompted(self.models.make(names, tenant=owner, patient=patient), self._templates)


def _groups(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Splits the names: vendors in a row stay together, everyone else stands alone."""

    def alone(numbered: tuple[int, str]) -> int:
        number, name = numbered
        is_vendor = not name.startswith(FIRST) and name.partition(":")[0] not in PROVIDERS
        return -1 if is_vendor else number

    for _, group in groupby(enumerate(names), alone):
        yield [name for _, name in group]
