"""Says what an application is: entities, relations, who may do what, features, and where each of these came from.

The contract between the parser, a model that proposes changes, and every renderer. A valid spec (`checking.check`
finds nothing) promises:

* Each name is an identifier that is safe in Python, TypeScript, SQL and a URL. `Entity.name` and nothing else is
  PascalCase; fields, relations, roles and plurals are snake_case. `label` is a person's text of any kind: escape it.
* An entity has an implied `id`, `created_at`, `updated_at` and version, which are no fields of it.
* A relation is stored on its `source`: `MANY_TO_ONE` and `ONE_TO_ONE` as the column `<name>_id` there,
  `MANY_TO_MANY` as a join table. "One to many" is the same seen from the `target`, where it is called `inverse`.
* Required relations make no circle, so that entities can be created in the order of `creation_order`.
* At most one entity is the `account`: what people sign in as, with an implied `role`, the name of one of the roles. It
  has a required unique EMAIL `email` and a SECRET `password`. There is an account exactly when the feature AUTH is.
* `Entity.owner` is a path of relations that leads to the account, such as `("order", "customer")`; empty: nobody's.
  A permission with the scope OWN speaks of it; for the account itself, OWN is the own account.
* `permissions` holds one row for each role and entity, in the order of roles, then entities: nothing is left unsaid.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Scalar = str | int | float | bool
"""What a default may be. Dates are ISO 8601 text; a DATE or DATETIME may have the default `now`."""


class OriginKind(enum.StrEnum):
    """Where an element came from."""

    STATED = "stated"
    IMPLIED = "implied"
    ARCHETYPE = "archetype"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A piece of the requirement text, in characters; `end` is exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Why an element is there: the words that state it, what implies it, or the archetype that brings it."""

    kind: OriginKind
    reason: str
    span: Span | None = None


class FieldType(enum.StrEnum):
    """The kinds of values. SECRET is kept as a hash and never leaves; FILE is the reference of an upload."""

    STRING = "string"
    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    EMAIL = "email"
    URL = "url"
    PHONE = "phone"
    ENUM = "enum"
    FILE = "file"
    SECRET = "secret"  # noqa: S105 — a kind of field


TEXTUAL = frozenset({
    FieldType.STRING, FieldType.TEXT, FieldType.EMAIL, FieldType.URL, FieldType.PHONE, FieldType.SECRET,
})  # fmt: skip
"""Types whose bounds are lengths."""
NUMERIC = frozenset({FieldType.INTEGER, FieldType.DECIMAL})
"""Types whose bounds are values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A value of an entity. `minimum` and `maximum` bound a length or a number, both included; `choices` an ENUM.

    `filtered` asks for an index and a filter in lists; `searched` for a place in the full-text search.
    """

    name: str
    label: str
    type: FieldType
    origin: Origin
    required: bool = False
    unique: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    default: Scalar | None = None
    filtered: bool = False
    searched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A thing the application keeps. `plural` is its table and its route; `display` the field that names a row.

    `together` holds groups of fields or relations whose values are unique in combination; `nothing` is what its list
    says while it is empty, or nothing for the usual sentence.
    """

    name: str
    plural: str
    label: str
    fields: tuple[Field, ...]
    origin: Origin
    display: str = ""
    owner: tuple[str, ...] = ()
    account: bool = False
    description: str = ""
    together: tuple[tuple[str, ...], ...] = ()
    nothing: str = ""

    def field(self, name: str) -> Field | None:
        """Returns a field by its name."""
        return next((each for each in self.fields if each.name == name), None)


class RelationKind(enum.StrEnum):
    """How many rows stand on each side; the source is named first."""

    MANY_TO_ONE = "many_to_one"
    ONE_TO_ONE = "one_to_one"
    MANY_TO_MANY = "many_to_many"


class OnDelete(enum.StrEnum):
    """What becomes of the source row when its target is deleted; a join row always goes along (CASCADE)."""

    CASCADE = "cascade"
    RESTRICT = "restrict"
    SET_NULL = "set_null"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """Joins two entities. `name` reads from the source (`author`), `inverse` from the target (`posts`)."""

    name: str
    source: str
    target: str
    kind: RelationKind
    inverse: str
    origin: Origin
    optional: bool = False
    on_delete: OnDelete = OnDelete.RESTRICT
    label: str = ""


class Standing(enum.StrEnum):
    """What a role stands on: nobody signed in, somebody, or somebody who may do everything."""

    ANONYMOUS = "anonymous"
    MEMBER = "member"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Who acts. Exactly one role is ANONYMOUS; `default` is the one that a new account gets."""

    name: str
    label: str
    standing: Standing
    origin: Origin
    default: bool = False


