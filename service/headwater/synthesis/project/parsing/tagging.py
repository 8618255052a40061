"""Tells the words of a sentence apart and joins them to noun phrases, by rules over the lexicon alone."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from headwater.synthesis.project.parsing import lexicon, nouns
from headwater.synthesis.project.plurals import singular

WORD = re.compile(r"[^\W\d_]+(?:[-'’\x92/][^\W\d_]+)*['’]?|\d+(?:[.,]\d+)*|\S")


class Tag(enum.Enum):
    """What a word is."""

    NOUN = "noun"
    VERB = "verb"
    PARTICIPLE = "participle"
    ADJECTIVE = "adjective"
    ADVERB = "adverb"
    DETERMINER = "determiner"
    POSSESSIVE = "possessive"
    GENITIVE = "genitive"
    PREPOSITION = "preposition"
    PRONOUN = "pronoun"
    CONJUNCTION = "conjunction"
    RELATIVE = "relative"
    AUXILIARY = "auxiliary"
    TO = "to"
    NUMBER = "number"
    MARK = "mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word, the same in small letters, and its place in the whole text."""

    text: str
    lower: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A noun phrase: its nouns in small letters, the last one singular; `first` and `last` are its tokens' places.

    `owner` is the phrase before a genitive, as `camper` in "camper's form"; `mine` says that "my" or "our" leads it;
    `proper` that it reads like a name: two words or more in capitals without an article, not at the beginning.
    """

    nouns: tuple[str, ...]
    adjectives: tuple[str, ...]
    first: int
    last: int
    plural: bool
    mine: bool
    proper: bool
    determiner: str = ""
    owner: Phrase | None = None

    @property
    def name(self) -> str:
        """The nouns with a blank between them."""
        return " ".join(self.nouns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """Tagged words and the noun phrases among them."""

    tokens: tuple[Token, ...]
    tags: tuple[Tag, ...]
    phrases: tuple[Phrase, ...]


CLOSED: tuple[tuple[frozenset[str], Tag], ...] = (
    (frozenset({"to"}), Tag.TO),
    (lexicon.POSSESSIVES, Tag.POSSESSIVE),
    (lexicon.AUXILIARIES, Tag.AUXILIARY),
    (lexicon.PRONOUNS, Tag.PRONOUN),
    (lexicon.RELATIVES, Tag.RELATIVE),
    (lexicon.CONJUNCTIONS, Tag.CONJUNCTION),
    (lexicon.DETERMINERS, Tag.DETERMINER),
    (lexicon.PREPOSITIONS, Tag.PREPOSITION),
    (lexicon.ADVERBS, Tag.ADVERB),
    (lexicon.ADJECTIVES, Tag.ADJECTIVE),
)
BEFORE_VERB = frozenset({Tag.TO, Tag.AUXILIARY, Tag.PRONOUN, Tag.RELATIVE})
BEFORE_NOUN = frozenset({
    Tag.DETERMINER, Tag.POSSESSIVE, Tag.ADJECTIVE, Tag.PREPOSITION, Tag.GENITIVE, Tag.NUMBER, Tag.PARTICIPLE,
})  # fmt: skip
AFTER_VERB = frozenset({Tag.DETERMINER, Tag.POSSESSIVE, Tag.PRONOUN, Tag.TO, Tag.PREPOSITION, Tag.RELATIVE})
ADJECTIVE_ENDINGS = ("able", "ible", "ful", "less", "ous", "ish", "-related", "-based", "-friendly", "-specific")


NO_ADVERBS = lexicon.words(
    "family reply supply assembly anomaly apply comply multiply butterfly jelly belly bully ally"
)
"""Words that end like adverbs."""


def read(text: str, start: int = 0, *, names: bool = False) -> Sentence:
    """Returns the words, tags and phrases of one sentence; `start` is where it lies in the whole text.

    In what only `names` something, such as "home cook", no word is a verb.
    """
    tokens = tuple(_tokens(text, start))
    tags = tuple(Tag.NOUN if names and each is Tag.VERB else each for each in tag(tokens))
    return Sentence(tokens=tokens, tags=tags, phrases=tuple(_phrases(tokens, tags)))


@lru_cache(maxsize=4096)
def verb_base(word: str) -> str:
    """Returns the base form of a verb form, or an empty text for what is no form of a known verb."""
    if word in lexicon.VERBS:
        return word
    if word in lexicon.IRREGULAR:
        return lexicon.IRREGULAR[word]
    for ending in ("ing", "ed", "es", "s", "d"):
        stem = word.removesuffix(ending)
        if stem != word and (len(stem) > 2 or ending == "ing"):  # noqa: PLR2004 — `bed` is no form of `be`
            for base in (stem, f"{stem}e", stem[:-1] if stem[-1:] == stem[-2:-1] else stem, f"{stem[:-1]}y"):
                if base in lexicon.VERBS and (base == stem or base != f"{stem[:-1]}y" or stem.endswith("i")):
                    return base
    return ""


def tag(tokens: Sequence[Token]) -> list[Tag]:
    """Returns a tag for each word; a word that may be a noun or a verb is told by its neighbours."""
    found: list[Tag] = []
    for at, token in enumerate(tokens):
        led = at > 0 and (found[-1] is Tag.TO or tokens[at - 1].lower in lexicon.MODALS)
        acts = led and token.lower in lexicon.ADJECTIVES & lexicon.VERBS  # "to open a ticket"
        found.append(Tag.VERB if acts else _closed(token) or _open(tokens, at, found))
    return found


def _tokens(text: str, start: int) -> list[Token]:
    found: list[Token] = []
    for match in WORD.finditer(text):
        position = start + match.start()
        for part in re.split(r"(/|['’]s?$)", match[0]):
            if part:
                shown = "'s" if part[0] in "'’" and len(match[0]) > 1 else part
                small = shown.lower().replace("’", "'").replace("\x92", "'")
                found.append(Token(text=shown, lower=small, start=position, end=position + len(part)))
            position += len(part)
    return found


def _closed(token: Token) -> Tag | None:
    word = token.lower
    if word == "'s":
        return Tag.GENITIVE
    if word == "/":
        return Tag.CONJUNCTION
    if word[0].isdigit() or word in lexicon.NUMBERS:
        return Tag.NUMBER
    if not word[0].isalpha():
        return Tag.MARK
    return next((kind for known, kind in CLOSED if word in known), None)


def _open(tokens: Sequence[Token], at: int, before: Sequence[Tag]) -> Tag:
    word = tokens[at].lower
    if word.endswith("ly") and len(word) > 4 and word not in NO_ADVERBS:  # noqa: PLR2004
        return Tag.ADVERB
    if not verb_base(word):
        following = _peek(tokens, at)
        led = bool(before) and (before[-1] is Tag.TO or tokens[at - 1].lower in lexicon.MODALS)
        if led and following in {Tag.DETERMINER, Tag.POSSESSIVE, Tag.PRONOUN}:
            return Tag.VERB
        shaped = word.endswith(ADJECTIVE_ENDINGS) and following is Tag.NOUN
        return Tag.ADJECTIVE if shaped else Tag.NOUN
    previous = _last(before)
    if word.endswith("ing") and word not in lexicon.VERBS:
        return _gerund(tokens, at, previous)
    if word not in lexicon.VERBS and (word.endswith("ed") or word in lexicon.IRREGULAR):
        return _past(tokens, at, previous)
    return _either(tokens, at, before, previous)


def _last(before: Sequence[Tag]) -> Tag | None:
    return next((each for each in reversed(before) if each is not Tag.ADVERB), None)


def _peek(tokens: Sequence[Token], at: int) -> Tag | None:
    """Returns what the next word is by itself: NOUN for every word of the open classes."""
    if at + 1 >= len(tokens):
        return None
    return _closed(tokens[at + 1]) or (Tag.ADVERB if tokens[at + 1].lower.endswith("ly") else Tag.NOUN)


def _gerund(tokens: Sequence[Token], at: int, previous: Tag | None) -> Tag:
    following = _peek(tokens, at)
    if previous in {Tag.DETERMINER, Tag.POSSESSIVE, Tag.ADJECTIVE, Tag.GENITIVE}:
        return Tag.NOUN
    if previous is Tag.VERB and verb_base(tokens[at - 1].lower) in lexicon.BEFORE_GERUND:
        return Tag.VERB
    after_of = previous is Tag.PREPOSITION and tokens[at - 1].lower in {"of", "for", "near"}
    loose = previous not in {Tag.AUXILIARY, Tag.PREPOSITION, Tag.RELATIVE} or after_of
    return Tag.NOUN if following is Tag.NOUN and loose else Tag.VERB


def _past(tokens: Sequence[Token], at: int, previous: Tag | None) -> Tag:
    led = previous in BEFORE_NOUN or previous is None or previous in {Tag.VERB, Tag.CONJUNCTION}
    leads = _peek(tokens, at) in {Tag.NOUN, Tag.ADJECTIVE}
    return Tag.PARTICIPLE if led and leads else Tag.VERB


def _either(tokens: Sequence[Token], at: int, before: Sequence[Tag], previous: Tag | None) -> Tag:
    word = tokens[at].lower
    doubtful = word in lexicon.NOUNS_TOO or singular(word) in lexicon.NOUNS_TOO
    following = _peek(tokens, at)
    if previous in BEFORE_VERB:
        return Tag.NOUN if previous is Tag.TO and word not in lexicon.VERBS else Tag.VERB
    if previous is Tag.NOUN and _acts(tokens, at, before):
        return Tag.VERB
    if previous is None or previous is Tag.MARK:
        return Tag.VERB if word in lexicon.VERBS and following is not Tag.AUXILIARY else Tag.NOUN
    if previous in {Tag.CONJUNCTION, Tag.ADVERB}:
        return _joined(tokens, at, before, doubtful=doubtful)
    if previous in BEFORE_NOUN:
        return Tag.NOUN
    acts = not doubtful or following in {Tag.DETERMINER, Tag.POSSESSIVE}
    return Tag.VERB if previous is Tag.NOUN and acts else Tag.NOUN


def _acts(tokens: Sequence[Token], at: int, before: Sequence[Tag]) -> bool:
    """Whether a word behind the noun that begins a clause is its verb: "users post", "every pallet holds products"."""
    word, noun = tokens[at].lower, tokens[at - 1].lower
    leading = before[-2] if at > 1 else None
    several = singular(noun) != noun
    if several and word in lexicon.VERBS:
        if at == 2 and nouns.acts_like_person(singular(noun)) and before[0] in {Tag.NOUN, Tag.VERB}:  # noqa: PLR2004
            return True
        numbered = at == 2 and before[0] is Tag.NUMBER and "." in tokens[0].text  # noqa: PLR2004 — "4.1 Vets write"
        return numbered or leading in {None, Tag.MARK, Tag.CONJUNCTION, Tag.RELATIVE}
    begins = leading is Tag.DETERMINER and (at == 2 or before[-3] in {Tag.MARK, Tag.CONJUNCTION, Tag.RELATIVE})  # noqa: PLR2004
    after = tokens[at + 1].lower if at + 1 < len(tokens) else ""
    acted = (
        _peek(tokens, at) in {Tag.DETERMINER, Tag.POSSESSIVE, Tag.NUMBER} or after == "one" or singular(after) != after
    )
    return begins and not several and word not in lexicon.VERBS and acted


def _joined(tokens: Sequence[Token], at: int, before: Sequence[Tag], *, doubtful: bool) -> Tag:
    """Returns what a word behind "and" is: a verb where one stands before it, or where several things follow it."""
    following = _peek(tokens, at)
    if before[-1] is Tag.CONJUNCTION and before[-2:-1] == [Tag.VERB]:
        return Tag.VERB
    base, acted = tokens[at].lower in lexicon.VERBS, Tag.VERB in before
    if before[-1] is Tag.CONJUNCTION and base and acted and following is Tag.NOUN:
        after = tokens[at + 1].lower
        return Tag.VERB if not doubtful or singular(after) != after else Tag.NOUN
    return Tag.VERB if _joins_verbs(before) and (not doubtful or following in AFTER_VERB) else Tag.NOUN


def _joins_verbs(before: Sequence[Tag]) -> bool:
    """Whether the word before the conjunction at the end is a verb, or there was one and no noun since a comma."""
    end = len(before) - (2 if before[-2:] == [Tag.PREPOSITION, Tag.CONJUNCTION] else 0)  # "kick people out and lock …"
    for each in reversed(before[:end]):
        if each is Tag.VERB:
            return True
        if each in {Tag.PREPOSITION, Tag.TO, Tag.AUXILIARY}:
            return False
    return True


INSIDE = frozenset({Tag.DETERMINER, Tag.POSSESSIVE, Tag.ADJECTIVE, Tag.NUMBER, Tag.NOUN, Tag.PARTICIPLE})


def _phrases(tokens: Sequence[Token], tags: Sequence[Tag]) -> list[Phrase]:
    found: list[Phrase] = []
    at, owner = 0, None
    while at < len(tokens):
        end = at
        while end < len(tokens) and tags[end] in INSIDE and not _restarts(tags, at, end):
            end += 1
        last = end
        while last > at and tags[last - 1] is not Tag.NOUN:
            last -= 1
        if last > at:
            found.append(_phrase(tokens, tags, at, last, owner))
            owned = last < len(tokens) and tags[last] is Tag.GENITIVE
            owner = found[-1] if owned else None
            at = last + 1 if owned else last
        else:
            at, owner = max(end, at + 1), None
    return found


def _restarts(tags: Sequence[Tag], start: int, at: int) -> bool:
    """Whether a determiner after a noun begins another phrase."""
    return at > start and tags[at] in {Tag.DETERMINER, Tag.POSSESSIVE} and Tag.NOUN in tags[start:at]


def _phrase(tokens: Sequence[Token], tags: Sequence[Tag], first: int, end: int, owner: Phrase | None) -> Phrase:
    nouns = [tokens[at].lower for at in range(first, end) if tags[at] is Tag.NOUN]
    leading = tokens[first].lower if tags[first] in {Tag.DETERMINER, Tag.POSSESSIVE, Tag.NUMBER} else ""
    described = tuple(tokens[at].lower for at in range(first, end) if tags[at] in {Tag.ADJECTIVE, Tag.PARTICIPLE})
    head = singular(nouns[-1])
    return Phrase(
        nouns=(*(singular(each) for each in nouns[:-1]), head),
        adjectives=described,
        first=first,
        last=end - 1,
        plural=head != nouns[-1],
        mine=leading in {"my", "our"},
        proper=_proper(tokens[first:end], begins=first == 0),
        determiner=leading,
        owner=owner,
    )


def _proper(tokens: Sequence[Token], *, begins: bool) -> bool:
    capital = all(each.text[0].isupper() for each in tokens)
    return capital and len(tokens) > 1 and not begins
