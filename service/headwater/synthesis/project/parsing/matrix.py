"""Says who may do what: the roles of an application and a row of the matrix for each of them and each entity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from headwater.synthesis.project import naming
from headwater.synthesis.project.ontology.notation import Policy
from headwater.synthesis.project.parsing import nouns
from headwater.synthesis.project.parsing.draft import Draft, Grant, Right, implied
from headwater.synthesis.project.spec import Action, Entity, Origin, OriginKind, Permission, Role, Scope, Standing

NONE, OWN, ALL = Scope.NONE, Scope.OWN, Scope.ALL
VISITOR = "visitor"
"""Whoever is not signed in, whatever the text calls them."""
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
        if noun in nouns.SIGNED_IN | nouns.ADMINS:
            continue
        name = naming.safe(noun, naming.Kind.RELATION)
        if name.name not in {"visitor", "member", "admin"}:
            found.setdefault(
                name.name,
                Role(name=name.name, label=noun.capitalize(), standing=Standing.MEMBER, origin=origin),
            )
    plain = [each.name for each in found.values() if not is_staff(each)]
    plain = plain or [each for each in found if each.replace("_", " ") in nouns.BASE_STAFF]
    anybody = draft.anybody or any(each.role in nouns.SIGNED_IN for each in draft.rights)
    provider = None if anybody or not plain else plain[0]
    usual = next((each for each in plain if each not in nouns.PROVIDERS), provider)
    if usual is None or _looks_after_members(draft, usual):
        usual = "member"
        found = {usual: _member(), **found}
    members = tuple(replace(each, default=each.name == usual) for each in found.values())
    named = next((origin for noun, origin in draft.roles.items() if noun in nouns.ADMINS), None)
    admin = Role(
        name="admin", label="Admin", standing=Standing.ADMIN, origin=named or implied("somebody looks after it")
    )
    return (visitor, *members, admin)


def _looks_after_members(draft: Draft, role: str) -> bool:
    """Whether a role may do to all rows what members may do to their own: it is not what everybody is who signs up."""
    own = {
        (each.entity, action)
        for each in draft.rights
        for action in each.actions
        if each.role in nouns.SIGNED_IN and each.scope is OWN
    }
    theirs = [each for each in draft.rights if naming.safe(each.role, naming.Kind.RELATION).name == role]
    every = {(each.entity, action) for each in theirs if each.every and each.scope is ALL for action in each.actions}
    return bool(own & every)


def permissions(
    draft: Draft, all_roles: Sequence[Role], entities: Sequence[Entity], policies: Mapping[str, Policy | None]
) -> tuple[Permission, ...]:
    """Returns a row for each role and entity: the usual one, changed by what was said."""
    said: dict[str, list[Right]] = {}
    for each in draft.rights:
        said.setdefault(each.entity, []).append(each)
    names = {each.name for each in all_roles}
    makers = _makers(said)
    rows = {
        (role, entity): _said(
            _looking(usual(role, entity, policies.get(entity.name), names), role, entity, makers, draft.rights),
            role,
            entity,
            said.get(entity.name, ()),
            policies,
        )
        for role in all_roles
        for entity in entities
    }
    shown = {
        entity.name for (role, entity), row in rows.items() if row.read is ALL and role.standing is Standing.ANONYMOUS
    }
    return tuple(
        _granted(draft, _opened(row, role, said.get(entity.name, ())) if entity.name in shown else row, role, entity)
        for (role, entity), row in rows.items()
    )


def _opened(row: Permission, role: Role, rights: Sequence[Right]) -> Permission:
    """Returns a row that reads what even visitors may read, unless the text keeps just this role from it."""
    kept = any(each.scope is NONE and Action.READ in each.actions and _speaks_of(each.role, role) for each in rights)
    return row if kept else replace(row, read=ALL)


def _granted(draft: Draft, row: Permission, role: Role, entity: Entity) -> Permission:
    """Returns what a table says of a role and an entity, where it does; what is nobody's cannot be one's own."""
    cell = next((each for each in draft.grants if _is_cell(draft, each, role, entity)), None)
    told = any(_speaks_of(each.role, role) for each in draft.grants) and role.standing is not Standing.ADMIN
    if entity.account or not told:
        return row
    if cell is None:
        return replace(row, create=NONE, update=NONE, delete=NONE)
    scopes = dict(cell.scopes)
    if not entity.owner:
        scopes = {action: ALL if scope is OWN else scope for action, scope in scopes.items()}
    elif scopes[Action.CREATE] is ALL is not scopes[Action.UPDATE] and not _by_another(entity):
        scopes[Action.CREATE] = OWN
    if role.standing is Standing.ANONYMOUS:
        allowed = {Action.READ} if entity.owner else {Action.READ, Action.CREATE}
        scopes = {action: scope if action in allowed and scope is ALL else NONE for action, scope in scopes.items()}
    return replace(row, origin=cell.origin, **{action.value: scope for action, scope in scopes.items()})


def _is_cell(draft: Draft, grant: Grant, role: Role, entity: Entity) -> bool:
    thing = draft.find(grant.noun)
    return thing is not None and thing.name == entity.name and _speaks_of(grant.role, role)


def _makers(said: Mapping[str, Sequence[Right]]) -> Mapping[str, frozenset[str]]:
    """Returns who makes the rows of each entity, where the text gives that to some and not to all who sign in."""
    found = {
        name: frozenset(
            each.role for each in rights
            if Action.CREATE in each.actions and each.scope is not NONE and not _of_admins(each)
        )
        for name, rights in said.items()
    }  # fmt: skip
    return {name: people for name, people in found.items() if people and not people & {*nouns.SIGNED_IN, VISITOR}}


def _of_admins(right: Right) -> bool:
    """Whether a right says no more than that administrators may do everything."""
    return right.every and right.role in nouns.ADMINS


def _looking(
    row: Permission, role: Role, entity: Entity, makers: Mapping[str, AbstractSet[str]], rights: Sequence[Right]
) -> Permission:
    """Returns a row that only looks where the text gives the making of rows to others, or little to who looks after."""
    if role.standing is not Standing.MEMBER or entity.account or entity.origin.reason.startswith(OF_FEATURE):
        return row
    mine = [each for each in rights if _speaks_of(each.role, role) and each.scope is not NONE and not each.only]
    made = makers.get(entity.name, frozenset[str]())
    named = role.origin.kind is not OriginKind.IMPLIED
    own = entity.owner[-1:] == (role.name,) or (not named and entity.owner not in {(), ("owner",)})
    others = bool(made) and not any(_speaks_of(each, role) for each in made) and not own
    narrow = is_staff(role) and bool(mine) and not any(Action.CREATE in each.actions for each in mine)
    narrow = narrow and role.label.lower() not in nouns.MODERATING
    return replace(row, create=NONE, update=NONE, delete=NONE) if others or narrow else row


def _member() -> Role:
    return Role(name="member", label="Member", standing=Standing.MEMBER, origin=implied("somebody signs in"))


def usual(role: Role, entity: Entity, policy: Policy | None, names: AbstractSet[str]) -> Permission:
    """Returns what a role may usually do with an entity under a policy."""
    reason = f"usual for {policy} rows" if policy else "usual for rows of which nothing was said"
    return _row(role, entity, _usual_scopes(role, entity, policy, names), implied(reason))


def _usual_scopes(
    role: Role, entity: Entity, policy: Policy | None, names: AbstractSet[str]
) -> tuple[Scope, Scope, Scope, Scope]:
    if role.standing is Standing.ADMIN or len(names) == 1:
        return (ALL, ALL, ALL, ALL)
    kept = policy is None and bool(entity.owner) and _by_another(entity)
    stranger = role.default and role.origin.kind is OriginKind.IMPLIED and staffed(names)
    if stranger and not kept and policy in {None, Policy.SHARED}:
        return (OWN, OWN, OWN, OWN) if entity.owner else (NONE, NONE, NONE, NONE)
    if role.standing is Standing.ANONYMOUS:
        open_rows = policy in {Policy.PUBLIC, Policy.CATALOG} and not entity.account
        return (NONE, ALL if open_rows else NONE, NONE, NONE)
    if entity.account:
        return (NONE, OWN, OWN, OWN)
    return _member_scopes(role, entity, policy, names)


def _member_scopes(
    role: Role, entity: Entity, policy: Policy | None, names: AbstractSet[str]
) -> tuple[Scope, Scope, Scope, Scope]:
    if role.label.lower().replace("-", " ").rsplit(" ", 1)[-1] in nouns.LOOKING:
        return (NONE, OWN if policy is Policy.PRIVATE and entity.owner else ALL, NONE, NONE)
    if is_staff(role) and not _personal(entity, policy):
        return (ALL, ALL, ALL, ALL)
    return _owned(role, entity, policy, names) if entity.owner else _unowned(policy, names)


def _owned(
    role: Role, entity: Entity, policy: Policy | None, names: AbstractSet[str]
) -> tuple[Scope, Scope, Scope, Scope]:
    """Returns what a member may do with rows that have an owner; where a role makes them, the others only look."""
    if _by_another(entity):
        shown = policy in {Policy.PUBLIC, Policy.CATALOG} or (len(entity.owner) == 1 and _is_shown(entity))
        return (NONE, ALL if shown else OWN, NONE, NONE)
    if entity.owner[-1] in names - {role.name, "visitor"} and not entity.origin.reason.startswith(OF_FEATURE):
        return (NONE, NONE if policy is Policy.PRIVATE else ALL, NONE, NONE)
    return MEMBERS[policy]


def _unowned(policy: Policy | None, names: AbstractSet[str]) -> tuple[Scope, Scope, Scope, Scope]:
    """Returns what a member may do with nobody's rows; where a role looks after rows, the others only look."""
    if policy is Policy.HANDED_IN:
        return (ALL, NONE, NONE, NONE)
    if policy is Policy.PUBLIC or staffed(names):
        return (NONE, ALL, NONE, NONE)
    create, read, update, delete = (ALL if each is OWN else each for each in MEMBERS[policy])
    return (create, read, update, delete)


