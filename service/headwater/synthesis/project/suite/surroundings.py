"""Writes what the tests of an application stand on: its fixtures, and how somebody calls it."""

from __future__ import annotations

from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.interface import RouteKind
from headwater.synthesis.project.python import INDENT, NOTICE, call, quoted
from headwater.synthesis.project.spec import Standing
from headwater.synthesis.project.suite.rows import one

CONFTEST = '''"""Sets up the application for the tests: one database for all, emptied before each of them.

APP_TEST_DATABASE_URL names another database than a fresh SQLite file; everything in it is lost.

NOTICE
"""

from collections.abc import Iterator
from os import environ

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine, text

import app.generated.models
from app.generated.database import Base
from app.generated.migrating import upgrade
from app.generated.settings import Settings
from app.main import create_app
from tests.generated.calling import CALLED
from tests.generated.rows import Rows


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("application")
    url = environ.get("APP_TEST_DATABASE_URL", f"sqlite:///{folder / 'test.db'}")
    return Settings(GIVEN)


@pytest.fixture(scope="session")
def engine(settings: Settings) -> Iterator[Engine]:
    upgrade(settings)
    engine = create_engine(settings.database_url)
    yield engine
    engine.dispose()


@pytest.fixture(autouse=True)
def empty(engine: Engine) -> None:
    """Empties the database, whatever refers to what."""
    names = [f'"{name}"' for name in Base.metadata.tables]
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE"))
        else:
            for name in names:
                connection.execute(text(f"DELETE FROM {name}"))


@pytest.fixture(scope="session")
def app(settings: Settings, engine: Engine) -> FastAPI:
    return create_app(settings)


@pytest.fixture(scope="session")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


@pytest.fixture
def rows(engine: Engine) -> Rows:
    return Rows(engine)


@pytest.fixture
def api(client: TestClient, rows: Rows) -> Api:
    return Api(client, rows)
'''

CALLING = '''"""Calls the application as somebody: as one of the roles, or as nobody.

NOTICE
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from fastapi.testclient import TestClient
from httpx import Response

from tests.generated.rows import Rows

SECRET = "a secret of the tests and of nothing else"
NOBODY = ANONYMOUS


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, by the number of the account; nobody has none."""

    client: TestClient
    id: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def get(self, path: str, **query: Any) -> Response:
        return self.client.get(path, params=query, headers=self.headers)

    def post(self, path: str, body: Any) -> Response:
        return self.client.post(path, json=body, headers=self.headers)

    def patch(self, path: str, body: Any, version: str | None = None) -> Response:
        return self.client.patch(path, json=body, headers=self._meaning(version))

    def put(self, path: str, body: Any) -> Response:
        return self.client.put(path, json=body, headers=self.headers)

    def delete(self, path: str, version: str | None = None) -> Response:
        return self.client.delete(path, headers=self._meaning(version))

    def upload(self, path: str, name: str, content: bytes) -> Response:
        return self.client.post(path, files={"file": (name, content)}, headers=self.headers)

    def _meaning(self, version: str | None) -> Mapping[str, str]:
        """Returns the headers of a change that is meant for one version of a row, or for any."""
        return {**self.headers, "If-Match": version} if version else self.headers


@dataclass(frozen=True, slots=True)
class Api:
    """The application, and the rows that it has."""

    client: TestClient
    rows: Rows

    def sign_in(self, role: str) -> Caller:
        """Returns somebody new with a role."""
SIGNED

    def bearing(self, token: str, account: int | None = None) -> Caller:
        """Returns who shows a token."""
        return Caller(self.client, account, {"Authorization": f"Bearer {token}"})


def token(account: int, secret: str = SECRET, minutes: float = 5) -> str:
    """Returns a token of an account, good for some minutes from now."""
    now = datetime.now(UTC)
    claims = {"sub": str(account), "iat": now, "exp": now + timedelta(minutes=minutes)}
    return jwt.encode(claims, secret, algorithm="HS256")


def refused(answer: Response, status: int = 422) -> list[str]:
    """Returns the fields that an answer complains of, after it was checked to be a complaint."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return [each["field"] for each in answer.json()["errors"]]
'''


def conftest(plan: Plan) -> str:
    """Returns `tests/conftest.py`."""
    given = ["database_url=url"]
    if plan.spec.account is not None:
        given += ["secret_key=SECRET", "rate_limit=0", "password_rounds=1", "password_memory=64"]
    if plan.interface.route(RouteKind.UPLOAD) is not None:
        given.append('files=folder / "files"')
    called = "SECRET, Api" if plan.spec.account is not None else "Api"
    settings = call("return Settings(", given, indent=INDENT)
    return CONFTEST.replace("NOTICE", NOTICE).replace("    return Settings(GIVEN)", settings).replace("CALLED", called)


def calling(plan: Plan) -> str:
    """Returns `tests/generated/calling.py`."""
    nobody = next(each.name for each in plan.spec.roles if each.standing is Standing.ANONYMOUS)
    account = plan.spec.account
    signed = ["        return Caller(self.client)"]
    if account is not None:
        signed = [
            "        if role == NOBODY:",
            *(f"    {each}" for each in signed),
            f"        account = self.rows.{one(account)}(role=role)",
            "        return self.bearing(token(account), account)",
        ]
    return CALLING.replace("NOTICE", NOTICE).replace("ANONYMOUS", quoted(nobody)).replace("SIGNED", "\n".join(signed))
