"""Writes the models: what the pages need to know of each entity, typed by the client of the API."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.frontend.api import OWN_PARAMETERS, camel, members, scopes
from headwater.synthesis.project.frontend.bounds import bounds
from headwater.synthesis.project.frontend.typescript import INDENT, NOTICE, WIDTH, Code, Value, imported, literal
from headwater.synthesis.project.interface import RouteKind
from headwater.synthesis.project.payloads import (
    Payload,
    Property,
    Shape,
    claim_relation,
    created,
    filters,
    read,
    written_name,
)
from headwater.synthesis.project.plurals import singular
from headwater.synthesis.project.spec import Entity, FieldType, OnDelete, Relation, RelationKind

ACTIONS = {
    RouteKind.CREATE: "create", RouteKind.LIST: "read", RouteKind.UPDATE: "update", RouteKind.DELETE: "delete",
    RouteKind.OPTIONS: "options", RouteKind.EXPORT: "export", RouteKind.HISTORY: "history",
    RouteKind.SET_ROLE: "setRole",
}  # fmt: skip
"""What the pages call the use of a route."""
COLUMNS = 5
"""How many columns a list has at most, besides the name of a row."""
FEW = 3
"""Up to how many columns a list has room for long texts."""

NAMED = """
/** A model by the name of its entity. */
export function modelNamed(name: string): Model | undefined {
  return Object.values(models).find((model) => model.name === name);
}
"""


def modules(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yields the name and the text of the module of each entity that has routes, and of the index."""
    shown = pages(plan)
    for entity in shown:
        yield entity.plural, _Model(plan, entity).text()
    yield "index", _index(plan, shown)


def pages(plan: Plan) -> tuple[Entity, ...]:
    """Returns the entities that have pages: those that somebody may do something with."""
    return tuple(each for each in plan.spec.entities if plan.interface.of(each.name))


def model_name(entity: Entity) -> str:
    """Returns what the model of an entity is called."""
    return f"{entity.name[0].lower()}{entity.name[1:]}Model"


def humanised(name: str) -> str:
    """Returns a name for people: `order_items` is "Order items"."""
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def _index(plan: Plan, shown: tuple[Entity, ...]) -> str:
    spec = plan.spec
    lines = [f'import {{ {model_name(each)} }} from "./{each.plural}";\n' for each in shown]
    lines += ['import type { Model } from "./model";\n\n']
    table = literal({each.plural: Code(model_name(each)) for each in shown}, before=44)
    lines += [f"/** The models by their paths. */\nexport const models: Record<string, Model> = {table};\n"]
    if spec.account:
        lines += [f"\n/** Whom people sign in as. */\nexport const account: Model = {model_name(spec.account)};\n"]
    if any(plan.interface.route(each) for each in (RouteKind.SEARCH, RouteKind.DASHBOARD)):
        lines += [NAMED]
    return NOTICE + "".join(lines)


