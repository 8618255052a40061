"""Reads who may do what: roles of stories, "users can edit their own posts", "only admins may delete"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import product

from headwater.synthesis.project.ontology.deeds import DEEDS
from headwater.synthesis.project.parsing import nouns
from headwater.synthesis.project.parsing.concepts import concept_name
from headwater.synthesis.project.parsing.draft import Draft, Right, plural_of, stated, word_key
from headwater.synthesis.project.parsing.lexicon import MODALS, words
from headwater.synthesis.project.parsing.statements import Statement
from headwater.synthesis.project.parsing.tagging import Phrase, Sentence, Tag, verb_base
from headwater.synthesis.project.spec import Action, Scope

ACTS: dict[Action, frozenset[str]] = {
    Action.CREATE: words("""
        create add write post submit publish upload place enter log record make open start report send
    """),
    Action.READ: words("view see read browse list search find track check access download look"),
    Action.UPDATE: words("edit update change modify assign approve close confirm archive complete"),
    Action.DELETE: words("delete remove cancel"),
}
MANAGE = words("manage administer maintain moderate control organize organise handle")
DOING = MANAGE.union(*ACTS.values())
DEEDS_DONE = frozenset(words.split()[0] for deed in DEEDS for words in deed.verbs)
ONE_OF = words("a an the each every any")
"""What stands in front of one of those who do something: "a student borrows books"."""
MAY = re.compile(
    r"\b(?:can|may|could|(?:is|are|(?:should|must|shall|will)\s+be)\s+able\s+to|(?:is|are)\s+allowed\s+to)\b",
    re.IGNORECASE,
)
MAY_NOT = re.compile(
    r"\b(?:cannot|can't|can\s+not|may\s+not|must\s+not|(?:is|are)\s+not\s+allowed\s+to)\b", re.IGNORECASE
)
KEEPING = frozenset({"only", "but", "except"})
"""Words in front of people that keep an act from everybody else: "only admins", "nobody but admins"."""
REACH = 4
"""So many words behind a verb may say "everything" or "all"."""
NEAR = 40
"""So many characters in front of what is acted on may say that it is one's own."""
WITHOUT = re.compile(
    r"\bwithout\s+(?:an?\s+|any\s+)?(?:user\s+)?(?:log[\s-]?in|sign(?:ing)?[\s-]?(?:in|up)|accounts?|registration|"
    r"registering|authentication|logging\s+in)\b",
    re.IGNORECASE,
)
ROLES = re.compile(
    r"^[ \t]*(?:\d+[.)][ \t]*|#{1,6}[ \t]*|[-*][ \t]+)?(?:\*\*)?(?:(?:user|access)[ \t]+)?"
    r"(?P<head>roles?|types|groups|actors|personas|users)"
    r"(?:[ \t]+and[ \t]+(?:permissions|rights))?(?:\*\*)?[ \t]*:?(?:\*\*)?[ \t]*"
    r"(?P<list>(?<=[:*] )(?=\S)[^\n]+|(?:\n[ \t]*(?:[-*•+]|\d+[.)])[ \t]+[^\n]+)+)",
    re.MULTILINE | re.IGNORECASE,
)
"""A line or a heading with a list of who uses the application."""
NAME = re.compile(r"[^\W\d_][\w-]*(?: [\w-]+){0,2}")
OWN = re.compile(r"\b(?:their|his|her|my|our|its)\s+own\b|\bown\b|\bmy\b", re.IGNORECASE)


def roles(texts: Sequence[Statement], draft: Draft) -> None:
    """Adds the roles that stories and sentences about rights name."""
    for each in texts:
        for phrase, sentence in actors(each):
            name = word_key(phrase.name)
            start, end = sentence.tokens[phrase.first].start, sentence.tokens[phrase.last].end
            known = name in nouns.SIGNED_IN | nouns.UNKNOWN | nouns.ADMINS or draft.find(name)
            draft.anybody = draft.anybody or name in nouns.SIGNED_IN
            if not known or name in nouns.ROLE_WORDS:
                draft.roles.setdefault(name, stated("somebody acts so", start, end))


