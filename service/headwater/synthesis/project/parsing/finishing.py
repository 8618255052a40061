"""Makes a spec of what was gathered: the account, usual fields, owners, who may do what; and tells what it assumed."""

from __future__ import annotations

from dataclasses import replace

from headwater.synthesis.project import naming
from headwater.synthesis.project.ontology.notation import Policy
from headwater.synthesis.project.parsing import matrix, nouns, questions
from headwater.synthesis.project.parsing.draft import Draft, Thing, implied, one, word_key
from headwater.synthesis.project.parsing.kinds import guessed
from headwater.synthesis.project.parsing.values import field_of
from headwater.synthesis.project.spec import (
    Action,
    Entity,
    Feature,
    FeatureKind,
    FieldType,
    OnDelete,
    OriginKind,
    Relation,
    RelationKind,
    Spec,
)

SPREAD = (FeatureKind.SEARCH, FeatureKind.EXPORT, FeatureKind.HISTORY, FeatureKind.DASHBOARD, FeatureKind.PAYMENTS)
"""Features that work on every entity, or for a search on those that have something to search."""
PLAIN_FIELDS = ("name string required 1..200 searched", "description text")
"""What a thing has of which nothing else was said."""
LONGEST_PATH = 3
"""The most relations between a row and who owns it."""


def finish(draft: Draft, *, name: str, title: str, description: str, signed_in: bool) -> Spec:
    """Returns the spec; it is valid whatever was gathered."""
    _visitors(draft)
    if signed_in:
        account(draft)
    else:
        _unowned(draft)
    for thing in draft.things.values():
        _usual_fields(draft, thing)
        _apart(draft, thing)
    if signed_in:
        _meant(draft)
        _offered(draft)
        _people(draft)
        _owners(draft)
    _uncircle(draft)
    plurals = _plurals(draft)
    entities = tuple(_entity(draft, each, plurals[each.name]) for each in draft.things.values())
    roles = matrix.roles(draft, signed_in=signed_in)
    policies = {each.name: each.policy for each in draft.things.values()}
    permissions = matrix.permissions(draft, roles, entities, policies)
    members = frozenset(each.name for each in roles if each.default)
    if matrix.staffed({each.name for each in roles}) and any(
        each.default and each.origin.kind is OriginKind.IMPLIED for each in roles
    ):
        draft.assume(
            "Whoever registers sees what is theirs and what is public, until an administrator gives them a role."
        )
    questions.visibility(draft, permissions, members)
    return Spec(
        name=name,
        title=title,
        description=description,
        entities=entities,
        relations=tuple(draft.relations),
        roles=roles,
        permissions=permissions,
        features=_features(draft, entities),
        archetypes=tuple(draft.archetypes),
        assumptions=tuple(draft.assumptions),
        questions=tuple(draft.questions),
    )


def _visitors(draft: Draft) -> None:
    """Calls those who are not signed in visitors; guests and the like who are kept are people who sign in."""
    unknown = {each for each in nouns.UNKNOWN if each == matrix.VISITOR or draft.find(each) is None}

    def called(noun: str) -> str:
        return matrix.VISITOR if noun in unknown else noun

    draft.rights = [
        replace(each, role=called(each.role), beside=tuple(map(called, each.beside))) for each in draft.rights
    ]
    draft.grants = [replace(each, role=called(each.role)) for each in draft.grants]
    draft.roles = {noun: origin for noun, origin in draft.roles.items() if noun not in unknown}


