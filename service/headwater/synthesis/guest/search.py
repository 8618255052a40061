"""Looks for the calls of one target that are worth a test.

Calls are tried in the order: what docstrings show, every value of every pool, mixtures, then mutations of what reached
something new. What reaches branches that no kept call reaches is shrunk, observed and kept; so are a few that show
another behaviour. Executions bound the search; the clock only where they are slow.
"""


# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import ast
import itertools
import random
import time
from dataclasses import replace
from typing import Callable, Dict, FrozenSet, Iterator, List, Optional, Sequence, Set, Tuple

from . import basis
from .calls import Call, Played, act_text, whole
from .candidates import Candidates, pools_of, receivers_of
from .examples import Example, examples
from .feeding import fed
from .frontier import Frontier, Key
from .handed import ENTERING
from .hunts import Effort, Found, Hunt, Kept, Pace
from .inputs import Larder
from .inventory import EMPTY, Target
from .keeping import Keeper
from .laws import Law, given, upheld
from .misuse import is_misuse
from .noticing import Noticing
from .observing import Observation, Observer, Unfit
from .repair import repaired
from .shapes import is_idle, shape_of
from .solver import Question, Solver
from .stage import Stage
from .states import states_of
from .suspicion import place_of
from .tracing import Arc, TooLong
from .worlds import with_files, worlds_of

OBJECTS = 2
"""How many calls are kept for variety where each needs a test of its own: objects, output, earlier calls."""
ANSWERS = 4
"""How many answers of a function its counterpart is given."""
CHANGES = 6
"""How many calls are watched closely for one that changes its object."""
SLOW = 150
"""How many calls without news one that takes too long counts as."""
LONGEST = 160
"""A longer expression for an object is past reading."""
DECISIONS = (ast.If, ast.For, ast.While, ast.Try, ast.IfExp, ast.BoolOp)
"""Statements and expressions by which code does one thing or another."""
BUILTIN_KINDS = frozenset(
    {"str", "int", "float", "bool", "list", "dict", "tuple", "set", "NoneType", "function", "type"}
)


