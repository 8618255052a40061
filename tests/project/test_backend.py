"""Rendered backends are sound Python, and behave as their interface says, as real processes."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from headwater.synthesis.project import backend
from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.python import NOTICE
from headwater.synthesis.project.spec import Spec
from tests.project.applications import (
    CHEAP,
    PASSWORD,
    REQUIREMENTS,
    command,
    errors,
    joins,
    made,
    plan_of,
    planned,
    running,
    serving,
    signs_in,
    succeeds,
    written,
)

HOSTILE = (
    '"""\'\'\' {{7*7}} ${x} %s \\ "; DROP TABLE x;-- </script>`id` \u202e\u0301 é 😀 #if account __account__\n#else'
)
OPEN = """
entities:
  Shelf:
    name: string required unique
    weight: decimal min 0.5 max 99.5
    opens: time
    kind: a | b = a
    site: url
    mail: email
    shelf: -> Shelf optional
    best: -> Box optional
    boxes: [Box]
  Box:
    label: string 1..3
    count: integer 1..10
    day: date default now
    at: datetime default now
    home: -> Shelf optional
features: [search, export, history, dashboard]
"""
HOOKS = """
from app.generated import models
from app.generated.access import Action
from app.generated.errors import Problem
from app.generated.hooks import Hooks, Write

hooks = Hooks()


@hooks.before(models.Box)
def shout(write: Write) -> None:
    if write.values["label"] == "no":
        raise Problem(422, "Not this one.", errors={"label": "must not be no"})
    write.row.label = write.row.label.upper()


@hooks.after(models.Box)
def shelve(write: Write) -> None:
    if write.action is Action.CREATE:
        write.caller.session.add(models.Shelf(name=f"for {write.row.label}"))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backends")


@pytest.fixture(scope="module")
def blog(folder: Path) -> Iterator[httpx.Client]:
    yield from running("blog", folder / "blog")


@pytest.fixture(scope="module")
def shop(folder: Path) -> Iterator[httpx.Client]:
    yield from running("shop", folder / "shop")


@pytest.fixture(scope="module")
def crm(folder: Path) -> Iterator[httpx.Client]:
    yield from running("crm", folder / "crm")


@pytest.fixture(scope="module")
def unguarded(folder: Path) -> Iterator[httpx.Client]:
    """An application without accounts."""
    yield from running(OPEN, folder / "unguarded")


def test_python_is_clean(tmp_path: Path) -> None:
    """Each module of each text parses, and passes the linter and the formatter with the project's own settings."""
    for path in sorted(REQUIREMENTS.iterdir()):
        written(planned(path.stem), tmp_path / path.stem)
    written(planned(OPEN), tmp_path / "open")
    written(_hostile(), tmp_path / "hostile")
    modules = list(tmp_path.rglob("*.py"))
    assert len(modules) > 500
    for module in modules:
        ast.parse(module.read_text(encoding="utf-8"))
    for words in (("check", "--output-format=concise"), ("format", "--check")):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *words, "--no-cache", "."], cwd=tmp_path, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_same_plan_gives_the_same_files(requirements: str) -> None:
    """Rendering is pure; no file stands there twice, and the user's own are marked."""
    found = list(backend.render(planned(requirements)))
    assert found == list(backend.render(planned(requirements)))
    assert len({each.path for each in found}) == len(found)
    assert all(NOTICE in each.text for each in found if each.path.endswith(".py") and not each.custom)
    assert {each.path for each in found if each.custom} == {
        "backend/app/custom/__init__.py",
        "backend/app/custom/hooks.py",
    }


def test_only_what_was_asked_for_is_there() -> None:
    """Modules of features and accounts come with these alone."""
    names = {Path(each.path).name for each in backend.render(planned(OPEN))}
    assert {"history.py", "searching.py", "exporting.py", "dashboard.py"} <= names
    assert not {"auth.py", "tokens.py", "permissions.py", "uploads.py", "notifications.py"} & names


