"""The text of tests in JavaScript and TypeScript, for one file under test and one framework."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from headwater.pipeline.languages import Cutter, Look
from headwater.pipeline.languages.cutting import Cuts, TreeCutter
from headwater.pipeline.languages.script_imports import Binding, bindings, declared, leads_to, written
from headwater.pipeline.languages.script_mend import at_home, mended
from headwater.pipeline.languages.script_tests import HOOKS, assertions, classify, is_implicit, merged, renamed
from headwater.pipeline.languages.trees import fault, parse, words

FENCES = frozenset({"", "js", "javascript", "jsx", "mjs", "cjs", "ts", "typescript", "tsx", "node"})
CERTAIN = re.compile(
    r"(?:import\b|export\b|const\b|let\b|var\b|function\b|async function\b|class\b|interface\b|type \w|enum\b"
    r"|(?:test|it|describe|suite|(?:before|after)(?:Each|All)?|vi|jest)\b[.(`])"
)
ENDS = re.compile(r"[;})\]]\s*(?://.*)?$")
FRAMEWORKS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "node": {"node:test": ("test", "it", "describe", "suite", "mock", *HOOKS)},
    "vitest": {"vitest": ("test", "it", "describe", "suite", "expect", "vi", "assert", *HOOKS)},
    "jest": {},
}
"""What the tests of a framework import from it, if they use it; jest's names are there by themselves."""
ALIASES: Mapping[str, Mapping[str, str]] = {
    "node": {"beforeAll": "before", "afterAll": "after"},
    "vitest": {"before": "beforeAll", "after": "afterAll"},
}
"""What a framework calls the hooks that others call otherwise."""
OTHERS = frozenset({"vitest", "node:test", "test", "mocha", "chai", "@jest/globals"})
"""Where models take the names of tests from, whatever the framework."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptGrammar:
    """Writes tests that import the file at `path` as `specifier`, in one of the two module systems."""

    dialect: str
    framework: str
    path: str
    specifier: str
    commonjs: bool
    exports: Mapping[str, str] = field(default_factory=dict[str, str])
    """The names that the file exports: `default` or `member`."""
    correct: Callable[[str], str] = str
    """Corrects the specifier of another file of the project."""

    def cutter(self) -> Cutter:
        """Cuts at top-level statements, and groups into their tests."""
        return TreeCutter(Cuts(dialect=self.dialect, fences=FENCES, certain=CERTAIN, ends=ENDS, classify=classify))

    def compose(self, header: str, imports: Sequence[str], helpers: Sequence[str], tests: Sequence[str]) -> str:
        """Returns a whole file, with what it needs of the framework and the file under test imported."""
        tests = [self._mended(code) for code in tests]
        kept = list(self._needed(dict.fromkeys(map(self._mended, helpers)), tests))
        used = frozenset[str]().union(*(words(parse(code, self.dialect)) for code in [*kept, *tests]))
        own = {name for code in kept for node in parse(code, self.dialect).named_children for name in declared(node)}
        found = [each for each in self._imports(imports, used) if each.local not in own]
        comment = "\n".join(f"// {line}".rstrip() for line in header.strip().splitlines())
        blocks = [comment, written(found, commonjs=self.commonjs), *kept, *merged(tests, self.dialect)]
        return "\n\n".join(block.strip("\n") for block in blocks if block.strip()) + "\n"

    def rename(self, code: str, old: str, new: str) -> str:
        """Gives a test another title."""
        return renamed(code, self.dialect, old, new)

    def look(self, code: str) -> Look:
        """Reads one test."""
        root = parse(code, self.dialect)
        return Look(fault=fault(root), assertions=assertions(root))

    def _needed(self, helpers: Iterable[str], tests: Sequence[str]) -> Iterator[str]:
        """Yields the helpers that the tests need, and those that act on all of them, in their order."""
        trees = {code: parse(code, self.dialect) for code in helpers}
        names = {
            code: {name for node in root.named_children for name in declared(node)} for code, root in trees.items()
        }
        reached = set[str]().union(*(words(parse(test, self.dialect)) for test in tests))
        kept = {code for code, root in trees.items() if is_implicit(root)}
        fresh = kept | {code for code in trees if names[code] & reached}
        while fresh:
            kept |= fresh
            reached |= set[str]().union(*(words(trees[code]) for code in fresh))
            fresh = {code for code in trees.keys() - kept if names[code] & reached}
        seen: set[str] = set()
        for code in trees:
            if code in kept and not (names[code] and names[code] <= seen):
                seen |= names[code]
                yield code

    def _imports(self, imports: Sequence[str], used: frozenset[str]) -> Iterator[Binding]:
        """Yields each name that is used once: as the answer imports it, else from the framework or the file itself."""
        known: set[str] = set()
        for each in self._asked(imports):
            if each.kind == "effect" or (each.local in used and each.local not in known):
                known.add(each.local)
                yield each
        for source, names in FRAMEWORKS[self.framework].items():
            for name in names:
                if name in used and name not in known:
                    known.add(name)
                    imported = ALIASES[self.framework].get(name, name)
                    yield Binding(source=source, kind="member", local=name, imported=imported)
        if "assert" in used and "assert" not in known:
            yield Binding(source="node:assert/strict", kind="default", local="assert")
        for name, kind in self.exports.items():
            if name in used and name not in known:
                is_default = kind == "default"
                imported = "" if is_default else name
                yield Binding(
                    source=self.specifier, kind="default" if is_default else "member", local=name, imported=imported
                )

    def _asked(self, imports: Sequence[str]) -> Iterator[Binding]:
        for code in imports:
            for node in parse(code, self.dialect).named_children:
                for each in bindings(node):
                    if each.source in OTHERS:
                        continue
                    source = self._source(each.source)
                    found = replace(each, source=source)
                    yield at_home(found, self.exports) if source == self.specifier else found

    def _source(self, specifier: str) -> str:
        return self.specifier if leads_to(specifier, self.path) else self.correct(specifier)

    def _mended(self, code: str) -> str:
        return mended(code, self.dialect, self.framework, self._source)
