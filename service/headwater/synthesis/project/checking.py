"""Finds everything that keeps a spec from being used: each fault with its place, what is wrong, and what would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from headwater.errors import Violation
from headwater.synthesis.project import naming
from headwater.synthesis.project.defaults import REACH, fits
from headwater.synthesis.project.spec import (
    NUMERIC,
    TEXTUAL,
    Entity,
    FeatureKind,
    Field,
    FieldType,
    OnDelete,
    Relation,
    RelationKind,
    Scope,
    Spec,
    Standing,
    creation_order,
    needed,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much requirements and a spec may hold. Spec blocks deeper than `depth` and longer texts are refused."""

    text_characters: int = 262_144
    entities: int = 400
    fields_per_entity: int = 100
    choices_per_field: int = 100
    label_characters: int = 200
    depth: int = 20
    faults_told: int = 50


def check(spec: Spec, limits: Limits | None = None) -> tuple[Violation, ...]:
    """Returns the faults of a spec; none means that every renderer can use it."""
    bounds = limits or Limits()
    found = [*_whole(spec, bounds), *_relations(spec), *_roles(spec), *_permissions(spec), *_features(spec)]
    for at, entity in enumerate(spec.entities):
        found += _entity(spec, entity, f"entities[{at}]", bounds)
    return tuple(found[: bounds.faults_told])


def _fault(path: str, what: str, remedy: str) -> Violation:
    return Violation(field=path, description=f"{what}; {remedy}.")


def _name(path: str, name: str, kind: naming.Kind) -> Iterator[Violation]:
    trouble = naming.trouble(name, kind)
    if trouble:
        better = naming.safe(name, kind).name
        yield _fault(path, f"{name!r} {trouble}", f"rename it, for example to {better!r}")


def _label(path: str, label: str, limits: Limits) -> Iterator[Violation]:
    if len(label) > limits.label_characters:
        yield _fault(path, f"it has {len(label)} characters", f"keep to {limits.label_characters}")


def _twice(path: str, names: Iterable[str], what: str) -> Iterator[Violation]:
    for name, count in Counter(names).items():
        if count > 1:
            yield _fault(path, f"the {what} {name!r} stands there {count} times", "rename or drop the others")


def _whole(spec: Spec, limits: Limits) -> Iterator[Violation]:
    yield from _name("name", spec.name, naming.Kind.PACKAGE)
    yield from _label("title", spec.title, limits)
    if not spec.entities:
        yield _fault("entities", "there is none", "name at least one thing that the application keeps")
    if len(spec.entities) > limits.entities:
        yield _fault("entities", f"there are {len(spec.entities)}", f"keep to {limits.entities}")
    yield from _twice("entities", (each.name for each in spec.entities), "entity")
    yield from _twice("entities", (each.plural for each in spec.entities), "plural")
    accounts = [each.name for each in spec.entities if each.account]
    if len(accounts) > 1:
        yield _fault("entities", f"{' and '.join(accounts)} are both accounts", "set account on one of them")
    has_auth = spec.feature(FeatureKind.AUTH) is not None
    if bool(accounts) != has_auth:
        yield _fault("features", "an account and the feature auth go together", "give both or neither")
    needs = needed(spec)
    made = set[str]()
    circle: list[str] = []
    for entity in creation_order(spec):
        if needs[entity.name] & {each.name for each in spec.entities} <= made:
            made.add(entity.name)
        else:
            circle.append(entity.name)
    if circle:
        yield _fault(
            "relations", f"required relations among {', '.join(circle)} make a circle", "make one of them optional"
        )