def test_hostile_texts_stay_texts() -> None:
    """Labels and descriptions reach no code but as quoted texts that read back the same."""
    plan = _hostile()
    for file in backend.render(plan):
        assert file.path.endswith("about.py") or "7*7" not in file.text
    about = next(each.text for each in backend.render(plan) if each.path.endswith("about.py"))
    given = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in ast.parse(about).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    assert given["TITLE"] == plan.spec.title
    assert given["DESCRIPTION"] == plan.spec.description


def test_many_entities() -> None:
    """Three hundred entities are three hundred models, in an order that people would give them."""
    lines = [f"  Thing{each}:\n    name: string required unique\n    kind: a | b" for each in range(300)]
    found = {
        each.path: each.text for each in backend.render(planned("\n".join(["entities:", *lines, "features: [auth]"])))
    }
    assert sum("/models/thing" in path for path in found) == 300
    exported = found["backend/app/generated/models/__init__.py"]
    assert exported.index('"Thing2"') < exported.index('"Thing10"')


@pytest.mark.parametrize(
    ("secret", "told"),
    [
        ("", "APP_SECRET_KEY is not set"),
        ("short", "fewer than 32 bytes"),
        ("change-me" * 5, "guess"),
        ("a" * 40, "guess"),
    ],
)
def test_no_known_secret_is_taken(secret: str, told: str, folder: Path, blog: httpx.Client) -> None:
    """A secret that is missing, short or known ends the start with what to do."""
    done = command(folder / "blog" / "backend", "app", "serve", environment={**CHEAP, "APP_SECRET_KEY": secret})
    assert done.returncode == 2
    assert told in done.stderr
    assert "secrets.token_urlsafe" in done.stderr
    assert "Traceback" not in done.stderr


def test_accounts(blog: httpx.Client) -> None:
    """Who registers gets the usual role, signs in, and is shown without the password."""
    headers = joins(blog, "Ada@Example.com")
    me = blog.get("/api/auth/me", headers=headers).json()
    assert (me["email"], me["role"]) == ("ada@example.com", "author")
    assert not any("password" in each for each in me)
    assert errors(
        blog.post("/api/auth/register", json={"email": "ADA@example.com", "password": PASSWORD, "name": "A"}), 409
    ) == {"email"}
    wrong = blog.post("/api/auth/login", json={"email": "ada@example.com", "password": "wrong horse"})
    unknown = blog.post("/api/auth/login", json={"email": "eve@example.com", "password": "wrong horse"})
    assert errors(wrong, 401) == errors(unknown, 401) == set()
    assert wrong.json() == unknown.json()
    assert errors(blog.get("/api/auth/me"), 401) == set()
    assert blog.get("/api/auth/me").headers["www-authenticate"] == "Bearer"
    assert errors(blog.get("/api/posts", headers={"Authorization": "Bearer x.y.z"}), 401) == set()


def test_nothing_is_assigned_by_the_way(blog: httpx.Client) -> None:
    """Roles, owners, numbers and moments come from the server alone."""
    refused = {"email": "mallory@example.com", "password": PASSWORD, "name": "M", "role": "admin", "password_hash": "x"}
    assert errors(blog.post("/api/auth/register", json=refused), 422) == {"role", "password_hash"}
    headers = joins(blog, "mallory@example.com")
    post = {"title": "t", "slug": "mine", "body": "b", "author_id": 1, "id": 7, "created_at": "2026-01-01T00:00:00Z"}
    assert errors(blog.post("/api/posts", json=post, headers=headers), 422) == {"author_id", "id", "created_at"}
    me = blog.get("/api/auth/me", headers=headers).json()["id"]
    assert errors(blog.put(f"/api/users/{me}/role", json={"role": "admin"}, headers=headers), 403) == set()


