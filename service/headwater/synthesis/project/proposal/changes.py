"""Does what was proposed, one operation after the other; what would leave the spec unusable is not done, but told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from headwater.errors import Violation
from headwater.synthesis.project import naming
from headwater.synthesis.project.checking import Limits, check
from headwater.synthesis.project.proposal import operations as ops
from headwater.synthesis.project.proposal.amended import Amended, Refused
from headwater.synthesis.project.proposal.answer import Proposal
from headwater.synthesis.project.proposal.copy import OF_APPLICATION, OF_EMPTY_LIST, OF_ENTITY, plain
from headwater.synthesis.project.proposal.features import added, removed
from headwater.synthesis.project.spec import (
    Action,
    Entity,
    Field,
    FieldType,
    OnDelete,
    Relation,
    RelationKind,
    Role,
    Scope,
    Spec,
    Standing,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A valid spec with what could be done, the places of what was, and the faults of the rest."""

    spec: Spec
    done: tuple[str, ...]
    faults: tuple[Violation, ...]


def apply(spec: Spec, proposal: Proposal, *, by: str, limits: Limits | None = None) -> Outcome:
    """Returns a valid spec with the operations that leave it so; `by` is who proposes. The given spec must be valid."""
    bounds = limits or Limits()
    who = " ".join(by.split())[: bounds.label_characters] or "a model"
    done: list[str] = []
    faults = list(proposal.faults)
    for place, operation in proposal.operations:
        try:
            changed = _done(Amended(spec=spec, by=who, limits=bounds), operation)
        except Refused as refused:
            faults.append(Violation(field=place, description=f"{refused.what}; {refused.remedy}."))
            continue
        broken = check(changed, bounds)
        if broken:
            faults += [
                Violation(
                    field=place, description=f"it would leave {each.field or 'the spec'} unusable: {each.description}"
                )
                for each in broken
            ]
            continue
        spec = changed
        done.append(place)
    return Outcome(spec=spec, done=tuple(done), faults=tuple(faults[: bounds.faults_told]))


def _done(now: Amended, operation: ops.Operation) -> Spec:
    handler: Callable[[Amended, Any], Amended] = HANDLERS[type(operation)]
    return handler(now, operation).spec


def _add_entity(now: Amended, wanted: ops.AddEntity) -> Amended:
    name, now = now.named(wanted.name, naming.Kind.ENTITY, wanted.name)
    if now.spec.entity(name):
        raise Refused(f"there is an entity {name} already", "add fields to it, or choose another name")
    if not wanted.fields:
        raise Refused(f"{name} has no fields", "give it at least one")
    plural = naming.table(name)
    if any(each.plural == plural for each in now.spec.entities):
        raise Refused(f"the plural {plural} is taken", "choose another name")
    entity = Entity(
        name=name, plural=plural, label=now.label(wanted.label, wanted.name), fields=(), origin=now.origin(),
        description=now.shortened(wanted.description),
    )  # fmt: skip
    now = now.told(f"{entity.label} is kept.", name).with_entities((*now.spec.entities, entity))
    for each in wanted.fields:
        now = _put_field(now, name, each)
    if wanted.owned_by:
        account = now.account()
        owned = ops.AddRelation(source=name, name=wanted.owned_by, target=account.name, on_delete=OnDelete.CASCADE)
        now = _add_relation(now, owned)
        now = now.with_entity(name, owner=(now.spec.outgoing(name)[-1].name,))
    return now.displayed(name).permitted(wanted.policy)


def _change_entity(now: Amended, wanted: ops.ChangeEntity) -> Amended:
    entity = now.entity(wanted.entity)
    given: dict[str, Any] = {
        "label": now.label(wanted.label, entity.label) if wanted.label is not None else None,
        "description": now.shortened(wanted.description) if wanted.description is not None else None,
        "display": now.field(entity, wanted.display).name if wanted.display else None,
        "owner": tuple(map(naming.snake, wanted.owner)) if wanted.owner is not None else None,
    }
    return now.with_entity(entity.name, origin=now.origin(entity.origin), **_given(given))


def _remove_entity(now: Amended, wanted: ops.RemoveEntity) -> Amended:
    entity = now.entity(wanted.entity)
    if entity.account:
        raise Refused(f"people sign in as {entity.name}", "keep it")
    spec = now.spec
    lost = [each for each in spec.relations if entity.name in {each.source, each.target}]
    for each in lost:
        now = _without_relation(now, each)
    now = now.told(f"{entity.label} is not kept.", entity.name, entity.origin.span)
    now = now.with_entities(tuple(each for each in now.spec.entities if each.name != entity.name))
    return removed(now, entity.name).permitted()


def _add_field(now: Amended, wanted: ops.AddField) -> Amended:
    entity = now.entity(wanted.entity)
    return _put_field(now, entity.name, wanted).displayed(entity.name)