class _Model:
    """The model of one entity."""

    def __init__(self, plan: Plan, entity: Entity) -> None:
        self.plan, self.spec, self.entity = plan, plan.spec, entity
        self.routes = {each.kind: each for each in plan.interface.of(entity.name)}
        self.shown, self.written = read(plan.spec, entity), created(plan.spec, entity)

    def text(self) -> str:
        plural, name = self.entity.plural, self.entity.name
        answered = any(each.answer is not None for each in self.routes.values())
        makes = RouteKind.CREATE in self.routes or self.entity.account
        shown = name if answered else "Row"
        written = f"{name}Create" if makes else (f"{name}Update" if RouteKind.UPDATE in self.routes else shown)
        types = [f"type {each}" for each in dict.fromkeys((shown, written)) if each != "Row"]
        ours = "defineModel" if answered else "defineModel, type Row"
        model = literal({key: each for key, each in self._model() if each is not None}, before=60)
        head = f"export const {model_name(self.entity)} = defineModel<"
        start = f"{head}{shown}, {written}>("
        if len(start) + len("{") > WIDTH:
            start = f"{head}\n{INDENT}{shown},\n{INDENT}{written}\n>("
        return (
            f'{NOTICE}{imported([camel(plural), *types], f"../api/{plural}")}import {{ {ours} }} from "./model";\n\n'
            f"{start}{model});\n"
        )

    def _model(self) -> Iterator[tuple[str, Value]]:
        entity = self.entity
        yield "name", entity.name
        yield "path", entity.plural
        yield "label", entity.label
        yield "plural", humanised(entity.plural)
        yield "description", entity.description
        yield "nothing", entity.nothing or None
        yield "display", entity.display or None
        yield "owner", self._owner()
        yield "calls", Code(camel(entity.plural))
        yield "access", {ACTIONS[kind]: scopes(route) for kind, route in self.routes.items() if kind in ACTIONS}
        yield "fields", list(self._fields())
        yield "columns", list(self._columns())
        yield "searched", True if RouteKind.LIST in self.routes and self.routes[RouteKind.LIST].searched else None
        yield "related", [self._related(each) for each in self.spec.incoming(entity.name) if self._listed(each)]

    def _owner(self) -> list[Value] | None:
        return ["id"] if self.entity.account else list(self.entity.owner) or None

    def _fields(self) -> Iterator[Value]:
        inputs = {self._name(each): each for each in self.written.properties}
        wanted: dict[str, dict[str, str]] = {}
        if RouteKind.LIST in self.routes:
            for each in filters(self.spec, self.entity):
                if each.name not in OWN_PARAMETERS:
                    wanted.setdefault(self._name(each), {})[str(each.limit or "filter")] = each.name
        sorts = self.routes[RouteKind.LIST].sorts if RouteKind.LIST in self.routes else ()
        secrets = [each for each in self.written.properties if each.type is FieldType.SECRET]
        for each in (*self.shown.properties, *secrets):
            if each.name != "id":
                entries = self._field(each, inputs.get(each.name), sorts, wanted.get(each.name, {}))
                yield {key: value for key, value in entries if value is not None and value is not False}

    def _field(
        self, each: Property, given: Property | None, sorts: tuple[str, ...], wanted: dict[str, str]
    ) -> Iterator[tuple[str, Value]]:
        field = each.field
        role = self.entity.account and each.name == "role"
        label = each.label if field else humanised(each.label)
        yield "name", each.name
        yield "label", label
        yield "type", "enum" if role else str(each.type or each.shape)
        yield "input", given.name if given else None
        if given is not None:
            yield "required", given.shape is not Shape.KEYS and not given.nullable
        if field is not None:
            yield from bounds(self.plan.schema.table(self.entity.name), field)
        yield "choices", list(members(self.spec)) if role else (list(field.choices) or None if field else None)
        if field is not None and given is not None:
            yield "initial", field.default
        claim = claim_relation(self.spec, self.entity)
        yield "claims", claim is not None and claim.name == each.name
        target = self.spec.entity(each.target)
        yield "target", target.plural if target else None
        yield "autoComplete", _auto_complete(self.entity, each)
        yield "sortable", each.name in sorts
        yield from wanted.items()

    def _name(self, each: Property) -> str:
        """Returns the name that a property of a request or a filter has in an answer."""
        if each.shape is Shape.VALUE:
            return each.field.name if each.limit and each.field else each.name
        for relation in self.spec.outgoing(self.entity.name):
            if each.name in {written_name(relation), _filter_name(relation)}:
                return relation.name
        return each.name

    def _columns(self) -> Iterator[str]:
        payload: Payload = self.shown
        kept = [each for each in payload.properties if each.name not in {"id", "updated_at", self.entity.display}]
        short = [each.name for each in kept if each.type is not FieldType.TEXT]
        named = [self.entity.display] if self.entity.display else []
        if len(short) <= FEW:
            short = [each.name for each in kept]
        yield from named
        if len(short) > COLUMNS:
            short = [each for each in short if each != "created_at"]
        yield from short[:COLUMNS]

    def _listed(self, relation: Relation) -> bool:
        return self.plan.interface.route(RouteKind.LIST, relation.source) is not None

    def _related(self, relation: Relation) -> Value:
        source = self.spec.entity(relation.source)
        if source is None:
            raise KeyError(relation.source)
        name = _filter_name(relation)
        goes = relation.on_delete is OnDelete.CASCADE and relation.kind is not RelationKind.MANY_TO_MANY
        kept: dict[str, Value] = {"path": source.plural, "filter": name, "label": humanised(relation.inverse)}
        return {**kept, "goes": True} if goes else kept


def _filter_name(relation: Relation) -> str:
    """Returns the parameter that narrows the list of the source to one target of a relation."""
    many = relation.kind is RelationKind.MANY_TO_MANY
    return f"{singular(relation.name) if many else relation.name}_id"


def _auto_complete(entity: Entity, each: Property) -> str | None:
    """Returns how browsers may fill in a field: only accounts are about who sits before them."""
    if each.type is FieldType.SECRET:
        return "new-password"
    known = {"email": "email", "name": "name", "full_name": "name", "phone": "tel"}
    return known.get(each.name) if entity.account else None