def test_posts_belong_to_who_writes_them(blog: httpx.Client) -> None:
    """Strangers read and may not change; nobody signs in for others; conflicts and bounds name their fields."""
    ann, bob, root = joins(blog, "ann@example.com"), joins(blog, "bob@example.com"), signs_in(blog, "root@example.com")
    post = made(blog.post("/api/posts", json={"title": "One", "slug": "one", "body": "b"}, headers=ann))
    path = f"/api/posts/{post['id']}"
    assert post["author"]["label"] == "ann"
    assert errors(blog.post("/api/posts", json={"title": "x", "slug": "one", "body": "b"}, headers=bob), 409) == {
        "slug"
    }
    assert errors(blog.post("/api/posts", json={"title": "", "slug": "s\0", "body": None}, headers=ann), 422) == {
        "title", "slug", "body",
    }  # fmt: skip
    assert errors(blog.post("/api/posts", json={"title": "x", "slug": "x", "body": "b"}), 401) == set()
    assert errors(blog.patch(path, json={"title": "x"}, headers=bob), 403) == set()
    assert errors(blog.delete(path, headers=bob), 403) == set()
    assert errors(blog.patch(path, json={"title": None}, headers=ann), 422) == {"title"}
    changed = blog.patch(path, json={"published_at": "2026-01-01T10:00:00+02:00"}, headers=ann)
    assert changed.json()["published_at"] == "2026-01-01T08:00:00Z"
    comment = made(blog.post("/api/comments", json={"body": "hi", "post_id": post["id"]}, headers=bob))
    assert comment["post"] == {"id": post["id"], "label": "One"}
    assert errors(blog.post("/api/comments", json={"body": "hi", "post_id": 2_000_000}, headers=bob), 422) == {
        "post_id"
    }
    assert blog.delete(path, headers=root).status_code == 204
    assert errors(blog.get(f"/api/comments/{comment['id']}"), 404) == set()
    mine = blog.get("/api/auth/me", headers=ann).json()["id"]
    assert errors(blog.get(f"/api/users/{mine}", headers=bob), 404) == set()


def test_a_row_belongs_by_way_of_another(shop: httpx.Client) -> None:
    """What is put into a stranger's order is refused, on making and on changing."""
    ann, bob, root = joins(shop, "ann@example.com"), joins(shop, "bob@example.com"), signs_in(shop, "root@example.com")
    category = made(shop.post("/api/categories", json={"name": "Cups"}, headers=root))
    product = made(
        shop.post("/api/products", json={"name": "Cup", "price": "9.5", "category_id": category["id"]}, headers=root)
    )
    assert product["price"] == "9.50"
    order, other = (made(shop.post("/api/orders", json={}, headers=each)) for each in (ann, bob))
    item = {"unit_price": "9.50", "order_id": order["id"], "product_id": product["id"]}
    assert errors(shop.post("/api/order_items", json=item, headers=bob), 403) == set()
    kept = made(shop.post("/api/order_items", json=item, headers=ann))
    moved = shop.patch(f"/api/order_items/{kept['id']}", json={"order_id": other["id"]}, headers=ann)
    assert errors(moved, 403) == set()
    assert shop.get(f"/api/order_items/{kept['id']}", headers=ann).json()["order"]["id"] == order["id"]
    assert errors(shop.get(f"/api/order_items/{kept['id']}", headers=bob), 404) == set()
    assert shop.get("/api/order_items", headers=bob).json()["total"] == 0
    assert errors(
        shop.delete(f"/api/users/{shop.get('/api/auth/me', headers=ann).json()['id']}", headers=ann), 409
    ) == {"orders"}


