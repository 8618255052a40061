"""Leads the search for one module through its phases: branches, then small changes of the code, then branches again."""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import ast
import random
import time
from dataclasses import dataclass, replace
from typing import Any, Callable, Dict, List, Sequence

from .changes import Changes
from .events import cases
from .frontier import Frontier
from .hunts import Effort, Found
from .inventory import Target
from .killing import Killing
from .laws import Law
from .names import Names
from .observing import Observer
from .search import Search
from .stage import Stage
from .tracing import statement_lines

BARREN = 4
"""After so many rounds that brought nothing the search ends."""
PART = 0.5
"""Of what is left, what the search for branches gets at least after that for changes, if that has its own part."""
SHARES = 2
"""How many times its even share of the time a target whose calls are slow may take, once each had its turn."""
LEAST_SECONDS = 0.3
"""What a target gets after the first round though its share is less."""
Send = Callable[[Dict[str, Any]], None]


@dataclass(frozen=True)
class Means:
    """What a search of one module needs."""

    search: Search
    frontier: Frontier
    stage: Stage
    observer: Observer
    names: Names


class Phases:
    """One search of a module's targets."""

    def __init__(self, request: Dict[str, Any], send: Send, means: Means, deadline: float) -> None:
        """Takes the request, where to send events, the means, and when all must end."""
        self._request = request
        self._send = send
        self._means = means
        self._search, self._frontier, self._stage = means.search, means.frontier, means.stage
        self._deadline = deadline
        self._round = self._turn = self._idle = self._reached = 0

    def run(self, targets: List[Target], laws: Sequence[Law], tree: ast.Module) -> None:
        """Searches for what reaches branches, then for what notices changes, then for branches with what is left.

        The second begins when a round brought nothing new, or when only its part of the time is left.
        """
        budget = float(self._request["budget_seconds"])
        limit = int(self._request["calls"])
        share = float(self._request["noticing"]) if self._request["missing"] is None else 0.0
        if share and targets:
            self._search.deadline = self._deadline - budget * share
            self._rounds(targets, laws, int(limit * (1 - share)), barren=1)
            left, calls = self._deadline - time.monotonic(), limit - self._stage.executions
            until = self._deadline - min(left * PART, max(0.0, left - budget * share))
            self._notice(tree, until, limit - int(min(calls * PART, max(0.0, calls - limit * share))))
        self._search.deadline = self._deadline
        self._rounds(targets, laws, limit, barren=BARREN)

    def _rounds(self, targets: List[Target], laws: Sequence[Law], limit: int, *, barren: int) -> None:
        """Searches every target once, then again, deeper, until so many executions are spent or the time is over.

        Ends as well after so many rounds that were `barren`.
        Goes on where the last call of this ended; the first round goes on until each target had its turn. What calls
        hand out to be called comes after all others.
        """
        request = self._request
        again = int(request["attempt"])
        while self._round < int(request["rounds"]) and self._idle < barren:
            effort = self._effort_of(self._round)
            if self._round and not self._turn:
                self._search.consult(targets)
            while self._turn < len(targets):
                target = targets[self._turn]
                over = time.monotonic() > (self._search.deadline if self._round else self._deadline)
                if over or self._stage.executions > limit:
                    return
                self._turn += 1
                if (self._round == 0 and not target.private and again == 1) or self._frontier.is_open(target):
                    self._search_for(target, effort, limit, len(targets) - self._turn + 1)
                    targets += self._search.discovered
                    self._search.discovered.clear()
            if not self._round and request["missing"] is None:
                self._uphold(laws)
            self._send({"event": "round"})
            self._idle = 0 if len(self._frontier.reached) > self._reached else self._idle + 1
            self._reached = len(self._frontier.reached)
            self._round, self._turn = self._round + 1, 0

    def _search_for(self, target: Target, effort: Effort, limit: int, turns: int) -> None:
        """Searches for calls of one target within its share of what is left; so many `turns` of this round are left.

        In the first round the shares are even, so that each target has its turn however slow the calls are.
        """
        request, left = self._request, limit - self._stage.executions
        self._send({"event": "target", "symbol": target.symbol})
        rng = random.Random(f"{request['seed']}/{request['attempt']}/{self._round}/{target.symbol}")  # noqa: S311 — to repeat, not to hide
        bounded = replace(
            effort,
            executions=min(effort.executions, (left if self._round else left // turns) + 1),
            share=min(1.0, (SHARES if self._round else 1) / turns),
            least_seconds=LEAST_SECONDS if self._round else 0.0,
        )
        self._tell(target, self._search.explore(target, bounded, rng))

    def _notice(self, tree: ast.Module, until: float, limit: int) -> None:
        """Sends calls that notice small changes of the code which no call does that was kept before."""
        request = self._request
        changes = Changes(str(request["catalogue"]), tree, self._stage.filename, statement_lines(tree))
        rng = random.Random(f"{request['seed']}/notice")  # noqa: S311 — to repeat, not to hide
        for kept in Killing(self._search, self._stage, self._means.observer, changes, self._effort()).rounds(
            rng, until, limit
        ):
            for target in dict.fromkeys(each.call.target for each in kept):
                found = Found(kept=[each for each in kept if each.call.target is target])
                self._tell(target, found)

    def _uphold(self, laws: Sequence[Law]) -> None:
        """Sends the laws that hold."""
        for law in laws:
            found = self._search.uphold(law)
            if found.kept:
                self._send({"event": "target", "symbol": law.target.symbol})
                self._tell(law.target, found)

    def _tell(self, target: Target, found: Found) -> None:
        frontier, executions = self._frontier, self._stage.executions
        self._send({**cases(target, found, self._means.names), "branches_covered": frontier.covered,
                    "branches_total": frontier.total, "executions": executions})  # fmt: skip

    def _effort(self) -> Effort:
        names = ("executions", "stall", "shrink", "variety", "sequence")
        return Effort(**{name: int(self._request[name]) for name in names})

    def _effort_of(self, number: int) -> Effort:
        """Returns the effort of a round: each is twice as deep as the one before, and only the first seeks variety."""
        effort, again = self._effort(), int(self._request["attempt"])
        deeper = again << number
        plain = number or self._request["missing"] is not None
        return replace(
            effort,
            executions=effort.executions * deeper,
            stall=effort.stall * deeper,
            variety=0 if plain else effort.variety,
        )
