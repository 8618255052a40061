"""Reads who may do what: roles of stories, "users can edit their own posts", "only admins may delete"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import product

from headwater.synthesis.project import naming
from headwater.synthesis.project.parsing import nouns, signing_in
from headwater.synthesis.project.parsing.acts import ACTS, Act, actors, acts, acts_on_them, doers, who
from headwater.synthesis.project.parsing.concepts import thing_of
from headwater.synthesis.project.parsing.draft import Draft, Right, Thing, plural_of, stated, word_key
from headwater.synthesis.project.parsing.lexicon import words
from headwater.synthesis.project.parsing.links import nominal
from headwater.synthesis.project.parsing.statements import Statement
from headwater.synthesis.project.parsing.tagging import Phrase, Tag, verb_base
from headwater.synthesis.project.parsing.values import field_of
from headwater.synthesis.project.spec import Action, Scope

MAY_NOT = re.compile(
    r"\b(?:cannot|can't|can\s+not|may\s+not|must\s+not|(?:is|are)\s+not\s+allowed\s+to)\b", re.IGNORECASE
)
FLAGGING = {"feature": "featured", "pin": "pinned", "hide": "hidden"}
"""Acts that a row remembers by a flag."""
KEEPING = frozenset({"only", "but", "except"})
"""Words in front of people that keep an act from everybody else: "only admins", "nobody but admins"."""
OVERVIEWS = words(
    "standing ranking leaderboard scoreboard statistic dashboard overview timetable schedule calendar report"
)
"""What is looked at and made of all that is kept."""
OTHERS = re.compile(
    r"\b(?:others?|other\s+[a-z]+s|another|(?:some(?:one|body)|anyone)\s+else)(?:['’]s?)?\b", re.IGNORECASE
)
"""What one may not do with the rows of others one may do with one's own."""
THEIRS = frozenset({"their", "his", "her"})
ONLY_NEAR = 2
"""So many words in front of a verb may say "only"."""
NEAR = 40
"""So many characters in front of what is acted on may say that it is one's own."""
WITHOUT = re.compile(
    r"\bwithout\s+(?:an?\s+|any\s+)?(?:user\s+)?(?:log[\s-]?in|sign(?:ing)?[\s-]?(?:in|up)|accounts?|registration|"
    r"registering|authentication|logging\s+in)\b",
    re.IGNORECASE,
)
ROLES = re.compile(
    r"(?:^|(?<=[.;] ))[ \t]*(?:\d+[.)][ \t]*|#{1,6}[ \t]*|[-*][ \t]+)?(?:\*\*)?(?:(?:user|access)[ \t]+)?"
    r"(?P<head>roles?|types|groups|actors|personas|users)"
    r"(?:[ \t]+and[ \t]+(?:permissions|rights))?(?:\*\*)?[ \t]*:?(?:\*\*)?[ \t]*"
    r"(?P<list>(?<=[:*] )(?=\S)(?:[^.\n]|\.(?!\s))+\.?|(?:\n[ \t]*(?:[-*•+]|\d+[.)])[ \t]+[^\n]+)+)",
    re.MULTILINE | re.IGNORECASE,
)
"""A line or a heading with a list of who uses the application."""
NAME = re.compile(r"[^\W\d_][\w-]*(?: [\w-]+){0,2}")
OWN = re.compile(r"\b(?:their|his|her|my|our|its)\s+own\b|\bown\b|\bmy\b", re.IGNORECASE)


def roles(texts: Sequence[Statement], draft: Draft) -> None:
    """Adds the roles that stories and sentences about rights name."""
    for each in texts:
        told = [(person, each.means) for act in acts(each) for person in act.by]
        for phrase, sentence in (*actors(each), *told):
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
    for before, each, following in zip((None, *texts), texts, (*texts[1:], None), strict=False):
        refused = MAY_NOT.search(each.text)
        origin = stated("a sentence says who may", each.start, each.start + len(each.text))
        for act in (*acts(each), *acts_on_them(each, before)):
            things = [each for each in _made_with(each, act, draft) if each.name not in known]
            denied = refused is not None and each.means.tokens[act.at].start >= each.start + refused.start()
            theirs = denied and OTHERS.search(each.text[each.means.tokens[act.at].end - each.start :]) is not None
            denied = denied and not theirs
            own = theirs or (not act.again and _is_own(each, act.phrase))
            people = act.by or doers(each, act.at)
            only = (
                bool(people) and each.role is None and each.means.tokens[max(0, people[0].first - 1)].lower in KEEPING
            )
            named = [word_key(person.name) for person in act.by] or who(each, act.at, every=act.every)
            signed = WITHOUT.search(each.text)
            nobody = signed is not None and each.means.tokens[act.at].start < each.start + signed.start()
            nobody = nobody or (following is not None and signing_in.is_open(following))
            for actor, entity in product([*named, *["visitor"] * nobody], things):
                valued = entity is not thing_of(draft, act.phrase) and not act.every
                right = Right(
                    role=actor,
                    actions=_actions(act, valued=valued),
                    entity=entity.name,
                    scope=Scope.NONE if denied else Scope.OWN if own else Scope.ALL,
                    origin=origin,
                    only=only and actor in named,
                    beside=tuple(named),
                    every=act.every
                    or act.again
                    or act.phrase.determiner in {"all", "any", "every"}
                    or _is_overview(act, draft),
                )
                flag = FLAGGING.get(verb_base(each.means.tokens[act.at].lower))
                if flag and not denied:
                    draft.put(entity, field_of(f"{flag}: boolean", origin).field)
                for said in (right, *_nothing_else(each, act, right)):
                    if said not in told and _agrees(draft, said):
                        draft.rights.append(said)
                    told.add(said)


