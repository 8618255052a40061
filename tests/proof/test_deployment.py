"""What a project is deployed by is held to the form of its readers, and to be safe."""

from __future__ import annotations

import pytest
import yaml

from headwater.proof.deployment import compose, dockerfile, kubernetes, workflow

IMAGE = "FROM python:3.11-slim\nUSER app\nHEALTHCHECK CMD true\nCMD serve\n"
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
        (IMAGE.replace("CMD serve\n", ""), "runs nothing"),
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
