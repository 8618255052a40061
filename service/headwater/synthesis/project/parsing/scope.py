"""Finds what a text leaves out, such as "Out of scope", "no comments" and "Nice to have", and takes it out of the text.

Blanks stand where a passage stood, so that the places of everything else stay the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from headwater.synthesis.project.ontology.features import FEATURES
from headwater.synthesis.project.parsing.clauses import MANY, ONE, Piece, pieces
from headwater.synthesis.project.parsing.draft import Draft, plural_of, word_key
from headwater.synthesis.project.parsing.lexicon import ADJECTIVES, MODALS, PREPOSITIONS, words
from headwater.synthesis.project.parsing.statements import SENTENCE_END
from headwater.synthesis.project.parsing.tagging import Tag, read
from headwater.synthesis.project.spec import FeatureKind, Question, Span

ANSWERS = ("left out", "built now")
OUT_HEAD = (
    r"(?:(?:explicitly|currently)\s+)?(?:out\s+of\s+(?:the\s+)?scope|not\s+(?:in\s+scope|included|needed|required|planned)|"
    r"excluded|exclusions?|(?:what|things)\s+(?:it|we|they|(?:the|this)\s+\w+)\s+(?:does|do|will|shall)\s+not\s+\w+|wo(?:n['’]?|uld\s+no)t[\s-]+haves?|will\s+not\s+have|(?:non|anti)[\s-]?goals?|no[\s-]?goes)"
)
LATER_HEAD = (
    r"(?:nice[\s-]+to[\s-]+haves?|could[\s-]+haves?|stretch(?:\s+goals?)?|not\s+(?:now|yet|for\s+now|right\s+now)|(?:for\s+|maybe\s+)?later(?:\s+on|,?\s+(?:maybe|perhaps))?|some\s?day|"
    r"(?:in\s+the\s+)?future(?:\s+(?:work|ideas?|plans?|features?|versions?|releases?|enhancements?|improvements?|scope))?|"
    r"(?:optional|bonus)\s+(?:features?|goals?|ideas?)|(?:phase|version|release)\s+(?:[2-9]|two|three)|v[2-9](?:\.0)?|"
    r"if\s+(?:time\s+permits|there\s+is\s+time))"
)
HEADS = rf"(?:(?P<out>{OUT_HEAD})|(?P<later>{LATER_HEAD}))"
HEADING = re.compile(
    rf"^(?P<indent>[ \t]*)(?P<mark>#{{1,6}}[ \t]*|[-*•+][ \t]+|\d+[.)][ \t]+)?(?:\*\*|__)?{HEADS}"
    r"(?:\s+(?:features?|items?|yet|for\s+(?:now|v1|the\s+mvp|this\s+version)))?(?:[ \t]*\([^()\n]*\))?[ \t]*"
    r"(?P<close>:?(?:\*\*|__)?:?)[ \t]*(?P<rest>(?<=[:*_ ])[^\n]*|)$",
    re.MULTILINE | re.IGNORECASE,
)
"""A line that heads what is left out; `rest` stands behind its colon."""
LABELLED = re.compile(rf"(?<=[.;!?]\s){HEADS}[ \t]*:[ \t]*(?P<what>(?:[^.;\n]|[.](?!\s|$))+)", re.IGNORECASE)
"""The same in the middle of a line."""
LABEL = re.compile(r"#{1,6}[ \t]*\S|(?:\*\*|__)[^*_\n]+(?:\*\*|__):?$|[A-Z][\w '’/-]{1,40}:(?:[ \t]|$)")
"""A line that begins something else."""
ROW = re.compile(r"[^\n]*\n|[^\n]+")
BULLET = re.compile(r"[ \t]*(?:[-*•+]|\d+[.)])[ \t]+(?P<text>.*)")


def _said(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(each, re.IGNORECASE | re.DOTALL) for each in patterns)


BEGIN, WHAT = r"^(?:(?:and|but|please|also|maybe)\s+)?", r"(?P<what>.{2,200})"
DO_NOT = r"(?:do\s+not|does\s+not|will\s+not|don['’]t|doesn['’]t|won['’]t)\s+(?:(?:really|yet|currently)\s+)?"
NOT_IN = (
    r"(?:out\s+of\s+(?:the\s+)?scope|excluded|left\s+out|unnecessary|"
    r"not\s+(?:yet\s+)?(?:needed|required|included|in\s+scope|wanted|necessary|planned|part\s+of\s+(?:this|it|the\s+\w+)))\b"
)
OUT_SAID = _said(
    rf"^(?P<what>[^:]{{2,160}}?)\s+(?:is|are|will\s+be|stays?|remains?)\s+(?:explicitly\s+|currently\s+|all\s+)?{NOT_IN}",
    r"^(?P<what>[^:]{2,160}?)\s+(?:is|are)n['’]t\s+(?:needed|required|included|in\s+scope|wanted|necessary|planned)\b",
    rf"\b(?:we|i|you|it|(?:the|this)\s+(?:app|application|system|site|tool))\s+{DO_NOT}"
    rf"(?:need|want|require|include|support|offer)\s+(?!to\b)(?:any\s+)?{WHAT}",
    rf"{BEGIN}(?:{DO_NOT}|no\s+need\s+to\s+|never\s+mind\s+)(?:(?:bother|worry|care|think|deal)\s+)?(?:with|about)\s+{WHAT}",
    rf"{BEGIN}(?:ignore|forget(?:\s+about)?)\s+{WHAT}",
    rf"\b(?:there\s+is\s+|there['’]s\s+)?no\s+need\s+for\s+(?:any\s+)?{WHAT}",
    rf"{BEGIN}there\s+(?:are|is|will\s+be)\s+no\s+{WHAT}",
    rf"{BEGIN}(?:leave\s+out|skip|exclude|(?:do\s+not|don['’]t)\s+(?:build|add|include))\s+{WHAT}",
)  # fmt: skip
SOON = (
    r"(?:later(?:\s+on)?|eventually|one\s+day|some\s?day|in\s+the\s+future|in\s+a\s+(?:later|future)\s+(?:version|phase|release)|"
    r"in\s+(?:v2|(?:phase|version)\s+(?:2|two))|at\s+some\s+point|down\s+the\s+road|if\s+(?:time\s+permits|there\s+is\s+time))"
)
LATER_SAID = _said(
    rf"\b(?:it\s+)?would\s+be\s+(?:nice|great|cool|good|lovely)\s+(?:to\s+(?:also\s+)?(?:have\s+)?|if\s+){WHAT}",
    rf"(?:^|(?<=,\s)|(?<=and\s)){BEGIN[1:]}{SOON},?\s+(?:on\s+)?(?:we|i|they|users?|you)\s+"
    rf"(?:(?:may|might|could|can|will|would|want|hope|plan|like|to|also)\s+)+(?:(?:add|have|support|include|offer|see)\s+)?{WHAT}",
    rf"{BEGIN}{SOON},?\s+(?:maybe|perhaps|possibly|also)\s+{WHAT}",
    rf"^(?P<what>.{{2,160}}?)\s+(?:can|could|may|might|will|would|should)\s+(?:be\s+(?:added|done|built)|come|follow|wait)"
    rf"\s*(?:until\s+|for\s+)?(?:{SOON}|later|$)",
    rf"^(?P<what>[^:;,]{{2,80}}?)\s+(?:[–—-]|\()\s*(?:{LATER_HEAD})\)?\s*[.!]?$",
    r"^(?P<what>.{2,160}?)\s+(?:is|are|would\s+be)\s+(?:only\s+|just\s+)?(?:an?\s+)?"
    r"(?:nice[\s-]to[\s-]haves?|stretch\s+goals?|bonus(?:es)?|for\s+later|planned\s+for\s+(?:later|the\s+future|v2))\b",
)  # fmt: skip
LISTED = r"[a-z][\w'’-]*(?: [\w'’-]+){0,2}?"
CLAUSE = re.compile(
    r"(?:,?\s?\b(?:and|but)\s|,\s)?(?:\bwithout\s+(?:any\s+|an?\s+)?|\bwith\s+no\s+|(?:(?<=[.,;:(!?]\s)|^)no\s+)"
    rf"(?P<what>{LISTED}(?:(?:,\s*(?:or\s+|and\s+)?(?:no\s+)?|\s+(?:or|and|nor)\s+(?:no\s+)?){LISTED})*)"
    r"(?=[.,;:!?)]|$|\s+(?:for\s+now|for|so|because|since|but|please|yet|at\s+all|where|which|that)\b)",
    re.IGNORECASE | re.MULTILINE,
)
"""What is excluded within a sentence: "without reviews", "no comments, no tags"."""
CUT = re.compile(
    r"\s+(?:but|so|because|since|yet|for\s+now|at\s+all|at\s+the\s+moment|right\s+now|please)\b|[.;!?]", re.IGNORECASE
)
NO_PART = words("""
    limit duplicate overlap conflict problem matter one two more less longer doubt way idea time clue change same
    exception point issue error double gap loss cost charge fee delay further such other permission access approval
    help hurry rush risk it this that them him her me us anything anybody anyone everything being losing having
