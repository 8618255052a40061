"""What a project is deployed by is held to the schemas of its readers, to be safe, and to name what exists."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from headwater.projects.phases import render
from headwater.projects.planning import plan, read
from headwater.proof import Status, Tools
from headwater.proof.deployment import SCHEMAS, faults
from headwater.proof.deployment_files import compose, dockerfile, kubernetes, workflow
from headwater.sandbox.opening import OpenSandbox
from headwater.synthesis.project.files import File, Options, Target
from tests.proof.conftest import Project

IMAGE = 'FROM python:3.11-slim\nUSER app\nHEALTHCHECK CMD true\nCMD ["serve"]\n'
SERVICES = {"db": {"image": "postgres:17"}, "app": {"build": ".", "depends_on": ["db"], "volumes": ["files:/files"]}}
CONTAINER = {
    "name": "app",
    "image": "app:1",
    "securityContext": {"runAsNonRoot": True, "allowPrivilegeEscalation": False},
    "livenessProbe": {},
    "readinessProbe": {},
    "resources": {"limits": {}},
}
STEPS = [{"uses": "actions/checkout@v5"}, {"run": "make test"}]


def deployment(container: dict[str, object], labels: dict[str, str]) -> dict[str, object]:
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"selector": {"matchLabels": {"app": "app"}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "app"}, "spec": spec}


def ci(steps: list[dict[str, str]]) -> dict[str, object]:
    return {"on": "push", "permissions": {}, "jobs": {"test": {"runs-on": "ubuntu-24.04", "steps": steps}}}


def test_sound_files_have_no_faults() -> None:
    """Nothing is found where nothing is wrong; YAML reads the key `on` as a truth."""
    assert list(dockerfile(IMAGE)) == []
    assert list(compose({"services": SERVICES, "volumes": {"files": None}})) == []
    assert list(kubernetes(deployment(CONTAINER, {"app": "app"}))) == []
    assert list(workflow(ci(STEPS))) == []
    assert list(workflow(yaml.safe_load(yaml.safe_dump(ci(STEPS)).replace("'on'", "on")))) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (IMAGE.replace(":3.11-slim", ""), "has no version"),
        (IMAGE.replace(":3.11-slim", ":latest"), "has no version"),
        (IMAGE.replace("USER app\n", ""), "runs as root"),
        (IMAGE.replace("USER app", "USER root"), "runs as root"),
        (IMAGE.replace("HEALTHCHECK CMD true\n", ""), "no health check"),
        (IMAGE.replace('CMD ["serve"]\n', ""), "runs nothing"),
        (IMAGE.replace('["serve"]', "serve"), "a shell stands between"),
        (IMAGE.replace("USER", "USERS"), "USERS is no instruction"),
        (f"{IMAGE}ADD archive.tar /srv\n", "COPY neither"),
        (f"{IMAGE}ENV APP_SECRET_KEY=abc\n", "the secret APP_SECRET_KEY"),
    ],
)
def test_images_are_pinned_and_run_as_somebody(text: str, fault: str) -> None:
    """Each fault of a recipe is told."""
    assert any(fault in each for each in dockerfile(text))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"app": {}}, "neither image nor build"),
        ({"app": {"image": "app"}}, "has no version"),
        ({"app": {"build": ".", "privileged": True}}, "privileged"),
        ({"app": {"build": ".", "depends_on": ["cache"]}}, "cache, which does not exist"),
        ({"app": {"build": ".", "volumes": ["data:/data"]}}, "data, which does not exist"),
    ],
)
def test_services_name_what_exists(change: dict[str, object], fault: str) -> None:
    """Each fault of a compose file is told."""
    assert any(fault in each for each in compose({"services": {**SERVICES, **change}, "volumes": {"files": None}}))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"image": "app"}, "has no version"),
        ({"securityContext": {"allowPrivilegeEscalation": False}}, "as root"),
        ({"securityContext": {"runAsNonRoot": True}}, "gain privileges"),
        ({"resources": {}}, "what it needs"),
    ],
)
def test_pods_have_no_privileges(change: dict[str, object], fault: str) -> None:
    """Each fault of a manifest is told."""
    assert any(fault in each for each in kubernetes(deployment({**CONTAINER, **change}, {"app": "app"})))


def test_manifests_select_their_pods_and_hold_no_secret() -> None:
    """A selector that finds nothing and a secret that is written down are told."""
    assert any("other labels" in each for each in kubernetes(deployment(CONTAINER, {"app": "other"})))
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "app"}, "stringData": {"key": "x"}}
    assert list(kubernetes(secret)) == ["a secret is written down"]


@pytest.mark.parametrize(
    ("step", "fault"),
    [({"uses": "actions/checkout"}, "has no version"), ({"name": "idle"}, "must either use or run")],
)
def test_workflows_use_versions(step: dict[str, str], fault: str) -> None:
    """Each fault of a workflow is told."""
    assert any(fault in each for each in workflow(ci([step])))


CLUSTER = "deploy/kubernetes/"
PLACED = """
entities:
  Note:
    title: string required