def staffed(names: AbstractSet[str]) -> bool:
    """Whether some role looks after the rows of others."""
    return any(each.replace("_", " ") in nouns.STAFF - nouns.BASE_STAFF for each in names)


def _personal(entity: Entity, policy: Policy | None) -> bool:
    """Whether rows are between those who use the application, such as messages."""
    return policy is Policy.PRIVATE and entity.origin.reason.startswith(OF_FEATURE)


def _by_another(entity: Entity) -> bool:
    """Whether rows belong to somebody whom others keep: a patient, and what is kept of one."""
    return entity.owner[-1] == "user"


def _stands_for(role: Role, entity: Entity) -> bool:
    """Whether rows that belong to people who are kept may be a role's own: a player's games, but not an arbiter's."""
    return role.label.lower() == entity.label.lower() or any(each.endswith(role.name) for each in entity.owner[:-1])


def _is_shown(entity: Entity) -> bool:
    """Whether an entity is of people whom those look up who come to them: doctors and trainers."""
    return entity.label.lower() in nouns.STAFF | nouns.PROVIDERS


def is_staff(role: Role) -> bool:
    """Whether a role looks after the rows of others."""
    name = role.label.lower()
    return not role.default and (name in nouns.STAFF or name.rsplit(" ", 1)[-1] in nouns.LEADING | nouns.TEAMS)


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
            if scope is OWN is not right.scope and scopes[Action.CREATE] is NONE and entity.owner == ("owner",):
                scope = ALL  # noqa: PLW2901 — who makes no row has none of their own
            if scopes[action] is not scope:
                scopes[action], origin = scope, right.origin
    create, read, update, delete = (scopes[each] for each in Action)
    return _row(role, entity, (create, read, update, delete), origin)


