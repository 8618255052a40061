"""Writes the tests of signing in: registering, passwords, tokens, and who gives roles."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.interface import RouteKind
from headwater.synthesis.project.python import NOTICE, quoted
from headwater.synthesis.project.spec import Entity, Scope, Standing
from headwater.synthesis.project.suite.code import cases, function
from headwater.synthesis.project.suite.rows import makes_body, makes_row
from headwater.synthesis.project.traits import administrator, is_password

HEAD = '''"""Checks signing in: how accounts are made, what passwords and tokens let in, and who gives roles.

NOTICE
"""

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from app.generated.settings import Settings
from app.main import create_app
from tests.generated.calling import SECRET, Api, Caller, refused, token
from tests.generated.rows import Rows

REGISTER, LOG_IN, ME = "/api/auth/register", "/api/auth/login", "/api/auth/me"
PASSWORD = "correct horse battery staple"


@pytest.fixture
def nobody(api: Api) -> Caller:
    return Caller(api.client)


@pytest.fixture
def registered(nobody: Caller, rows: Rows) -> dict[str, str]:
    """What somebody signs in with who has registered."""
    body = {**BODY, "password": PASSWORD}
    answer = nobody.post(REGISTER, body)
    assert answer.status_code == 201, answer.text
    return {"email": body["email"], "password": PASSWORD}


def test_a_new_account_has_the_usual_role_and_shows_no_password(nobody: Caller, rows: Rows) -> None:
    """Nothing of a password comes back."""
    shown = nobody.post(REGISTER, {**BODY, "password": PASSWORD}).json()
    assert shown["role"] == USUAL
    assert PASSWORD not in str(shown)
    assert not {"password", "password_hash"} & shown.keys()


def test_nobody_gives_himself_a_role(nobody: Caller, rows: Rows) -> None:
    """The role is not the caller's to set, when he registers as little as later."""
    assert "role" in refused(nobody.post(REGISTER, {**BODY, "role": STRONGEST}))


def test_an_address_registers_once(nobody: Caller, rows: Rows, registered: dict[str, str]) -> None:
    """The second is a conflict, however the address is written."""
    again = {**BODY, "email": registered["email"].upper()}
    assert refused(nobody.post(REGISTER, again), 409) == ["email"]


def test_passwords_are_kept_as_hashes(engine: Engine, registered: dict[str, str]) -> None:
    """Who reads the database cannot sign in with what is there."""
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT password_hash FROM TABLE")).scalars().all()
    assert kept
    assert all(each.startswith("$argon2") for each in kept)


def test_a_token_shows_who_signed_in(api: Api, nobody: Caller, registered: dict[str, str]) -> None:
    """The token that a password gets is good for the account that it belongs to."""
    got = nobody.post(LOG_IN, registered).json()
    assert got["token_type"] == "bearer"
    assert got["expires_in"] > 0
    assert api.bearing(got["access_token"]).get(ME).json()["email"] == registered["email"]


def test_a_wrong_password_says_no_more_than_an_unknown_address(nobody: Caller, registered: dict[str, str]) -> None:
    """Nobody learns by it who has an account."""
    wrong = nobody.post(LOG_IN, {**registered, "password": "wrong"})
    unknown = nobody.post(LOG_IN, {"email": "stranger@example.com", "password": PASSWORD})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


def test_an_account_without_a_password_lets_nobody_in(api: Api, nobody: Caller) -> None:
    """The accounts of the first data have a hash that no password has."""
    caller = api.sign_in(USUAL)
    email = caller.get(ME).json()["email"]
    assert nobody.post(LOG_IN, {"email": email, "password": "!"}).status_code == 401


def test_tokens_that_let_nobody_in(api: Api, rows: Rows) -> None:
    """A token must be signed by this application, be valid still, and belong to somebody who exists."""
    account = ROW
    good = token(account)
    assert api.bearing(good).get(ME).status_code == 200
    forged = token(account, secret=SECRET[::-1])
    for bad in (forged, token(account, minutes=-1), token(999_999), f"{good}x", "nonsense", "a.b.c"):
        assert api.bearing(bad).get(ME).status_code == 401, bad


def test_a_new_password_ends_what_was_signed_in_with_the_old_one(
    api: Api, nobody: Caller, engine: Engine, registered: dict[str, str]
) -> None:
    """Who has taken somebody's token loses it when the password is changed."""
    got = api.bearing(nobody.post(LOG_IN, registered).json()["access_token"])
    assert got.get(ME).status_code == 200
    with engine.begin() as connection:
        connection.execute(text("UPDATE TABLE SET password_hash = '!'"))
    assert got.get(ME).status_code == 401