class Search:
    """The search over one module; it remembers what was reached from target to target."""

    def __init__(
        self,
        stage: Stage,
        observer: Observer,
        larder: Larder,
        frontier: Frontier,
        solver: Solver,
        *,
        folder: str,
        deadline: float,
    ) -> None:
        """Takes the tools, what is still to be reached, the folder of the project, and when to stop."""
        self._solver = solver
        self._stage = stage
        self._observer = observer
        self._larder = larder
        self._frontier = frontier
        self._folder = folder
        self.deadline = deadline
        self._keeper = Keeper(stage, observer, larder, folder)
        self.kept: List[Kept] = []
        """All calls that were kept so far."""
        self._moves: Dict[str, List[str]] = {}
        self._twins: Dict[str, str] = {}
        self._hunts: Dict[Key, Hunt] = {}
        self._known: Dict[Key, Candidates] = {}
        self._noticing = Noticing()
        self.discovered: List[Target] = []
        """What calls handed out to be called, in the order in which it was found."""

    def explore(self, target: Target, effort: Effort, rng: random.Random) -> Found:
        """Searches for calls of one target, one round."""
        found = Found()
        reached = frozenset(self._frontier.reached)
        hunt = self._hunts.setdefault(target.key, Hunt(set(self._frontier.at_import)))
        candidates = self._candidates(target, hunt, effort)
        if (target.owner and not candidates.receivers) or hunt.waits:
            return found
        docstrings = [target.docstring, *self._larder.mining.docstrings(target)]
        shown = {each.call: each for each in examples(target, docstrings)}
        limit = self._stage.executions + effort.executions
        idle = 0
        pace = Pace(self.deadline, effort)
        for call in candidates.every([*hunt.solved, *shown], rng):
            if self._stage.executions >= limit or pace.is_over() or pace.waits():
                break
            if call is None:
                idle += 1
                if idle > effort.patience(is_open=self._frontier.is_open(target)):
                    break
            elif call not in hunt.tried:
                hunt.tried.add(call)
                made, played = self._played(call)
                pace.note(played)
                if not played.built or isinstance(played.error, TooLong):
                    idle += SLOW if played.built else 1
                    continue
                if self._learn(made, played, candidates, hunt):
                    idle = 0
                self._consider(made, played, found, effort, candidates, shown=shown.get(call))
        if pace.waits():
            hunt.waits = True
            hunt.complain("it waits for something that does not come in a test", Call(target, ()), found)
        self._show_change(target, candidates, found, effort)
        self._prune(found)
        found.kept = self._arranged(found.kept, reached)
        self.kept += found.kept
        return found

    def consult(self, targets: Sequence[Target]) -> None:
        """Has a solver look for what is left; the next round of a target begins with what was found."""
        hunts = {each: self._hunts[each.key] for each in targets if each.key in self._hunts}
        left = {each: hunt for each, hunt in hunts.items() if not hunt.waits and self._frontier.is_open(each)}
        asked = (Question(hunt.corpus, self._frontier.left(each)) for each, hunt in left.items())
        for hunt, calls in zip(left.values(), self._solver.answers(asked, self.deadline)):
            hunt.solved = calls

    def kept_as_it_is(self, call: Call) -> Optional[Kept]:
        """Returns what a test asserts of a call that reaches nothing new; None where it is no test."""
        return self._keeper.as_it_is(call)

    def easiest(self, kept: Kept, still: Callable[[Kept], bool], effort: Effort) -> Kept:
        """Returns what is the easiest to read of calls like one that is kept, for which `still` holds."""
        return self._keeper.easiest(kept, still, effort)

    def neighbours(self, calls: Sequence[Call], effort: Effort, rng: random.Random) -> Iterator[Call]:
        """Yields calls like those given without end: with other plain values, those that led on, changed ones."""
        by_target: Dict[Key, List[Call]] = {}
        for each in calls:
            if each.target.key in self._hunts:
                by_target.setdefault(each.target.key, []).append(each)
        ways = [self._around(each[0].target, effort).near(each, rng) for each in by_target.values()]
        while ways:
            yield from (next(way) for way in ways)

    def _around(self, target: Target, effort: Effort) -> Candidates:
        """Returns what calls of a target are made of, as it was when it was first asked for."""
        if target.key not in self._known:
            self._known[target.key] = self._candidates(target, self._hunts[target.key], effort)
        return self._known[target.key]

    def _arranged(self, kept: Sequence[Kept], reached: FrozenSet[Arc]) -> List[Kept]:
        """Puts what returns before what raises, and tells anew what each is the first to reach."""
        ordered = sorted(kept, key=lambda each: bool(each.observation.error))
        seen: Set[Arc] = set(reached)
        found: List[Kept] = []
        for each in ordered:
            found.append(replace(each, fresh=self._frontier.asked(each.observation.played.arcs - seen)))
            seen |= each.observation.played.arcs
        return found

    def answer(self, laws: Sequence[Law]) -> None:
        """Gives each function that undoes another what that one makes of plain inputs."""
        for law in laws:
            known = self._larder.answers.setdefault(law.target.symbol, [])
            for text in pools_of(law.inputs_of, self._larder)[0][:ANSWERS] if law.target.style == "inverse" else ():
                played = self._stage.play(given(law.inputs_of, text))
                value = None if played.error is not None else self._larder.expressions.text(played.value)
                if value is not None and value not in known:
                    known.append(value)

    def uphold(self, law: Law) -> Found:
        """Tries what is to hold for every input, with inputs of the pool and those that the search found telling."""
        if time.monotonic() > self.deadline:
            return Found()
        source = law.inputs_of
        hunt = self._hunts.get(source.key)
        telling = [call.args[0] for call in hunt.corpus if not call.before] if hunt is not None else []
        texts = list(dict.fromkeys([*pools_of(source, self._larder)[0], *telling]))
        return Found(kept=upheld(law, texts, self._stage, self._observer, self._larder.inventory))

    def _show_change(self, target: Target, candidates: Candidates, found: Found, effort: Effort) -> None:
        """Keeps a call after which the object is different, where those that are kept leave it as it was."""
        shown = any(each.observation.changed for each in found.kept)
        if shown or not effort.variety or not found.kept or not target.owner or not target.changes:
            return
        for call in itertools.islice(candidates.after_moves(), CHANGES):
            if time.monotonic() > self.deadline:
                return
            played = self._stage.play(call)
            if not played.built or played.error is not None:
                continue
            try:
                kept = self._keeper.keep(call, played, frozenset(), effort, None, plain=True)
            except Unfit:
                continue
            if kept.observation.changed and not is_misuse(call, self._larder.inventory):
                arcs = kept.observation.played.arcs
                found.kept = [each for each in found.kept if not _is_idle(each) or each.fresh - arcs]
                found.kept.insert(0, kept)
                return

    def _candidates(self, target: Target, hunt: Hunt, effort: Effort) -> Candidates:
        return Candidates(
            target=target,
            larder=self._larder,
            pools=pools_of(target, self._larder),
            receivers=receivers_of(target, self._larder),
            corpus=hunt.corpus,
            moves=self._moves.setdefault(target.owner, []),
            twins=self._twins,
            states=states_of(target, self._larder),
            worlds=worlds_of(target, self._larder),
            mended=[],
            tokens=[],
            odds=hunt.odds,
            sequence=effort.sequence,
        )

    def _played(self, call: Call) -> Tuple[Call, Played]:
        """Plays a call, inside an event loop if it asks for one."""
        self._noticing.attend()
        played = self._stage.play(call)
        if played.wants_loop and not call.looped:
            call = replace(call, looped=True)
            played = self._stage.play(call)
        self._noticing.listen()
        return call, played

    def _learn(self, call: Call, played: Played, candidates: Candidates, hunt: Hunt) -> bool:
        """Takes from a call what leads on: what it asks for, what it opened; returns whether it reached something."""
        if played.error is not None and hunt.heeds(played.error):
            candidates.mended.extend(repaired(call, played, self._larder.mining.of(call.target).strings[:12]))
        for operands in played.operands:
            if hunt.digests(operands):
                candidates.mended.extend(fed(call, operands))
        if played.missing:
            candidates.mended.extend(replace(call, before=each) for each in with_files(call, played, self._larder))
        self._keep_object(call, played)
        self._discover(call, played, telling=not played.arcs <= hunt.seen)
        if played.arcs <= hunt.seen:
            return False
        self._frontier.enter(call.target, played.arcs - hunt.seen)
        hunt.seen |= played.arcs
        hunt.corpus.append(call)
        hunt.odds.praise()
        news = self._noticing.news(played.receiver)
        candidates.notice(call, news)
        self._larder.odd.update(candidates.unknown(call))
        self._larder.remember([*call.args, *map(repr, news)])
        return True

    def _consider(
        self,
        call: Call,
        played: Played,
        found: Found,
        effort: Effort,
        candidates: Candidates,
        *,
        shown: Optional[Example],
    ) -> None:
        """Keeps the call if it reaches something that no kept one does, or does something else."""
        fresh = self._frontier.wanted(played.arcs)
        kinds = {each.observation.played.kind for each in found.kept}
        plain = not call.target.owner and call.target.style == "call" and not call.before and not played.output
        typed = all(each.annotation is not EMPTY for each in call.target.parameters)
        enough = 1 if _only_stores(call.target) else effort.variety if plain and typed else OBJECTS
        another = played.kind not in kinds or (
            found.returning < enough and _looks_new(call, played, found) and candidates.is_plain(call)
        )
        another = another and bool(effort.variety) and not call.is_arranged
        if not fresh and not shown and not (another and not is_misuse(call, self._larder.inventory)):
            return
        try:
            if played.error is not None and not fresh and not shown:
                if not self._hunts[call.target.key].looks_into(place_of(played.error)):
                    return
                ground, _ = basis.of_error(call.target, Observation(played), self._folder)
                if ground != basis.CONTRACT:
                    return
            kept = self._keeper.keep(call, played, fresh, effort, shown, plain=candidates.is_plain(call))
        except Unfit as unfit:
            if is_misuse(call, self._larder.inventory) or self._keeper.suspect(
                call, played, unfit, effort, found=found, told=self._hunts[call.target.key].suspected
            ):
                return
            self._hunts[call.target.key].complain(str(unfit), call, found)
            return
        if not kept.fresh and not shown and not _adds(kept, found):
            return
        found.kept.append(kept)
        self._frontier.reached |= kept.observation.played.arcs
        if call.receiver and call.target.changes and not kept.observation.error:
            move = act_text(kept.call, "{self}", list(kept.call.args))
            self._moves.setdefault(call.target.owner, []).append(move)
            self._twins.update(
                (move, act_text(each, "{self}", list(each.args))) for each in candidates.beside(kept.call)
            )

    def _keep_object(self, call: Call, played: Played) -> None:
        """Remembers how an object was made, for parameters and methods that need one."""
        kind = type(played.value)
        if played.error is not None or kind.__name__ in BUILTIN_KINDS or call.before or played.wrap:
            return
        name = self._larder.names.refer(kind)
        if name is None or name not in self._larder.inventory.classes:
            return
        for lines in self._larder.handed.kept_by(played.value):
            self._frontier.hold(name, lines)
        text = whole(act_text(call, call.receiver, list(call.args)))
        if len(text) <= LONGEST:
            form = " ".join(each.name for each, given in zip(call.target.parameters, call.args) if given)
            self._larder.made.keep(name, text, f"{call.target.symbol}: {form}")

    def _discover(self, call: Call, played: Played, *, telling: bool) -> None:
        """Remembers what a call handed out; a context can be left once it was entered."""
        for each in self._larder.handed.take(call, played, telling=telling):
            self.discovered.append(each)
            if each.callee == ENTERING:
                self._moves.setdefault(each.owner, []).append(ENTERING)

    @staticmethod
    def _prune(found: Found) -> None:
        """Drops calls whose branches and behaviour the others show as well, the largest first."""
        for each in sorted(found.kept, key=lambda kept: -kept.call.size):
            rest = [other for other in found.kept if other is not each]
            arcs = set(itertools.chain.from_iterable(other.observation.played.arcs for other in rest))
            same = [other for other in rest if other.observation.played.kind == each.observation.played.kind]
            plenty = len(same) > 5  # noqa: PLR2004 — a table of half a dozen cases is enough
            if each.fresh and each.fresh <= arcs and plenty and each.basis != basis.CONTRACT:
                found.kept = rest