def _changes(right: Right, role: Role, entity: Entity, policy: Policy | None) -> Iterator[tuple[Action, Scope]]:
    """Yields what a sentence changes for a role; the account and administrators are not talked about."""
    if role.standing is Standing.ADMIN or entity.account:
        return
    if not _speaks_of(right.role, role):
        if right.only and not any(_speaks_of(each, role) for each in right.beside):
            shared = right.every and bool(entity.owner) and role.standing is Standing.MEMBER
            yield from ((each, OWN if shared and each is Action.READ else NONE) for each in right.actions)
        return
    if right.scope is NONE:
        yield from ((each, NONE) for each in right.actions)
    elif role.standing is Standing.ANONYMOUS:
        yield from _for_anybody(right, entity, policy)
    elif is_staff(role):
        yield from ((each, OWN if right.scope is OWN and entity.owner else ALL) for each in right.actions)
    else:
        yield from _for_members(right, role, entity, policy)


def _for_anybody(right: Right, entity: Entity, policy: Policy | None) -> Iterator[tuple[Action, Scope]]:
    """Yields what somebody unknown may: read, and make what is nobody's."""
    if right.scope is OWN or (right.every and policy is Policy.PRIVATE):
        return
    for action in right.actions:
        if action is Action.READ:
            yield action, ALL
        elif policy is not Policy.CATALOG or right.only:
            yield action, ALL if action is Action.CREATE and not entity.owner else NONE


def _for_members(right: Right, role: Role, entity: Entity, policy: Policy | None) -> Iterator[tuple[Action, Scope]]:
    """Yields what a member may: what is said, but of the rows of others only to read them, unless it is every row."""
    if right.every and _personal(entity, policy):
        return
    mine = bool(entity.owner) and not (_by_another(entity) and not _stands_for(role, entity))
    for action in right.actions:
        if action is Action.READ:
            own = entity.owner and not right.every and (right.scope is OWN or policy is Policy.PRIVATE)
            yield action, OWN if own else ALL
        elif policy is not Policy.CATALOG or right.only:
            yield action, OWN if mine and not right.every else ALL


def _speaks_of(noun: str, role: Role) -> bool:
    if noun == VISITOR:
        return role.standing is Standing.ANONYMOUS
    if noun in nouns.SIGNED_IN:
        return role.standing is Standing.MEMBER
    return naming.safe(noun, naming.Kind.RELATION).name == role.name
