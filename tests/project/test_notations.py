# ruff: noqa: E501, ISC004 — a text of the table is a text
"""The ways in which people write down fields, choices, bounds and relations are read for what they say."""

from __future__ import annotations

import pytest

from headwater.synthesis.project.checking import check
from headwater.synthesis.project.parsing import parse
from headwater.synthesis.project.spec import Entity, Field, FieldType, OriginKind, RelationKind, Spec

NOTATIONS: tuple[tuple[str, str, str], ...] = (
    ("choices in brackets", "Task: name, price, due_date, status (open, closed)",
     "name! price:decimal due_date:date status:open|closed"),
    ("choices in brackets with or", "Task: name, status (open, in progress or closed), due_date",
     "name! status:open|in_progress|closed due_date:date"),
    ("choices behind a colon", "Task:\n- name\n- status: open|closed\n", "name! status:open|closed"),
    ("choices in square brackets", "Task: name, status [open/closed], due date", "name! status:open|closed due_date:date"),
    ("choices in square brackets with commas", "Task: name, status [open, closed], due date",
     "name! status:open|closed due_date:date"),
    ("choices in braces", "Task: name, status {open, closed}", "name! status:open|closed"),
    ("choices behind an equals sign", "Task: name, status = open or closed, price", "name! status:open|closed price:decimal"),
    ("choices behind a colon in a line", "Task: name, status: open/closed, price", "name! status:open|closed price:decimal"),
    ("choices with commas behind a colon", "## Task\n- name\n- status: open, closed, archived\n", "name! status:open|closed|archived"),
    ("choices with or behind a colon", "## Task\n- name\n- status: open, closed or archived\n", "name! status:open|closed|archived"),
    ("choices with a default", "Task: name, status (open, closed; default closed)", "name! status:open|closed=closed"),
    ("a range", "Task: name, rating 1-5, price", "name! rating:integer[1..5] price:decimal"),
    ("a range in brackets", "Task: name, rating (1 to 5)", "name! rating:integer[1..5]"),
    ("a range with dots", "Task: name, rating: 1..5", "name! rating:integer[1..5]"),
    ("words in brackets", "Task: title (required, max 100), body (text, optional)", "title![1..100] body:text"),
    ("a star for required", "Task: title*, notes, e-mail*", "title! notes:text email:email!"),
    ("unique without a colon", "Task: name, email unique, code (unique)", "name! email:email+ code!+"),
    ("a question mark for optional", "Task: name?, due_date?, price", "name due_date:date price:decimal"),
    ("types behind colons", "Task: name, price: decimal, due_date: date, count: int", "name! price:decimal due_date:date count:integer"),
    ("types of databases", "Task: name varchar(80), price decimal(10,2), done boolean default false, notes text",
     "name![1..80] price:decimal done:boolean notes:text"),
    ("types in brackets", "Task: name (string), price (decimal), photo (image), done (yes/no)",
     "name! price:decimal photo:file done:boolean"),
    ("a verb and a type", "Task: name, created on date, finished on (date)", "name! created_on:date finished_on:date"),
    ("camel case", "Task: name, isActive: bool, dueDate: date, unitPrice", "name! is_active:boolean due_date:date unit_price:decimal"),
    ("title case", "Task: Name, Due Date, Unit Price, Is Active", "name! due_date:date unit_price:decimal is_active:boolean"),
    ("implied names", "Task: id, name, price, created_at, updatedAt", "name! price:decimal"),
    ("quantity and money", "Task: name, qty, $ price, cost ($), discount (%)",
     "name! qty:integer price:decimal cost:decimal discount:decimal"),
    ("bullets with types", "Task:\n- title: string, required\n- price: decimal, required, min 0\n- due_date: date, optional\n",
     "title! price:decimal! due_date:date"),
    ("bullets with dashes", "### Task\n* title - string, required\n* price — decimal\n* due date – when it must be done\n",
     "title! price:decimal due_date:date"),
    ("bullets with bold names", "### Task\n- **title** (string, required)\n- **price**: decimal\n- `due_date` date\n",
     "title! price:decimal due_date:date"),
    ("nested bullets", "- Task\n  - title\n  - price\n  - status (open, closed)\n- Label\n  - name\n",
     "title! price:decimal status:open|closed"),
    ("nested bullets with colons", "* Task:\n    * title\n    * price\n* Label:\n    * name\n", "title! price:decimal"),
    ("numbered lists", "Entities\n1. Task: title, price, status (open, closed).\n2. Label: name.\n", "title! price:decimal status:open|closed"),
    ("numbered fields", "Task\n1. title\n2. price\n3. due date\n", "title! price:decimal due_date:date"),
    ("a line of fields below a heading", "## Task\nFields: title, price, status (open, closed)\n\n## Label\nFields: name\n",
     "title! price:decimal status:open|closed"),
    ("fields below a label", "Task\nAttributes:\n- title\n- price\n", "title! price:decimal"),
    ("semicolons and a full stop", "Task: title; price; status (open, closed); due date.", "title! price:decimal status:open|closed due_date:date"),
    ("and before the last", "Task: title, price, and due date.", "title! price:decimal due_date:date"),
    ("brackets around all", "Task (title, price, status: open|closed)", "title! price:decimal status:open|closed"),
    ("a call", "Task(title, price, status[open/closed])", "title! price:decimal status:open|closed"),
    ("a table of fields", "### Task\n| Field | Type | Notes |\n|---|---|---|\n| title | string | required |\n| price | decimal | |\n| status | enum | open, closed |\n",
     "title! price:decimal status:open|closed"),
    ("a table of things", "| Entity | Fields |\n|---|---|\n| Task | title, price, status (open, closed) |\n| Label | name |\n",
     "title! price:decimal status:open|closed"),
    ("an arrow", "Task: title, author -> User, label -> Label\nLabel: name", "title! author>User label>Label"),
    ("a thing in brackets", "Task: title, author (User), label (Label)\nLabel: name", "title! author>User label>Label"),
    ("a thing behind a colon", "Task: title, author: User, label: Label\nLabel: name", "title! author>User label>Label"),
    ("a list of things", "Task:\n- title\n- labels: list of Label\n\nLabel:\n- name\n", "title! labels<>Label"),
    ("things in square brackets", "Task: title, labels: Label[]\nLabel: name", "title! labels<>Label"),
    ("belongs to", "Task:\n- title\n- belongs to Project\n\nProject:\n- name\n", "title! project>Project"),
    ("belongs to in a line", "Task: title, belongs to a project\nProject: name", "title! project>Project"),
    ("a key", "Task: title, project_id, userId\nProject: name", "title! project>Project user>User"),
    ("a key in words", "Task: title, project id (foreign key)\nProject: name", "title! project>Project"),
    ("references", "Task: title, project references Project\nProject: name", "title! project>Project"),
    ("has many", "Task:\n- title\n- has many comments\n\nComment:\n- body\n", "title! comments<Comment"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "said"), [each[1:] for each in NOTATIONS], ids=[each[0] for each in NOTATIONS])
