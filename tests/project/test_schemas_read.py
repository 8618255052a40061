"""Schemas that are pasted into requirements are read: tables, types, bounds, choices and relations."""

from __future__ import annotations

import pytest

from headwater.synthesis.project.checking import check
from headwater.synthesis.project.parsing import parse
from headwater.synthesis.project.spec import FieldType, RelationKind, Spec

SQL = """CREATE TABLE authors (
  id SERIAL PRIMARY KEY,
  name VARCHAR(80) NOT NULL
);
CREATE TABLE IF NOT EXISTS public.books (
  id INT PRIMARY KEY,
  title VARCHAR(120) NOT NULL UNIQUE, -- shown
  pages INT CHECK (pages > 0),
  status VARCHAR(9) CHECK (status IN ('draft', 'sold, gone')) DEFAULT 'draft',
  author_id INT NOT NULL REFERENCES authors(id) ON DELETE CASCADE,
  created_at TIMESTAMP DEFAULT now()
);
CREATE INDEX by_title ON books(title);"""
PRISMA = """model Author {
  id Int @id @default(autoincrement())
  name String @db.VarChar(80)
  books Book[]
}
model Book {
  id Int @id
  title String @unique
  pages Int?
  status Status @default(DRAFT)
  author Author @relation(fields: [authorId], references: [id])
  authorId Int
}
enum Status {
  DRAFT
  SOLD
}"""
TYPESCRIPT = """interface Author { id: number; name: string; books: Book[] }
export interface Book {
  id: number;
  title: string;
  pages?: number;
  status: 'draft' | 'sold';
  author: Author;
}"""
GRAPHQL = """type Query { books: [Book] }
enum Status { DRAFT SOLD }
type Author { id: ID! name: String! books: [Book!]! }
type Book { id: ID! title: String! pages: Int status: Status author: Author! }"""
DBML = """Table authors {
  id integer [primary key]
  name varchar [not null]
}
Table books {
  id integer [primary key]
  title varchar [unique, not null]
  pages integer
  status Status
  author_id integer [not null, ref: > authors.id]
}
Enum Status {
  draft
  sold
}"""
DJANGO = """class Author(models.Model):
    name = models.CharField(max_length=80)

class Book(models.Model):
    title = models.CharField(max_length=120, unique=True)
    pages = models.IntegerField(null=True)
    status = Status()
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
"""
DATACLASS = """class Status(Enum):
    DRAFT = 1
    SOLD = 2

@dataclass
class Author:
    name: str

class Book(BaseModel):
    title: str
    pages: int | None = None
    status: Status
    author: Author
"""
MERMAID = """erDiagram
    AUTHOR ||--o{ BOOK : writes
    AUTHOR {
        string name
    }
    BOOK {
        string title
        int pages
    }"""
JSON = """{
  "Author": {"name": "string"},
  "Book": {"title": "string", "pages": "integer", "status": {"type": "string", "enum": ["draft", "sold"]},
           "author": "Author"}
}"""
JSON_ROWS = """{"books": [{"id": 1, "title": "Dune", "pages": 412, "author": {"name": "Frank"}}],
 "authors": [{"id": 7, "name": "Frank"}]}"""
NOTATIONS = {
    "sql": SQL, "prisma": PRISMA, "typescript": TYPESCRIPT, "graphql": GRAPHQL, "dbml": DBML, "django": DJANGO,
    "classes": DATACLASS, "mermaid": MERMAID, "json": JSON, "rows": JSON_ROWS,
}  # fmt: skip


def fields(spec: Spec, name: str) -> dict[str, FieldType]:
    entity = spec.entity(name)
    assert entity is not None
    return {each.name: each.type for each in entity.fields}


@pytest.mark.parametrize("fenced", [False, True], ids=["plain", "fenced"])
@pytest.mark.parametrize("name", list(NOTATIONS))
def test_a_schema_is_read_in_each_notation(name: str, *, fenced: bool) -> None:
    """Two things, their values and the relation between them, and nothing else but the account."""
    schema = NOTATIONS[name]
    text = f"Please build this.\n\n```{name}\n{schema}\n```\n" if fenced else f"Please build this.\n\n{schema}\n"
    spec = parse(text)
    assert not check(spec)
    assert {each.name for each in spec.entities} == {"User", "Author", "Book"}
    book = fields(spec, "Book")
    assert book["title"] is FieldType.STRING
    assert book["pages"] is FieldType.INTEGER
    assert fields(spec, "Author")["name"] is FieldType.STRING
    relation = next(each for each in spec.relations if each.source == "Book" and each.target == "Author")
    assert relation.kind is RelationKind.MANY_TO_ONE
    assert not [each for each in spec.relations if each.source == "Author" and each.target == "Book"]


@pytest.mark.parametrize("name", ["sql", "prisma", "typescript", "graphql", "dbml", "classes", "json"])
def test_choices_of_a_schema_are_read(name: str) -> None:
    """An enumeration, a union and a check all list what a value may be."""
    status = next(each for each in parse(NOTATIONS[name]).entities if each.name == "Book").field("status")
    assert status is not None
    assert status.type is FieldType.ENUM
    assert status.choices[0] == "draft"
    assert len(status.choices) == 2


def test_bounds_and_flags_of_sql_are_read() -> None:
    """Lengths, checks, uniqueness, defaults and required references hold."""
    spec = parse(SQL)
    book = spec.entity("Book")
    assert book is not None
    title, pages, status = (book.field(each) for each in ("title", "pages", "status"))
    assert title is not None
    assert (title.required, title.unique, title.maximum) == (True, True, 120)
    assert pages is not None
    assert (pages.required, pages.minimum) == (False, 1)
    assert status is not None
    assert status.default == "draft"
    assert not next(each for each in spec.relations if each.target == "Author").optional


def test_sentences_beside_a_schema_are_read_too() -> None:
    """Roles and features stand in the sentences, things in the schema."""
    spec = parse(f"{SQL}\n\nEditors manage books. Add a search for books.")
    assert "editor" in {each.name for each in spec.roles}
    assert "search" in {each.kind.value for each in spec.features}


def test_code_that_says_nothing_is_told() -> None:
    """Code without a table, a type or a class is no requirement; an assumption names its place."""
    text = "A note has a title.\n\n```bash\ncurl http://localhost/notes\n```\n"
    spec = parse(text)
    told = next(each for each in spec.assumptions if "code" in each.text)
    assert told.span is not None
    assert "curl" in text[told.span.start : told.span.end]
    assert {each.name for each in spec.entities} == {"User", "Note"}