""")
"""What "no" and "without" stand in front of and that no application has as a part."""
AUTH = re.compile(
    r"(?:log[\s-]?ins?|sign[\s-]?(?:in|up)s?|(?:user\s+)?authentication|(?:user\s+)?accounts?|auth|passwords?|"
    r"(?:user\s+)?registration|logging\s+in|user\s+management)(?:\s+(?:system|of\s+any\s+kind))?",
    re.IGNORECASE,
)
LONGEST = 5
"""The name of what is left out has at most so many words."""
SHOWN = 80
"""So many characters of an item are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A piece of the text that is left out, for good or for `later`, and what it names."""

    start: int
    end: int
    items: tuple[str, ...]
    later: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A text without what it leaves out, what that was, and whether signing in is left out too."""

    text: str
    left: tuple[Passage, ...]
    closed: bool


def scoped(text: str) -> Scope:
    """Returns a text with blanks for what it leaves out."""
    left: list[Passage] = []
    for finder in (_headed, _labelled, _sentences, _clauses):
        found = list(finder(text))
        left += found
        text = _blanked(text, found)
    closed = any(AUTH.fullmatch(item) for each in left if not each.later for item in each.items)
    return Scope(text=text, left=tuple(sorted(left, key=lambda each: each.start)), closed=closed)