def _nothing_else(text: Statement, act: Act, right: Right) -> Iterator[Right]:
    """Yields what is refused by "parents can only look at concerts": to change them."""
    sentence = text.means
    before = {each.lower for each in sentence.tokens[max(0, act.at - ONLY_NEAR) : act.at]}
    others = [
        tag for at, tag in enumerate(sentence.tags)
        if tag is Tag.VERB and at != act.at and verb_base(sentence.tokens[at].lower) not in ACTS[Action.READ]
    ]  # fmt: skip
    if OWN.search(text.text[sentence.tokens[act.at].end - text.start :]):
        return  # "drivers only see the vehicles of their own depot": which rows, not what is done with them
    if act.action is Action.READ and right.scope is not Scope.NONE and {"only", "just"} & before and not others:
        yield from (replace(right, actions=(each,), scope=Scope.NONE) for each in Action if each is not Action.READ)


def _is_overview(act: Act, draft: Draft) -> bool:
    """Whether what is looked at is made of all that is kept: "everyone can see the standings"."""
    known = thing_of(draft, act.phrase) or _shown_in(act, draft)
    return act.action is Action.READ and known is None and word_key(act.phrase.nouns[-1]) in OVERVIEWS


def _shown_in(act: Act, draft: Draft) -> Thing | None:
    """Returns the thing that an overview is of: "the class schedule" shows classes."""
    front = " ".join(act.phrase.nouns[:-1])
    return draft.find(front) if front and word_key(act.phrase.nouns[-1]) in OVERVIEWS else None


def _things(act: Act, draft: Draft) -> list[Thing]:
    """Returns what an act is done to: a thing, the one that has the value, or all where an overview is looked at."""
    thing = thing_of(draft, act.phrase) or _shown_in(act, draft)
    if act.every or _is_overview(act, draft):
        return list(draft.things.values())
    if thing is None and act.action in {Action.CREATE, Action.UPDATE}:
        name = naming.snake(word_key(act.phrase.name))
        holders = [each for each in draft.things.values() if name in each.fields]
        return holders if len(holders) == 1 else []
    return [thing] if thing else []


def _made_with(text: Statement, act: Act, draft: Draft) -> list[Thing]:
    """Returns what an act is done to; who requests a ride makes no ride but a request, where these are kept."""
    things = _things(act, draft)
    noun = nominal(verb_base(text.means.tokens[act.at].lower), draft.things.keys())
    row = draft.find(noun) if noun and act.action is Action.CREATE else None
    of = {each.target for each in draft.relations if row and each.source == row.name}
    return [row] if row and any(each.name in of for each in things) else things


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


def _actions(act: Act, *, valued: bool) -> tuple[Action, ...]:
    """Returns what is done; who enters a value of a row changes the row."""
    if valued and act.action is Action.CREATE:
        return (Action.UPDATE,)
    if act.action is None:
        return tuple(Action)
    if act.every and act.action is Action.UPDATE:
        return (Action.CREATE, Action.UPDATE, Action.DELETE)
    return (act.action,)


def _is_own(text: Statement, phrase: Phrase) -> bool:
    """Whether what is acted on is said to be one's own: "my posts", "their talks", "the orders of their own"."""
    return phrase.mine or phrase.determiner in THEIRS or OWN.search(_before(text, phrase)) is not None


def _before(text: Statement, phrase: Phrase) -> str:
    return text.text[: text.means.tokens[phrase.last].end - text.start][-NEAR:]
