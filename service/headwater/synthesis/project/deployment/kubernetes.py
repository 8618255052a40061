"""Writes the manifests of a cluster: the application, its migration, its network and its limits.

Nothing of them is secret: `application-secrets` is made beside them, as the README says. The database is one that the
cluster's owner runs; the application only knows its address.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from headwater.synthesis.project.deployment.containers import PORT, USER
from headwater.synthesis.project.deployment.written import documents, hyphenated
from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.interface import RouteKind

SECRETS = "application-secrets"
SETTINGS = "application-settings"
VERSION = "0.1.0"
"""Of a project that nobody has released yet."""
REPLICAS = (2, 6)
BUSY_PERCENT = 70
POSTGRES_PORT = 5432
DNS_PORT = 53


def manifests(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yields the names and texts of the manifests, and the kustomization that joins them."""
    name = hyphenated(plan.spec.name)
    stored = plan.interface.route(RouteKind.UPLOAD) is not None
    found: dict[str, Any] = {
        "configmap": _object("v1", "ConfigMap", SETTINGS, data=_settings(plan)),
        "migration": _object("batch/v1", "Job", f"{name}-migrate", spec=_migration(name)),
        "deployment": _object("apps/v1", "Deployment", name, spec=_deployment(name, stored=stored)),
        "service": _object("v1", "Service", name, spec=_service(name)),
        "ingress": _object("networking.k8s.io/v1", "Ingress", name, spec=_ingress(name)),
        "autoscaler": _object("autoscaling/v2", "HorizontalPodAutoscaler", name, spec=_autoscaler(name)),
        "disruption": _object(
            "policy/v1",
            "PodDisruptionBudget",
            name,
            spec={"minAvailable": 1, "selector": {"matchLabels": {"app": name}}},
        ),
        "network": _object("networking.k8s.io/v1", "NetworkPolicy", name, spec=_network(name)),
    }
    if stored:
        claim = {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "10Gi"}}}
        found["storage"] = _object("v1", "PersistentVolumeClaim", f"{name}-files", spec=claim)
    for key, value in found.items():
        yield key, documents(value)
    joined = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [f"{key}.yaml" for key in found],
        "images": [{"name": name, "newTag": VERSION}],
    }
    yield "kustomization", documents(joined)


def _object(version: str, kind: str, name: str, **parts: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "labels": {"app": name}}, **parts}


def _settings(plan: Plan) -> dict[str, str]:
    found = {"APP_LOG_LEVEL": "INFO", "APP_CORS_ORIGINS": ""}
    if plan.spec.account is not None:
        found |= {"APP_TOKEN_MINUTES": "30", "APP_RATE_LIMIT": "30"}
    return found


def _container(name: str) -> dict[str, Any]:
    """Returns a container that may do nothing but its work."""
    return {
        "name": "application",
        "image": f"{name}:{VERSION}",
        "envFrom": [{"configMapRef": {"name": SETTINGS}}, {"secretRef": {"name": SECRETS}}],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}},
        "volumeMounts": [{"name": "temporary", "mountPath": "/tmp"}],  # noqa: S108 — the container's own
    }


def _pod(container: dict[str, Any], *volumes: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [{"name": "temporary", "emptyDir": {}}, *volumes],
        **parts,
    }


def _migration(name: str) -> dict[str, Any]:
    container = {**_container(name), "command": ["python", "-m", "app", "migrate"]}
    template = {"metadata": {"labels": {"app": name}}, "spec": _pod(container, restartPolicy="Never")}
    return {"backoffLimit": 3, "ttlSecondsAfterFinished": 3600, "template": template}


def _deployment(name: str, *, stored: bool) -> dict[str, Any]:
    container = _container(name)
    container["ports"] = [{"name": "http", "containerPort": PORT}]
    for probe, path, seconds in (
        ("startupProbe", "/health/live", 2),
        ("readinessProbe", "/health/ready", 5),
        ("livenessProbe", "/health/live", 10),
    ):
        container[probe] = {"httpGet": {"path": path, "port": "http"}, "periodSeconds": seconds, "failureThreshold": 6}
    volumes: list[dict[str, Any]] = []
    if stored:
        container["volumeMounts"] = [*container["volumeMounts"], {"name": "files", "mountPath": "/data/files"}]
        volumes = [{"name": "files", "persistentVolumeClaim": {"claimName": f"{name}-files"}}]
    return {
        "replicas": REPLICAS[0],
        "selector": {"matchLabels": {"app": name, "part": "server"}},
        "template": {
            "metadata": {"labels": {"app": name, "part": "server"}},
            "spec": _pod(container, *volumes, terminationGracePeriodSeconds=30),
        },
    }


def _service(name: str) -> dict[str, Any]:
    return {
        "selector": {"app": name, "part": "server"},
        "ports": [{"name": "http", "port": 80, "targetPort": "http"}],
    }


def _ingress(name: str) -> dict[str, Any]:
    backend = {"service": {"name": name, "port": {"name": "http"}}}
    host = f"{name}.example.com"
    rule = {"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    return {"tls": [{"hosts": [host], "secretName": f"{name}-tls"}], "rules": [rule]}


def _autoscaler(name: str) -> dict[str, Any]:
    usage = {"type": "Utilization", "averageUtilization": BUSY_PERCENT}
    return {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
        "minReplicas": REPLICAS[0],
        "maxReplicas": REPLICAS[1],
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": usage}}],
    }


def _network(name: str) -> dict[str, Any]:
    """Returns a policy: requests come in, nothing goes out but to the database and to find its address."""
    return {
        "podSelector": {"matchLabels": {"app": name}},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"ports": [{"protocol": "TCP", "port": PORT}]}],
        "egress": [
            {"ports": [{"protocol": "TCP", "port": POSTGRES_PORT}]},
            {"ports": [{"protocol": "UDP", "port": DNS_PORT}, {"protocol": "TCP", "port": DNS_PORT}]},
        ],
    }
