"""Carries an order through the phases, from the requirements to the proof."""

from __future__ import annotations

import asyncio
import difflib
import hashlib
import json
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from headwater import __version__
from headwater.projects import (
    SPANS,
    Began,
    Done,
    Edition,
    Finished,
    Hooked,
    Moved,
    Noted,
    Order,
    Past,
    Phase,
    Previous,
    Redone,
    Removed,
    Spent,
    Step,
    Tried,
    Turned,
    Written,
    data,
    lock,
    planning,
)
from headwater.projects.phases import STEPS, render
from headwater.proof import Rung, Status
from headwater.synthesis.project.complexity import measure
from headwater.synthesis.project.files import File, Plan
from headwater.synthesis.project.frontend.pages import paths
from headwater.synthesis.project.spec import Spec

Prove = Callable[[Sequence[File], Plan], AsyncGenerator[Rung]]
Improve = Callable[[Spec], AsyncGenerator[Noted | Spent | Spec]]
"""Has a model propose changes to a spec; yields notes, and each better spec."""
Fill = Callable[[Plan, Sequence[Hooked]], AsyncGenerator[Noted | Spent | Turned | Hooked]]
"""Has hooks filled and tried, but for those that are decided already; yields what is decided of each of the others."""
PROVEN = {Status.PASSED: "passed", Status.FAILED: "failed", Status.NOT_RUN: "not run"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seams:
    """What is done elsewhere: asking a model, and running a project. None where that was not asked for."""

    improve: Improve | None = None
    fill: Fill | None = None
    prove: Prove | None = None


async def generate(order: Order, seams: Seams, past: Past) -> AsyncGenerator[Step]:
    """Yields the steps. What an earlier attempt has done is done again in silence, and what it left half is withdrawn.

    Raises the Problem of a vendor that nobody stands behind.
    """
    work = _Work(order, seams, past)
    for phase, steps in work.phases():
        if phase is past.begun and phase not in past.done:
            yield Redone(phase=phase, attempt=past.attempt)
        async with aclosing(steps()) as found:
            async for step in found:
                if phase not in past.done:
                    yield step
    yield work.finished()


def digest_of(order: Order) -> str:
    """Returns the SHA-256 of all that was asked for."""
    told = [order.name, order.description, order.requirements, order.provider, repr(order.options)]
    before = lock.write(order.previous) if order.previous else ""
    return hashlib.sha256(json.dumps([*told, before]).encode()).hexdigest()


@dataclass(slots=True)
class _Work:
    """A run on its way through the phases."""

    order: Order
    seams: Seams
    past: Past
    plan: Plan | None = None
    before: Mapping[str, str] | None = None
    written: list[Written] = field(default_factory=list[Written])
    rungs: list[Rung] = field(default_factory=list[Rung])
    hooks: list[Hooked] = field(default_factory=list[Hooked])

    def phases(self) -> Iterable[tuple[Phase, Callable[[], Any]]]:
        """Returns the phases in their order, each with what carries it out."""
        yield Phase.INITIALIZATION, self._initialize
        yield Phase.ANALYSIS, self._analyse
        yield Phase.COMPLEXITY, self._measure
        for phase in STEPS:
            yield phase, lambda phase=phase: self._render(phase)
        if Phase.PROOF in self.past.done:
            self.rungs += self.past.rungs
        elif self.seams.prove is not None:
            yield Phase.PROOF, self._prove

    def finished(self) -> Finished:
        """Says what came out."""
        files = tuple(sorted(self.written, key=lambda each: each.file.path))
        counts = {status: sum(each.status is status for each in self.rungs) for status in Status}
        told = ", ".join(f"{count} {PROVEN[status]}" for status, count in counts.items() if count)
        proof = f"; proof: {told}" if told else ""
        return Finished(
            success=not counts[Status.FAILED],
            message=f"{self._plan.spec.title}: {len(files)} files{proof}.",
            files=files,
            rungs=tuple(self.rungs),
            key=_key(files),
        )

    @property
    def _plan(self) -> Plan:
        if self.plan is None:
            raise RuntimeError("the analysis comes first")
        return self.plan

    async def _initialize(self) -> AsyncGenerator[Step]:
        order = self.order
        yield _began(Phase.INITIALIZATION, f"Starting generation of {order.name or 'the project'}")
        found = data.initialization(order, digest_of(order), __version__)
        yield _done(Phase.INITIALIZATION, "The stack is chosen", found)

    async def _analyse(self) -> AsyncGenerator[Step]:
        yield _began(Phase.ANALYSIS, "Analyzing requirements")
        spec = self.past.spec or self.order.spec
        if self.past.spec is None and self.seams.improve is not None:
            yield _moved(Phase.ANALYSIS, 0.5, f"{self.order.provider} reviews the spec", "review")
            async with aclosing(self.seams.improve(spec)) as found:
                async for each in found:
                    if isinstance(each, Noted | Spent):
                        yield each
                    else:
                        spec = each
        self.plan = planning.plan(spec, self.order.options, planning.history(self.order, spec))
        if self.order.previous is not None:
            self.before = await asyncio.to_thread(_rendered, self.order.previous)
        many = len(spec.entities)
        yield _done(Phase.ANALYSIS, f"Found {many} {'entity' if many == 1 else 'entities'}", data.analysis(spec))

    async def _measure(self) -> AsyncGenerator[Step]:
        yield _began(Phase.COMPLEXITY, "Counting function points")
        size = measure(self._plan.spec)
        yield _done(Phase.COMPLEXITY, f"{size.cosmic} COSMIC points: {size.level}", data.complexity(size))

    async def _render(self, phase: Phase) -> AsyncGenerator[Step]:
        plan, steps = self._plan, STEPS[phase]
        made: list[File] = []
        if phase is Phase.FRONTEND and not plan.options.frontend:
            steps = ()
        yield _began(phase, steps[0].message if steps else "No frontend was asked for")
        if phase is Phase.BACKEND:
            async for each in self._fill():
                yield each
            plan = self._plan
        for place, step in enumerate(steps):
            yield _moved(phase, place / len(steps), step.message, step.name)
            files = await asyncio.to_thread(list, step.render(plan))
            for number, file in enumerate(files, start=1):
                yield self._write(phase, file)
                if number % 10 == 0:
                    yield _moved(phase, (place + number / len(files)) / len(steps), f"Wrote {file.path}", step.name)
            made += files
        if phase is Phase.DEPLOYMENT:
            for step in self._closing():
                yield step
                made += [step.file] if isinstance(step, Written) else []
        yield _done(phase, f"Wrote {len(made)} files", self._found(phase, made))

    async def _fill(self) -> AsyncGenerator[Step]:
        """Fills hooks before anything is rendered, so that no file is told that is not kept."""
        self.hooks += self.past.hooks
        if self.seams.fill is not None and Phase.BACKEND not in self.past.done:
            for each in self.past.hooks:  # what was told of them is withdrawn with the phase
                yield each
            async with aclosing(self.seams.fill(self._plan, self.past.hooks)) as found:
                async for each in found:
                    if isinstance(each, Hooked):
                        self.hooks.append(each)
                    yield _moved(Phase.BACKEND, 0.0, each.message, "hooks") if isinstance(each, Turned) else each
        self.plan = replace(self._plan, hooks=tuple(each.hook for each in self.hooks if each.accepted))

    def _closing(self) -> Iterable[Written | Removed]:
        """Yields what a project says of itself, and what it does not hold any more."""
        plan = self._plan
        earlier = planning.history(self.order, plan.spec)
        was = Previous(edition=Edition(spec=plan.spec), options=plan.options, earlier=earlier, hooks=plan.hooks)
        yield self._write(Phase.DEPLOYMENT, File(path=lock.PATH, text=lock.write(was)))
        sums = {each.file.path: each.sha256 for each in sorted(self.written, key=lambda each: each.file.path)}
        yield self._write(Phase.DEPLOYMENT, File(path=lock.MANIFEST, text=_manifest(sums)))
        for path, text in sorted((self.before or {}).items()):
            if path not in sums and path != lock.MANIFEST:
                yield Removed(path=path, sha256=_sha256(text))

    def _found(self, phase: Phase, made: Sequence[File]) -> data.Data:
        plan = self._plan
        match phase:
            case Phase.DATABASE:
                return data.database(plan, made)
            case Phase.BACKEND:
                return data.backend(plan, made, self.hooks)
            case Phase.FRONTEND:
                return data.frontend(paths(plan) if made else (), made)
            case _:
                return data.deployment(plan, made)

    def _write(self, phase: Phase, file: File) -> Written:
        earlier = None if self.before is None else self.before.get(file.path)
        change = "" if self.before is None else _change(earlier, file.text)
        written = Written(
            phase=phase,
            file=file,
            sha256=_sha256(file.text),
            size=len(file.text.encode()),
            change=change,
            diff=_diff(file.path, earlier or "", file.text) if change == "changed" else "",
        )
        self.written.append(written)
        return written

    async def _prove(self) -> AsyncGenerator[Step]:
        yield _began(Phase.PROOF, "Running the project")
        if self.seams.prove is None:
            return
        files = [each.file for each in self.written if each.file.path not in {lock.PATH, lock.MANIFEST}]
        async with aclosing(self.seams.prove(files, self._plan)) as rungs:
            async for rung in rungs:
                self.rungs.append(rung)
                yield Tried(rung=rung)
        counts = {str(status): sum(each.status is status for each in self.rungs) for status in Status}
        yield _done(Phase.PROOF, f"{counts[Status.PASSED]} of {len(self.rungs)} rungs passed", counts)


def _began(phase: Phase, message: str) -> Began:
    return Began(phase=phase, percent=SPANS[phase][0], message=message)


def _moved(phase: Phase, share: float, message: str, step: str) -> Moved:
    first, last = SPANS[phase]
    return Moved(phase=phase, percent=round(first + share * (last - first), 1), message=message, step=step)


def _done(phase: Phase, message: str, found: data.Data) -> Done:
    return Done(phase=phase, percent=SPANS[phase][1], message=message, data=found)


def _rendered(previous: Previous) -> Mapping[str, str]:
    """Returns the files of the project as it was generated before."""
    was = previous.edition
    plan = planning.plan(was.spec, previous.options, previous.earlier, previous.hooks, was.layout)
    texts = {file.path: file.text for _, file in render(plan)} | {lock.PATH: lock.write(previous)}
    return texts | {lock.MANIFEST: _manifest({path: _sha256(texts[path]) for path in sorted(texts)})}


def _manifest(sums: Mapping[str, str]) -> str:
    return json.dumps({"headwater": __version__, "files": sums}, indent=2) + "\n"


def _change(earlier: str | None, text: str) -> str:
    if earlier is None:
        return "added"
    return "unchanged" if earlier == text else "changed"


def _diff(path: str, earlier: str, text: str) -> str:
    lines = difflib.unified_diff(
        earlier.splitlines(keepends=True), text.splitlines(keepends=True), f"a/{path}", f"b/{path}"
    )
    return "".join(lines)


def _key(files: Iterable[Written]) -> str:
    return _sha256("".join(f"{each.sha256}  {each.file.path}\n" for each in files))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