def _put_field(now: Amended, entity: str, wanted: ops.NewField) -> Amended:
    name, now = now.named(wanted.name, naming.Kind.FIELD, f"{entity}.{wanted.name}")
    known = now.entity(entity)
    if known.field(name):
        raise Refused(f"{entity} has a field {name} already", "change it, or choose another name")
    field = Field(
        name=name, label=now.label(wanted.label, wanted.name), type=wanted.type, origin=now.origin(),
        required=wanted.required, unique=wanted.unique, minimum=_number(wanted.minimum),
        maximum=_number(wanted.maximum), choices=_choices(wanted.choices), default=wanted.default,
        filtered=wanted.filtered, searched=wanted.searched,
    )  # fmt: skip
    field = _defaulted(field)
    return now.with_entity(entity, fields=(*known.fields, field))


def _change_field(now: Amended, wanted: ops.ChangeField) -> Amended:
    entity = now.entity(wanted.entity)
    field = now.field(entity, wanted.field)
    given = _given({
        "label": now.label(wanted.label, field.label) if wanted.label is not None else None,
        "type": wanted.type, "required": wanted.required, "unique": wanted.unique,
        "minimum": _number(wanted.minimum), "maximum": _number(wanted.maximum),
        "choices": _choices(wanted.choices) if wanted.choices is not None else None, "default": wanted.default,
        "filtered": wanted.filtered, "searched": wanted.searched,
    })  # fmt: skip
    unknown = set(wanted.clear) - {"minimum", "maximum", "default"}
    if unknown:
        raise Refused(f"{', '.join(sorted(unknown))} cannot be cleared", "clear minimum, maximum or default only")
    given |= dict.fromkeys(wanted.clear)
    if wanted.type is not None and wanted.type is not field.type:
        fresh = {"minimum": None, "maximum": None, "default": None, "choices": ()}
        given = {**fresh, **given}
    changed = _defaulted(replace(field, origin=now.origin(field.origin), **given))
    fields = tuple(changed if each is field else each for each in entity.fields)
    return now.with_entity(entity.name, fields=fields)


def _remove_field(now: Amended, wanted: ops.RemoveField) -> Amended:
    entity = now.entity(wanted.entity)
    field = now.field(entity, wanted.field)
    now = now.told(f"{entity.label} has no {field.label.lower()}.", f"{entity.name}.{field.name}", field.origin.span)
    fields = tuple(each for each in entity.fields if each is not field)
    shown = "" if entity.display == field.name else entity.display
    now = now.with_entity(entity.name, fields=fields, display=shown, together=_apart(entity, field.name))
    return now.displayed(entity.name)


def _add_relation(now: Amended, wanted: ops.AddRelation) -> Amended:
    source, target = now.entity(wanted.source), now.entity(wanted.target)
    name, now = now.named(wanted.name, naming.Kind.RELATION, f"{source.name}.{wanted.name}")
    if any(each.name == name for each in now.spec.outgoing(source.name)):
        raise Refused(f"{source.name} has a relation {name} already", "change it, or choose another name")
    inverse = (
        naming.safe(wanted.inverse, naming.Kind.RELATION).name if wanted.inverse else now.inverse(source, target, name)
    )
    many = wanted.kind is RelationKind.MANY_TO_MANY
    optional = wanted.optional or many or source.name == target.name
    relation = Relation(
        name=name, source=source.name, target=target.name, kind=wanted.kind, inverse=inverse, origin=now.origin(),
        optional=optional, on_delete=_on_delete(wanted.on_delete, many=many, optional=optional),
        label=now.label(wanted.label, wanted.name),
    )  # fmt: skip
    return now.with_relations((*now.spec.relations, relation))


def _change_relation(now: Amended, wanted: ops.ChangeRelation) -> Amended:
    old = now.relation(wanted.source, wanted.name)
    kind = wanted.kind or old.kind
    many = kind is RelationKind.MANY_TO_MANY
    optional = many or (old.optional if wanted.optional is None else wanted.optional)
    kept = wanted.on_delete or (old.on_delete if (kind, optional) == (old.kind, old.optional) else None)
    label = now.label(wanted.label, old.label or old.name) if wanted.label is not None else old.label
    new = replace(
        old, kind=kind, optional=optional, label=label, origin=now.origin(old.origin),
        on_delete=_on_delete(kept, many=many, optional=optional),
    )  # fmt: skip
    return now.with_relations(new if each is old else each for each in now.spec.relations)


def _remove_relation(now: Amended, wanted: ops.RemoveRelation) -> Amended:
    old = now.relation(wanted.source, wanted.name)
    now = now.told(f"{old.source} has no {old.name}.", old.source, old.origin.span)
    return _without_relation(now, old)


def _without_relation(now: Amended, old: Relation) -> Amended:
    entity = now.entity(old.source)
    now = now.with_entity(entity.name, together=_apart(entity, old.name))
    return now.with_relations(each for each in now.spec.relations if each is not old)


