"""Adds a feature to a spec with the tables that it keeps, by the same lines as the parser, and takes it back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from headwater.synthesis.project.ontology import notation
from headwater.synthesis.project.ontology.features import FEATURES, SUBJECT, FeatureEntry
from headwater.synthesis.project.parsing.expansion import table_for
from headwater.synthesis.project.parsing.values import field_of
from headwater.synthesis.project.proposal import operations as ops
from headwater.synthesis.project.proposal.amended import Amended, Refused
from headwater.synthesis.project.spec import Entity, Feature, FeatureKind, Origin

Handlers = Mapping[type[Any], Callable[[Amended, Any], Amended]]


def added(now: Amended, wanted: ops.AddFeature, handlers: Handlers) -> Amended:
    """Adds a feature; each table that it keeps is made unless there is one of that name."""
    if wanted.feature is FeatureKind.AUTH:
        raise Refused("whether people sign in is settled by the requirements", "leave it as it is")
    if now.spec.feature(wanted.feature):
        raise Refused(f"there is a feature {wanted.feature} already", "leave it as it is")
    entry = next(each for each in FEATURES if each.kind is wanted.feature)
    if entry.needs_account and now.spec.account is None:
        raise Refused(f"{wanted.feature} need people who sign in", "leave it out")
    chosen = tuple(dict.fromkeys(now.entity(each).name for each in wanted.entities))
    entities = chosen or tuple(each.name for each in now.spec.entities if not each.account)
    if SUBJECT in entry.table:
        entities = entities[:1]
    for operation in _operations(now, entry, now.entity(entities[0])) if entities else ():
        now = handlers[type(operation)](now, operation)
    feature = Feature(kind=wanted.feature, entities=entities, origin=now.origin())
    ranks = list(FeatureKind)
    features = sorted((*now.spec.features, feature), key=lambda each: ranks.index(each.kind))
    return now.told(f"There is {wanted.feature}.").with_features(features)


def removed(now: Amended, entity: str) -> Amended:
    """Takes an entity out of the features that work on it, and those that work on nothing else."""
    left = (
        replace(each, entities=tuple(name for name in each.entities if name != entity)) for each in now.spec.features
    )
    worked = {each.kind for each in now.spec.features if each.entities}
    return now.with_features(each for each in left if each.entities or each.kind not in worked)


def _operations(now: Amended, entry: FeatureEntry, subject: Entity) -> Iterator[ops.Operation]:
    """Yields what makes the tables of a feature."""
    lines = notation.read(table_for(entry, subject.name)) if entry.table else ()
    owners = {each.source: each.name for each in lines if isinstance(each, notation.RelationLine) and each.owner}
    new = {each.name for each in notation.entities(lines) if now.spec.entity(each.name) is None}
    for line in notation.entities(lines):
        if line.name in new:
            fields = tuple(_field(each, now.origin()) for each in line.fields)
            yield ops.AddEntity(name=line.name, fields=fields, policy=line.policy, owned_by=owners.get(line.name, ""))
    for line in lines:
        if not isinstance(line, notation.RelationLine) or not {line.source, line.target} & new:
            continue
        if line.source in new and line.name == owners.get(line.source):
            continue
        yield ops.AddRelation(
            source=line.source, name=line.name, kind=line.kind, optional=line.optional, on_delete=line.on_delete,
            target=now.account().name if line.target == notation.ACCOUNT else line.target, inverse=line.inverse,
        )  # fmt: skip


def _field(text: str, origin: Origin) -> ops.NewField:
    field = field_of(text, origin).field
    return ops.NewField(**{each.name: getattr(field, each.name) for each in dataclasses.fields(ops.NewField)})
