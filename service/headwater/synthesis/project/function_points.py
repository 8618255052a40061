"""Counts unadjusted IFPUG function points of a spec (ISO/IEC 20926, Counting Practices Manual 4.3).

Each entity is an internal logical file; creating, changing and deleting are external inputs, reading one and listing
are external inquiries, a dashboard and an export are external outputs. How complex each is comes from the manual's
tables by the data elements (DET) and the files or record types it touches.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from headwater.synthesis.project.spec import Action, Entity, FeatureKind, RelationKind, Scope, Spec


class Weight(enum.IntEnum):
    """How complex a component is."""

    LOW = 0
    AVERAGE = 1
    HIGH = 2


FILES = (7, 10, 15)
INPUTS = (3, 4, 6)
OUTPUTS = (4, 5, 7)
INQUIRIES = (3, 4, 6)
"""Points of internal files, inputs, outputs and inquiries: low, average, high."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Unadjusted function points, by the kind of component."""

    files: int
    inputs: int
    outputs: int
    inquiries: int

    @property
    def total(self) -> int:
        """The sum."""
        return self.files + self.inputs + self.outputs + self.inquiries


def points(spec: Spec) -> Points:
    """Returns the points of a valid spec."""
    files = inputs = outputs = inquiries = 0
    for entity in spec.entities:
        elements, touched = _elements(spec, entity), _touched(spec, entity)
        records = 1 + sum(each.kind is RelationKind.MANY_TO_MANY for each in spec.outgoing(entity.name))
        files += FILES[_weight(elements, records, (19, 50), (1, 5))]
        done = {action for action in Action for each in spec.permissions
                if each.entity == entity.name and each.scope(action) is not Scope.NONE}  # fmt: skip
        for action in done - {Action.READ}:
            wide = elements if action is not Action.DELETE else 1
            inputs += INPUTS[_weight(wide, touched if action is not Action.DELETE else 1, (4, 15), (1, 2))]
        inquiries += 2 * INQUIRIES[_weight(elements, 1, (5, 19), (1, 3))] if Action.READ in done else 0
    for feature in spec.features:
        if feature.kind is FeatureKind.AUTH:
            inputs += 2 * INPUTS[Weight.LOW]
            inquiries += INQUIRIES[Weight.LOW]
        elif feature.kind is FeatureKind.SEARCH:
            inquiries += INQUIRIES[_weight(6, len(feature.entities), (5, 19), (1, 3))]
        elif feature.kind is FeatureKind.DASHBOARD:
            outputs += OUTPUTS[_weight(6, len(feature.entities), (5, 19), (1, 3))]
        elif feature.kind in {FeatureKind.EXPORT, FeatureKind.HISTORY}:
            outputs += len(feature.entities) * OUTPUTS[Weight.LOW]
    return Points(files=files, inputs=inputs, outputs=outputs, inquiries=inquiries)


def _elements(spec: Spec, entity: Entity) -> int:
    return len(entity.fields) + len(spec.outgoing(entity.name))


def _touched(spec: Spec, entity: Entity) -> int:
    return 1 + len({each.target for each in spec.outgoing(entity.name)} - {entity.name})


def _weight(elements: int, groups: int, wide: tuple[int, int], many: tuple[int, int]) -> Weight:
    """Returns the complexity by the manual's table: three columns of elements, three rows of files."""
    column = sum(elements > each for each in wide)
    row = sum(groups > each for each in many)
    return Weight(min(2, max(0, column + row - 1)))
