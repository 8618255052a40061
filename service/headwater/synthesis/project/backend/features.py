"""Fills in what the features of an application speak of: its account, what it searches, whom it tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from headwater.synthesis.project import naming
from headwater.synthesis.project.backend.code import WIDTH, call, imported, module, pieces, quoted, width
from headwater.synthesis.project.backend.routers import statuses
from headwater.synthesis.project.backend.traits import administrator, notice, required_texts, traits
from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.interface import RouteKind
from headwater.synthesis.project.payloads import owner_relation
from headwater.synthesis.project.spec import Entity, FeatureKind, FieldType, RelationKind, Spec

VERSION = "0.1.0"


def about(plan: Plan) -> str:
    """Returns the module that says what the application is called."""
    lines = [
        _constant("TITLE", plan.spec.title),
        _constant("DESCRIPTION", plan.spec.description),
        f"VERSION = {quoted(VERSION)}",
    ]
    return module("What the application is called, and what it is for.", [], ["\n".join(lines)])


def names(plan: Plan) -> Mapping[str, str]:
    """Returns what stands for the `$names` of the files that are the same everywhere."""
    spec = plan.spec
    has = traits(plan)
    beside = ("conflicts", *(each for each in ("history", "notifications") if each in has))
    filled = {"Example": spec.entities[0].name, "beside": ", ".join(beside)}
    if spec.account is not None:
        filled |= _account(spec, spec.account)
    searched, counted = _searched(plan), list(_counted(plan))
    filled["searched"] = _tuple(
        [f"{naming.snake(each.name)}.rows" for each in searched], "SEARCHED: tuple[Rows[Any], ...] = "
    )
    filled["counted"] = _tuple(counted, "COUNTED: tuple[tuple[Rows[Any], Sequence[str]], ...] = ")
    for kind in (RouteKind.SEARCH, RouteKind.DASHBOARD):
        route = plan.interface.route(kind)
        filled[f"{kind}_statuses"] = ", ".join(map(str, statuses(plan, route))) if route else ""
    filled["search_routers"] = imported("app.generated.routers", [naming.snake(each.name) for each in searched])
    filled["dashboard_routers"] = imported("app.generated.routers", [each.partition(".")[0][1:] for each in counted])
    changes = next((each for each in plan.schema.tables if not each.entity and not each.relation), None)
    if changes is not None:
        filled |= {"changes": changes.name, "Change": _free("Change", spec)}
    told = notice(spec)
    if told is not None:
        entity, recipient, text = told
        filled |= {"Notification": entity.name, "recipient": recipient.name, "message": text.name}
        filled["concerned"] = "\n".join(["{", *_concerned(spec, entity), "}"])
    return filled


def _account(spec: Spec, account: Entity) -> dict[str, str]:
    given = [f"{quoted(each.name)}: name, " for each in required_texts(account)]
    role = administrator(spec)
    return {
        "Account": account.name, "account": naming.snake(account.name), "accounts": account.plural,
        "admin": role.name if role else "", "defaults": "".join(given),
    }  # fmt: skip


def _searched(plan: Plan) -> Sequence[Entity]:
    feature = plan.spec.feature(FeatureKind.SEARCH)
    return [
        entity
        for name in (feature.entities if feature else ())
        if (entity := plan.spec.entity(name)) is not None
        and any(each.searched for each in entity.fields)
        and plan.interface.route(RouteKind.LIST, name)
    ]


def _counted(plan: Plan) -> Iterator[str]:
    feature = plan.spec.feature(FeatureKind.DASHBOARD)
    for name in feature.entities if feature else ():
        entity = plan.spec.entity(name)
        if entity is not None and plan.interface.route(RouteKind.LIST, name):
            choices = [quoted(each.name) for each in entity.fields if each.type is FieldType.ENUM]
            yield f"({naming.snake(name)}.rows, ({', '.join(choices)}{',' if len(choices) == 1 else ''}))"


def _concerned(spec: Spec, notification: Entity) -> Iterator[str]:
    """Yields whom the rows of each entity concern: their owner, the owners of what they belong to, whom they name."""
    for entity in spec.entities:
        if entity.account or entity == notification:
            continue
        mine = owner_relation(spec, entity)
        people = [f"row.{mine.name}_id"] if mine else []
        for relation in spec.outgoing(entity.name):
            target = spec.entity(relation.target)
            if relation.kind is RelationKind.MANY_TO_MANY or target is None or relation == mine:
                continue
            theirs = owner_relation(spec, target)
            if target.account:
                people.append(f"row.{relation.name}_id")
            elif theirs is not None:
                known = f" if row.{relation.name} else None" if relation.optional else ""
                people.append(f"row.{relation.name}.{theirs.name}_id{known}")
        if people:
            yield call(f"{quoted(entity.name)}: lambda row: {{", people, "}", indent="    ") + ","


def _tuple(values: Sequence[str], before: str) -> str:
    """Returns a tuple as it stands behind what comes before it on its line."""
    line = f"({', '.join(values)}{',' if len(values) == 1 else ''})"
    return line if len(before + line) <= WIDTH else call(f"{before}(", values).removeprefix(before)


def _constant(name: str, text: str) -> str:
    line = f"{name} = {quoted(text)}"
    if width(line) <= WIDTH:
        return line
    return "\n".join([f"{name} = (", *(f"    {each}" for each in pieces(text, WIDTH - 4)), ")"])


def _free(name: str, spec: Spec) -> str:
    """Returns a name for a class that is no entity's."""
    while spec.entity(name) is not None:
        name += "Kept"
    return name
