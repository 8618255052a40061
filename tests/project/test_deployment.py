"""What builds, deploys and explains an application: well formed, without secrets, and deaf to hostile text."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from headwater.synthesis.project import interface, schema
from headwater.synthesis.project.deployment import render
from headwater.synthesis.project.files import Database, License, Options, Plan, Target
from headwater.synthesis.project.parsing import parse
from headwater.synthesis.project.spec import Assumption, Question

TEXTS = Path(__file__).parents[1] / "data" / "requirements"
HOSTILE = """'"; DROP TABLE users; -- {{7*7}} ${HOME} $(touch /tmp/x) `id` <script>alert(1)</script>\n# | [x](y)"""


def plan_of(text: str, **options: Any) -> Plan:
    """Returns the plan of requirements."""
    spec = parse(text)
    return Plan(spec=spec, schema=schema.derive(spec), interface=interface.derive(spec), options=Options(**options))


def rendered(plan: Plan) -> dict[str, str]:
    """Returns the files by path."""
    return {file.path: file.text for file in render(plan)}


def hostile() -> Plan:
    """Returns a plan in which every text of a person is hostile."""
    plan = plan_of("Build a blog with authentication and comments")
    spec = replace(
        plan.spec,
        title=HOSTILE,
        description=HOSTILE,
        entities=tuple(replace(each, label=HOSTILE, description=HOSTILE) for each in plan.spec.entities),
        roles=tuple(replace(each, label=HOSTILE) for each in plan.spec.roles),
        assumptions=(Assumption(text=HOSTILE),),
        questions=(Question(text=HOSTILE, choices=(HOSTILE,), taken=HOSTILE),),
    )
    return replace(plan, spec=spec)


@pytest.mark.parametrize("name", sorted(path.name for path in TEXTS.iterdir()))
def test_every_file_is_well_formed(name: str) -> None:
    """YAML can be read, no image floats, nothing secret is written down, and the same plan gives the same bytes."""
    plan = plan_of((TEXTS / name).read_text())
    files = rendered(plan)
    assert files == rendered(plan)
    for path, text in files.items():
        if path.endswith((".yaml", ".yml")):
            assert all(yaml.safe_load_all(text)), path
        assert ":latest" not in text
        assert not re.search(r"(?m)^APP_SECRET_KEY=.", text)
        assert text.endswith("\n")


@pytest.mark.parametrize("target", Target)
def test_only_what_is_asked_for_is_there(target: Target) -> None:
    """Each target brings its own files and no others, and without a frontend nothing speaks of one."""
    files = rendered(plan_of("Build a blog with authentication", targets=(target,), frontend=False))
    places = {
        Target.DOCKER: "deploy/Dockerfile",
        Target.COMPOSE: "deploy/compose.yaml",
        Target.KUBERNETES: "deploy/kubernetes/deployment.yaml",
        Target.CI: ".github/workflows/ci.yml",
    }
    for other, path in places.items():
        assert (path in files) == (other is target or (other, target) == (Target.DOCKER, Target.COMPOSE))
    told = {path for path, text in files.items() if re.search(r"\bnpm\b|APP_STATIC", text)}
    assert not told


