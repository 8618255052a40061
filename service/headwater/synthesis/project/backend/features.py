"""Fills in what the features of an application speak of: its account, what it searches, whom it tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from headwater.synthesis.project import naming
from headwater.synthesis.project.backend.routers import statuses
from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.interface import RouteKind
from headwater.synthesis.project.payloads import owner_relation
from headwater.synthesis.project.python import WIDTH, call, module, natural, pieces, quoted, width
from headwater.synthesis.project.spec import Entity, FeatureKind, FieldType, RelationKind, Spec
from headwater.synthesis.project.traits import administrator, notice, required_texts, traits

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
    filled["searched"] = _tuple([_rows(each.name) for each in searched], "SEARCHED: tuple[Rows[Any], ...] = ")
    filled["counted"] = _tuple([told for _, told in counted], "COUNTED: tuple[tuple[Rows[Any], Sequence[str]], ...] = ")
    for kind in (RouteKind.SEARCH, RouteKind.DASHBOARD):
        route = plan.interface.route(kind)
        filled[f"{kind}_statuses"] = ", ".join(map(str, statuses(plan, route))) if route else ""
    filled["search_rows"] = _imported_rows([each.name for each in searched])
    filled["dashboard_rows"] = _imported_rows([name for name, _ in counted])
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


def _rows(entity: str) -> str:
    """Returns what the rows of an entity are called where those of several stand together."""
    return f"{naming.snake(entity)}_rows"


def _imported_rows(entities: Sequence[str]) -> str:
    names = sorted({naming.snake(each) for each in entities}, key=natural)
    return "\n".join(f"from app.generated.routers.{each} import rows as {each}_rows" for each in names)


def _counted(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yields each entity that is counted, and how."""
    feature = plan.spec.feature(FeatureKind.DASHBOARD)
    for name in feature.entities if feature else ():
        entity = plan.spec.entity(name)
        if entity is not None and plan.interface.route(RouteKind.LIST, name):
            choices = [quoted(each.name) for each in entity.fields if each.type is FieldType.ENUM]
            yield name, f"({_rows(name)}, ({', '.join(choices)}{',' if len(choices) == 1 else ''}))"


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
