"""Writes the tests of the application as a whole: settings, health, errors, headers, pages, its description."""

from __future__ import annotations

from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.python import NOTICE, quoted

HEAD = '''"""Checks the application as a whole: settings, health, errors, headers, pages, and what it says of itself.

NOTICE
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from app.generated import models
from app.generated.access import Action
from app.generated.callers import Caller
from app.generated.hooks import Hooks, Write
from app.generated.seeding import seed
from app.generated.services import Services
from app.generated.settings import Settings, SettingsError
from app.main import create_app
from tests.generated.calling import SECRET

OPERATIONS = {
OPERATIONS_LISTED
}
"""What the API offers, by the ids of the operations."""


def test_the_description_is_complete(client: TestClient) -> None:
    """OpenAPI names each operation, and no other."""
    paths = client.get("/api/openapi.json").json()["paths"]
    described = {each["operationId"] for path in paths.values() for each in path.values()}
    assert described == OPERATIONS


def test_health(client: TestClient) -> None:
    """An application that runs says so, and so does one whose database answers."""
    for path in ("/health/live", "/health/ready"):
        assert client.get(path).json() == {"status": "ok"}


def test_a_database_that_does_not_answer_is_told(settings: Settings, tmp_path: Path) -> None:
    """The application is alive then, but not ready."""
    away = replace(settings, database_url=f"sqlite:///{tmp_path / 'absent' / 'app.db'}")
    with TestClient(create_app(away)) as client:
        assert client.get("/health/live").status_code == 200
        answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_does_not_exist_is_a_problem(client: TestClient) -> None:
    """Errors of the framework have the form of all others."""
    answer = client.get("/api/no/such/route")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 404


def test_what_goes_wrong_inside_stays_inside(settings: Settings) -> None:
    """An unexpected error is answered without a word of what it was."""
    app = create_app(settings)

    @app.get("/api/broken")
    def broken() -> None:
        raise RuntimeError("the inside")

    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/api/broken")
    assert answer.status_code == 500
    assert "inside" not in answer.text


def test_answers_are_careful_with_browsers(client: TestClient) -> None:
    """Nothing is sniffed, framed or kept."""
    headers = client.get("/api/openapi.json").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'self'" in headers["Content-Security-Policy"]


def test_requests_have_a_number(client: TestClient) -> None:
    """A good one is taken over, a bad one is not."""
    assert client.get("/health/live", headers={"X-Request-ID": "a-1"}).headers["X-Request-ID"] == "a-1"
    assert client.get("/health/live", headers={"X-Request-ID": "a b"}).headers["X-Request-ID"] != "a b"


def test_other_origins_are_named_to_be_let_in(settings: Settings, client: TestClient) -> None:
    """Pages from elsewhere may not call unless the settings say so."""
    asked = {"Origin": "https://pages.example.com", "Access-Control-Request-Method": "GET"}
    assert "Access-Control-Allow-Origin" not in client.get("/health/live", headers=asked).headers
    chosen = replace(settings, cors_origins=("https://pages.example.com",))
    with TestClient(create_app(chosen)) as other:
        assert other.options("/health/live", headers=asked).headers["Access-Control-Allow-Origin"] == asked["Origin"]
        asked["Origin"] = "https://strange.example.com"
        assert "Access-Control-Allow-Origin" not in other.options("/health/live", headers=asked).headers


@pytest.fixture
def pages(settings: Settings, tmp_path: Path) -> Iterator[TestClient]:
    """An application with a frontend of one page."""
    (tmp_path / "index.html").write_text("<title>the page</title>")
    with TestClient(create_app(replace(settings, static=tmp_path))) as client:
        yield client


def test_every_other_path_is_the_page(pages: TestClient) -> None:
    """The frontend finds its way by itself; what is missing of the API stays missing."""
    for path in ("/", "/some/where"):
        assert "the page" in pages.get(path).text
    assert pages.get("/api/nothing").status_code == 404


def test_a_frontend_that_is_not_built_is_told(settings: Settings, tmp_path: Path) -> None:
    """The application does not start with a folder that holds no page."""
    with pytest.raises(SettingsError, match="APP_STATIC"):
        create_app(replace(settings, static=tmp_path))


def test_settings_are_read_from_the_environment() -> None:
    """What is set is taken, the rest stays as it is."""
    given = {GIVEN"APP_CORS_ORIGINS": "https://a.example, https://b.example"}
    settings = Settings.from_environment(
        {**given, "APP_BODY_BYTES": "2000", "APP_DATABASE_URL": "postgres://user@host/name"}
    )
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert settings.body_bytes == 2000
    assert settings.database_url == "postgresql+pg8000://user@host/name"
    assert settings.log_level == "INFO"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_BODY_BYTES", "many"),
        ("APP_BODY_BYTES", "0"),
        ("APP_DATABASE_URL", "nonsense"),
        ("APP_DATABASE_URL", "mysql://user@host/name"),
        ("APP_DATABASE_URL", "postgresql://user@host:port/name"),
        ("APP_LOG_LEVEL", "LOUD"),
SECRETS    ],
)
def test_settings_that_cannot_be_used_are_refused(name: str, value: str) -> None:
    """The message names the setting."""
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({GIVENname: value})


def test_hooks_join_in(settings: Settings) -> None:
    """Rules of your own are called before a row is written and after it, in the order in which they came."""
    seen: list[str] = []
    hooks = Hooks()
    services = Services.of(settings)
    hooks.before(models.MODEL)(lambda write: seen.append(f"before {write.action}"))
    hooks.after(models.MODEL)(lambda write: seen.append(f"after {write.action}"))
    with services.sessions() as session:
        caller = Caller(session=session, services=services, role="")
        write = Write(caller=caller, action=Action.DELETE, row=models.MODEL(), values={})
        hooks.run_before(write)
        hooks.run_after(write)
    services.engine.dispose()
    assert seen == ["before delete", "after delete"]


def test_the_first_data_is_put_in_once(engine: Engine) -> None:
    """Rows that are there already are left alone."""
    assert seed(engine) > 0
    assert seed(engine) == 0
'''
SECRETS = """        ("APP_SECRET_KEY", ""),
        ("APP_SECRET_KEY", "short"),
        ("APP_SECRET_KEY", "x" * 64),
        ("APP_SECRET_KEY", "change-me-change-me-change-me-change-me"),
        ("APP_TOKEN_MINUTES", "0"),
"""


def service_tests(plan: Plan) -> str:
    """Returns `tests/generated/test_service.py`."""
    operations = sorted(each.operation for each in plan.interface.routes)
    account = plan.spec.account is not None
    written = (
        HEAD.replace("NOTICE", NOTICE)
        .replace("OPERATIONS_LISTED", "\n".join(f"    {quoted(each)}," for each in operations))
        .replace("GIVEN", '"APP_SECRET_KEY": SECRET, ' if account else "")
        .replace("MODEL", plan.spec.entities[0].name)
        .replace("SECRETS", SECRETS if account else "")
    )
    return written if account else written.replace("from tests.generated.calling import SECRET\n", "")