def leave_out(found: Scope, draft: Draft) -> None:
    """Keeps what was left out from being added for another reason; tells of it, or asks where it is for later."""
    for each in found.left:
        span, shown = Span(start=each.start, end=each.end), ", ".join(item[:SHOWN] for item in each.items)
        draft.barred |= {word_key(item) for item in each.items}
        draft.unwanted |= {kind for item in each.items for kind in _features(item)}
        if each.later:
            asked = f"Nice to have: {shown} was left out; say so to have it. Build it now?"
            draft.questions.append(Question(text=asked, choices=ANSWERS, taken=ANSWERS[0], span=span))
        else:
            draft.assume(f"Left out, as the text says: {shown}.", span=span)


def _blanked(text: str, found: Sequence[Passage]) -> str:
    kept, at = list[str](), 0
    for each in sorted(found, key=lambda each: each.start):
        kept += [text[at : each.start], re.sub(r"[^\n]", " ", text[max(at, each.start) : each.end])]
        at = max(at, each.end)
    return "".join([*kept, text[at:]])


def _features(item: str) -> Iterator[FeatureKind]:
    """Yields the features that an item is the name of."""
    key = word_key(item)
    for entry in FEATURES:
        forms = (key, plural_of(item).replace("_", " "), key.rsplit(" ", 1)[-1])
        if entry.kind is not FeatureKind.AUTH and any(
            re.fullmatch(entry.pattern, form, re.IGNORECASE) for form in forms
        ):
            yield entry.kind


def _headed(text: str) -> Iterator[Passage]:
    """Yields the headings of what is left out with what stands below them, or behind their colon."""
    end = 0
    for match in HEADING.finditer(text):
        if match.start() < end:
            continue
        rest, marked = match["rest"], (match["mark"] or "").startswith("#")
        if rest and not marked and ":" in match["close"]:
            cut = re.search(r"[.!?](?=\s+[A-Z])", rest)
            end = match.start("rest") + (cut.start() if cut else len(rest))
            items = tuple(_names(text[match.start("rest") : end], match.start("rest")))
        elif rest.strip():
            continue
        else:
            below = tuple(_below(text, match, marked=marked))
            shouted = match["out"] and match["out"].isupper()
            if not below or not (marked or shouted or match["close"] or BULLET.match(below[0].text)):
                continue
            end = below[-1].end
            items = tuple(item for each in below for item in _items_of(each))
        yield Passage(start=match.start(), end=end, items=items, later=match["later"] is not None)


def _below(text: str, head: re.Match[str], *, marked: bool) -> Iterator[Piece]:
    """Yields the lines that stand below a heading."""
    empty = seen = False
    level = len((head["mark"] or "").strip())
    deep = bool(BULLET.match(head[0]))
    for found in ROW.finditer(text, head.end() + 1):
        line, at = found[0].rstrip("\n"), found.start()
        bare = line.strip()
        higher = bare.startswith("#") and (not marked or len(bare) - len(bare.lstrip("#")) <= level)
        shallow = deep and bool(bare) and len(line) - len(line.lstrip()) <= len(head["indent"])
        other = not marked and (LABEL.match(bare) or (empty and seen and not BULLET.match(line)))
        if bare and (higher or shallow or other):
            return
        if bare:
            yield Piece(text=line, start=at, end=at + len(line))
        empty, seen = not bare, seen or bool(bare)


