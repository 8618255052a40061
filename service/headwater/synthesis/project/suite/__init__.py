"""Renders the tests of an application: fixtures, a factory of rows, a file for each entity, signing in, the service."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project.files import File, Plan
from headwater.synthesis.project.suite.accounts import account_tests
from headwater.synthesis.project.suite.entities import entity_tests
from headwater.synthesis.project.suite.features import feature_tests
from headwater.synthesis.project.suite.rows import render as rows
from headwater.synthesis.project.suite.service import service_tests
from headwater.synthesis.project.suite.surroundings import calling, conftest

FOLDER = "backend/tests"
CUSTOM = '''"""Checks your own rules; this file is yours."""

from fastapi.testclient import TestClient


def test_the_application_starts(client: TestClient) -> None:
    """Your hooks were loaded with it."""
    assert client.get("/health/ready").status_code == 200
'''


def render(plan: Plan) -> Iterator[File]:
    """Yields the tests of an application, which stand on the schema and the interface and on nothing else of it."""
    yield File(path=f"{FOLDER}/__init__.py", text="")
    yield File(path=f"{FOLDER}/conftest.py", text=conftest(plan))
    yield File(path=f"{FOLDER}/generated/__init__.py", text="")
    yield File(path=f"{FOLDER}/generated/calling.py", text=calling(plan))
    yield File(path=f"{FOLDER}/generated/rows.py", text=rows(plan))
    yield File(path=f"{FOLDER}/generated/test_service.py", text=service_tests(plan))
    if plan.spec.account is not None:
        yield File(path=f"{FOLDER}/generated/test_auth.py", text=account_tests(plan, plan.spec.account))
    features = feature_tests(plan)
    if features:
        yield File(path=f"{FOLDER}/generated/test_features.py", text=features)
    for entity in plan.spec.entities:
        found = entity_tests(plan, entity)
        if found:
            yield File(path=f"{FOLDER}/generated/test_{entity.plural}.py", text=found)
    yield File(path=f"{FOLDER}/custom/__init__.py", text="", custom=True)
    yield File(path=f"{FOLDER}/custom/test_custom.py", text=CUSTOM, custom=True)
