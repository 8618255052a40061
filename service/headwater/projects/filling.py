"""Has a model fill hooks: first the tests of a rule, which must fail, then its code, with which all tests must pass.

What is kept was run; what could not be run, or did not hold after it was sent back, is left out and said so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from headwater.errors import Problem
from headwater.projects import Hooked, Noted, Phase, Spent, Turned
from headwater.projects.bench import Bench, Rehearse
from headwater.projects.phases import STEPS
from headwater.projects.talking import Talk
from headwater.proof import Rung, Status
from headwater.providers.models import Model
from headwater.synthesis.project import hooks
from headwater.synthesis.project.files import Hook, Plan
from headwater.synthesis.project.hooks import Beside, Bounds, Drafted, Kind, Rule

Tidy = Callable[[str], Awaitable[str]]
Filled = Noted | Spent | Turned | Hooked
UNVERIFIED = "HOOKS_UNVERIFIED"
OWN = {"red": "TESTS_NOT_RED", "green": "TESTS_NOT_GREEN"}
"""Why a hook is left out whose own tests do not do what they should."""
OTHERS = {"lint": "HOOK_UNTIDY", "types": "HOOK_UNTYPED"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """Who fills hooks, and what tries them. `earlier` are those that the project had when it was generated before."""

    rehearse: Rehearse
    tidy: Tidy
    """Formats a module."""
    requirements: str = ""
    model: Model | None = None
    """Who is asked; without one, `earlier` are tried again and no others are written."""
    strict: bool = False
    """Whether a vendor that fails ends the run: nobody stands behind it."""
    earlier: tuple[Hook, ...] = ()
    bounds: Bounds = field(default_factory=Bounds)


async def fill(filling: Filling, plan: Plan, decided: Sequence[Hooked]) -> AsyncGenerator[Filled]:
    """Yields what is decided of each hook but those that are decided already, with what is done meanwhile.

    Raises the Problem of a vendor that nobody stands behind.
    """
    work = await asyncio.to_thread(_Work, filling, plan, decided)
    async with aclosing(work.all()) as found:
        async for each in found:
            yield each


@dataclass(slots=True)
class _Try:
    """A hook on its way: what is asked for, what the model is told next, and what became of its last draft."""

    hook: Hook
    kind: Kind = Kind.TESTS
    question: str = ""
    attempts: int = 0
    draft: Drafted = field(default_factory=Drafted)


class _Work:
    """The hooks of one project."""

    def __init__(self, filling: Filling, plan: Plan, decided: Sequence[Hooked]) -> None:
        self._filling, self._plan, self._bounds = filling, plan, filling.bounds
        self._decided = {each.hook.name for each in decided}
        self._kept = [each.hook for each in decided if each.accepted]
        files = tuple(
            file for phase in (Phase.DATABASE, Phase.BACKEND) for step in STEPS[phase] for file in step.render(plan)
        )
        self._files = {each.path: each.text for each in files}
        self._bench = Bench(files, plan, filling.rehearse, filling.bounds.run_seconds)

    @property
    def _beside(self) -> Beside:
        return Beside(plan=self._plan, others=tuple(self._kept), bounds=self._bounds)

    async def all(self) -> AsyncGenerator[Filled]:
        """Tries those of the version before, then asks for others."""
        model = self._filling.model
        earlier = [each for each in self._filling.earlier if each.name not in self._decided]
        if not earlier and model is None:
            return
        yield Turned(message="Trying whether hooks can be tried here")
        rung = await self._bench.starts()
        if rung.status is not Status.PASSED:
            why = f"The application could not be run here, so that no hook can be verified: {rung.reason}"
            yield Noted(reason=UNVERIFIED, message=why, remedy="Install headwater[projects] where the service runs.")
            for each in earlier:
                yield _left(each, UNVERIFIED, why)
            return
        for each in earlier:
            yield Turned(message=f"{each.name}: trying it again")
            yield await self._again(each)
        if model is not None:
            async for each in self._asked(model):
                yield each

    async def _again(self, hook: Hook) -> Hooked:
        """Decides about a hook that was kept for a version before."""
        self._decided.add(hook.name)
        fault = hooks.fault_of(hook, self._beside)
        if fault:
            return _left(hook, "HOOK_OUTDATED", fault)
        for tried in (self._bench.red, self._bench.green):
            rung = await tried(hook, self._kept)
            if rung.status is not Status.PASSED:
                return _left(hook, _reason(rung), _fault(rung))
        self._kept.append(hook)
        return Hooked(hook=hook)

    async def _asked(self, model: Model) -> AsyncGenerator[Filled]:
        """Asks for rules and then for one hook after the other; a vendor that fails ends it."""
        try:
            rules: tuple[Rule, ...] = ()
            async for each in self._rules(model):
                if isinstance(each, tuple):
                    rules = each
                else:
                    yield each
            for at, rule in enumerate(rules):
                if at >= self._bounds.hooks:
                    more = f"a project gets at most {self._bounds.hooks} hooks at a time"
                    yield _left(_empty(rule), "HOOKS_TOO_MANY", more)
                    continue
                async for each in self._one(model, rule):
                    yield each
        except Problem as problem:
            if self._filling.strict:
                raise
            message = f"{problem.message} Hooks that were not decided before are left out."
            yield Noted(reason=problem.reason, message=message)

    async def _rules(self, model: Model) -> AsyncGenerator[Noted | Spent | Turned | tuple[Rule, ...]]:
        """Yields the rules that the model names, or those that the requirements look like where it names none."""
        yield Turned(message=f"{model.name} looks for rules")
        wanted = self._filling.requirements
        likely = await asyncio.to_thread(hooks.candidates, self._plan, wanted, self._bounds)
        told = hooks.for_rules(self._plan, wanted, likely, self._bounds)
        talk = Talk(model, told.system, most=self._bounds.answer_characters)
        question = told.user
        named, found = hooks.Named(rules=likely), hooks.Named()
        for _ in range(1 + self._bounds.repairs):
            answer = await talk.ask(question)
            yield talk.spent()
            found = hooks.read_rules(answer, self._plan, self._bounds)
            named = found if found.rules or not found.faults else named
            if not found.faults:
                break
            question = hooks.complaint("; ".join(found.faults), "", self._bounds)
        else:
            message = f"{model.name} named no hooks that can be used: {'; '.join(found.faults)}."
            yield Noted(reason="HOOKS_UNNAMED", message=message, remedy="What the requirements look like stands.")
        yield tuple(each for each in named.rules if each.hook not in self._decided)

    async def _one(self, model: Model, rule: Rule) -> AsyncGenerator[Filled]:
        """Has one hook written, tests first, and yields what is decided of it."""
        where = hooks.point(self._plan.spec, rule.hook)
        if where is None:
            raise RuntimeError(f"{rule.hook} is no hook of this application")
        told = hooks.for_tests(self._plan, rule, where, self._files, self._bounds)
        talk = Talk(model, told.system, most=self._bounds.answer_characters + 1)
        trying = _Try(hook=_empty(rule))
        for kind, question in ((Kind.TESTS, told.user), (Kind.HOOK, hooks.for_hook(rule, where))):
            trying.kind, trying.question = kind, question
            async for each in self._drafted(talk, trying):
                yield each
            if trying.draft.reason:
                left = _left(trying.hook, trying.draft.reason, trying.draft.fault)
                yield replace(left, attempts=trying.attempts)
                return
        self._kept.append(trying.hook)
        yield Hooked(hook=trying.hook, attempts=trying.attempts)

    async def _drafted(self, talk: Talk, trying: _Try) -> AsyncGenerator[Spent | Turned]:
        """Asks for code until it holds, or has been sent back often enough; what came of it is in `trying`."""
        name = trying.hook.name
        what = "the tests" if trying.kind is Kind.TESTS else "the hook"
        for attempt in range(1 + self._bounds.repairs):
            yield Turned(message=f"{name}: {'sending back' if attempt else 'asking for'} {what}")
            answer = await talk.ask(trying.question)
            trying.attempts += 1
            yield talk.spent()
            kind = self._read(answer, trying)
            said = ""
            if not trying.draft.reason:
                yield Turned(message=f"{name}: running {what}")
                rung = await self._tried(trying, kind)
                if rung.status is Status.PASSED:
                    return
                trying.draft = replace(trying.draft, reason=_reason(rung), fault=_fault(rung))
                if rung.status is Status.NOT_RUN:
                    return
                said = rung.evidence
            trying.question = hooks.complaint(trying.draft.fault, said, self._bounds)

    def _read(self, answer: str, trying: _Try) -> Kind:
        """Reads a draft and says what it is: where a hook was tried already, its tests may be what is mended."""
        trying.draft = hooks.drafted(answer, trying.kind, trying.hook.name, self._beside)
        if trying.draft.reason and trying.hook.code:
            mended = hooks.drafted(answer, Kind.TESTS, trying.hook.name, self._beside)
            if not mended.reason:
                trying.draft = mended
                return Kind.TESTS
        return trying.kind

    async def _tried(self, trying: _Try, kind: Kind) -> Rung:
        """Formats a draft and runs it; tests that do not fail without the hook never take the place of others."""
        code = await self._filling.tidy(trying.draft.code)
        if kind is Kind.TESTS:
            hook = replace(trying.hook, tests=code)
            rung = await self._bench.red(hook, self._kept)
            if rung.status is not Status.PASSED:
                return rung
            trying.hook = hook
            return await self._bench.green(hook, self._kept) if hook.code else rung
        trying.hook = replace(trying.hook, code=code)
        return await self._bench.green(trying.hook, self._kept)


def _empty(rule: Rule) -> Hook:
    return Hook(name=rule.hook, rule=rule.text, code="", tests="")


def _left(hook: Hook, reason: str, message: str) -> Hooked:
    return Hooked(hook=replace(hook, code=""), reason=reason, message=f"{message[:1].upper()}{message[1:]}.")


def _reason(rung: Rung) -> str:
    """Returns the reason, in UPPER_SNAKE, why a hook is left out."""
    if rung.status is Status.NOT_RUN:
        return UNVERIFIED
    if rung.name in OWN:
        return OWN[rung.name] if rung.exit_code is not None else "HOOK_DOES_NOT_END"
    return OTHERS.get(rung.name, "HOOK_BREAKS_PROJECT")


def _fault(rung: Rung) -> str:
    """Says what is wrong: by itself of a hook's own tests, else with what of the project fails."""
    return rung.reason if rung.name in OWN else f"with it `{rung.command}` fails: {rung.reason}"
