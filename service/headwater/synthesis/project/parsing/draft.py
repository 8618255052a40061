"""Gathers what was read until a spec can be made of it: one entity under each name, each relation once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from headwater.synthesis.project import naming
from headwater.synthesis.project.ontology.notation import Policy
from headwater.synthesis.project.plurals import plural, singular, with_article
from headwater.synthesis.project.spec import (
    Action,
    Assumption,
    Feature,
    FeatureKind,
    Field,
    OnDelete,
    Origin,
    OriginKind,
    Question,
    Relation,
    RelationKind,
    Scope,
    Span,
)

STRENGTH = {OriginKind.STATED: 0, OriginKind.IMPLIED: 1, OriginKind.ARCHETYPE: 2}


@dataclass(slots=True, kw_only=True)
class Thing:
    """An entity that is being gathered."""

    name: str
    label: str
    origin: Origin
    fields: dict[str, Field] = field(default_factory=dict[str, Field])
    policy: Policy | None = None
    owner: tuple[str, ...] = ()
    together: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """A sentence about who may do what.

    `only` keeps all others but administrators from it, and those `beside` the role; `every` takes it for every row.
    """

    role: str
    actions: tuple[Action, ...]
    entity: str
    scope: Scope
    origin: Origin = field(compare=False)
    only: bool = False
    every: bool = False
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A cell of a table about who may do what: all that a role may do with what a noun means."""

    role: str
    noun: str
    scopes: Mapping[Action, Scope]
    origin: Origin


