"""Writes the schemas: what comes in and goes out of each entity, with its bounds."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project import naming
from headwater.synthesis.project.defaults import NOW
from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.interface import Route, RouteKind
from headwater.synthesis.project.payloads import Payload, Property, Shape
from headwater.synthesis.project.plurals import with_article
from headwater.synthesis.project.python import (
    INDENT,
    WIDTH,
    call,
    exported,
    imported,
    module,
    natural,
    quoted,
    text_argument,
)
from headwater.synthesis.project.schema import column_name
from headwater.synthesis.project.spec import TEXTUAL, Entity, Field, FieldType, Standing
from headwater.synthesis.project.traits import is_password

LONGEST_TEXT = 100_000
LONGEST_SECRET = 128
GIVEN = {
    FieldType.STRING: "values.Text", FieldType.TEXT: "values.Text", FieldType.SECRET: "values.Text",
    FieldType.INTEGER: "values.Whole", FieldType.DECIMAL: "values.Amount", FieldType.BOOLEAN: "values.Truth",
    FieldType.DATE: "values.Day", FieldType.TIME: "values.Clock", FieldType.DATETIME: "values.Moment",
    FieldType.EMAIL: "values.Email", FieldType.URL: "values.Url", FieldType.PHONE: "values.Phone",
    FieldType.FILE: "values.FileName",
}  # fmt: skip
"""What a value of a body is, but for its bounds."""
SHOWN = {
    FieldType.INTEGER: "int", FieldType.DECIMAL: "values.AmountShown", FieldType.BOOLEAN: "bool",
    FieldType.DATE: "datetime.date", FieldType.TIME: "values.ClockShown", FieldType.DATETIME: "datetime.datetime",
}  # fmt: skip
"""What a value of an answer is; texts are the rest."""
ASKED = {
    FieldType.INTEGER: "values.Count", FieldType.DECIMAL: "values.Amount", FieldType.BOOLEAN: "bool",
    FieldType.DATE: "values.Day", FieldType.TIME: "values.Clock", FieldType.DATETIME: "values.Moment",
}  # fmt: skip
"""What a value of a query is; texts are the rest."""
OWN_PARAMETERS = {"limit", "offset", "sort", "q"}
"""What a list takes besides its filters."""


def schemas(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yields the name and the text of each module of schemas, and of the package."""
    names: dict[str, list[str]] = {}
    for entity in plan.spec.entities:
        schema = _Schema(plan, entity)
        if schema.payloads:
            yield naming.snake(entity.name), schema.text()
            names[naming.snake(entity.name)] = [each.name for each in schema.payloads]
    lines = [imported(f"app.generated.schemas.{each}", names[each]) for each in sorted(names, key=natural)]
    given = [each for found in names.values() for each in found]
    yield "__init__", module("What comes in and goes out.", [lines], [exported(given)])