def account(draft: Draft) -> Thing:
    """Adds the account with what people sign in by; it comes first."""
    known = draft.find("user")
    why = implied("people sign in")
    thing = known or draft.add("user", why)
    draft.account = thing.name
    thing.policy, thing.owner = Policy.PRIVATE, ()
    given = {name: each for name, each in thing.fields.items() if name not in {"role", "email", "password", "username"}}
    email = replace(field_of("email: email required unique searched", why).field, maximum=None)
    secret = field_of("password: secret required at least 8", why).field
    if not any(each.type is FieldType.STRING for each in given.values()):
        shown = field_of("name string required 1..120 searched", why).field
        given = {shown.name: shown, **given}
    if "email" in thing.fields:
        email = replace(email, origin=thing.fields["email"].origin)
    thing.fields = {email.name: email, secret.name: secret, **given}
    rest = {key: each for key, each in draft.things.items() if each is not thing}
    key = next(key for key, each in draft.things.items() if each is thing)
    draft.things = {key: thing, **rest}
    if FeatureKind.AUTH not in draft.features:
        draft.features[FeatureKind.AUTH] = Feature(kind=FeatureKind.AUTH, entities=(thing.name,), origin=why)
        draft.assume("People sign in with an email and a password.", thing.name)
    return thing


def _unowned(draft: Draft) -> None:
    """Takes back what speaks of an account where nobody signs in."""
    draft.features.pop(FeatureKind.AUTH, None)
    draft.rights.clear()
    gone = [each for each in draft.relations if each.target == draft.account and draft.find("user") is None]
    draft.account = ""
    for relation in gone:
        draft.drop(relation)
        draft.assume(f"{relation.source} has no {relation.name}: nobody signs in.", relation.source)
    for thing in draft.things.values():
        thing.owner = ()
        known = draft.attributes(thing)
        thing.together = [each for each in thing.together if set(each) <= known]


def _usual_fields(draft: Draft, thing: Thing) -> None:
    if thing.fields:
        _named(draft, thing)
        return
    why = implied("nothing was said of its fields")
    kept = guessed(thing.label) is FieldType.FILE
    usual = ("title: string required 1..200 searched", "file: file required") if kept else PLAIN_FIELDS
    for each in usual:
        draft.put(thing, field_of(each, why).field)
    shown = "a title and a file" if kept else "a name and a description"
    draft.assume(f"{thing.label} has {shown}: nothing was said of its fields.", thing.name)


def _named(draft: Draft, thing: Thing) -> None:
    """Gives a thing a name by which others can refer to it where it has no field that is short text."""
    asked = any(each.target == thing.name for each in draft.relations) and thing.name != draft.account
    short = {FieldType.STRING, FieldType.EMAIL, FieldType.ENUM}
    joining = sum(each.source == thing.name and not each.optional for each in draft.relations) > 1
    if (
        asked
        and not joining
        and thing.origin.kind is OriginKind.STATED
        and not any(each.type in short for each in thing.fields.values())
    ):
        name = field_of("name string required 1..200 searched", implied("others refer to it")).field
        thing.fields = {name.name: name, **thing.fields}
        draft.assume(f"{thing.label} has a name, by which others refer to it.", thing.name)


def _apart(draft: Draft, thing: Thing) -> None:
    """Drops fields whose names a relation needs."""
    mine = [each for each in draft.relations if each.source == thing.name]
    taken = {name for each in mine for name in (each.name, f"{each.name}_id")}
    taken |= {each.inverse for each in draft.relations if each.target == thing.name}
    hashes = {f"{each.name}_hash" for each in thing.fields.values() if each.type is FieldType.SECRET}
    for name in [name for name in thing.fields if name in taken | hashes]:
        draft.assume(f"{thing.fields.pop(name).label} of {thing.label} is a relation.", thing.name)
    if not thing.fields:
        _usual_fields(draft, thing)


def _meant(draft: Draft) -> None:
    """Lets relations to people who are kept, such as agents, lead to them rather than to an account."""
    for each in [each for each in draft.relations if each.target == draft.account]:
        kept = draft.find(each.name.removesuffix(f"_{naming.snake(draft.account)}"))
        taken = kept is None or kept.name in {draft.account, each.source}
        if kept is not None and not taken and each.kind is RelationKind.MANY_TO_ONE:
            others = [other for other in draft.relations if (other.source, other.target) == (each.source, kept.name)]
            if others:
                draft.drop(each)
            else:
                draft.change(each, target=kept.name)


