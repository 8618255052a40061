"""Makes a test of a call: shrinks it, looks closely at what it does, and says what stands behind that."""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Callable, FrozenSet, Optional, Set, Tuple

from . import basis
from .calls import Call, Played
from .candidates import pools_of, receivers_of
from .examples import Example
from .hunts import Effort, Found, Kept, Suspected
from .inputs import Larder
from .inventory import Target
from .misuse import is_misuse
from .observing import Observation, Observer, Suspicious, Unfit
from .shrinking import Plain, shrink
from .stage import Stage
from .suspicion import is_suspected, place_of
from .tracing import Arc

COMFORTABLE = 24
"""A call of which no more is odd is read at a glance; it is not made smaller."""
PLAIN = 2
"""How many values of a parameter, and how many objects, are plain: the first ones."""
HASTE = 2
"""What a search came upon is made smaller though it is short, with this part of the effort."""


class Keeper:
    """Turns calls into what is kept of them."""

    def __init__(self, stage: Stage, observer: Observer, larder: Larder, folder: str) -> None:
        """Takes the tools, and the folder of the project."""
        self._stage = stage
        self._observer = observer
        self._larder = larder
        self._folder = folder

    def keep(
        self,
        call: Call,
        played: Played,
        fresh: FrozenSet[Arc],
        effort: Effort,
        shown: Optional[Example],
        *,
        plain: bool,
    ) -> Kept:
        """Shrinks and observes a call; a plain one of a comfortable size stays as it is. Raises Unfit."""
        if played.error is not None and shown is None:
            basis.of_error(call.target, Observation(played), self._folder)
        observation = self._observer.observe(call)
        self._ground(call, observation, shown)
        if shown is None and fresh:
            easier = self._easier(call, played, fresh, effort, plain=plain)
            if easier != call:
                with suppress(Unfit):  # then the first one stays
                    observation, call = self._observer.observe(easier), easier
        ground, detail = self._ground(call, observation, shown)
        return Kept(call, observation, ground, detail, fresh & observation.played.arcs)

    def _easier(self, call: Call, played: Played, fresh: FrozenSet[Arc], effort: Effort, *, plain: bool) -> Call:
        """Returns a call that does the same, and is easier to read where that is worth while."""
        taste = self._plain(call.target)
        comfortable = taste.weight(call) <= COMFORTABLE
        if plain and comfortable:
            return call
        shown = played.kind, _speaks(played, call.target)

        def still(easier: Call) -> bool:
            again = self._stage.play(easier)
            return (again.kind, _speaks(again, call.target)) == shown and fresh <= again.arcs

        return shrink(call, still, effort.shrink // HASTE if comfortable else effort.shrink, taste)

    def as_it_is(self, call: Call) -> Optional[Kept]:
        """Returns a call that reaches nothing new with what a test asserts of it; None where it is no test.

        An exception is worth one only if the code promises it.
        """
        if is_misuse(call, self._larder.inventory):
            return None
        try:
            observation = self._observer.observe(call)
            ground, detail = self._ground(call, observation, None)
        except Unfit:
            return None
        if observation.error and ground != basis.CONTRACT:
            return None
        return Kept(call, observation, ground, detail, frozenset())

    def easiest(self, kept: Kept, still: Callable[[Kept], bool], effort: Effort) -> Kept:
        """Returns what is the easiest to read of calls like one that is kept as it is, for which `still` holds."""
        found = kept

        def holds(call: Call) -> bool:
            nonlocal found
            easier = self.as_it_is(call)
            held = easier is not None and easier.observation.error == kept.observation.error and still(easier)
            found = easier if easier is not None and held else found
            return held

        shrink(kept.call, holds, effort.shrink, self._plain(kept.call.target))
        return found

    def suspect(
        self, call: Call, played: Played, unfit: Unfit, effort: Effort, *, found: Found, told: Set[Tuple[object, ...]]
    ) -> bool:
        """Reports what speaks against the code and not against the call, unless it was told; whether it does."""
        if not isinstance(unfit, Suspicious):
            return False
        error, hoped = played.error, unfit.hoped
        if hoped is None and not is_suspected(call, played, self._larder.inventory):
            return False
        place = (unfit.what,) if hoped is not None or error is None else place_of(error)
        if place in told:
            return True
        if hoped is None:
            call = shrink(call, lambda smaller: self._shows(smaller, place), effort.shrink, self._plain(call.target))
            try:
                hoped = replace(self._observer.observe(call), error="", message="", output="", errors="")
            except Unfit:
                return False
        told.add(place)
        raised = "" if unfit.hoped is not None else type(error).__name__
        found.suspected.append(Suspected(f"looks like a bug: {unfit.what}", call, hoped, raised))
        return True

    def _plain(self, target: Target) -> Plain:
        """Returns what is written for a target without a reason to write something else."""
        pools = [each[:PLAIN] for each in pools_of(target, self._larder)]
        return Plain(pools, receivers_of(target, self._larder)[:PLAIN])

    def _shows(self, call: Call, place: Tuple[object, ...]) -> bool:
        """Whether a call ends in the same mishap, and nobody can say that it is the call's fault."""
        played = self._stage.play(call)
        same = played.error is not None and place_of(played.error) == place
        return same and is_suspected(call, played, self._larder.inventory)

    def _ground(self, call: Call, observation: Observation, shown: Optional[Example]) -> Tuple[str, str]:
        """Returns what stands behind an outcome, and its quotation. Raises Unfit."""
        if shown is not None and shown.want:
            promise = basis.of_example(observation, shown)
            if promise is not None:
                return promise
        if observation.error:
            ground, detail = basis.of_error(call.target, observation, self._folder)
            if ground != basis.CONTRACT and call.is_arranged and observation.error != "SystemExit":
                raise Unfit("it fails where what it calls was replaced, which may never happen")
            return ground, detail
        return basis.of_value(call.target, observation)


def _speaks(played: Played, target: Target) -> Tuple[bool, ...]:
    """Says which of the texts that a test asserts hold more than blanks: an empty one shows little."""
    looks = [str(getattr(played.value, name, "")) for name in target.looks]
    return tuple(bool(text.strip()) for text in (played.output, played.errors, *looks))