def _add_role(now: Amended, wanted: ops.AddRole) -> Amended:
    name, now = now.named(wanted.name, naming.Kind.RELATION, wanted.name)
    if any(each.name == name for each in now.spec.roles):
        raise Refused(f"there is a role {name} already", "set its permissions")
    role = Role(name=name, label=now.label(wanted.label, wanted.name), standing=Standing.MEMBER, origin=now.origin())
    before = [each for each in now.spec.roles if each.standing is not Standing.ADMIN]
    after = [each for each in now.spec.roles if each.standing is Standing.ADMIN]
    return now.with_roles((*before, role, *after)).permitted()


def _remove_role(now: Amended, wanted: ops.RemoveRole) -> Amended:
    role = now.role(wanted.role)
    if role.standing is not Standing.MEMBER:
        raise Refused(f"{role.name} is always there", "keep it")
    rest = [each for each in now.spec.roles if each is not role]
    heir = next((each for each in rest if each.standing is Standing.MEMBER), None)
    if heir is None:
        raise Refused(f"{role.name} is the only role that a new account can get", "add another one first")
    roles = (replace(each, default=each.default or (role.default and each is heir)) for each in rest)
    return now.told(f"There is no {role.label.lower()}.", role.name, role.origin.span).with_roles(roles).permitted()


def _set_permission(now: Amended, wanted: ops.SetPermission) -> Amended:
    role, entity = now.role(wanted.role), now.entity(wanted.entity)
    row = now.spec.permission(role.name, entity.name)
    if row is None or role.standing is Standing.ADMIN:
        raise Refused("an administrator may do everything", "leave it so")
    given = _given({each.value: getattr(wanted, each.value) for each in Action})
    new = replace(row, origin=now.origin(row.origin), **given)
    if entity.account and _too_much(role, [new.scope(each) for each in Action]):
        raise Refused("accounts are looked after by their owners and by administrators", "write none, or own")
    said = ", ".join(f"{action} {scope}" for action, scope in given.items())
    now = now.told(f"{role.label} and {entity.label.lower()}: {said}.", entity.name, row.origin.span)
    return now.with_permissions(new if each is row else each for each in now.spec.permissions)


def _too_much(role: Role, scopes: Iterable[Scope]) -> bool:
    allowed = {Scope.NONE} if role.standing is Standing.ANONYMOUS else {Scope.NONE, Scope.OWN}
    return bool(set(scopes) - allowed)


def _add_feature(now: Amended, wanted: ops.AddFeature) -> Amended:
    return added(now, wanted, HANDLERS)


def _remove_feature(now: Amended, wanted: ops.RemoveFeature) -> Amended:
    feature = now.spec.feature(wanted.feature)
    if feature is None:
        raise Refused(f"there is no feature {wanted.feature}", "name one that is there")
    now = now.told(f"There is no {wanted.feature}.", span=feature.origin.span)
    return now.with_features(each for each in now.spec.features if each is not feature)


def _write_copy(now: Amended, wanted: ops.WriteCopy) -> Amended:
    empty = wanted.place is ops.Place.EMPTY_LIST
    if wanted.entity:
        name = now.entity(wanted.entity).name
        text = plain(wanted.text, OF_EMPTY_LIST if empty else OF_ENTITY)
        return now.with_entity(name, nothing=text) if empty else now.with_entity(name, description=text)
    if empty:
        raise Refused("the application has no list of its own", "name the entity whose list it is")
    return now.described(plain(wanted.text, OF_APPLICATION))


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _choices(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(naming.safe(each, naming.Kind.CHOICE).name for each in words))


def _defaulted(field: Field) -> Field:
    """Returns a field whose default is one of its choices as they are called, where it is an enumeration."""
    if field.type is not FieldType.ENUM or not isinstance(field.default, str):
        return field
    return replace(field, default=naming.safe(field.default, naming.Kind.CHOICE).name)


def _on_delete(given: OnDelete | None, *, many: bool, optional: bool) -> OnDelete:
    if many:
        return OnDelete.CASCADE
    return given or (OnDelete.SET_NULL if optional else OnDelete.RESTRICT)


def _apart(entity: Entity, name: str) -> tuple[tuple[str, ...], ...]:
    return tuple(each for each in entity.together if name not in each)


HANDLERS: dict[type[Any], Callable[[Amended, Any], Amended]] = {
    ops.AddEntity: _add_entity, ops.ChangeEntity: _change_entity, ops.RemoveEntity: _remove_entity,
    ops.AddField: _add_field, ops.ChangeField: _change_field, ops.RemoveField: _remove_field,
    ops.AddRelation: _add_relation, ops.ChangeRelation: _change_relation, ops.RemoveRelation: _remove_relation,
    ops.AddRole: _add_role, ops.RemoveRole: _remove_role, ops.SetPermission: _set_permission,
    ops.AddFeature: _add_feature, ops.RemoveFeature: _remove_feature,
    ops.WriteCopy: _write_copy,
}  # fmt: skip
"""What does each kind of operation."""