def _offered(draft: Draft) -> None:
    """Keeps what accounts have one of, such as a plan, from being somebody's own; an account can be made without it."""
    for each in [each for each in draft.relations if each.source == draft.account]:
        thing = draft.find(each.target)
        if thing is not None and thing.policy is None and each.kind is RelationKind.MANY_TO_ONE:
            thing.policy = Policy.CATALOG
        if not each.optional:
            draft.change(each, optional=True, on_delete=OnDelete.SET_NULL)
            draft.assume(
                f"An account may be without {one(each.label)}: people register before they have one.", draft.account
            )


def _people(draft: Draft) -> None:
    """Joins entities that are roles too, such as patients, to the account by which they sign in."""
    for key, thing in draft.things.items():
        if key not in draft.roles or thing.name == draft.account:
            continue
        mine = [each for each in draft.relations if (each.source, each.target) == (thing.name, draft.account)]
        if thing.owner or any(
            each.kind is RelationKind.ONE_TO_ONE or not nouns.acts_like_person(each.name) for each in mine
        ):
            continue
        relation = draft.relate(
            thing,
            "user",
            draft.account,
            kind=RelationKind.ONE_TO_ONE,
            origin=implied("the text names it as a role too"),
            optional=True,
            inverse=naming.snake(thing.name),
        )
        draft.assume(
            f"{one(key).capitalize()} may have an account of their own, joined by an administrator.", thing.name
        )
        thing.owner = (relation.name,)


def _owners(draft: Draft) -> None:
    for thing in draft.things.values():
        thing.owner = thing.owner if _leads(draft, thing) else ()
    _handed_in(draft)
    _shown_along(draft)
    for _ in range(LONGEST_PATH):
        for thing in draft.things.values():
            if not thing.owner and thing.name != draft.account:
                thing.owner = _owner(draft, thing)
    for thing in draft.things.values():
        if not thing.owner and thing.name != draft.account and thing.policy in {None, Policy.PUBLIC, Policy.PRIVATE}:
            relation = draft.relate(
                thing,
                "owner",
                draft.account,
                kind=RelationKind.MANY_TO_ONE,
                origin=implied("somebody makes each row"),
                optional=False,
            )
            relation = draft.change(relation, optional=False, on_delete=OnDelete.CASCADE)
            thing.fields.pop(relation.name, None)
            thing.owner = (relation.name,)
            draft.assume(f"Whoever makes {one(thing.label)} owns it.", thing.name)


def _handed_in(draft: Draft) -> None:
    """Keeps what people without an account make, such as enquiries, from having an owner and from other people."""
    made = {each.entity for each in draft.rights if each.role == matrix.VISITOR and Action.CREATE in each.actions}
    for thing in [each for each in draft.things.values() if each.name in made and each.policy is None]:
        if not any(each.source == thing.name and each.target == draft.account for each in draft.relations):
            thing.policy = Policy.HANDED_IN
            draft.assume(f"Anybody may make {one(thing.label)}; only those who look after them see them.", thing.name)


def _shown_along(draft: Draft) -> None:
    """Shows what is a part of something that all see, such as the photos of a listing, to all too."""
    things = {each.name: each for each in draft.things.values()}
    for each in draft.relations:
        part, whole = things.get(each.source), things.get(each.target)
        whose = any(other.source == each.source and other.target == draft.account for other in draft.relations)
        if part and whole and part.policy is None and not whose and each.on_delete is OnDelete.CASCADE:
            part.policy = Policy.PUBLIC if whole.policy is Policy.PUBLIC else None


