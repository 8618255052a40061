"""Turns requirements into a plan: the spec, and everything that is derived from it."""

from __future__ import annotations

from headwater.projects import Edition, Order
from headwater.synthesis.project import interface, schema
from headwater.synthesis.project.files import Hook, Options, Plan
from headwater.synthesis.project.parsing import parse
from headwater.synthesis.project.spec import Spec


def read(requirements: str, name: str, description: str) -> Spec:
    """Returns the spec of requirements, without a model. Raises the Problem that names what cannot be read."""
    return parse(requirements, name=name, description=description)


def plan(
    spec: Spec,
    options: Options,
    earlier: tuple[Edition, ...] = (),
    hooks: tuple[Hook, ...] = (),
    layout: int = schema.LAYOUT,
) -> Plan:
    """Derives what renderers stand on; schemas that did not change from one edition to the next count once."""
    editions = (*earlier, Edition(spec=spec, layout=layout))
    *schemas, present = [schema.derive(each.spec, layout=each.layout) for each in editions]
    different = [each for at, each in enumerate(schemas) if each != [*schemas, present][at + 1]]
    return Plan(
        spec=spec,
        schema=present,
        interface=interface.derive(spec),
        options=options,
        earlier=tuple(different),
        hooks=hooks,
    )


def history(order: Order, spec: Spec) -> tuple[Edition, ...]:
    """Returns the editions that a project had before, the oldest first, without those that the next one equals."""
    if order.previous is None:
        return ()
    kept = (*order.previous.earlier, order.previous.edition)
    return tuple(each for at, each in enumerate(kept) if each != (*kept, Edition(spec=spec))[at + 1])
