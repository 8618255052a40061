"""Says who may do what: the roles of an application and a row of the matrix for each of them and each entity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from headwater.synthesis.project import naming
from headwater.synthesis.project.ontology.notation import Policy
from headwater.synthesis.project.parsing import nouns
from headwater.synthesis.project.parsing.draft import Draft, Right, implied
from headwater.synthesis.project.spec import Action, Entity, Origin, Permission, Role, Scope, Standing

NONE, OWN, ALL = Scope.NONE, Scope.OWN, Scope.ALL
MEMBERS: Mapping[Policy | None, tuple[Scope, Scope, Scope, Scope]] = {
    Policy.PUBLIC: (OWN, ALL, OWN, OWN), Policy.CATALOG: (NONE, ALL, NONE, NONE), Policy.PRIVATE: (OWN, OWN, OWN, OWN),
    Policy.SHARED: (OWN, ALL, ALL, OWN), None: (OWN, ALL, OWN, OWN),
}  # fmt: skip
"""What somebody signed in may create, read, update and delete, where nothing else was said."""
OF_FEATURE = "the feature"
"""How the reason of what a feature brings begins: whoever signs in uses features."""


def roles(draft: Draft, *, signed_in: bool) -> tuple[Role, ...]:
    """Returns the roles: visitor, those that were named, the default one, admin."""
    visitor = Role(
        name="visitor", label="Visitor", standing=Standing.ANONYMOUS, origin=implied("not everybody signs in")
    )
    if not signed_in:
        return (visitor,)
    found: dict[str, Role] = {}
    for noun, origin in draft.roles.items():
        if noun in nouns.SIGNED_IN | nouns.UNKNOWN | nouns.ADMINS:
            continue
        name = naming.safe(noun, naming.Kind.RELATION)
        if name.name not in {"visitor", "member", "admin"}:
            found.setdefault(
                name.name,
                Role(name=name.name, label=noun.capitalize(), standing=Standing.MEMBER, origin=origin),
            )
    plain = [each for each in found if each.replace("_", " ") not in nouns.STAFF and each not in nouns.STAFF]
    usual = next((each for each in plain if each not in nouns.PROVIDERS), plain[0] if plain else None)
    if usual is None:
        usual = "member"
        found = {usual: _member(), **found}
    members = tuple(replace(each, default=each.name == usual) for each in found.values())
    named = next((origin for noun, origin in draft.roles.items() if noun in nouns.ADMINS), None)
    admin = Role(
        name="admin", label="Admin", standing=Standing.ADMIN, origin=named or implied("somebody looks after it")
    )
    return (visitor, *members, admin)


def permissions(
    draft: Draft, all_roles: Sequence[Role], entities: Sequence[Entity], policies: Mapping[str, Policy | None]
) -> tuple[Permission, ...]:
    """Returns a row for each role and entity: the usual one, changed by what was said."""
    said: dict[str, list[Right]] = {}
    for each in draft.rights:
        said.setdefault(each.entity, []).append(each)
    names = {each.name for each in all_roles}
    return tuple(
        _said(
            _usual(role, entity, policies.get(entity.name), names),
            role,
            entity,
            said.get(entity.name, ()),
            policies,
        )
        for role in all_roles
        for entity in entities
    )


def _member() -> Role:
    return Role(name="member", label="Member", standing=Standing.MEMBER, origin=implied("somebody signs in"))


def _usual(role: Role, entity: Entity, policy: Policy | None, names: AbstractSet[str]) -> Permission:
    reason = f"usual for {policy} rows" if policy else "usual for rows of which nothing was said"
    return _row(role, entity, _usual_scopes(role, entity, policy, names), implied(reason))


def _usual_scopes(
    role: Role, entity: Entity, policy: Policy | None, names: AbstractSet[str]
) -> tuple[Scope, Scope, Scope, Scope]:
    if role.standing is Standing.ADMIN or len(names) == 1:
        return (ALL, ALL, ALL, ALL)
    if role.standing is Standing.ANONYMOUS:
        open_rows = policy in {Policy.PUBLIC, Policy.CATALOG} and not entity.account
        return (NONE, ALL if open_rows else NONE, NONE, NONE)
    if entity.account:
        return (NONE, OWN, OWN, OWN)
    if is_staff(role):
        return (ALL, ALL, ALL, ALL)
    return _owned(role, entity, policy, names) if entity.owner else _unowned(policy)


def _owned(
    role: Role, entity: Entity, policy: Policy | None, names: AbstractSet[str]
) -> tuple[Scope, Scope, Scope, Scope]:
    """Returns what a member may do with rows that have an owner; where a role makes them, the others only look."""
    if policy is not Policy.PUBLIC and _by_another(entity):
        return (NONE, OWN, NONE, NONE)
    if entity.owner[-1] in names - {role.name} and not entity.origin.reason.startswith(OF_FEATURE):
        return (NONE, NONE if policy is Policy.PRIVATE else ALL, NONE, NONE)
    return MEMBERS[policy]


def _unowned(policy: Policy | None) -> tuple[Scope, Scope, Scope, Scope]:
    if policy is Policy.PUBLIC:
        return (NONE, ALL, NONE, NONE)
    create, read, update, delete = (ALL if each is OWN else each for each in MEMBERS[policy])
    return (create, read, update, delete)


def _by_another(entity: Entity) -> bool:
    """Whether rows belong to somebody whom others keep: a patient, and what is kept of one."""
    return entity.owner[-1] == "user"


def is_staff(role: Role) -> bool:
    """Whether a role looks after the rows of others."""
    return role.name in nouns.STAFF or role.label.lower() in nouns.STAFF


def _row(role: Role, entity: Entity, scopes: tuple[Scope, Scope, Scope, Scope], origin: Origin) -> Permission:
    create, read, update, delete = scopes
    return Permission(
        role=role.name, entity=entity.name, create=create, read=read, update=update, delete=delete, origin=origin
    )


def _said(
    row: Permission, role: Role, entity: Entity, rights: Sequence[Right], policies: Mapping[str, Policy | None]
) -> Permission:
    scopes = {each: row.scope(each) for each in Action}
    origin = row.origin
    for right in rights:
        for action, scope in _changes(right, role, entity, policies.get(entity.name)):
            if scopes[action] is not scope:
                scopes[action], origin = scope, right.origin
    create, read, update, delete = (scopes[each] for each in Action)
    return _row(role, entity, (create, read, update, delete), origin)


def _changes(right: Right, role: Role, entity: Entity, policy: Policy | None) -> Iterator[tuple[Action, Scope]]:
    """Yields what a sentence changes for a role; the account and administrators are not talked about."""
    if role.standing is Standing.ADMIN or entity.account:
        return
    if not _speaks_of(right.role, role):
        if right.only:
            yield from ((each, NONE) for each in right.actions)
        return
    owned = bool(entity.owner)
    for action in right.actions:
        if right.scope is NONE:
            yield action, NONE
        elif (role.standing is Standing.ANONYMOUS and right.scope is OWN) or (
            policy is Policy.CATALOG and action is not Action.READ and not right.only and not is_staff(role)
        ):
            continue
        elif role.standing is Standing.ANONYMOUS:
            yield (action, ALL) if action is Action.READ or (action is Action.CREATE and not owned) else (action, NONE)
        elif is_staff(role):
            yield action, OWN if right.scope is OWN and owned else ALL
        elif action is Action.READ:
            yield action, OWN if owned and (right.scope is OWN or policy is Policy.PRIVATE) else ALL
        else:
            yield action, OWN if owned else ALL


def _speaks_of(noun: str, role: Role) -> bool:
    if noun in nouns.UNKNOWN:
        return role.standing is Standing.ANONYMOUS
    if noun in nouns.SIGNED_IN:
        return role.standing is Standing.MEMBER
    return naming.safe(noun, naming.Kind.RELATION).name == role.name