def _entity(spec: Spec, entity: Entity, path: str, limits: Limits) -> Iterator[Violation]:
    yield from _name(f"{path}.name", entity.name, naming.Kind.ENTITY)
    yield from _name(f"{path}.plural", entity.plural, naming.Kind.PLURAL)
    yield from _label(f"{path}.label", entity.label, limits)
    if len(entity.fields) > limits.fields_per_entity:
        yield _fault(f"{path}.fields", f"there are {len(entity.fields)}", f"keep to {limits.fields_per_entity}")
    if entity.display and entity.field(entity.display) is None:
        yield _fault(f"{path}.display", f"there is no field {entity.display!r}", "name one of the fields")
    attributes = [each.name for each in entity.fields]
    attributes += ["role"] if entity.account else []
    attributes += [f"{each.name}_hash" for each in entity.fields if each.type is FieldType.SECRET]
    for each in spec.outgoing(entity.name):
        attributes += [each.name] if each.kind is RelationKind.MANY_TO_MANY else [each.name, f"{each.name}_id"]
    attributes += [each.inverse for each in spec.incoming(entity.name)]
    yield from _twice(path, attributes, "attribute")
    for at, group in enumerate(entity.together):
        for name in group:
            if name not in attributes:
                yield _fault(f"{path}.together[{at}]", f"there is no attribute {name!r}", "name a field or relation")
    yield from _owner(spec, entity, f"{path}.owner")
    if entity.account:
        yield from _account(entity, path)
    for at, field in enumerate(entity.fields):
        yield from _field(field, f"{path}.fields[{at}]", limits)


def _account(entity: Entity, path: str) -> Iterator[Violation]:
    email, password = entity.field("email"), entity.field("password")
    if email is None or email.type is not FieldType.EMAIL or not (email.required and email.unique):
        yield _fault(f"{path}.fields", "people sign in by email", "give the account a required unique email")
    if password is None or password.type is not FieldType.SECRET or not password.required:
        yield _fault(f"{path}.fields", "people sign in with a password", "give the account a required secret password")


def _owner(spec: Spec, entity: Entity, path: str) -> Iterator[Violation]:
    here = entity.name
    for step in entity.owner:
        relation = next((each for each in spec.outgoing(here) if each.name == step), None)
        if relation is None or relation.kind is RelationKind.MANY_TO_MANY:
            yield _fault(
                path, f"{here} has no relation {step!r} to one other", "name relations that lead to the account"
            )
            return
        here = relation.target
    if entity.owner and (spec.account is None or here != spec.account.name):
        yield _fault(
            path, f"it leads to {here}, which is not the account", "let it end at the account, or leave it out"
        )


def _field(field: Field, path: str, limits: Limits) -> Iterator[Violation]:
    yield from _name(f"{path}.name", field.name, naming.Kind.FIELD)
    yield from _label(f"{path}.label", field.label, limits)
    if (field.type is FieldType.ENUM) != bool(field.choices):
        yield _fault(f"{path}.choices", "an enum has choices, other types have none", "set the type or the choices")
    if len(field.choices) > limits.choices_per_field:
        yield _fault(f"{path}.choices", f"there are {len(field.choices)}", f"keep to {limits.choices_per_field}")
    yield from _twice(f"{path}.choices", field.choices, "choice")
    for at, choice in enumerate(field.choices):
        yield from _name(f"{path}.choices[{at}]", choice, naming.Kind.CHOICE)
    bounds = [each for each in (field.minimum, field.maximum) if each is not None]
    if bounds and field.type not in TEXTUAL | NUMERIC:
        yield _fault(path, f"a {field.type} has no bounds", "drop minimum and maximum")
    elif bounds and not all(REACH[field.type][0] <= each <= REACH[field.type][1] for each in bounds):
        low, high = REACH[field.type]
        yield _fault(path, f"a {field.type} reaches from {low:.0f} to {high:.0f}", "mend minimum and maximum")
    if len(bounds) == 2 and bounds[0] > bounds[1]:  # noqa: PLR2004 — both ends
        yield _fault(f"{path}.minimum", f"{bounds[0]:g} is above the maximum {bounds[1]:g}", "swap them")
    if field.type in TEXTUAL and any(each < 0 or each != int(each) for each in bounds):
        yield _fault(path, "a length is a whole number from 0 on", "mend minimum and maximum")
    if field.default is not None and not fits(field, field.default):
        yield _fault(f"{path}.default", f"{field.default!r} is no value of this {field.type}", "mend or drop it")


