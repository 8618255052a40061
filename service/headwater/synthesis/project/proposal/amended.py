"""Holds a spec while one operation changes it: names are looked up as people write them, and what was done is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from headwater.synthesis.project import naming
from headwater.synthesis.project.checking import Limits
from headwater.synthesis.project.ontology.notation import Policy
from headwater.synthesis.project.parsing import matrix
from headwater.synthesis.project.plurals import singular
from headwater.synthesis.project.spec import (
    Assumption,
    Entity,
    Feature,
    Field,
    FieldType,
    Origin,
    OriginKind,
    Permission,
    Relation,
    Role,
    Span,
    Spec,
)


class Refused(Exception):  # noqa: N818 — it never leaves the package
    """Says why an operation is not done and what would do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """A spec amid a change; each method returns another one, or raises `Refused`."""

    spec: Spec
    by: str
    limits: Limits

    def origin(self, old: Origin | None = None) -> Origin:
        """Returns the origin of what is proposed; words that stated an old form of it stay beside it."""
        return Origin(kind=OriginKind.IMPLIED, reason=f"proposed by {self.by}", span=old.span if old else None)

    def told(self, text: str, about: str = "", span: Span | None = None) -> Amended:
        """Tells what was done as an assumption."""
        new = Assumption(text=f"{text} {self.by} proposed it.", about=about, span=span)
        return self._with(assumptions=(*self.spec.assumptions, new))

    def entity(self, name: str) -> Entity:
        """Returns the entity that a name means, in any case, singular or plural."""
        found = self.spec.entity(name) or next(
            (each for each in self.spec.entities if key(name) in {key(each.name), key(each.plural), key(each.label)}),
            None,
        )
        if found is None:
            names = ", ".join(each.name for each in self.spec.entities)
            raise Refused(f"there is no entity {self.shown(name)}", f"add it first, or name one of {self.shown(names)}")
        return found

    def account(self) -> Entity:
        """Returns the entity that people sign in as."""
        if self.spec.account is None:
            raise Refused("nobody signs in here", "leave owned_by out")
        return self.spec.account

    def field(self, entity: Entity, name: str) -> Field:
        """Returns the field that a name means."""
        found = entity.field(name) or entity.field(naming.safe(name, naming.Kind.FIELD).name)
        if found is None:
            names = ", ".join(each.name for each in entity.fields)
            raise Refused(f"{entity.name} has no field {self.shown(name)}", f"name one of {self.shown(names)}")
        return found

    def relation(self, source: str, name: str) -> Relation:
        """Returns the relation of a name that is stored on an entity."""
        mine = self.spec.outgoing(self.entity(source).name)
        found = next((each for each in mine if each.name in {name, naming.snake(name)}), None)
        if found is None:
            names = ", ".join(each.name for each in mine) or "another entity's, for it has none"
            raise Refused(f"{source[:80]} has no relation {self.shown(name)}", f"name one of {self.shown(names)}")
        return found

    def role(self, name: str) -> Role:
        """Returns the role that a name means."""
        found = next((each for each in self.spec.roles if key(name) in {key(each.name), key(each.label)}), None)
        if found is None:
            names = ", ".join(each.name for each in self.spec.roles)
            raise Refused(f"there is no role {self.shown(name)}", f"add it first, or name one of {self.shown(names)}")
        return found

    def named(self, text: str, kind: naming.Kind, about: str) -> tuple[str, Amended]:
        """Returns a safe name for what a new element is called, and tells where it had to be another one."""
        name = naming.safe(text, kind)
        if not name.because:
            return name.name, self
        told = f"{self.shown(text)} is called {name.name} in the code: {name.because}."
        return name.name, self.told(told, self.shortened(about))

    def label(self, given: str | None, otherwise: str) -> str:
        """Returns a label on one line: what was given, or the words of a name."""
        words = self.shortened(given or naming.snake(otherwise).replace("_", " ") or otherwise)
        return words[:1].upper() + words[1:] or "Thing"

    def shortened(self, text: str) -> str:
        """Returns a text on one line and within the limit."""
        return " ".join(text.split())[: self.limits.label_characters]

    def shown(self, text: str) -> str:
        """Returns a text for a message."""
        return repr(self.shortened(text))

    def inverse(self, source: Entity, target: Entity, name: str) -> str:
        """Returns what a relation is called from its target: the source's plural, or a longer name if that is taken."""
        taken = {each.name for each in self.spec.outgoing(target.name)} | {each.name for each in target.fields}
        taken |= {each.inverse for each in self.spec.incoming(target.name)} | ({name} if source is target else set())
        usual = naming.safe(source.plural, naming.Kind.RELATION).name
        longer = naming.safe(f"{singular(name)}_{usual}", naming.Kind.RELATION).name
        return usual if usual not in taken else longer

    def with_entity(self, name: str, **values: Any) -> Amended:
        """Changes an entity."""
        return self.with_entities(replace(each, **values) if each.name == name else each for each in self.spec.entities)

    def with_entities(self, entities: Iterable[Entity]) -> Amended:
        return self._with(entities=tuple(entities))

    def with_relations(self, relations: Iterable[Relation]) -> Amended:
        return self._with(relations=tuple(relations))

    def with_roles(self, roles: Iterable[Role]) -> Amended:
        return self._with(roles=tuple(roles))

    def with_permissions(self, permissions: Iterable[Permission]) -> Amended:
        return self._with(permissions=tuple(permissions))

    def with_features(self, features: Iterable[Feature]) -> Amended:
        return self._with(features=tuple(features))

    def described(self, text: str) -> Amended:
        """Says what the application is for."""
        return self._with(description=text)

    def displayed(self, name: str) -> Amended:
        """Names a row of an entity by its first text where nothing does."""
        entity = self.entity(name)
        if entity.display:
            return self
        texts = [each for each in entity.fields if each.type is FieldType.STRING]
        shown = next((each for each in texts if each.required), None) or next(iter(texts), None)
        return self.with_entity(entity.name, display=shown.name) if shown else self

    def permitted(self, policy: Policy = Policy.SHARED) -> Amended:
        """Gives each role and entity a row in their order: the known one, or what is usual under a policy."""
        known = {(each.role, each.entity): each for each in self.spec.permissions}
        names = {each.name for each in self.spec.roles}
        rows = (
            known.get((role.name, entity.name)) or matrix.usual(role, entity, policy, names)
            for role in self.spec.roles
            for entity in self.spec.entities
        )
        return self.with_permissions(rows)

    def _with(self, **values: Any) -> Amended:
        return replace(self, spec=replace(self.spec, **values))


def key(name: str) -> str:
    """Returns the words of a name under which people may mean it."""
    *before, last = naming.snake(name).split("_")
    return "_".join([*before, singular(last)])