def test_lists(shop: httpx.Client) -> None:
    """Pages, order, filters and search; what a list does not know is refused."""
    root = signs_in(shop, "root@example.com")
    category = made(shop.post("/api/categories", json={"name": "Plates"}, headers=root))["id"]
    for name, price in (("Plate 100%", "3"), ("Plate 100", "1.25"), ("Dish_1", "2")):
        made(shop.post("/api/products", json={"name": name, "price": price, "category_id": category}, headers=root))
    of = {"category_id": category}
    dear = shop.get("/api/products", params={**of, "sort": "-price", "limit": 2}).json()
    assert [each["price"] for each in dear["items"]] == ["3.00", "2.00"]
    assert (dear["total"], dear["limit"], dear["offset"]) == (3, 2, 0)
    assert [each["name"] for each in shop.get("/api/products", params={**of, "q": "100%"}).json()["items"]] == [
        "Plate 100%"
    ]
    assert [each["name"] for each in shop.get("/api/products", params={**of, "q": "h_"}).json()["items"]] == ["Dish_1"]
    found = shop.get("/api/search", params={"q": "plate"}).json()
    assert {(each["entity"], each["label"]) for each in found["items"]} >= {
        ("Category", "Plates"),
        ("Product", "Plate 100"),
    }
    for query in (
        {"sort": "password_hash"},
        {"limit": 0},
        {"limit": 101},
        {"offset": -1},
        {"colour": "red"},
        {"q": "\0"},
    ):
        assert errors(shop.get("/api/products", params=query), 422) == set(query)


def test_uploads(shop: httpx.Client) -> None:
    """A file is what its name says and comes back as an attachment; anything else is refused."""
    ann = joins(shop, "carol@example.com")
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 64
    kept = made(shop.post("/api/files", files={"file": ("../../cup.png", png)}, headers=ann))
    assert kept["name"] == "cup.png"
    answer = shop.get(f"/api/files/{kept['reference']}", headers=ann)
    assert answer.content == png
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    for name, content in (("page.html", b"<script>"), ("cup.png", b"<script>"), ("cup.txt", b"\0"), ("", png)):
        assert shop.post("/api/files", files={"file": (name, content)}, headers=ann).status_code == 422
    large = shop.post("/api/files", files={"file": ("cup.png", png + b"0" * 6_000_000)}, headers=ann)
    assert errors(large, 413) == set()
    assert errors(shop.post("/api/files", files={"file": ("cup.png", png)}), 401) == set()
    assert errors(shop.get("/api/files/nothing.png", headers=ann), 404) == set()
    assert shop.get("/api/files/..%2Fapp.db", headers=ann).status_code == 404