def _relations(spec: Spec) -> Iterator[Violation]:
    known = {each.name for each in spec.entities}
    for at, relation in enumerate(spec.relations):
        path = f"relations[{at}]"
        yield from _name(f"{path}.name", relation.name, naming.Kind.RELATION)
        yield from _name(f"{path}.inverse", relation.inverse, naming.Kind.RELATION)
        for side, name in (("source", relation.source), ("target", relation.target)):
            if name not in known:
                yield _fault(f"{path}.{side}", f"there is no entity {name!r}", "name an entity or add it")
        yield from _relation(relation, path)


def _relation(relation: Relation, path: str) -> Iterator[Violation]:
    if relation.kind is RelationKind.MANY_TO_MANY:
        if relation.on_delete is not OnDelete.CASCADE:
            yield _fault(f"{path}.on_delete", "rows of a join table go along", "write cascade")
        return
    if relation.on_delete is OnDelete.SET_NULL and not relation.optional:
        yield _fault(f"{path}.on_delete", "a required relation cannot be emptied", "make it optional, or restrict")
    if relation.source == relation.target and not relation.optional:
        yield _fault(f"{path}.optional", "the first row could not be created", "make a relation to itself optional")


def _roles(spec: Spec) -> Iterator[Violation]:
    yield from _twice("roles", (each.name for each in spec.roles), "role")
    for at, role in enumerate(spec.roles):
        yield from _name(f"roles[{at}].name", role.name, naming.Kind.RELATION)
    if sum(each.standing is Standing.ANONYMOUS for each in spec.roles) != 1:
        yield _fault("roles", "exactly one role is anonymous", "add or drop one")
    signed_in = [each for each in spec.roles if each.standing is not Standing.ANONYMOUS]
    chosen = [each for each in spec.roles if each.default]
    if spec.account and (len(chosen) != 1 or chosen[0].standing is Standing.ANONYMOUS):
        yield _fault("roles", "a new account gets exactly one role", "set default on one role that signs in")
    if signed_in and not spec.account:
        yield _fault("roles", "roles that sign in need an account", "add an account, or keep the anonymous role only")


def _permissions(spec: Spec) -> Iterator[Violation]:
    wanted = [(role.name, entity.name) for role in spec.roles for entity in spec.entities]
    given = [(each.role, each.entity) for each in spec.permissions]
    if given != wanted:
        yield from _mismatch(wanted, given)
        return
    anonymous = {each.name for each in spec.roles if each.standing is Standing.ANONYMOUS}
    owned = {each.name for each in spec.entities if each.owner or each.account}
    for at, row in enumerate(spec.permissions):
        if Scope.OWN not in {row.create, row.read, row.update, row.delete}:
            continue
        if row.role in anonymous:
            yield _fault(f"permissions[{at}]", "nobody signed in owns nothing", "write none or all")
        elif row.entity not in owned:
            yield _fault(f"permissions[{at}]", f"{row.entity} has no owner", "give it an owner, or write none or all")


def _mismatch(wanted: Sequence[tuple[str, str]], given: Sequence[tuple[str, str]]) -> Iterator[Violation]:
    missing, extra = set(wanted) - set(given), set(given) - set(wanted)
    for role, entity in sorted(missing):
        yield _fault("permissions", f"{role} and {entity} have no row", "add one")
    for role, entity in sorted(extra):
        yield _fault("permissions", f"{role} and {entity} are no role and entity of the spec", "drop the row")
    if not missing and not extra:
        yield _fault("permissions", "the rows are doubled or in another order", "one row each, by roles, then entities")


def _features(spec: Spec) -> Iterator[Violation]:
    yield from _twice("features", (each.kind for each in spec.features), "feature")
    known = {each.name for each in spec.entities}
    for at, feature in enumerate(spec.features):
        for name in feature.entities:
            if name not in known:
                yield _fault(f"features[{at}].entities", f"there is no entity {name!r}", "name an entity or add it")