def test_a_notation_says_what_it_means(text: str, said: str) -> None:
    """What is written in any of these ways, and nothing else, is what the task has."""
    spec = parse(text)
    task = spec.entity("Task")
    assert task is not None
    assert not check(spec)
    assert shown(spec, task) == set(said.split())


def shown(spec: Spec, entity: Entity) -> set[str]:
    """Returns a word for each stated field and relation: `price:decimal!`, `author>User`, `comments<Comment`."""
    fields = {_field(each) for each in entity.fields if each.origin.kind is OriginKind.STATED}
    joined = {each for each in spec.relations if each.origin.kind is OriginKind.STATED}
    mine = {
        f"{each.name}{'<>' if each.kind is RelationKind.MANY_TO_MANY else '>'}{each.target}"
        for each in joined
        if each.source == entity.name
    }
    return fields | mine | {f"{each.inverse}<{each.source}" for each in joined if each.target == entity.name}


def _field(field: Field) -> str:
    kind = "" if field.type is FieldType.STRING else f":{'|'.join(field.choices) or field.type}"
    given = field.type in {FieldType.ENUM, FieldType.BOOLEAN}
    default = f"={field.default}" if field.choices and field.default != field.choices[0] else ""
    bounded = field.type in {FieldType.STRING, FieldType.INTEGER} and field.maximum not in {None, 200.0}
    reach = f"[{field.minimum or 0:g}..{field.maximum:g}]" if bounded else ""
    return (
        f"{field.name}{kind}{default}{'!' if field.required and not given else ''}{'+' if field.unique else ''}{reach}"
    )


PROSE: tuple[tuple[str, str, str, set[str]], ...] = (
    ("a paragraph of a tender", "The solution shall allow the registration of assets, including asset number, serial number, purchase date "
     "and location. Each asset shall be assigned to one employee.", "Asset",
     {"asset_number", "serial_number", "purchase_date:date", "location", "assignee>User"}),
    ("a chat message", "hey, can you build something for bugs? every bug needs a title, severity (low, medium, high), steps to "
     "reproduce, and who it's assigned to. bugs belong to a project.", "Bug",
     {"title!", "severity:low|medium|high", "steps_to_reproduce:text", "assignee>User", "project>Project"}),
    ("where", "Build an event platform where organizers create events with title, description, date and ticket price.", "Event",
     {"title!", "description:text", "on_date:date", "ticket_price:decimal"}),
    ("a table below sentences", "# Shop\n\n## Product\n\nA product that we sell.\n\n| Name | Type | Required |\n|--|--|--|\n"
     "| code | string | no |\n| price | decimal(10,2) | yes |\n", "Product", {"code!", "price:decimal!"}),
    ("calls in a line", "Movie (title, year), Hall (name, seats), Screening (movie, hall, start time)", "Screening",
     {"start_time:datetime", "movie>Movie", "hall>Hall"}),
    ("German", "Wir brauchen eine Anwendung für unsere Bibliothek.\nBuch: Titel, Preis\nAusleihe: Buch, Datum, Status (offen, erledigt)",
     "Ausleihe", {"datum:date", "status:offen|erledigt", "buch>Buch"}),
    ("Spanish", "Aplicación para una clínica veterinaria.\n- Mascota: nombre, especie\n- Cita: fecha, hora, mascota, estado (pendiente, confirmada)",
     "Cita", {"fecha:date", "hora:time", "mascota>Mascota", "estado:pendiente|confirmada"}),
)  # fmt: skip


@pytest.mark.parametrize(("text", "name", "said"), [each[1:] for each in PROSE], ids=[each[0] for each in PROSE])
def test_prose_says_what_a_thing_has(text: str, name: str, said: set[str]) -> None:
    """What sentences of other styles say of a thing, and nothing else, is what it has."""
    spec = parse(text)
    thing = spec.entity(name)
    assert thing is not None
    assert not check(spec)
    assert shown(spec, thing) == said


@pytest.mark.parametrize(
    "head", ["Nice to have", "Out of scope", "Acceptance criteria", "User story", "Q", "To", "Must have"]
)
def test_words_over_a_text_are_no_things(head: str) -> None:
    """Headings of requirements, letters and small words are nothing that an application keeps."""
    spec = parse(f"Task: title, price\n\n{head}:\n- name\n- price\n\n{head}: name, price\n")
    assert {each.name for each in spec.entities if not each.account} == {"Task"}