features: [auth, upload]
"""


@pytest.fixture(scope="session")
def placed() -> Project:
    """A project with everything that is deployed: a frontend, accounts, files."""
    planned = plan(read(PLACED, "sample", ""), Options())
    return Project(planned, tuple(file for _, file in render(planned)))


def replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


@pytest.mark.parametrize("targets", [tuple(Target), *((each,) for each in Target)], ids="-".join)
@pytest.mark.parametrize("frontend", [True, False])
def test_what_is_rendered_hangs_together(targets: tuple[Target, ...], *, frontend: bool) -> None:
    """Whatever a project is deployed to, no file of it has a fault."""
    planned = plan(read(PLACED, "sample", ""), Options(targets=targets, frontend=frontend))
    assert faults([file for _, file in render(planned)]) == []


@pytest.mark.parametrize(
    ("path", "change", "fault"),
    [
        ("deploy/Dockerfile", replaced("backend/alembic.ini", "backend/other.ini"), "copies backend/other.ini"),
        ("deploy/Dockerfile", replaced("/health/ready", "/healthy"), "asks for /healthy"),
        ("deploy/Dockerfile", replaced('"serve"', '"start"'), "command start"),
        ("deploy/compose.yaml", replaced("deploy/Dockerfile", "deploy/Containerfile"), "deploy/Containerfile"),
        ("deploy/compose.yaml", replaced("- migrate", "- upgrade"), "command upgrade"),
        ("deploy/compose.yaml", replaced("healthcheck:", "labels:"), "which it never says"),
        ("deploy/compose.yaml", replaced("${POSTGRES_PASSWORD", "${PASSWORD"), "PASSWORD must be set"),
        (".github/workflows/ci.yml", replaced("working-directory: backend", "working-directory: server"), "in server"),
        (".github/workflows/ci.yml", replaced("requirements-dev.txt", "dev.txt"), "reads backend/dev.txt"),
        (".github/workflows/ci.yml", replaced("package-lock.json", "yarn.lock"), "caches by frontend/yarn.lock"),
        (f"{CLUSTER}deployment.yaml", replaced("/health/live", "/alive"), "asked for /alive"),
        (f"{CLUSTER}deployment.yaml", replaced("port: http", "port: web"), "at the port web"),
        (f"{CLUSTER}deployment.yaml", replaced("application-secrets", "secrets"), "which nothing makes"),
        (f"{CLUSTER}deployment.yaml", replaced("application-settings", "settings"), "settings from settings"),
        (f"{CLUSTER}deployment.yaml", replaced("claimName: sample-files", "claimName: other"), "the storage other"),
        (
            f"{CLUSTER}deployment.yaml",
            replaced("- name: files\n        persistent", "- name: other\n        persistent"),
            "mounts files",
        ),
        (f"{CLUSTER}deployment.yaml", replaced("spec:\n  selector", "spec:\n  replicas: 2\n  selector"), "replicas"),
        (f"{CLUSTER}deployment.yaml", replaced("readOnlyRootFilesystem: true", ""), "write to its own files"),
        (f"{CLUSTER}migration.yaml", replaced("- migrate", "- upgrade"), "command upgrade"),
        (f"{CLUSTER}service.yaml", replaced("part: server", "part: worker"), "selects no pods"),
        (f"{CLUSTER}service.yaml", replaced("targetPort: http", "targetPort: web"), "the port web"),
        (f"{CLUSTER}ingress.yaml", replaced("            name: sample", "            name: other"), "sends to other"),
        (f"{CLUSTER}ingress.yaml", replaced("name: http", "name: web"), "a port that sample does not have"),
        (f"{CLUSTER}autoscaler.yaml", replaced("kind: Deployment", "kind: StatefulSet"), "scales StatefulSet sample"),
        (f"{CLUSTER}disruption.yaml", replaced("      part: server\n", ""), "other pods than those that serve"),
        (
            f"{CLUSTER}network.yaml",
            replaced("    matchLabels:\n      app: sample", "    matchLabels: {app: x}"),
            "no pods",
        ),
        (f"{CLUSTER}configmap.yaml", replaced("APP_LOG_LEVEL", "APP_LEVEL"), "APP_LEVEL is no setting"),
        (f"{CLUSTER}kustomization.yaml", replaced("- service.yaml\n", ""), "leaves out service.yaml"),
        (f"{CLUSTER}kustomization.yaml", replaced("service.yaml", "services.yaml"), "joins services.yaml"),
        (f"{CLUSTER}kustomization.yaml", replaced("- name: sample", "- name: other"), "which nothing runs"),
        (f"{CLUSTER}service.yaml", lambda text: f"{text}: [", "service.yaml"),
        (f"{CLUSTER}service.yaml", lambda text: f"{text}---\n- one\n", "is no mapping"),
    ],
)
def test_a_name_of_what_does_not_exist_is_told(
    placed: Project, path: str, change: Callable[[str], str], fault: str
) -> None:
    """Each file that is broken in one place has a fault there, which says what is missing."""
    found = faults(placed.changed(path, change).files)
    assert any(each.startswith(path.rpartition("/")[0]) and fault in each for each in found), found


def test_a_lock_file_that_is_missing_is_told(placed: Project) -> None:
    """What installs from it, and what copies it, say so."""
    found = faults([each for each in placed.files if not each.path.endswith("package-lock.json")])
    assert any("there is no package-lock.json" in each for each in found)
    assert any("copies frontend/package-lock.json" in each for each in found)


async def test_the_tools_that_hold_the_schemas_are_run(placed: Project, sandbox: OpenSandbox) -> None:
    """What they say of every file is the evidence."""
    rung = (await placed.proven(sandbox, "deployment"))["deployment"]
    assert rung.status is Status.PASSED, f"{rung.reason}\n{rung.evidence}"
    assert rung.exit_code == 0
    assert rung.evidence.count("ok -- validation done") == 2
    manifests = [each.path for each in placed.files if each.path.startswith(CLUSTER) and "kustom" not in each.path]
    assert all(f"INFO {path} passed" in rung.evidence for path in manifests)


@pytest.mark.parametrize(
    ("path", "change", "told"),
    [
        ("deploy/compose.yaml", replaced("restart: unless-stopped", "restarts: unless-stopped"), "restarts"),
        (".github/workflows/ci.yml", replaced("timeout-minutes: 15", "timeout-minutes: soon"), "soon"),
        (f"{CLUSTER}deployment.yaml", replaced("periodSeconds", "periodInSeconds"), "periodInSeconds"),
        (f"{CLUSTER}autoscaler.yaml", replaced("minReplicas: 2", "minReplicas: two"), "two"),
        (f"{CLUSTER}disruption.yaml", replaced("kind: PodDisruptionBudget", "kind: Budget"), "kind Budget"),
    ],
)
async def test_a_file_that_its_schema_refuses_fails_the_rung(
    placed: Project, sandbox: OpenSandbox, path: str, change: Callable[[str], str], told: str
) -> None:
    """No check of ours sees these: the tool does, and its exit code and its words are told."""
    broken = placed.changed(path, change)
    assert faults(broken.files) == []
    rung = (await broken.proven(sandbox, "deployment"))["deployment"]
    assert rung.status is Status.FAILED
    assert rung.exit_code == 1
    assert told in rung.evidence


async def test_a_fault_of_ours_fails_the_rung_beside_what_the_schemas_say(
    placed: Project, sandbox: OpenSandbox
) -> None:
    """The reason is the fault, and the evidence holds both."""
    broken = placed.changed(f"{CLUSTER}service.yaml", replaced("part: server", "part: worker"))
    rung = (await broken.proven(sandbox, "deployment"))["deployment"]
    assert rung.status is Status.FAILED
    assert "selects no pods" in rung.reason
    assert "validation done" in rung.evidence


async def test_without_the_tools_no_schema_is_said_to_hold(
    placed: Project, sandbox: OpenSandbox, tmp_path: Path
) -> None:
    """An interpreter that does not have them leaves the rung not run, and says so."""
    venv.create(tmp_path / "bare", with_pip=False)
    bare = tmp_path / "bare" / "bin" / "python"
    rung = (await placed.proven(sandbox, "deployment", tools=Tools(python=bare)))["deployment"]
    assert rung.status is Status.NOT_RUN
    assert rung.reason.startswith("Not installed: check-jsonschema, kubernetes-validate. ")
    assert "hang together" in rung.evidence


@pytest.mark.parametrize(("tool", "words", "code"), [("check_jsonschema", ["--version"], 69), ("json.tool", ["-"], 1)])
def test_a_tool_that_is_not_installed_keeps_no_other_from_running(tool: str, words: list[str], code: int) -> None:
    """What the others find counts more than what was not looked at, which is told."""
    commands = json.dumps([["no_such_tool", "x"], [tool, *words]])
    asked = [sys.executable, str(SCHEMAS), commands]
    done = subprocess.run(asked, input="no JSON", capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert done.stdout.startswith(f"$ {tool}")
    assert done.stdout.endswith("no_such_tool: not installed\n")


async def test_a_project_that_is_not_deployed_is_not_proven(small: Project, sandbox: OpenSandbox) -> None:
    """Nothing has passed where there is nothing."""
    kept = tuple(File(path=each.path, text=each.text) for each in small.files if not each.path.startswith(("d", ".g")))
    rung = (await Project(small.plan, kept).proven(sandbox, "deployment"))["deployment"]
    assert (rung.status, rung.reason) == (Status.NOT_RUN, "The project has no files to deploy it by.")
