"""Says which changes to a spec can be proposed: one value for each kind of operation.

A part that is None in a change stays as it is. Entities are named as in the spec; names may be written in any case.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from headwater.synthesis.project.ontology.notation import Policy
from headwater.synthesis.project.spec import FeatureKind, FieldType, OnDelete, RelationKind, Scalar, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class NewField:
    """A field of a new entity."""

    name: str
    type: FieldType
    label: str = ""
    required: bool = False
    unique: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    default: Scalar | None = None
    filtered: bool = False
    searched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AddEntity:
    """Adds a thing to keep. `owned_by` names a relation to the account that says whose a row is; empty: nobody's."""

    name: str
    fields: tuple[NewField, ...]
    label: str = ""
    description: str = ""
    policy: Policy = Policy.SHARED
    owned_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEntity:
    """Changes what an entity is called by people, the field that names a row, or the path to its owner."""

    entity: str
    label: str | None = None
    description: str | None = None
    display: str | None = None
    owner: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveEntity:
    """Removes an entity with its relations and permissions."""

    entity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddField(NewField):
    """Adds a field to an entity."""

    entity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeField:
    """Changes a field; `clear` names what is taken away: minimum, maximum, default."""

    entity: str
    field: str
    label: str | None = None
    type: FieldType | None = None
    required: bool | None = None
    unique: bool | None = None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] | None = None
    default: Scalar | None = None
    filtered: bool | None = None
    searched: bool | None = None
    clear: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveField:
    """Removes a field."""

    entity: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddRelation:
    """Joins two entities; what becomes of the source row when its target is deleted follows, if not given."""

    source: str
    name: str
    target: str
    kind: RelationKind = RelationKind.MANY_TO_ONE
    optional: bool = False
    on_delete: OnDelete | None = None
    inverse: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRelation:
    """Changes a relation that is stored on `source`."""

    source: str
    name: str
    kind: RelationKind | None = None
    optional: bool | None = None
    on_delete: OnDelete | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveRelation:
    """Removes a relation that is stored on `source`."""

    source: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddRole:
    """Adds a role of people who sign in."""

    name: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveRole:
    """Removes a role and its permissions."""

    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPermission:
    """Says what a role may do with an entity; what is not given stays."""

    role: str
    entity: str
    create: Scope | None = None
    read: Scope | None = None
    update: Scope | None = None
    delete: Scope | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddFeature:
    """Adds behaviour to entities, with the tables that it keeps."""

    feature: FeatureKind
    entities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveFeature:
    """Removes behaviour; tables that it keeps are removed by `remove_entity`."""

    feature: FeatureKind


class Place(enum.StrEnum):
    """Where people read a text: where they learn what something is, or in a list that is empty."""

    ABOUT = "about"
    EMPTY_LIST = "empty_list"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteCopy:
    """Writes what people read of the application (README, start page), or of an entity (its card there, its list)."""

    text: str
    entity: str = ""
    place: Place = Place.ABOUT


Operation = (
    AddEntity | ChangeEntity | RemoveEntity | AddField | ChangeField | RemoveField | AddRelation | ChangeRelation
    | RemoveRelation | AddRole | RemoveRole | SetPermission | AddFeature | RemoveFeature | WriteCopy
)  # fmt: skip
OPERATIONS: dict[str, type[Operation]] = {
    "add_entity": AddEntity, "change_entity": ChangeEntity, "remove_entity": RemoveEntity,
    "add_field": AddField, "change_field": ChangeField, "remove_field": RemoveField,
    "add_relation": AddRelation, "change_relation": ChangeRelation, "remove_relation": RemoveRelation,
    "add_role": AddRole, "remove_role": RemoveRole, "set_permission": SetPermission,
    "add_feature": AddFeature, "remove_feature": RemoveFeature, "write_copy": WriteCopy,
}  # fmt: skip
"""The word by which a model calls for an operation."""