class Action(enum.StrEnum):
    """What can be done; READ is one row and the list."""

    CREATE = "create"
    READ = "read"
    UPDATE = "update"
    DELETE = "delete"


class Scope(enum.StrEnum):
    """On which rows. CREATE with OWN makes rows that belong to who creates them."""

    NONE = "none"
    OWN = "own"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """What one role may do with one entity."""

    role: str
    entity: str
    create: Scope
    read: Scope
    update: Scope
    delete: Scope
    origin: Origin

    def scope(self, action: Action) -> Scope:
        """Returns the scope of one action."""
        return {
            Action.CREATE: self.create, Action.READ: self.read, Action.UPDATE: self.update, Action.DELETE: self.delete,
        }[action]  # fmt: skip


class FeatureKind(enum.StrEnum):
    """Behaviour beyond keeping rows. `entities` of a Feature are those it works on."""

    AUTH = "auth"
    SEARCH = "search"
    COMMENTS = "comments"
    TAGS = "tags"
    CATEGORIES = "categories"
    LIKES = "likes"
    RATINGS = "ratings"
    FAVOURITES = "favourites"
    UPLOAD = "upload"
    NOTIFICATIONS = "notifications"
    MESSAGES = "messages"
    EXPORT = "export"
    HISTORY = "history"
    DASHBOARD = "dashboard"
    PAYMENTS = "payments"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """Behaviour that was asked for, and the entities it works on."""

    kind: FeatureKind
    entities: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """What was taken for granted. `about` is a path such as `Post.title`, or empty for the whole."""

    text: str
    about: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a person should decide; `taken` is how it was decided meanwhile, one of `choices`."""

    text: str
    choices: tuple[str, ...]
    taken: str
    about: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """An application: what it keeps, who may do what, what it does beyond that, and what was taken for granted.

    `name` is snake_case and names the package; `title` is for people. `archetypes` are the kinds recognised, the best
    first.
    """

    name: str
    title: str
    description: str
    entities: tuple[Entity, ...]
    relations: tuple[Relation, ...]
    roles: tuple[Role, ...]
    permissions: tuple[Permission, ...]
    features: tuple[Feature, ...]
    archetypes: tuple[str, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    questions: tuple[Question, ...] = ()

    @property
    def account(self) -> Entity | None:
        """The entity people sign in as."""
        return next((each for each in self.entities if each.account), None)

    def entity(self, name: str) -> Entity | None:
        """Returns an entity by its name."""
        return next((each for each in self.entities if each.name == name), None)

    def outgoing(self, entity: str) -> tuple[Relation, ...]:
        """Returns the relations stored on an entity."""
        return tuple(each for each in self.relations if each.source == entity)

    def incoming(self, entity: str) -> tuple[Relation, ...]:
        """Returns the relations that point at an entity."""
        return tuple(each for each in self.relations if each.target == entity)

    def permission(self, role: str, entity: str) -> Permission | None:
        """Returns the row of the matrix for a role and an entity."""
        return next((each for each in self.permissions if each.role == role and each.entity == entity), None)

    def feature(self, kind: FeatureKind) -> Feature | None:
        """Returns a feature by its kind."""
        return next((each for each in self.features if each.kind is kind), None)


def creation_order(spec: Spec) -> tuple[Entity, ...]:
    """Returns the entities so that each comes after what it needs to exist; the given order breaks ties.

    Entities on a circle of required relations, which a valid spec does not have, come last in the given order.
    """
    needs = needed(spec)
    return tuple(_settle({each.name: each for each in spec.entities}, needs))


def needed(spec: Spec) -> Mapping[str, frozenset[str]]:
    """Returns, for each entity, the other entities a row of it cannot be without."""
    return {
        entity.name: frozenset(
            each.target
            for each in spec.outgoing(entity.name)
            if not each.optional and each.kind is not RelationKind.MANY_TO_MANY and each.target != entity.name
        )
        for entity in spec.entities
    }


def _settle(waiting: dict[str, Entity], needs: Mapping[str, frozenset[str]]) -> Iterator[Entity]:
    while waiting:
        ready = [name for name in waiting if not needs[name] & waiting.keys()]
        if not ready:
            break
        yield from (waiting.pop(name) for name in ready)
    yield from waiting.values()