def test_what_was_asked_for_besides(crm: httpx.Client) -> None:
    """History says who changed what; the export guards against formulas; the dashboard counts what may be read."""
    root = signs_in(crm, "root@example.com")
    company = made(crm.post("/api/companies", json={"name": "=1+1"}, headers=root))["id"]
    crm.patch(f"/api/companies/{company}", json={"industry": "Steel"}, headers=root)
    latest, first = crm.get(f"/api/companies/{company}/history", headers=root).json()["items"]
    assert latest["changes"] == {"industry": {"before": None, "after": "Steel"}}
    assert (first["action"], latest["action"]) == ("create", "update")
    assert latest["actor"]["label"] == "root"
    exported = crm.get("/api/companies/export", headers=root)
    assert exported.headers["content-type"].startswith("text/csv")
    assert f"{company},'=1+1," in exported.text
    counts = {each["entity"]: each["total"] for each in crm.get("/api/dashboard", headers=root).json()["items"]}
    assert counts["Company"] == 1
    assert errors(crm.get("/api/dashboard"), 401) == set()
    assert errors(crm.get(f"/api/companies/{company}/history"), 401) == set()


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000, b'{"name": NaN}', b'{"name": "\\ud800"}', b'{"name": "\\u0000"}', b"\xff\xfe", b"", b"[]",
        b'"x"', b'{"name": 1e999}', b'{"name": "x", "box_ids": [99999999999999999999]}',
        b'{"name": "x", "shelf_id": true}',
        b'{"name": "x", "weight": "1e400"}', b'{"name": "x", "weight": "NaN"}', b'{"name": "x", "opens": "24:00"}',
        b'{"name": "x", "mail": "a@b"}', b'{"name": "x", "site": "javascript:alert(1)"}', b'{"name": "x", "kind": "c"}',
    ],
    ids=range(17),
)  # fmt: skip
def test_nonsense_is_refused(unguarded: httpx.Client, body: bytes) -> None:
    """Whatever is sent, it is the sender's fault, and not kept."""
    answer = unguarded.post("/api/shelves", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_application_without_accounts(unguarded: httpx.Client) -> None:
    """Everybody may do everything; rows may refer to themselves, to each other, and to many others."""
    boxes = [made(unguarded.post("/api/boxes", json={"label": each}))["id"] for each in ("a", "b")]
    shelf = made(
        unguarded.post("/api/shelves", json={"name": "s", "weight": "0.5", "opens": "09:30", "box_ids": boxes * 2})
    )
    assert (shelf["weight"], shelf["opens"], shelf["kind"]) == ("0.50", "09:30:00", "a")
    assert [each["id"] for each in shelf["boxes"]] == boxes
    path = f"/api/shelves/{shelf['id']}"
    changed = unguarded.patch(path, json={"shelf_id": shelf["id"], "box_ids": boxes[:1]}).json()
    assert changed["shelf"] == {"id": shelf["id"], "label": "s"}
    assert unguarded.patch(path, json={"kind": "b"}).json()["kind"] == "b"
    box = f"/api/boxes/{boxes[0]}"
    assert unguarded.patch(box, json={"home_id": shelf["id"]}).json()["home"]["label"] == "s"
    assert unguarded.patch(path, json={"best_id": boxes[0]}).json()["best"] == {"id": boxes[0], "label": "a"}
    assert unguarded.patch(box, json={"count": 3}).json()["count"] == 3
    assert unguarded.get("/api/shelves", params={"box_id": boxes[1]}).json()["total"] == 0
    assert unguarded.get("/api/shelves", params={"box_id": boxes[0]}).json()["total"] == 1
    assert errors(unguarded.patch(path, json={"box_ids": [2_000_000]}), 422) == {"box_ids"}
    assert unguarded.delete(path).status_code == 204
    assert errors(unguarded.get(path), 404) == set()


def test_headers_and_health(blog: httpx.Client) -> None:
    """Answers carry what keeps browsers careful, an id, and the methods where one is wrong."""
    assert blog.get("/health/live").json() == blog.get("/health/ready").json() == {"status": "ok"}
    answer = blog.get("/api/posts", headers={"X-Request-ID": "abc-1"})
    assert answer.headers["x-request-id"] == "abc-1"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert blog.get("/api/posts", headers={"X-Request-ID": "a b\tc"}).headers["x-request-id"] != "a b\tc"
    wrong = blog.put("/api/posts/1", json={})
    assert errors(wrong, 405) == set()
    assert wrong.headers["allow"] == "DELETE, GET, PATCH"
    assert errors(blog.get("/api/nothing"), 404) == set()


def test_settings(folder: Path, blog: httpx.Client) -> None:
    """The frontend is served with its one page for every path; other origins and too many attempts are told apart."""
    built = folder / "built"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<title>here</title>")
    (built / "assets" / "app.js").write_text("1")
    more = {"APP_STATIC": str(built), "APP_CORS_ORIGINS": "https://a.example, https://b.example", "APP_RATE_LIMIT": "2"}
    environment = {**CHEAP, "APP_DATABASE_URL": f"sqlite:///{folder / 'blog' / 'app.db'}", **more}
    with serving(folder / "blog" / "backend", environment) as client:
        assert client.get("/posts/1/edit").text == client.get("/").text == "<title>here</title>"
        assert client.get("/assets/app.js").text == "1"
        assert client.get("/assets/none.js").status_code == 404
        assert client.get("/%2e%2e/blog/app.db").text == "<title>here</title>"
        assert errors(client.get("/api/nothing"), 404) == set()
        allowed = client.get("/api/posts", headers={"Origin": "https://b.example"}).headers
        assert allowed["access-control-allow-origin"] == "https://b.example"
        refused = client.get("/api/posts", headers={"Origin": "https://c.example"}).headers
        assert "access-control-allow-origin" not in refused
        body = {"email": "nobody@example.com", "password": "wrong horse"}
        assert [client.post("/api/auth/login", json=body).status_code for _ in range(3)] == [401, 401, 429]
        assert int(client.post("/api/auth/login", json=body).headers["retry-after"]) > 0
    assert "access-control-allow-origin" not in blog.get("/api/posts", headers={"Origin": "https://b.example"}).headers


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("APP_DATABASE_URL", "nonsense", "APP_DATABASE_URL must be sqlite:///PATH"),
        ("APP_DATABASE_URL", "postgres://nobody@127.0.0.1:1/none", "The database does not do this"),
        ("APP_LOG_LEVEL", "LOUD", "APP_LOG_LEVEL must be one of DEBUG, INFO"),
        ("APP_BODY_BYTES", "0", "APP_BODY_BYTES must be at least 1."),
    ],
)
def test_settings_that_do_not_work_are_told_in_a_line(
    name: str, value: str, told: str, folder: Path, blog: httpx.Client
) -> None:
    """Who sets an application up is told which setting it is, without a trace."""
    assert blog.get("/health/live").status_code == 200
    done = command(folder / "blog" / "backend", "app", "migrate", environment={**CHEAP, name: value})
    assert done.returncode == 2
    assert done.stderr.startswith(told)
    assert "Traceback" not in done.stderr


