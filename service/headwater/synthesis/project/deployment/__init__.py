"""Renders what builds, deploys and explains an application: README, Makefile, licence, containers, cluster, CI."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project.deployment.containers import compose, dockerfile, dockerignore
from headwater.synthesis.project.deployment.kubernetes import manifests
from headwater.synthesis.project.deployment.licence import licence
from headwater.synthesis.project.deployment.local import environment, gitignore, makefile
from headwater.synthesis.project.deployment.readme import readme
from headwater.synthesis.project.deployment.workflow import workflow
from headwater.synthesis.project.files import File, Plan, Target


def render(plan: Plan) -> Iterator[File]:
    """Yields the files; those of a place only where the application is deployed to it."""
    yield File(path="README.md", text=readme(plan))
    yield File(path="Makefile", text=makefile(plan))
    yield File(path="LICENSE", text=licence(plan))
    yield File(path=".gitignore", text=gitignore())
    yield File(path=".env.example", text=environment(plan))
    targets = plan.options.targets
    if Target.DOCKER in targets or Target.COMPOSE in targets:
        yield File(path="deploy/Dockerfile", text=dockerfile(plan))
        yield File(path=".dockerignore", text=dockerignore())
    if Target.COMPOSE in targets:
        yield File(path="deploy/compose.yaml", text=compose(plan))
    if Target.KUBERNETES in targets:
        for name, text in manifests(plan):
            yield File(path=f"deploy/kubernetes/{name}.yaml", text=text)
    if Target.CI in targets:
        yield File(path=".github/workflows/ci.yml", text=workflow(plan))