def listed(text: str, draft: Draft) -> str:
    """Adds the roles of lists, `Roles: employee, manager and HR` or a heading with one on each line.

    Returns the text with blanks for these lists, which are none of fields.
    """
    for match in list(ROLES.finditer(text)):
        names = [word_key(each.strip(" .*_`").lower()) for line in match["list"].split("\n") for each in _named(line)]
        sure = re.match(r"roles?|actors|personas", match["head"], re.IGNORECASE) is not None
        if all(nouns.acts_like_person(each) or (sure and NAME.fullmatch(each)) for each in names if each):
            for each in names:
                if each:
                    draft.roles.setdefault(each, stated("a list of roles names it", match.start(), match.end()))
            text = text[: match.start()] + re.sub(r"[^\n]", " ", match[0]) + text[match.end() :]
    return text


def _named(line: str) -> list[str]:
    """Returns the names of a line: in front of a colon or a dash, between commas."""
    said = re.sub(r"^\s*(?:[-*•+]|\d+[.)])\s+", "", line).strip(" .*_`")
    return re.split(r",\s*(?:and\s+)?|\s+and\s+|;|\s*/\s*", re.split(r"\s[–—-]\s|[:(]", said)[0])


def rights(texts: Sequence[Statement], draft: Draft, known: AbstractSet[str] = frozenset()) -> None:
    """Adds what each sentence grants or keeps for somebody; of `known` entities that was read before."""
    told: set[Right] = set()
    for each in texts:
        refused = MAY_NOT.search(each.text)
        origin = stated("a sentence says who may", each.start, each.start + len(each.text))
        for act in _acts(each):
            thing = draft.find(concept_name(act.phrase) or act.phrase.name)
            things = list(draft.things.values()) if act.every else [thing] if thing else []
            things = [each for each in things if each.name not in known]
            denied = refused is not None and each.means.tokens[act.at].start >= each.start + refused.start()
            own = act.phrase.mine or OWN.search(_before(each, act.phrase)) is not None
            people = doers(each, act.at)
            only = (
                bool(people) and each.role is None and each.means.tokens[max(0, people[0].first - 1)].lower in KEEPING
            )
            named = who(each, act.at, every=act.every)
            signed = WITHOUT.search(each.text)
            nobody = signed is not None and each.means.tokens[act.at].start < each.start + signed.start()
            for actor, entity in product([*named, *["visitor"] * nobody], things):
                right = Right(
                    role=actor,
                    actions=_actions(act, denied=denied),
                    entity=entity.name,
                    scope=Scope.NONE if denied else Scope.OWN if own else Scope.ALL,
                    origin=origin,
                    only=only and actor in named,
                    beside=tuple(named),
                    every=act.every or act.phrase.determiner in {"all", "any", "every"},
                )
                if right not in told and _agrees(draft, right):
                    draft.rights.append(right)
                told.add(right)


def _agrees(draft: Draft, new: Right) -> bool:
    """Whether a right counts beside what was said before; of contradictions the stricter one does, and it is asked."""
    action, thing = next(iter(new.actions), Action.READ), new.entity
    if len(new.actions) > 1:
        return True
    noun = next(plural_of(each.label).replace("_", " ") for each in draft.things.values() if each.name == thing)
    for old in [each for each in draft.rights if (each.entity, each.actions) == (thing, new.actions)]:
        if _kept(old, new) or _kept(new, old):
            keeper, other = (old, new) if _kept(old, new) else (new, old)
            asked = (
                f"Only the role {keeper.role} may {action} {noun} in one place, {other.role} too in another. Who may?"
            )
            choices = (f"only {keeper.role}", f"{other.role} too")
            about = (thing, f"{action} {noun}, {keeper.role} or {other.role}")
            for each in (old, new):
                draft.settle(about, choices[each is other], asked, choices, each.origin.span)
            if keeper is old:
                return False
    said = "may not" if new.scope is Scope.NONE else "may"
    asked = f"The role {new.role} may {action} {noun} in one place and may not in another. Which?"
    about = (thing, f"{new.role} {action} {noun}")
    return draft.settle(about, said, asked, ("may not", "may"), new.origin.span) == said


def _kept(keeper: Right, other: Right) -> bool:
    """Whether a right is kept for a role from which another gives it to somebody else too."""
    beside = nouns.ADMINS | {keeper.role, *keeper.beside}
    return keeper.only and not other.only and other.scope is Scope.ALL and other.role not in beside


def actors(text: Statement) -> tuple[tuple[Phrase, Sentence], ...]:
    """Returns who acts: the role of a story, or the people in front of "may" and of verbs: "trainers teach"."""
    if text.role is not None:
        return tuple((each, text.role) for each in text.role.phrases[:1])
    sentence = text.means
    found: list[Phrase] = []
    for phrase in reversed(sentence.phrases):
        joined = bool(found) and _is_actor(phrase) and _side_by_side(sentence, phrase, found[-1])
        if joined or _leads(sentence, phrase):
            found.append(phrase)
    return tuple((each, sentence) for each in reversed(found))