def _only_stores(target: Target) -> bool:
    """Whether a target is a constructor that decides nothing: one test shows all that it does."""
    nodes = ast.walk(target.node) if target.node is not None else ()
    return target.style == "construct" and not any(isinstance(each, DECISIONS) for each in nodes)


def _is_idle(kept: Kept) -> bool:
    """Whether nothing came of a call: nothing is returned, raised, printed or changed."""
    seen = kept.observation
    return not (seen.error or seen.changed or seen.output or seen.errors or seen.played.value is not None)


def _looks_new(call: Call, played: Played, found: Found) -> bool:
    """Whether a call that returned differs from every kept one in what a reader sees."""
    others = [each.observation.played for each in found.kept]
    if played.error is not None or (is_idle(played) and any(map(is_idle, others))):
        return False
    alike = [each for each in found.kept if (each.call.receiver, each.call.before) == (call.receiver, call.before)]
    return shape_of(played) not in {shape_of(each.observation.played) for each in alike}


def _adds(kept: Kept, found: Found) -> bool:
    """Whether a call that reaches nothing new shows another outcome."""
    return all(_outcome(each) != _outcome(kept) for each in found.kept)


def _outcome(kept: Kept) -> Tuple[object, ...]:
    observation = kept.observation
    return (observation.checks, observation.error, observation.output, observation.errors)