def _items_of(line: Piece) -> Iterator[str]:
    found = BULLET.match(line.text)
    if found:
        yield _bare(re.split(r"\s[–—-]\s|[:(]", found["text"])[0] or found["text"])
    else:
        yield from _names(line.text, line.start)


def _names(text: str, start: int) -> Iterator[str]:
    for each in _listed(re.sub(r"[.!?](?:\s|$)", ", ", text), start):
        if name := _bare(each.text):
            yield name


def _listed(text: str, start: int) -> Iterator[Piece]:
    """Yields the members of a list in which "or" and "nor" stand where "and" does elsewhere."""
    return pieces(re.sub(r"(,?)\s(?:or|nor)\s", lambda found: f"{',':<{len(found[0])}}", text), start)


def _bare(text: str) -> str:
    said = re.sub(r"^(?:no|not|or|nor)\s+", "", text.strip(" *_`.\t"), flags=re.IGNORECASE)
    said = MANY.sub("", said)
    while one := ONE.match(said):
        said = said[one.end() :]
    return " ".join(said.split())


def _labelled(text: str) -> Iterator[Passage]:
    for match in LABELLED.finditer(text):
        items = tuple(_names(match["what"], match.start("what")))
        yield Passage(start=match.start(), end=match.end(), items=items, later=match["later"] is not None)


def _sentences(text: str) -> Iterator[Passage]:
    """Yields the sentences, or their ends, that say of something that it is not wanted, or not yet."""
    at = 0
    for cut in [*SENTENCE_END.finditer(text), None]:
        sentence = text[at : cut.start() if cut else len(text)]
        lead = len(sentence) - len(LEAD.sub("", sentence, count=1))
        if len(sentence) <= MOST and not re.match(r"as\s+an?\s", sentence[lead:], re.IGNORECASE):
            yield from _said_in(sentence[lead:], at + lead)
        at = cut.end() if cut else at


LEAD = re.compile(r"^(?:[\s*•+-]|\d+[.)]\s)*")
MOST = 400
"""A sentence of more characters is not looked at."""


def _said_in(sentence: str, start: int) -> Iterator[Passage]:
    for patterns, later, able in ((OUT_SAID, False, _is_part), (LATER_SAID, True, bool)):
        for pattern in patterns:
            match = pattern.search(sentence)
            found = match and _passage(match, sentence, start, able)
            if found:
                yield Passage(start=found.start, end=found.end, items=found.items, later=later)
                return


def _passage(match: re.Match[str], sentence: str, start: int, able: Callable[[str], bool]) -> Passage | None:
    behind = match.end() > match.end("what")
    what = match["what"] if behind else CUT.split(match["what"])[0]
    parts = list(_listed(what, start + match.start("what")))
    while behind and len(parts) > 1 and not able(_bare(parts[0].text)):
        parts.pop(0)  # "Users pay online and refunds are out of scope"
    while not behind and len(parts) > 1 and not able(_bare(parts[-1].text)):
        parts.pop()  # "We do not need payments, we do that at the counter"
    items = tuple(_bare(each.text) for each in parts)
    if not items or not all(map(able, items)):
        return None
    if all(AUTH.fullmatch(each) for each in items) and re.match(r"\s+(?:to|for)\b", sentence[match.end() :]):
        return None
    first = parts[0].start if behind and parts[0].start > start + match.start("what") else start + match.start()
    last = start + match.end() if behind else parts[-1].end
    return Passage(start=first, end=last, items=items)


def _clauses(text: str) -> Iterator[Passage]:
    for match in CLAUSE.finditer(text):
        items = tuple(_names(match["what"], match.start("what")))
        if items and all(map(_is_part, items)) and not all(AUTH.fullmatch(each) for each in items):
            yield Passage(start=match.start(), end=match.end(), items=items)


def _is_part(item: str) -> bool:
    """Whether something reads like the name of a part of an application."""
    said = item.lower().split()
    if not said or len(said) > LONGEST or {said[0], word_key(said[0])} & (NO_PART | PREPOSITIONS):
        return False
    tags = read(item).tags
    small = {*said} & (MODALS | {"to", "than"})
    acted = any(tag is Tag.VERB and before is Tag.NOUN for before, tag in pairwise(tags))
    return not small and not acted and word_key(said[-1]) not in NO_PART | ADJECTIVES
