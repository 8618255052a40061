"""Adds the rows that people make by what they do with things: "members sign up for classes" is a registration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from headwater.synthesis.project import naming
from headwater.synthesis.project.ontology import notation
from headwater.synthesis.project.ontology.deeds import DEEDS, Deed
from headwater.synthesis.project.parsing import nouns
from headwater.synthesis.project.parsing.acts import actors, who
from headwater.synthesis.project.parsing.concepts import thing_of
from headwater.synthesis.project.parsing.draft import Draft, Right, Thing, implied, one, plural_of, stated, word_key
from headwater.synthesis.project.parsing.expansion import lay, peer
from headwater.synthesis.project.parsing.links import GUESSED
from headwater.synthesis.project.parsing.statements import Statement
from headwater.synthesis.project.parsing.tagging import Sentence, Tag, verb_base
from headwater.synthesis.project.spec import Action, OriginKind, RelationKind, Scope, Span

KNOWN = {tuple(words.split()): deed for deed in DEEDS for words in deed.verbs}
PROVIDING = frozenset(
    {"teach", "lead", "run", "host", "organize", "organise", "offer", "sell", "perform", "give", "drive"}
)
"""Verbs by which somebody offers a thing: "trainers teach classes"."""


def deeds(texts: Sequence[Statement], draft: Draft) -> None:
    """Adds the row of each deed that is spoken of, unless one of its names is kept already."""
    for each in texts:
        for deed, thing, people in _done(each, draft):
            if people:
                _add(draft, deed, thing, people[-1], each)


def providers(texts: Sequence[Statement], draft: Draft) -> None:
    """Adds who offers a thing where a sentence says so and nothing else tells whose it is."""
    for each in texts:
        for phrase, sentence in actors(each) if each.role is None else ():
            at = phrase.last + 1
            if sentence.tags[at : at + 1] != (Tag.VERB,) or verb_base(sentence.tokens[at].lower) not in PROVIDING:
                continue
            behind = next((other for other in sentence.phrases if other.first > at), None)
            thing = thing_of(draft, behind) if behind else None
            role = word_key(phrase.name)
            if thing is None or role in nouns.SIGNED_IN or thing.name == draft.account or _of_somebody(draft, thing):
                continue
            span = Span(start=each.start, end=each.start + len(each.text))
            line = f"{thing.name}.{naming.snake(role)} -> Account optional as {naming.table(thing.name)}"
            lay(notation.read(line), {thing.name}, draft, implied("a sentence says who offers it", span))


def _done(text: Statement, draft: Draft) -> Iterator[tuple[Deed, Thing, list[str]]]:
    """Yields the deeds of a sentence, the thing that each is done with, and who does it."""
    sentence = text.means
    said = [verb_base(each.lower) or each.lower for each in sentence.tokens]
    for at, tag in enumerate(sentence.tags):
        if tag is not Tag.VERB:
            continue
        if sentence.tags[at - 1 : at] == (Tag.AUXILIARY,) and said[at + 1 : at + 2] == ["by"]:
            yield from _suffered(sentence, at, said[at], draft)
            continue
        words = max((each for each in KNOWN if tuple(said[at : at + len(each)]) == each), key=len, default=None)
        end = at + len(words or ())
        behind = next((each for each in sentence.phrases if each.first >= end), None)
        if words is None or behind is None or behind.first - end > 1:
            continue
        thing = thing_of(draft, behind)
        if thing is not None and thing.name != draft.account:
            yield KNOWN[words], thing, who(text, at) or _somebody(sentence, at)


def _somebody(sentence: Sentence, at: int) -> list[str]:
    """Returns the one person in front of a verb: "a student enrols in courses"."""
    before = [each for each in sentence.phrases if each.last == at - 1]
    return [word_key(each.name) for each in before if nouns.acts_like_person(word_key(each.name))]


def _suffered(sentence: Sentence, at: int, verb: str, draft: Draft) -> Iterator[tuple[Deed, Thing, list[str]]]:
    """Yields a deed in the passive: "games can be borrowed by members"."""
    before = [each for each in sentence.phrases if each.last < at]
    behind = next((each for each in sentence.phrases if each.first > at), None)
    thing = thing_of(draft, before[-1]) if before else None
    if (verb,) in KNOWN and thing is not None and behind is not None and thing.name != draft.account:
        yield KNOWN[verb,], thing, [word_key(behind.name)]


def _add(draft: Draft, deed: Deed, thing: Thing, actor: str, text: Statement) -> None:
    taken = {word_key(deed.noun), *deed.others}
    row = next((each for key, each in draft.things.items() if key in taken or key.rsplit(" ", 1)[-1] in taken), None)
    if row is not None:
        _join(draft, row, thing, actor, text)
        _allow(draft, row, actor, text)
        return
    if word_key(deed.noun) in draft.barred or word_key(thing.label) in taken:
        return
    if actor in nouns.UNKNOWN:
        draft.anybody = True
    own = [each.name for each in draft.relations if each.source == thing.name and each.target == draft.account]
    role = "member" if actor in nouns.SIGNED_IN else naming.safe(actor, naming.Kind.RELATION).name
    if thing.policy is notation.Policy.PRIVATE or peer(role, draft) in own:
        return
    here, plural = naming.safe(thing.name, naming.Kind.RELATION).name, plural_of(deed.noun)
    lines = [
        f"{deed.noun} private: {deed.fields}",
        f"{deed.noun}.{here} -> {thing.name} required cascade as {plural}",
        f"{deed.noun}.{role} -> Account required cascade as {plural} owner",
        *([f"{deed.noun} once {here} {role}"] if deed.once else []),
    ]
    span = Span(start=text.start, end=text.start + len(text.text))
    origin = implied(f"somebody does so with {one(thing.label)}", span)
    made = any(each.entity == thing.name and Action.CREATE in each.actions for each in draft.rights)
    _superseded(draft, thing, actor)
    if thing.policy is None and not own and not made:
        thing.policy = notation.Policy.CATALOG
    lay(notation.read("\n".join(lines)), {deed.noun, thing.name}, draft, origin)


def _allow(draft: Draft, row: Thing, actor: str, text: Statement) -> None:
    """Lets who does something make the row of it, unless the text says who makes these."""
    said = any(each.entity == row.name and Action.CREATE in each.actions for each in draft.rights)
    if not said and draft.find(actor) is not None and row.origin.kind is OriginKind.STATED:
        origin = stated("somebody does so", text.start, text.start + len(text.text))
        draft.rights.append(
            Right(
                role=actor, actions=(Action.CREATE,), entity=row.name, scope=Scope.OWN, origin=origin, beside=(actor,)
            )
        )


def _join(draft: Draft, row: Thing, thing: Thing, actor: str, text: Statement) -> None:
    """Joins the row of a deed that is kept already to what it is done with and to who does it, where they are kept."""
    span = Span(start=text.start, end=text.start + len(text.text))
    for other in (thing, draft.find(actor)):
        joined = other is None or other is row or other.name == draft.account
        joined = joined or any(
            {each.source, each.target} == {row.name, other.name} for each in draft.relations if other
        )
        if other is not None and not joined and row.origin.kind is OriginKind.STATED:
            draft.relate(
                row, other.label, other.name, kind=RelationKind.MANY_TO_ONE,
                origin=implied("somebody does so with it", span), optional=False,
            )  # fmt: skip


def _superseded(draft: Draft, thing: Thing, actor: str) -> None:
    """Drops a guess that joins a thing to who does something with it, where the row of the deed joins them."""
    person = draft.find(actor)
    both = {thing.name, person.name} if person else set[str]()
    for each in [each for each in draft.relations if {each.source, each.target} == both]:
        if each.origin.reason == GUESSED:
            draft.drop(each)


def _of_somebody(draft: Draft, thing: Thing) -> bool:
    return any(each.source == thing.name and each.target == draft.account for each in draft.relations)