class _Schema:
    """The module of one entity."""

    def __init__(self, plan: Plan, entity: Entity) -> None:
        self.plan, self.entity = plan, entity
        mine = (entity.name, f"{entity.name}Create", f"{entity.name}Update")
        self.payloads = [each for each in plan.interface.payloads if each.name in mine]
        self.table = plan.schema.table(entity.name)
        self.listed = plan.interface.route(RouteKind.LIST, entity.name)
        self.aliases: dict[str, str] = {}

    def text(self) -> str:
        classes = [self._payload(each) for each in self.payloads]
        if self.listed is not None:
            classes.append(self._asked(self.listed))
        if self.plan.interface.route(RouteKind.SET_ROLE, self.entity.name):
            classes.append(self._role())
        body = [*(["\n".join(self.aliases.values())] if self.aliases else []), *classes]
        told = "\n".join(body)
        standard = ["import datetime"] if "datetime." in told else []
        standard += [imported("decimal", ["Decimal"])] if "Decimal(" in told else []
        standard += [imported("typing", [each for each in ("Annotated", "Literal") if f"{each}[" in told])]
        third = [imported("pydantic", ["Field"])] if "Field(" in told else []
        ours = [
            imported("app.generated", [each for each in ("database", "listing", "values") if f"{each}." in told]),
        ]
        groups = [["from __future__ import annotations"], standard, third, ours]
        return module(f"What comes in and goes out of {self.entity.plural.replace('_', ' ')}.", groups, body)

    def _payload(self, payload: Payload) -> str:
        noun = with_article(naming.snake(self.entity.name).replace("_", " "))
        shown = payload.name == self.entity.name
        partial = payload.name == f"{self.entity.name}Update"
        doc = f"What is shown of {noun}." if shown else f"What {'changes' if partial else 'makes'} {noun}."
        lines = [f"class {payload.name}(values.{'Shown' if shown else 'Given'}):", f'    """{doc}"""', ""]
        written = (self._shown(each) if shown else self._given(each, partial=partial) for each in payload.properties)
        lines.extend(written)
        return "\n".join(lines).rstrip()

    def _shown(self, each: Property) -> str:
        if each.shape is Shape.REFERENCES:
            return f"    {each.name}: list[values.Reference]"
        kind = "values.Reference" if each.shape is Shape.REFERENCE else self._shown_kind(each)
        return f"    {each.name}: {kind}{' | None' if each.nullable else ''}"

    def _shown_kind(self, each: Property) -> str:
        if each.field is not None and each.type is FieldType.ENUM:
            return self._alias(each.field)
        return SHOWN.get(each.type or FieldType.STRING, "str")

    def _given(self, each: Property, *, partial: bool) -> str:
        if each.shape is Shape.KEYS:
            return f"    {each.name}: values.Keys = {'values.absent()' if partial else 'Field(default=[])'}"
        kind = "values.Key" if each.shape is Shape.KEY or each.field is None else self._alias(each.field)
        head = f"    {each.name}: {kind}{' | None' if each.nullable else ''}"
        if partial:
            return f"{head} = {'None' if each.nullable else 'values.absent()'}"
        if each.required:
            return head
        default = _default(each.field) if each.field is not None and each.field.default is not None else "None"
        return f"{head} = {default}"

    def _asked(self, route: Route) -> str:
        lines = [f"class {self.entity.name}Asked(listing.Asked):", '    """Which part of the list is asked for."""', ""]
        sorts = [quoted(each) for name in route.sorts for each in (name, f"-{name}")]
        lines.append(call("sort: Literal[", sorts, '] = "id"', indent=INDENT))
        if route.searched:
            lines.append("    q: values.Search | None = None")
        for each in route.filters:
            if each.name not in OWN_PARAMETERS:
                kind = "values.Id" if each.shape is Shape.KEY or each.field is None else self._asked_kind(each.field)
                lines.append(f"    {each.name}: {kind} | None = None")
        return "\n".join(lines)

    def _asked_kind(self, field: Field) -> str:
        return self._alias(field) if field.type is FieldType.ENUM else ASKED.get(field.type, "values.Text")

    def _role(self) -> str:
        roles = [quoted(each.name) for each in self.plan.spec.roles if each.standing is not Standing.ANONYMOUS]
        return "\n".join([
            "class RoleGiven(values.Given):", '    """What somebody is to be."""', "",
            call("role: Literal[", roles, "]", indent=INDENT),
        ])  # fmt: skip

    def _alias(self, field: Field) -> str:
        """Returns the type of a field; one with bounds has a name of its own."""
        name = f"{self.entity.name}{naming.pascal(field.name)}"
        if field.name in self.aliases:
            return self.aliases[field.name].partition(" ")[0]
        kind = self._kind(field)
        if kind.startswith("values."):
            return kind
        taken = {each.partition(" ")[0] for each in self.aliases.values()} | {each.name for each in self.payloads}
        while name in taken:
            name += "Value"
        self.aliases[field.name] = (
            f"{name} = {kind}" if not kind.startswith("Literal[") else f"{name} = {_broken(name, kind, field)}"
        )
        return name

    def _kind(self, field: Field) -> str:
        if field.type is FieldType.ENUM:
            return f"Literal[{', '.join(map(quoted, field.choices))}]"
        plain, bounds = GIVEN[field.type], self._bounds(field)
        if is_password(self.entity, field):
            plain = "values.Password"
        if field.type is FieldType.DECIMAL and field.minimum is not None and field.minimum >= 0:
            plain, bounds = "values.Positive", [each for each in bounds if each != "ge=0"]
        return f"Annotated[{plain}, Field({', '.join(bounds)})]" if bounds else plain

    def _bounds(self, field: Field) -> list[str]:
        if field.type in TEXTUAL or field.type is FieldType.FILE:
            length = self.table.column(column_name(field)).length
            longest = LONGEST_SECRET if field.type is FieldType.SECRET else length or LONGEST_TEXT
            longest = int(field.maximum) if field.maximum is not None else longest
            least = int(field.minimum) if field.minimum else 0
            return [*([f"min_length={least}"] if least else []), f"max_length={longest}"]
        number = _exact if field.type is FieldType.DECIMAL else _whole
        ends = (("ge", field.minimum), ("le", field.maximum))
        return [f"{name}={number(bound)}" for name, bound in ends if bound is not None]


def _broken(name: str, kind: str, field: Field) -> str:
    line = f"{name} = {kind}"
    return kind if len(line) <= WIDTH else call("Literal[", [quoted(each) for each in field.choices], "]")


def _whole(bound: float) -> str:
    return str(int(bound)) if bound == int(bound) else repr(bound)


def _exact(bound: float) -> str:
    return str(int(bound)) if bound == int(bound) else f"Decimal({quoted(repr(bound))})"


def _default(field: Field) -> str:
    """Returns the default of a field as Python."""
    value = field.default
    if value == NOW and field.type is FieldType.DATETIME:
        return "Field(default_factory=database.now)"
    if value == NOW and field.type is FieldType.DATE:
        return "Field(default_factory=lambda: database.now().date())"
    if field.type in {FieldType.DATE, FieldType.TIME, FieldType.DATETIME}:
        kind = {FieldType.DATE: "date", FieldType.TIME: "time"}.get(field.type, "datetime")
        zone = (
            ".replace(tzinfo=datetime.UTC)"
            if kind == "datetime" and "+" not in str(value) and "Z" not in str(value)
            else ""
        )
        return f"datetime.{kind}.fromisoformat({quoted(str(value))}){zone}"
    if field.type is FieldType.DECIMAL:
        return f"Decimal({quoted(str(value))})"
    return text_argument(value, "        ") if isinstance(value, str) else repr(value)