def test_hooks_join_in(tmp_path: Path) -> None:
    """A hook of the user's sees and changes what is written, and may refuse it, before and after."""
    folder = written(planned(OPEN), tmp_path)
    (folder / "app" / "custom" / "hooks.py").write_text(HOOKS)
    environment = {**CHEAP, "APP_DATABASE_URL": f"sqlite:///{tmp_path / 'app.db'}"}
    succeeds(folder, "app", "migrate", environment=environment)
    with serving(folder, environment) as client:
        assert made(client.post("/api/boxes", json={"label": "abc"}))["label"] == "ABC"
        assert errors(client.post("/api/boxes", json={"label": "no"}), 422) == {"label"}
        assert client.get("/api/boxes").json()["total"] == 1
        assert [each["name"] for each in client.get("/api/shelves").json()["items"]] == ["for ABC"]


def test_an_administrator_is_made(folder: Path, blog: httpx.Client) -> None:
    """A second call makes an account that is there an administrator; what cannot be used is told without a trace."""
    joins(blog, "later@example.com")
    environment = {**CHEAP, "APP_DATABASE_URL": f"sqlite:///{folder / 'blog' / 'app.db'}"}
    words = ("app", "create-admin")
    root = folder / "blog" / "backend"
    succeeds(root, *words, "later@example.com", environment=environment, answer=PASSWORD)
    assert blog.get("/api/auth/me", headers=signs_in(blog, "later@example.com")).json()["role"] == "admin"
    done = command(root, *words, "no address", environment=environment, answer="short")
    assert done.returncode == 2
    assert "email: " in done.stderr
    assert "password: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["blog", "shop", "crm", "unguarded"])
def test_the_description_is_that_of_the_interface(name: str, request: pytest.FixtureRequest) -> None:
    """OpenAPI names the routes of the interface, with their operations and properties, and nothing else."""
    client: httpx.Client = request.getfixturevalue(name)
    plan = planned(OPEN if name == "unguarded" else name)
    document = client.get("/api/openapi.json").json()
    told = {
        (method.upper(), path, operation["operationId"])
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert told == {(each.method, each.path, each.operation) for each in plan.interface.routes}
    for payload in plan.interface.payloads:
        schema = document["components"]["schemas"][payload.name]
        assert list(schema["properties"]) == [each.name for each in payload.properties]
        assert set(schema.get("required", ())) == {each.name for each in payload.properties if each.required}


def _hostile() -> Plan:
    """Returns a blog whose every text is made to break out."""
    spec: Spec = planned("blog").spec
    entities = tuple(
        replace(
            entity,
            label=HOSTILE,
            description=HOSTILE,
            fields=tuple(replace(each, label=HOSTILE) for each in entity.fields),
        )
        for entity in spec.entities
    )
    return plan_of(replace(spec, title=HOSTILE, description=HOSTILE * 5, entities=entities))