def _leads(sentence: Sentence, phrase: Phrase) -> bool:
    """Whether a phrase is somebody in front of a verb, with at most an adverb or "of the club" between."""
    name, at = word_key(phrase.name), _skipped(sentence, phrase.last + 1)
    if sentence.tags[at : at + 1] == (Tag.PREPOSITION,) and _is_actor(phrase):
        inner = next((each for each in sentence.phrases if each.first == at + 1), None)
        at = _skipped(sentence, inner.last + 1) if inner else at
    tag, said = sentence.tags[at : at + 1], [each.lower for each in sentence.tokens[at : at + 4]]
    if tag == (Tag.VERB,):
        one = phrase.determiner in ONE_OF and verb_base(said[0]) in DOING | DEEDS_DONE and _is_actor(phrase)
        return (phrase.plural and nouns.acts_like_person(name)) or one
    may = tag == (Tag.AUXILIARY,) and (said[0] in MODALS or bool({"able", "allowed"} & set(said)))
    if not may:
        return False
    return _is_actor(phrase) or (nouns.acts_like_person(name) and any(verb_base(each) in DOING for each in said[1:]))


def _skipped(sentence: Sentence, at: int) -> int:
    while sentence.tags[at : at + 1] == (Tag.ADVERB,):
        at += 1
    return at


def _side_by_side(sentence: Sentence, one: Phrase, other: Phrase) -> bool:
    between = range(one.last + 1, other.first)
    joining = {Tag.CONJUNCTION, Tag.MARK, Tag.DETERMINER}
    return len(between) <= 3 and all(sentence.tags[at] in joining for at in between)  # noqa: PLR2004 — ", and the"


def _is_actor(phrase: Phrase) -> bool:
    return word_key(phrase.name) in nouns.ACTORS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Act:
    """Something that is done: where its verb stands, what kind it is, and to what; None is all of them."""

    at: int
    action: Action | None
    phrase: Phrase
    every: bool = False


def _acts(text: Statement) -> Iterator[_Act]:
    """Yields what is done; verbs joined by commas share the object behind the last one."""
    sentence = text.means
    for at, tag in enumerate(sentence.tags):
        base = verb_base(sentence.tokens[at].lower) if tag in {Tag.VERB, Tag.AUXILIARY} else ""
        if base not in DOING | {"do"}:
            continue
        action = next((each for each, verbs in ACTS.items() if base in verbs), None)
        end = next((place for place in range(at + 1, len(sentence.tags)) if sentence.tags[place] is Tag.MARK), None)
        words = [each.lower for each in sentence.tokens[at + 1 : end][:REACH]]
        behind = next((each for each in sentence.phrases if each.first > at), None)
        every = bool({"everything", "anything"} & set(words)) or words == ["all"]
        if every and sentence.phrases:
            yield _Act(at=at, action=action, phrase=sentence.phrases[0], every=True)
        elif behind is not None and base != "do":
            yield _Act(at=at, action=action, phrase=behind)


def _actions(act: _Act, *, denied: bool) -> tuple[Action, ...]:
    if act.action is None:
        return tuple(Action)
    changes = act.every and denied and act.action is Action.UPDATE
    return (Action.CREATE, Action.UPDATE, Action.DELETE) if changes else (act.action,)


def who(text: Statement, at: int, *, every: bool = False) -> list[str]:
    """Returns who does what a verb says; where `every` row is spoken of, "we" are the members."""
    first = {each.lower for each in text.means.tokens[:at]}
    if every and text.role is None and not doers(text, at) and first & {"we", "i", "everyone", "everybody"}:
        return ["member"]
    return [word_key(each.name) for each in doers(text, at)]


def doers(text: Statement, at: int) -> list[Phrase]:
    """Returns the people in front of a verb, the nearest and whom "and" joins to them; the role of a story."""
    people = [phrase for phrase, _ in actors(text)]
    if text.role is not None:
        return people
    before = [each for each in people if each.last < at]
    found = before[-1:]
    for each in reversed(before[:-1]):
        if not _side_by_side(text.means, each, found[0]):
            break
        found.insert(0, each)
    return found


def _before(text: Statement, phrase: Phrase) -> str:
    return text.text[: text.means.tokens[phrase.last].end - text.start][-NEAR:]