@dataclass(slots=True, kw_only=True)
class Draft:
    """What has been read so far. `aliases` are further words for an entity; `account` names the one to sign in as.

    `explicit` says that a block told all of it, `anybody` that the text speaks of users without a role of their own;
    `longest` is the most characters of a label; `barred` nouns and `unwanted` features were left out by the text and
    come for no other reason.
    """

    things: dict[str, Thing] = field(default_factory=dict[str, Thing])
    relations: list[Relation] = field(default_factory=list[Relation])
    features: dict[FeatureKind, Feature] = field(default_factory=dict[FeatureKind, Feature])
    roles: dict[str, Origin] = field(default_factory=dict[str, Origin])
    rights: list[Right] = field(default_factory=list[Right])
    grants: list[Grant] = field(default_factory=list[Grant])
    aliases: dict[str, str] = field(default_factory=dict[str, str])
    claims: dict[tuple[str, ...], tuple[str, Span | None]] = field(
        default_factory=dict[tuple[str, ...], tuple[str, Span | None]]
    )
    archetypes: list[str] = field(default_factory=list[str])
    assumptions: list[Assumption] = field(default_factory=list[Assumption])
    questions: list[Question] = field(default_factory=list[Question])
    barred: set[str] = field(default_factory=set[str])
    unwanted: set[FeatureKind] = field(default_factory=set[FeatureKind])
    account: str = "User"
    explicit: bool = False
    anybody: bool = False
    longest: int = 200

    def assume(self, text: str, about: str = "", span: Span | None = None) -> None:
        """Remembers what was taken for granted, once."""
        told = Assumption(text=text, about=about, span=span)
        if all((each.text, each.about) != (text, about) for each in self.assumptions):
            self.assumptions.append(told)

    def find(self, noun: str) -> Thing | None:
        """Returns the entity that a noun means, in singular or plural."""
        key = word_key(noun)
        known = self.things.get(self.aliases.get(key, key)) or self.things.get(self.aliases.get(_joined(key), ""))
        return known or next((each for each in self.things.values() if each.name == noun), None)

    def add(self, noun: str, origin: Origin) -> Thing:
        """Returns the entity of a noun, new or known; a better origin replaces a weaker one."""
        known = self.find(noun)
        if known is not None:
            if STRENGTH[origin.kind] < STRENGTH[known.origin.kind]:
                known.origin = origin
            return known
        label = self._label(self.aliases.get(word_key(noun), noun))
        named = naming.safe(label, naming.Kind.ENTITY)
        name, number = named.name, 2
        while any(each.name == name for each in self.things.values()):
            name, number = f"{named.name}{number}", number + 1
        if named.because:
            self.assume(f"{label!r} is called {name} in the code: {named.because}.", name, origin.span)
        thing = Thing(name=name, label=label, origin=origin)
        key = self.aliases.get(word_key(noun), word_key(noun))
        self.things[key] = thing
        self.aliases.setdefault(_joined(key), key)
        return thing

    def _label(self, noun: str) -> str:
        key = word_key(noun)
        return f"{key[:1].upper()}{key[1:]}"[: self.longest]

    def put(self, thing: Thing, new: Field) -> Field:
        """Adds a field to an entity; a stated one replaces one that an archetype brought."""
        new = replace(new, label=new.label[: self.longest])
        old = thing.fields.get(new.name)
        if old is None or STRENGTH[new.origin.kind] < STRENGTH[old.origin.kind]:
            thing.fields[new.name] = new
        return thing.fields[new.name]

    def relate(
        self,
        source: Thing,
        noun: str,
        target: str,
        *,
        kind: RelationKind,
        origin: Origin,
        optional: bool,
        on_delete: OnDelete | None = None,
        inverse: str = "",
        part: bool = False,
    ) -> Relation:
        """Adds a relation, or returns the one of that name that is there.

        A `part` goes with its whole; what only points at something keeps that from being deleted.
        """
        many = kind is RelationKind.MANY_TO_MANY
        name = naming.safe(plural_of(noun) if many else noun, naming.Kind.RELATION).name
        same = [each for each in self.relations if each.source == source.name and each.target == target]
        known = next((each for each in same if singular(each.name) == singular(name)), None)
        if known is not None:
            weaker = STRENGTH[origin.kind] < STRENGTH[known.origin.kind] and known.kind is kind
            emptied = known.on_delete is OnDelete.SET_NULL and not optional
            kept = OnDelete.RESTRICT if emptied else known.on_delete
            return self.change(known, optional=optional, origin=origin, on_delete=kept) if weaker else known
        name = _free(
            name, self._attached(source.name), naming.safe(f"{name}_{naming.snake(target)}", naming.Kind.RELATION).name
        )
        source.fields.pop(name, None)
        if many:
            on_delete = OnDelete.CASCADE
        elif on_delete is None:
            on_delete = OnDelete.SET_NULL if optional else self._losing(target, part=part)
        usual = naming.table(source.name)
        taken = self._attached(target) | ({name} if source.name == target else set[str]())
        back = naming.safe(inverse or usual, naming.Kind.RELATION).name
        back = _free(back, taken, naming.safe(f"{singular(name)}_{usual}", naming.Kind.RELATION).name)
        relation = Relation(
            name=name,
            source=source.name,
            target=target,
            kind=kind,
            inverse=back,
            origin=origin,
            optional=optional or source.name == target or many,
            on_delete=OnDelete.SET_NULL if source.name == target and not many else on_delete,
            label=self._label(noun),
        )
        self.relations.append(relation)
        return relation

    def _losing(self, target: str, *, part: bool) -> OnDelete:
        return OnDelete.CASCADE if part or target == self.account else OnDelete.RESTRICT

    def _attached(self, entity: str) -> set[str]:
        """Returns the names by which an entity's relations are known on it, from either side."""
        mine = {each.name for each in self.relations if each.source == entity}
        return mine | {each.inverse for each in self.relations if each.target == entity}

    def claim(self, source: Thing, noun: str, count: str, span: Span | None) -> str:
        """Settles how many of a noun an entity has: of a contradiction one counts, and it becomes a question."""
        key = word_key(noun)
        asked = f"{one(source.label).capitalize()} has one {key} in one place and many in another. Which?"
        settled = self.settle((source.name, key), count, asked, ("one", "many"), span)
        stale = [each for each in self.relations if settled == "one" and each.kind is RelationKind.MANY_TO_MANY]
        for each in stale:
            if each.source == source.name and singular(each.name.rsplit("_", 1)[-1]) == key.rsplit(" ", 1)[-1]:
                self.drop(each)
        return settled

    def settle(self, about: tuple[str, ...], said: str, asked: str, choices: tuple[str, ...], span: Span | None) -> str:
        """Returns what counts of what was said of something, the entity in front.

        Of a contradiction the stricter saying counts, the first of the choices; both places are told, and it is asked.
        """
        first, where = self.claims.setdefault(about, (said, span))
        if first == said:
            return said
        strict = min(first, said, key=choices.index)
        self.claims[about] = strict, where if strict == first else span
        if all(each.text != asked for each in self.questions):
            self.questions.append(Question(text=asked, choices=choices, taken=strict, about=about[0], span=span))
            for each, place in ((first, where), (said, span)):
                told = (
                    f"{' '.join(about[1:])}: {each!r} is said here; of contradictions the stricter counts, {strict!r}."
                )
                self.assume(told[:1].upper() + told[1:], about[0], place)
        return strict

    def attributes(self, thing: Thing) -> set[str]:
        """Returns the names of an entity's fields and of the relations that are stored on it."""
        return {*thing.fields, *(each.name for each in self.relations if each.source == thing.name)}

    def drop(self, relation: Relation) -> None:
        """Takes a relation back."""
        self.relations.remove(relation)

    def change(self, old: Relation, **values: object) -> Relation:
        """Replaces a relation by one with other values."""
        new = replace(old, **values)  # pyright: ignore[reportArgumentType] — the names are those of the fields
        self.relations[self.relations.index(old)] = new
        return new


def _free(name: str, taken: set[str], longer: str) -> str:
    """Returns a name that is not taken: the name, a longer one, or that with "more" in front."""
    found = name if name not in taken else longer
    while found in taken:
        found = f"more_{found}"
    return found


@lru_cache(maxsize=4096)
def word_key(noun: str) -> str:
    """Returns the words of a noun, small and the last one singular, under which it is known."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", noun).replace("_", " ").lower().split()
    return " ".join([*words[:-1], singular(words[-1])]) if words else noun


def one(noun: str) -> str:
    """Returns a noun in small letters behind "a" or "an"."""
    return with_article(noun.lower())


def plural_of(noun: str) -> str:
    """Returns the plural of the last word of a noun."""
    *before, last = word_key(noun).split()
    return "_".join([*before, plural(last)])


def _joined(key: str) -> str:
    """Returns a key without its blanks and hyphens: "order item", "OrderItem" and "order-item" are one thing."""
    return key.replace(" ", "").replace("-", "")


def stated(reason: str, start: int, end: int) -> Origin:
    """Returns the origin of what a piece of the text says."""
    return Origin(kind=OriginKind.STATED, reason=reason, span=Span(start=start, end=end))


def implied(reason: str, span: Span | None = None) -> Origin:
    """Returns the origin of what follows from something else."""
    return Origin(kind=OriginKind.IMPLIED, reason=reason, span=span)
