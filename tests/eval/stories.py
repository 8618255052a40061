"""Measures the reading of requirements on user stories with a gold standard of classes and associations.

    python -m tests.eval.stories --data FOLDER

`make eval-stories DATA=FOLDER`. A file of FOLDER is `{"stories": [text], "classes": [name], "synonyms":
[[name, …]], "associations": [[name, name]]}`. Names are matched by their stems, singular and plural alike, in either
order in a pair; a second name for a class that was found counts neither for nor against.

Associations are measured twice: with the classes given, which is how the published figures were made (the models were
shown the list of classes), and between the classes that were found, which is what a user gets. The published class
figures also pardon optional classes of a second list; here every class that is not in the standard is wrong.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headwater.synthesis.project.parsing.concepts import concepts, mentions
from headwater.synthesis.project.parsing.links import links, links_between
from headwater.synthesis.project.parsing.statements import Statement, statement
from headwater.synthesis.project.plurals import singular

PUBLISHED = (
    ("rules: Visual Narrator, for recall", 0.529, None),
    ("rules: Visual Narrator, for precision", 0.490, None),
    ("Llama3-8B", 0.490, 0.564),
    ("Qwen-14B", 0.525, 0.623),
    ("GPT-o1", 0.663, 0.782),
)
"""Class F1 and association F1 (classes given) over nine sets, these five among them; REFSQ 2026."""
Names = frozenset[str]
SUFFIX = re.compile(r"(?:ation|(?:em|m)ent|ance|ing|ed|es|s|y|e)$")
"""Endings that make another form of the same word; who does something is another thing than what is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How many were found rightly, found wrongly, and missed."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The scores of one set."""

    name: str
    classes: Score
    given: Score
    found: Score


def measure(path: Path, *, explain: bool = False) -> Row:
    """Returns the scores of the set in a file."""
    data: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    texts: list[Statement] = []
    offset = 0
    for story in data["stories"]:
        texts.append(statement(story, offset))
        offset += len(story) + 1
    said = mentions(texts)
    things = concepts(said)
    synonyms = {plain(name): plain(group[0]) for group in data["synonyms"] for name in group}
    gold = {plain(name): name for name in data["classes"]}
    pairs = list(
        dict.fromkeys(
            (meant(one, data["classes"]), meant(other, data["classes"])) for one, other in data["associations"]
        )
    )
    names = [each.name for each in things]
    between = links(texts, said, things)
    given = links_between(texts, said, [" ".join(plain_words(name)) for name in data["classes"]])
    row = Row(
        name=path.stem,
        classes=of_classes(names, gold, synonyms),
        given=of_pairs([(each.one, each.other) for each in given], pairs),
        found=of_pairs([(each.one, each.other) for each in between], pairs),
    )
    if explain:
        hit = {synonyms.get(plain(each), plain(each)) for each in names}
        print(
            "  wrong:",
            ", ".join(
                f"{each.name} {each.weight:.1f}"
                for each in things
                if synonyms.get(plain(each.name), plain(each.name)) not in gold
            ),
        )
        print("  missed:", ", ".join(name for key, name in gold.items() if key not in hit))
        print(
            "  wrong pairs:",
            [
                f"{each.one}-{each.other} {each.weight:.1f}"
                for each in given
                if not any(alike(each.one, each.other, pair) for pair in pairs)
            ],
        )
        print(
            "  missed pairs:",
            [tuple(pair) for pair in pairs if not any(alike(each.one, each.other, pair) for each in given)],
        )
    return row


def plain(name: str) -> str:
    """Returns the stem of a name: each word without its ending, in small letters."""
    return " ".join(map(stem, plain_words(name)))


def plain_words(name: str) -> list[str]:
    """Returns the words of a name in small letters and singular."""
    return [singular(each) for each in re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())]


def stem(word: str) -> str:
    """Returns a word without its plural and the ending of its last syllable, but never less than three letters."""
    bare = SUFFIX.sub("", word)
    return bare if len(bare) > 3 else word


def of_classes(names: Iterable[str], gold: Mapping[str, str], synonyms: Mapping[str, str]) -> Score:
    """Scores names of classes."""
    found, wrong, doubled = set[str](), 0, set[str]()
    for name in dict.fromkeys(map(plain, names)):
        known = synonyms.get(name, name)
        if known not in gold:
            wrong += 1
        elif known in found:
            doubled.add(name)
        else:
            found.add(known)
    return Score(right=len(found), wrong=wrong, missed=len(gold) - len(found))


def of_pairs(pairs: Sequence[tuple[str, str]], gold: Sequence[tuple[Names, Names]]) -> Score:
    """Scores pairs; each pair of the gold standard is found once."""
    remaining = list(gold)
    right = 0
    for one, other in pairs:
        hit = next((pair for pair in remaining if alike(one, other, pair)), None)
        if hit is not None:
            remaining.remove(hit)
            right += 1
    return Score(right=right, wrong=len(pairs) - right, missed=len(remaining))


def alike(one: str, other: str, pair: tuple[Names, Names]) -> bool:
    """Whether two names are those of a pair, in either order."""
    first, second = pair
    names = plain(one), plain(other)
    return (names[0] in first and names[1] in second) or (names[0] in second and names[1] in first)


def meant(stems: str, classes: Sequence[str]) -> Names:
    """Returns the classes that the stems of a pair stand for: the same name, else those whose last words begin so."""
    same = {plain(name) for name in classes if plain(name) == plain(stems)}
    roots = stems.lower().split()
    return frozenset(same or {plain(name) for name in classes if _begins(plain_words(name), roots)} or {plain(stems)})


def _begins(words: Sequence[str], roots: Sequence[str]) -> bool:
    tail = words[-len(roots) :]
    return len(tail) == len(roots) and all(word.startswith(root) for word, root in zip(tail, roots, strict=True))


def mean(values: Iterable[float]) -> float:
    """Returns the mean."""
    known = list(values)
    return sum(known) / max(1, len(known))


def table(rows: Sequence[Row]) -> str:
    """Returns the figures of each set and their mean, beside the published ones."""
    lines = [f"{'set':<40}{'classes P / R / F1':>24}{'associations, classes given':>32}{'classes found':>24}"]
    for row in rows:
        shown = (
            f"{each.precision:.2f} / {each.recall:.2f} / {each.f1:.3f}" for each in (row.classes, row.given, row.found)
        )
        lines.append(
            f"{row.name:<40}" + "".join(f"{text:>{width}}" for text, width in zip(shown, (24, 32, 24), strict=True))
        )
    means = [
        mean(each.classes.f1 for each in rows),
        mean(each.given.f1 for each in rows),
        mean(each.found.f1 for each in rows),
    ]
    lines.append(f"{'mean of F1':<40}{means[0]:>24.3f}{means[1]:>32.3f}{means[2]:>24.3f}")
    for name, classes, pairs in PUBLISHED:
        lines.append(f"{name:<40}{classes:>24.3f}" + (f"{pairs:>32.3f}" if pairs else f"{'-':>32}"))
    return "\n".join(lines)


def main() -> None:
    """Measures the sets of a folder and prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the sets")
    parser.add_argument("--explain", action="store_true", help="name what was wrong and what was missed")
    options = parser.parse_args()
    rows: list[Row] = []
    for path in sorted(options.data.glob("*.json")):
        if options.explain:
            print(path.stem)
        rows.append(measure(path, explain=options.explain))
    print(table(rows))


if __name__ == "__main__":
    main()