def _owner(draft: Draft, thing: Thing) -> tuple[str, ...]:
    """Returns the path to the account by required relations, the shortest one; empty if there is none."""
    mine = [
        each for each in draft.relations
        if each.source == thing.name and not each.optional and each.kind is not RelationKind.MANY_TO_MANY
    ]  # fmt: skip
    direct = [each for each in mine if each.target == draft.account]
    theirs = next((each for each in direct if word_key(each.label) not in nouns.PROVIDERS | nouns.PERFORMING), None)
    if theirs:
        return (theirs.name,)
    named = {each.name: each for each in draft.things.values()}
    for each in mine:
        parent = named.get(each.target)
        if parent and parent.owner and len(parent.owner) < LONGEST_PATH and each.target != thing.name:
            return (each.name, *parent.owner)
    return (direct[0].name,) if direct else ()


def _leads(draft: Draft, thing: Thing) -> bool:
    here = thing.name
    for step in thing.owner:
        found = next((each for each in draft.relations if each.source == here and each.name == step), None)
        if found is None or found.kind is RelationKind.MANY_TO_MANY:
            return False
        here = found.target
    return here == draft.account


def _uncircle(draft: Draft) -> None:
    """Makes required relations optional until they make no circle."""
    while True:
        found = _closing(draft)
        if found is None:
            return
        draft.change(found, optional=True, on_delete=OnDelete.SET_NULL)
        draft.assume(
            f"{found.source}.{found.name} may be empty: each of a circle of things would need another first.",
            found.source,
        )
        for thing in draft.things.values():
            if thing.name == found.source and thing.owner[:1] == (found.name,):
                thing.owner = ()


def _closing(draft: Draft) -> Relation | None:
    """Returns a required relation that is part of a circle, the one that was stated last and is no owner's."""
    binding = [
        each for each in draft.relations
        if not each.optional and each.source != each.target and each.kind is not RelationKind.MANY_TO_MANY
    ]  # fmt: skip
    needs: dict[str, set[str]] = {each.name: set() for each in draft.things.values()}
    for each in binding:
        needs[each.source].add(each.target)
    stuck = needs.keys() - set[str]()
    while ready := {name for name in stuck if not needs[name] & stuck}:
        stuck = stuck - ready
    inside = [each for each in binding if {each.source, each.target} <= stuck]
    return inside[-1] if inside else None


def _entity(draft: Draft, thing: Thing, plural: str) -> Entity:
    fields = tuple(thing.fields.values())
    texts = [each for each in fields if each.type is FieldType.STRING]
    shown = next((each for each in texts if each.searched or each.required), None) or (texts[0] if texts else None)
    known = draft.attributes(thing)
    return Entity(
        name=thing.name,
        plural=plural,
        label=thing.label,
        fields=fields,
        origin=thing.origin,
        display=shown.name if shown else "",
        owner=thing.owner,
        account=thing.name == draft.account,
        description=thing.description,
        together=tuple(dict.fromkeys(each for each in thing.together if set(each) <= known)),
    )


def _plurals(draft: Draft) -> dict[str, str]:
    """Returns the plural of each entity, no two the same."""
    found: dict[str, str] = {}
    for thing in draft.things.values():
        plural = naming.table(thing.name)
        taken = set(found.values())
        while plural in taken:
            plural = naming.safe(f"{plural}_rows", naming.Kind.PLURAL).name
        found[thing.name] = plural
    return found


def _features(draft: Draft, entities: tuple[Entity, ...]) -> tuple[Feature, ...]:
    kept = {each.name for each in entities}
    open_to_search = tuple(
        each.name for each in entities if any(field.searched for field in each.fields) and not each.account
    )
    rest = tuple(each.name for each in entities if not each.account)
    found: list[Feature] = []
    for kind in FeatureKind:
        feature = draft.features.get(kind)
        if feature is None:
            continue
        names = tuple(each for each in feature.entities if each in kept)
        if kind in SPREAD and not names:
            names = open_to_search if kind is FeatureKind.SEARCH else rest
        if kind is FeatureKind.AUTH:
            names = (draft.account,)
        if names or kind not in SPREAD:
            found.append(replace(feature, entities=names))
    return tuple(found)
