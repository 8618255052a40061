"""Rendered backends hold what their users rely on: whose rows are, histories, moments, plain words."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import jwt
import pytest

from tests.project.applications import PASSWORD, SECRET, errors, joins, made, running, signs_in

NOTES = """
entities:
  Note:
    title: string required unique searched
    happens_at: datetime required filtered
    pages: integer 1..9
    price: decimal
    site: url
    done: boolean = false
    labels: [Label]
    shelf: -> Shelf optional
  Label:
    name: string required unique
  Shelf:
    name: string required unique
features: [auth, search, history]
"""
LONG_AGO = "2026-01-05T09:00:00Z"


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    yield from running("clinic", tmp_path_factory.mktemp("clinic"))


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    yield from running(NOTES, tmp_path_factory.mktemp("notes"))


@pytest.fixture(scope="module")
def root(notes: httpx.Client) -> dict[str, str]:
    """The headers of the administrator."""
    return signs_in(notes, "root@example.com")


def test_who_may_write_all_rows_says_whose_they_are(clinic: httpx.Client) -> None:
    """The one row that stands for an account is given to it, taken away, and given once only."""
    root = signs_in(clinic, "root@example.com")
    joins(clinic, "pat@example.com")
    pat = next(each["id"] for each in clinic.get("/api/users/options", headers=root).json() if each["label"] == "pat")
    body = {"first_name": "Pat", "last_name": "P", "user_id": pat}
    patient = made(clinic.post("/api/patients", json=body, headers=root))
    assert patient["user"] == {"id": pat, "label": "pat"}
    assert errors(clinic.post("/api/patients", json=body, headers=root), 409) == {"user_id"}
    assert errors(clinic.post("/api/patients", json={**body, "user_id": 999_999}, headers=root), 422) == {"user_id"}
    freed = clinic.patch(f"/api/patients/{patient['id']}", json={"user_id": None}, headers=root)
    assert freed.json()["user"] is None
    assert made(clinic.post("/api/patients", json={**body, "user_id": None}, headers=root))["user"] is None


def test_a_history_tells_of_relations(notes: httpx.Client, root: dict[str, str]) -> None:
    """What a row refers to is told by what it was called, be it one row or several."""
    one, two = (made(notes.post("/api/labels", json={"name": each}, headers=root)) for each in ("red", "blue"))
    shelf = made(notes.post("/api/shelves", json={"name": "top"}, headers=root))
    body = {"title": "history", "happens_at": LONG_AGO, "label_ids": [one["id"]]}
    note = made(notes.post("/api/notes", json=body, headers=root))["id"]
    changed = {"label_ids": [two["id"], one["id"]], "shelf_id": shelf["id"]}
    assert notes.patch(f"/api/notes/{note}", json=changed, headers=root).status_code == 200
    latest, first = notes.get(f"/api/notes/{note}/history", headers=root).json()["items"]
    red, blue = ({"id": each["id"], "label": each["name"]} for each in (one, two))
    assert latest["changes"] == {
        "labels": {"before": [red], "after": [red, blue]},
        "shelf": {"before": None, "after": {"id": shelf["id"], "label": "top"}},
    }
    assert first["changes"]["labels"] == {"before": [], "after": [red]}


def test_the_second_of_two_people_overwrites_nothing(notes: httpx.Client, root: dict[str, str]) -> None:
    """A change, a deletion and a role are meant for the version that was seen; without one, for whichever there is."""
    body = {"title": "version", "happens_at": LONG_AGO}
    answer = notes.post("/api/notes", json=body, headers=root)
    path = f"/api/notes/{made(answer)['id']}"
    seen = root | {"If-Match": answer.headers["etag"]}
    assert notes.get(path, headers=root).headers["etag"] == answer.headers["etag"] == '"1"'
    label = made(notes.post("/api/labels", json={"name": "version"}, headers=root))["id"]
    changed = notes.patch(path, json={"label_ids": [label]}, headers=seen)
    assert changed.headers["etag"] != answer.headers["etag"], "a list of others is a part of the row"
    assert notes.get(f"{path}/history", headers=root).json()["items"][0]["changes"].keys() == {"labels"}
    assert errors(notes.patch(path, json={"pages": 2}, headers=seen), 412) == set()
    assert errors(notes.delete(path, headers=seen), 412) == set()
    assert notes.patch(path, json={"pages": 2}, headers=root).status_code == 200
    latest = notes.get(path, headers=root).headers["etag"]
    several = root | {"If-Match": f"{answer.headers['etag']}, W/{latest}"}
    assert notes.patch(path, json={"pages": 3}, headers=several).status_code == 200
    for odd in ("", "x", '"0"', '"999999999999999999999"', "W/"):
        assert notes.delete(path, headers=root | {"If-Match": odd}).status_code == 412
    assert notes.delete(path, headers=root | {"If-Match": "*"}).status_code == 204
    me = notes.get("/api/auth/me", headers=joins(notes, "role@example.com")).json()["id"]
    role = f"/api/users/{me}/role"
    assert notes.put(role, json={"role": "admin"}, headers=root | {"If-Match": '"99"'}).status_code == 412
    assert notes.put(role, json={"role": "admin"}, headers=root | {"If-Match": '"1"'}).headers["etag"] == '"2"'


def test_of_changes_at_once_that_are_meant_for_one_version_one_is_done(
    notes: httpx.Client, root: dict[str, str]
) -> None:
    """The others are told that somebody was quicker, whatever they change."""
    note = made(notes.post("/api/notes", json={"title": "quicker", "happens_at": LONG_AGO}, headers=root))["id"]

    def change(pages: int) -> int:
        headers = root | {"If-Match": '"1"'}
        return notes.patch(f"/api/notes/{note}", json={"pages": pages}, headers=headers).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(change, range(1, 9))) == [200, *[412] * 7]


def test_lists_are_narrowed_by_stretches_of_time(notes: httpx.Client, root: dict[str, str]) -> None:
    """A stretch holds its beginning and not its end, in whatever offset they are given."""
    for hour in (9, 10, 11):
        body = {"title": f"at {hour}", "happens_at": f"2027-03-01T{hour:02}:00:00Z"}
        made(notes.post("/api/notes", json=body, headers=root))
    asked = {"happens_at_from": "2027-03-01T10:00:00+01:00", "happens_at_until": "2027-03-01T11:00:00Z"}
    found = notes.get("/api/notes", params=asked, headers=root).json()["items"]
    assert [each["title"] for each in found] == ["at 9", "at 10"]
    assert errors(notes.get("/api/notes", params={"happens_at": LONG_AGO}, headers=root), 422) == {"happens_at"}
    assert errors(notes.get("/api/notes", params={"happens_at_from": "soon"}, headers=root), 422) == {"happens_at_from"}


def test_letters_of_any_language_are_found_in_any_case(notes: httpx.Client, root: dict[str, str]) -> None:
    """A search does not ask how a letter was written."""
    made(notes.post("/api/notes", json={"title": "Ärger mit Ωμέγα", "happens_at": LONG_AGO}, headers=root))
    for words in ("ärger", "ÄRGER", "ωμέγα", "ΩΜΈΓΑ"):
        assert notes.get("/api/notes", params={"q": words}, headers=root).json()["total"] == 1, words


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("title", None, "Enter a value."),
        ("title", 7, "Enter a text."),
        ("title", "a\x00b", "Enter a text without NUL characters."),
        ("title", "x" * 300, "Use at most 200 characters."),
        ("happens_at", "2026-01-05T09:00:00", "Enter a date and a time with its offset, such as 2026-01-05T09:00:00Z."),
        ("pages", 10, "Enter 9 or less."),
        ("pages", "1", "Enter a whole number."),
        ("price", 1.5, 'Enter a number as text, such as "12.50".'),
        ("site", "javascript:alert(1)", "Enter a web address that begins with https:// or http://."),
        ("done", "yes", "Enter true or false."),
        ("label_ids", "1", "Enter a list."),
        ("label_ids", [999_999], "There is no label 999999."),
        ("nonsense", 1, "There is no such field here."),
    ],
)
def test_faults_are_told_in_plain_words(
    name: str, value: object, told: str, notes: httpx.Client, root: dict[str, str]
) -> None:
    """What is shown beside a field of a form is a sentence for people."""
    body = {"title": "plain", "happens_at": LONG_AGO, name: value}
    answer = notes.post("/api/notes", json=body, headers=root)
    assert errors(answer, 422) == {name}
    assert answer.json()["errors"][0]["message"] == told


def test_a_new_password_ends_what_was_signed_in_with_the_old_one(notes: httpx.Client) -> None:
    """Whoever took a token loses it."""
    headers = joins(notes, "eve@example.com")
    me = notes.get("/api/auth/me", headers=headers).json()["id"]
    changed = notes.patch(f"/api/users/{me}", json={"password": f"{PASSWORD} 2"}, headers=headers)
    assert changed.status_code == 200, changed.text
    assert errors(notes.get("/api/auth/me", headers=headers), 401) == set()


@pytest.mark.parametrize("subject", ["9" * 40, "٦", "-1", "1.5", "", "None"])
def test_a_signed_token_of_nobody_lets_nobody_in(subject: str, notes: httpx.Client) -> None:
    """A token says whom it is for by a plain number, or it is worth nothing."""
    token = jwt.encode({"sub": subject, "iat": 1, "exp": 4_000_000_000}, SECRET, algorithm="HS256")
    assert errors(notes.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"}), 401) == set()


@pytest.mark.parametrize("password", ["password", "Qwerty123", "aaaaaaaaaaaa", "x" * 7, " " * 12])
def test_passwords_that_are_tried_first_are_refused(password: str, notes: httpx.Client) -> None:
    """Length alone makes no password."""
    body = {"email": "weak@example.com", "password": password, "name": "Weak"}
    assert errors(notes.post("/api/auth/register", json=body), 422) == {"password"}


def test_what_is_sent_twice_at_once_is_kept_once(notes: httpx.Client, root: dict[str, str]) -> None:
    """The second of two equal rows is a conflict, however close they come."""

    def sent(_number: int) -> int:
        body = {"title": "at once", "happens_at": LONG_AGO}
        return notes.post("/api/notes", json=body, headers=root).status_code

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(sent, range(16))) == [201, *[409] * 15]