def test_containers_and_pods_may_do_nothing_but_their_work() -> None:
    """Nobody is root, no file system can be written to but what is mounted, every probe asks what is served."""
    files = rendered(plan_of((TEXTS / "shop.txt").read_text()))
    assert re.search(r"(?m)^USER 10001:10001$", files["deploy/Dockerfile"])
    assert "HEALTHCHECK" in files["deploy/Dockerfile"]
    for kind in ("deployment", "migration"):
        pod = yaml.safe_load(files[f"deploy/kubernetes/{kind}.yaml"])["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"]
        for container in (*pod["containers"], *pod.get("initContainers", ())):
            assert container["securityContext"]["readOnlyRootFilesystem"]
            assert container["resources"]["limits"]["memory"]
    pod = yaml.safe_load(files["deploy/kubernetes/deployment.yaml"])["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    probes = [container[name]["httpGet"]["path"] for name in ("startupProbe", "readinessProbe", "livenessProbe")]
    assert probes == ["/health/live", "/health/ready", "/health/live"]
    joined = yaml.safe_load(files["deploy/kubernetes/kustomization.yaml"])["resources"]
    assert {f"deploy/kubernetes/{name}" for name in joined} | {"deploy/kubernetes/kustomization.yaml"} == {
        path for path in files if path.startswith("deploy/kubernetes/")
    }
    services = yaml.safe_load(files["deploy/compose.yaml"])["services"]
    assert services["application"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_a_rollout_loses_no_request_and_runs_ahead_of_no_migration() -> None:
    """New pods wait for the migration, old ones serve on meanwhile, and how many there are is the autoscaler's."""
    files = rendered(plan_of("Build a blog with authentication"))
    spec = yaml.safe_load(files["deploy/kubernetes/deployment.yaml"])["spec"]
    assert spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert "replicas" not in spec
    pod = spec["template"]["spec"]
    assert "alembic current --check-heads" in pod["initContainers"][0]["command"][-1]
    (container,) = pod["containers"]
    pause = int(container["lifecycle"]["preStop"]["exec"]["command"][-1])
    assert 0 < pause < pod["terminationGracePeriodSeconds"]
    disruption = yaml.safe_load(files["deploy/kubernetes/disruption.yaml"])["spec"]["selector"]["matchLabels"]
    job = yaml.safe_load(files["deploy/kubernetes/migration.yaml"])["spec"]["template"]["metadata"]["labels"]
    assert not disruption.items() <= job.items()


def test_the_workflow_uses_commits_and_tests_on_both_databases() -> None:
    """Each action is a commit with the name of its version beside it; Postgres is one of the jobs."""
    text = rendered(plan_of("Build a blog with authentication"))[".github/workflows/ci.yml"]
    used = re.findall(r"uses: (\S+)(.*)", text)
    assert used
    for action, version in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action)
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", version)
    jobs = yaml.safe_load(text)["jobs"]
    assert set(jobs) == {"backend", "postgres", "frontend", "image"}
    assert any("APP_TEST_DATABASE_URL" in step.get("env", {}) for step in jobs["postgres"]["steps"])


@pytest.mark.parametrize("license", License)
def test_each_licence_is_the_one_that_was_chosen(license: License) -> None:  # noqa: A002 — the option's name
    """The text is that of the licence, and holds the title as it is."""
    text = rendered(plan_of("Build a blog", license=license))["LICENSE"]
    first = {"MIT": "MIT License", "Apache-2.0": "Apache License", "BSD-3-Clause": "BSD 3-Clause License"}
    assert first.get(str(license), "All rights reserved") in text


def test_hostile_text_is_only_text() -> None:
    """What people wrote stands in README and licence alone, and there nothing of it is markup."""
    files = rendered(hostile())
    assert {path for path, text in files.items() if "DROP TABLE" in text} == {"README.md", "LICENSE"}
    readme = files["README.md"]
    assert "<script>" not in readme
    assert "\\<script\\>" in readme
    assert not re.search(r"(?m)^# \|", readme)
    assert not re.search(r"(?<!\\)[$]\(touch", readme)


@pytest.mark.parametrize("database", Database)
def test_make_understands_the_makefile(tmp_path: Path, database: Database) -> None:
    """`make` plans each target, and `.env` gets secrets that are not the same twice."""
    files = rendered(plan_of("Build a blog with authentication", database=database))
    secrets: list[str] = []
    for name in ("one", "two"):
        folder = tmp_path / name
        (folder / "backend").mkdir(parents=True)
        (folder / "frontend/src").mkdir(parents=True)
        for path in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
            (folder / "backend" / path).touch()
        for path in ("package.json", "package-lock.json"):
            (folder / "frontend" / path).touch()
        for path in ("Makefile", ".env.example"):
            (folder / path).write_text(files[path])
        targets = ("help", "install", "run", "migrate", "revision", "seed", "admin", "test", "lint", "openapi", "clean")
        for target in targets:
            planned = subprocess.run(["make", "-n", target], cwd=folder, capture_output=True, text=True, check=False)
            assert planned.returncode == 0, planned.stderr
        subprocess.run(["make", ".env"], cwd=folder, capture_output=True, check=True)
        found = re.findall(r"(?m)^(?:APP_SECRET_KEY|POSTGRES_PASSWORD)=(\w{40,})$", (folder / ".env").read_text())
        assert len(found) == 2
        secrets += found
        assert (folder / ".env").stat().st_mode & 0o077 == 0
    assert len(set(secrets)) == len(secrets)
    address = re.search(r"(?m)^APP_DATABASE_URL=(\w+)", files[".env.example"])
    assert address
    assert address[1] == ("postgresql" if database is Database.POSTGRES else "sqlite")