def test_who_is_not_signed_in_is_nobody(nobody: Caller) -> None:
    """The answer says how to sign in."""
    answer = nobody.get(ME)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_passwords_cannot_be_tried_without_end(settings: Settings, registered: dict[str, str]) -> None:
    """After so many attempts a minute, a client has to wait."""
    with TestClient(create_app(replace(settings, rate_limit=2))) as client:
        wrong = {**registered, "password": "wrong"}
        answers = [client.post(LOG_IN, json=wrong) for _ in range(3)]
    assert [each.status_code for each in answers] == [401, 401, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
'''

GUESSED = '''

@pytest.mark.parametrize("password", ["password", "PASSWORD123", "aaaaaaaaaaaa"])
def test_passwords_that_everybody_tries_are_refused(nobody: Caller, rows: Rows, password: str) -> None:
    """What is guessed first protects nobody."""
    assert refused(nobody.post(REGISTER, {**BODY, "password": password})) == ["password"]
'''
IMPORTED = """from app.generated.accounts import make_admin
from app.generated.services import Services
from app.generated.settings"""
ITERATED = "from collections.abc import Iterator\nfrom dataclasses"
FIRST = '''

@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    services = Services.of(settings)
    yield services
    services.engine.dispose()


def test_the_first_administrator_is_made_by_a_command(api: Api, rows: Rows, services: Services) -> None:
    """Who runs the application makes an account that may do everything, or lets one do so."""
    nobody = Caller(api.client)
    body = {**BODY, "password": PASSWORD}
    make_admin(services, body)
    signed = nobody.post(LOG_IN, {"email": body["email"], "password": PASSWORD})
    assert api.bearing(signed.json()["access_token"]).get(ME).json()["role"] == ADMIN
    account = BODY
    assert nobody.post(REGISTER, account).status_code == 201
    make_admin(services, account)
    signed = nobody.post(LOG_IN, {name: account[name] for name in ("email", "password")})
    assert api.bearing(signed.json()["access_token"]).get(ME).json()["role"] == ADMIN
'''


def account_tests(plan: Plan, account: Entity) -> str:
    """Returns `tests/generated/test_auth.py`."""
    usual = next(each.name for each in plan.spec.roles if each.default)
    members = [each for each in plan.spec.roles if each.standing is not Standing.ANONYMOUS]
    strongest = next((each.name for each in members if each.standing is Standing.ADMIN), members[-1].name)
    written = (
        HEAD.replace("NOTICE", NOTICE)
        .replace("BODY", makes_body(account, ""))
        .replace("ROW", makes_row(account))
        .replace("USUAL", quoted(usual))
        .replace("STRONGEST", quoted(strongest))
        .replace("TABLE", account.plural)
    )
    if any(is_password(account, each) for each in account.fields):
        written += GUESSED.replace("BODY", makes_body(account, ""))
    admin = administrator(plan.spec)
    if admin is not None:
        written += FIRST.replace("ADMIN", quoted(admin.name)).replace("BODY", makes_body(account, ""))
        written = written.replace("from app.generated.settings", IMPORTED, 1).replace("from dataclasses", ITERATED, 1)
    return written + "".join("\n\n" + "\n".join(each) + "\n" for each in _roles(plan, account))


def _roles(plan: Plan, account: Entity) -> Iterator[list[str]]:
    route = plan.interface.route(RouteKind.SET_ROLE, account.name)
    if route is None:
        return
    path = route.path.split("{", maxsplit=1)[0]
    given = [
        (quoted(name), str(route.status if scope is Scope.ALL else 401 if name == route.access[0][0] else 403))
        for name, scope in route.access
    ]
    last = next(each.name for each in plan.spec.roles if each.standing is not Standing.ANONYMOUS)
    yield function(
        "test_who_may_give_roles(api: Api, rows: Rows, role: str, status: int)",
        "Only who runs the application gives roles.",
        "caller = api.sign_in(role)",
        f'answer = caller.put(f"{path}{{{makes_row(account)}}}/role", {{"role": {quoted(last)}}})',
        "assert answer.status_code == status, answer.text",
        before=cases(("role", "status"), given),
    )
    able = next((name for name, scope in route.access if scope is Scope.ALL), None)
    if able is not None:
        yield function(
            "test_only_roles_are_given(api: Api, rows: Rows)",
            "A role that does not exist is refused.",
            f"caller = api.sign_in({quoted(able)})",
            f'answer = caller.put(f"{path}{{{makes_row(account)}}}/role", {{"role": "no such role"}})',
            'assert refused(answer) == ["role"]',
        )
