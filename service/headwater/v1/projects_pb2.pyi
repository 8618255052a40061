import datetime

from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from headwater.v1 import generate_tests_pb2 as _generate_tests_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetProjectRequest(_message.Message):
    __slots__ = ("project",)
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    project: str
    def __init__(self, project: _Optional[str] = ...) -> None: ...

class GetProjectFileRequest(_message.Message):
    __slots__ = ("project", "path")
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    project: str
    path: str
    def __init__(self, project: _Optional[str] = ..., path: _Optional[str] = ...) -> None: ...

class GetProjectArchiveRequest(_message.Message):
    __slots__ = ("project",)
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    project: str
    def __init__(self, project: _Optional[str] = ...) -> None: ...

class Project(_message.Message):
    __slots__ = ("project_id", "name", "state", "create_time", "phases", "manifest", "proof")
    PROJECT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    PHASES_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    project_id: str
    name: str
    state: str
    create_time: _timestamp_pb2.Timestamp
    phases: ProjectPhases
    manifest: _containers.RepeatedCompositeFieldContainer[ManifestFile]
    proof: _containers.RepeatedCompositeFieldContainer[ProofRung]
    def __init__(self, project_id: _Optional[str] = ..., name: _Optional[str] = ..., state: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., phases: _Optional[_Union[ProjectPhases, _Mapping]] = ..., manifest: _Optional[_Iterable[_Union[ManifestFile, _Mapping]]] = ..., proof: _Optional[_Iterable[_Union[ProofRung, _Mapping]]] = ...) -> None: ...

class ProjectResult(_message.Message):
    __slots__ = ("success", "project_id", "phases", "manifest", "proof", "reproducibility_key", "usage", "cost_usd")
    SUCCESS_FIELD_NUMBER: _ClassVar[int]
    PROJECT_ID_FIELD_NUMBER: _ClassVar[int]
    PHASES_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    REPRODUCIBILITY_KEY_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    COST_USD_FIELD_NUMBER: _ClassVar[int]
    success: bool
    project_id: str
    phases: ProjectPhases
    manifest: _containers.RepeatedCompositeFieldContainer[ManifestFile]
    proof: _containers.RepeatedCompositeFieldContainer[ProofRung]
    reproducibility_key: str
    usage: _generate_tests_pb2.TokenUsage
    cost_usd: float
    def __init__(self, success: _Optional[bool] = ..., project_id: _Optional[str] = ..., phases: _Optional[_Union[ProjectPhases, _Mapping]] = ..., manifest: _Optional[_Iterable[_Union[ManifestFile, _Mapping]]] = ..., proof: _Optional[_Iterable[_Union[ProofRung, _Mapping]]] = ..., reproducibility_key: _Optional[str] = ..., usage: _Optional[_Union[_generate_tests_pb2.TokenUsage, _Mapping]] = ..., cost_usd: _Optional[float] = ...) -> None: ...

class ManifestFile(_message.Message):
    __slots__ = ("path", "sha256", "bytes", "language", "custom")
    PATH_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_FIELD_NUMBER: _ClassVar[int]
    path: str
    sha256: str
    bytes: int
    language: str
    custom: bool
    def __init__(self, path: _Optional[str] = ..., sha256: _Optional[str] = ..., bytes: _Optional[int] = ..., language: _Optional[str] = ..., custom: _Optional[bool] = ...) -> None: ...

class ProofRung(_message.Message):
    __slots__ = ("name", "status", "command", "exit_code", "seconds", "reason", "evidence", "evidence_sha256", "artefacts")
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    EXIT_CODE_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_SHA256_FIELD_NUMBER: _ClassVar[int]
    ARTEFACTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    status: str
    command: str
    exit_code: int
    seconds: float
    reason: str
    evidence: str
    evidence_sha256: str
    artefacts: _containers.RepeatedCompositeFieldContainer[ProofArtefact]
    def __init__(self, name: _Optional[str] = ..., status: _Optional[str] = ..., command: _Optional[str] = ..., exit_code: _Optional[int] = ..., seconds: _Optional[float] = ..., reason: _Optional[str] = ..., evidence: _Optional[str] = ..., evidence_sha256: _Optional[str] = ..., artefacts: _Optional[_Iterable[_Union[ProofArtefact, _Mapping]]] = ...) -> None: ...

class ProofArtefact(_message.Message):
    __slots__ = ("name", "sha256", "bytes", "content")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    sha256: str
    bytes: int
    content: bytes
    def __init__(self, name: _Optional[str] = ..., sha256: _Optional[str] = ..., bytes: _Optional[int] = ..., content: _Optional[bytes] = ...) -> None: ...

class ProjectPhases(_message.Message):
    __slots__ = ("initialization", "analysis", "complexity", "database", "backend", "frontend", "deployment")
    INITIALIZATION_FIELD_NUMBER: _ClassVar[int]
    ANALYSIS_FIELD_NUMBER: _ClassVar[int]
    COMPLEXITY_FIELD_NUMBER: _ClassVar[int]
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    BACKEND_FIELD_NUMBER: _ClassVar[int]
    FRONTEND_FIELD_NUMBER: _ClassVar[int]
    DEPLOYMENT_FIELD_NUMBER: _ClassVar[int]
    initialization: InitializationData
    analysis: AnalysisData
    complexity: ComplexityData
    database: DatabaseData
    backend: BackendData
    frontend: FrontendData
    deployment: DeploymentData
    def __init__(self, initialization: _Optional[_Union[InitializationData, _Mapping]] = ..., analysis: _Optional[_Union[AnalysisData, _Mapping]] = ..., complexity: _Optional[_Union[ComplexityData, _Mapping]] = ..., database: _Optional[_Union[DatabaseData, _Mapping]] = ..., backend: _Optional[_Union[BackendData, _Mapping]] = ..., frontend: _Optional[_Union[FrontendData, _Mapping]] = ..., deployment: _Optional[_Union[DeploymentData, _Mapping]] = ...) -> None: ...

class PhaseData(_message.Message):
    __slots__ = ("initialization", "analysis", "complexity", "database", "backend", "frontend", "deployment", "proof")
    INITIALIZATION_FIELD_NUMBER: _ClassVar[int]
    ANALYSIS_FIELD_NUMBER: _ClassVar[int]
    COMPLEXITY_FIELD_NUMBER: _ClassVar[int]
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    BACKEND_FIELD_NUMBER: _ClassVar[int]
    FRONTEND_FIELD_NUMBER: _ClassVar[int]
    DEPLOYMENT_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    initialization: InitializationData
    analysis: AnalysisData
    complexity: ComplexityData
    database: DatabaseData
    backend: BackendData
    frontend: FrontendData
    deployment: DeploymentData
    proof: ProofData
    def __init__(self, initialization: _Optional[_Union[InitializationData, _Mapping]] = ..., analysis: _Optional[_Union[AnalysisData, _Mapping]] = ..., complexity: _Optional[_Union[ComplexityData, _Mapping]] = ..., database: _Optional[_Union[DatabaseData, _Mapping]] = ..., backend: _Optional[_Union[BackendData, _Mapping]] = ..., frontend: _Optional[_Union[FrontendData, _Mapping]] = ..., deployment: _Optional[_Union[DeploymentData, _Mapping]] = ..., proof: _Optional[_Union[ProofData, _Mapping]] = ...) -> None: ...

class InitializationData(_message.Message):
    __slots__ = ("provider", "request_sha256", "renderers", "backend", "frontend", "database", "auth", "deployment", "license", "seed")
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    REQUEST_SHA256_FIELD_NUMBER: _ClassVar[int]
    RENDERERS_FIELD_NUMBER: _ClassVar[int]
    BACKEND_FIELD_NUMBER: _ClassVar[int]
    FRONTEND_FIELD_NUMBER: _ClassVar[int]
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    AUTH_FIELD_NUMBER: _ClassVar[int]
    DEPLOYMENT_FIELD_NUMBER: _ClassVar[int]
    LICENSE_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    provider: str
    request_sha256: str
    renderers: str
    backend: str
    frontend: str
    database: str
    auth: str
    deployment: _containers.RepeatedScalarFieldContainer[str]
    license: str
    seed: int
    def __init__(self, provider: _Optional[str] = ..., request_sha256: _Optional[str] = ..., renderers: _Optional[str] = ..., backend: _Optional[str] = ..., frontend: _Optional[str] = ..., database: _Optional[str] = ..., auth: _Optional[str] = ..., deployment: _Optional[_Iterable[str]] = ..., license: _Optional[str] = ..., seed: _Optional[int] = ...) -> None: ...

class AnalysisData(_message.Message):
    __slots__ = ("spec", "entities", "relations", "roles", "features")
    SPEC_FIELD_NUMBER: _ClassVar[int]
    ENTITIES_FIELD_NUMBER: _ClassVar[int]
    RELATIONS_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    spec: ProjectSpec
    entities: int
    relations: int
    roles: int
    features: int
    def __init__(self, spec: _Optional[_Union[ProjectSpec, _Mapping]] = ..., entities: _Optional[int] = ..., relations: _Optional[int] = ..., roles: _Optional[int] = ..., features: _Optional[int] = ...) -> None: ...

class ProjectSpec(_message.Message):
    __slots__ = ("name", "title", "description", "entities", "relations", "roles", "permissions", "features", "archetypes", "assumptions", "questions")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    ENTITIES_FIELD_NUMBER: _ClassVar[int]
    RELATIONS_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    PERMISSIONS_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    ARCHETYPES_FIELD_NUMBER: _ClassVar[int]
    ASSUMPTIONS_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    name: str
    title: str
    description: str
    entities: _containers.RepeatedCompositeFieldContainer[ProjectEntity]
    relations: _containers.RepeatedCompositeFieldContainer[ProjectRelation]
    roles: _containers.RepeatedCompositeFieldContainer[ProjectRole]
    permissions: _containers.RepeatedCompositeFieldContainer[ProjectPermission]
    features: _containers.RepeatedCompositeFieldContainer[ProjectFeature]
    archetypes: _containers.RepeatedScalarFieldContainer[str]
    assumptions: _containers.RepeatedCompositeFieldContainer[ProjectAssumption]
    questions: _containers.RepeatedCompositeFieldContainer[ProjectQuestion]
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., description: _Optional[str] = ..., entities: _Optional[_Iterable[_Union[ProjectEntity, _Mapping]]] = ..., relations: _Optional[_Iterable[_Union[ProjectRelation, _Mapping]]] = ..., roles: _Optional[_Iterable[_Union[ProjectRole, _Mapping]]] = ..., permissions: _Optional[_Iterable[_Union[ProjectPermission, _Mapping]]] = ..., features: _Optional[_Iterable[_Union[ProjectFeature, _Mapping]]] = ..., archetypes: _Optional[_Iterable[str]] = ..., assumptions: _Optional[_Iterable[_Union[ProjectAssumption, _Mapping]]] = ..., questions: _Optional[_Iterable[_Union[ProjectQuestion, _Mapping]]] = ...) -> None: ...

class ProjectOrigin(_message.Message):
    __slots__ = ("kind", "reason", "span")
    KIND_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SPAN_FIELD_NUMBER: _ClassVar[int]
    kind: str
    reason: str
    span: ProjectSpan
    def __init__(self, kind: _Optional[str] = ..., reason: _Optional[str] = ..., span: _Optional[_Union[ProjectSpan, _Mapping]] = ...) -> None: ...

class ProjectSpan(_message.Message):
    __slots__ = ("start", "end")
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    start: int
    end: int
    def __init__(self, start: _Optional[int] = ..., end: _Optional[int] = ...) -> None: ...

class ProjectEntity(_message.Message):
    __slots__ = ("name", "plural", "label", "fields", "origin", "display", "owner", "account", "description", "together", "nothing")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PLURAL_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    TOGETHER_FIELD_NUMBER: _ClassVar[int]
    NOTHING_FIELD_NUMBER: _ClassVar[int]
    name: str
    plural: str
    label: str
    fields: _containers.RepeatedCompositeFieldContainer[ProjectField]
    origin: ProjectOrigin
    display: str
    owner: _containers.RepeatedScalarFieldContainer[str]
    account: bool
    description: str
    together: _containers.RepeatedCompositeFieldContainer[ProjectUnique]
    nothing: str
    def __init__(self, name: _Optional[str] = ..., plural: _Optional[str] = ..., label: _Optional[str] = ..., fields: _Optional[_Iterable[_Union[ProjectField, _Mapping]]] = ..., origin: _Optional[_Union[ProjectOrigin, _Mapping]] = ..., display: _Optional[str] = ..., owner: _Optional[_Iterable[str]] = ..., account: _Optional[bool] = ..., description: _Optional[str] = ..., together: _Optional[_Iterable[_Union[ProjectUnique, _Mapping]]] = ..., nothing: _Optional[str] = ...) -> None: ...

class ProjectUnique(_message.Message):
    __slots__ = ("names",)
    NAMES_FIELD_NUMBER: _ClassVar[int]
    names: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, names: _Optional[_Iterable[str]] = ...) -> None: ...

class ProjectField(_message.Message):
    __slots__ = ("name", "label", "type", "origin", "required", "unique", "minimum", "maximum", "choices", "default", "filtered", "searched")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    UNIQUE_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_FIELD_NUMBER: _ClassVar[int]
    FILTERED_FIELD_NUMBER: _ClassVar[int]
    SEARCHED_FIELD_NUMBER: _ClassVar[int]
    name: str
    label: str
    type: str
    origin: ProjectOrigin
    required: bool
    unique: bool
    minimum: float
    maximum: float
    choices: _containers.RepeatedScalarFieldContainer[str]
    default: _struct_pb2.Value
    filtered: bool
    searched: bool
    def __init__(self, name: _Optional[str] = ..., label: _Optional[str] = ..., type: _Optional[str] = ..., origin: _Optional[_Union[ProjectOrigin, _Mapping]] = ..., required: _Optional[bool] = ..., unique: _Optional[bool] = ..., minimum: _Optional[float] = ..., maximum: _Optional[float] = ..., choices: _Optional[_Iterable[str]] = ..., default: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., filtered: _Optional[bool] = ..., searched: _Optional[bool] = ...) -> None: ...

class ProjectRelation(_message.Message):
    __slots__ = ("name", "source", "target", "kind", "inverse", "origin", "optional", "on_delete", "label")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    INVERSE_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    OPTIONAL_FIELD_NUMBER: _ClassVar[int]
    ON_DELETE_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    name: str
    source: str
    target: str
    kind: str
    inverse: str
    origin: ProjectOrigin
    optional: bool
    on_delete: str
    label: str
    def __init__(self, name: _Optional[str] = ..., source: _Optional[str] = ..., target: _Optional[str] = ..., kind: _Optional[str] = ..., inverse: _Optional[str] = ..., origin: _Optional[_Union[ProjectOrigin, _Mapping]] = ..., optional: _Optional[bool] = ..., on_delete: _Optional[str] = ..., label: _Optional[str] = ...) -> None: ...

class ProjectRole(_message.Message):
    __slots__ = ("name", "label", "standing", "origin", "default")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_FIELD_NUMBER: _ClassVar[int]
    name: str
    label: str
    standing: str
    origin: ProjectOrigin
    default: bool
    def __init__(self, name: _Optional[str] = ..., label: _Optional[str] = ..., standing: _Optional[str] = ..., origin: _Optional[_Union[ProjectOrigin, _Mapping]] = ..., default: _Optional[bool] = ...) -> None: ...

class ProjectPermission(_message.Message):
    __slots__ = ("role", "entity", "create", "read", "update", "delete", "origin")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    CREATE_FIELD_NUMBER: _ClassVar[int]
    READ_FIELD_NUMBER: _ClassVar[int]
    UPDATE_FIELD_NUMBER: _ClassVar[int]
    DELETE_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    role: str
    entity: str
    create: str
    read: str
    update: str
    delete: str
    origin: ProjectOrigin
    def __init__(self, role: _Optional[str] = ..., entity: _Optional[str] = ..., create: _Optional[str] = ..., read: _Optional[str] = ..., update: _Optional[str] = ..., delete: _Optional[str] = ..., origin: _Optional[_Union[ProjectOrigin, _Mapping]] = ...) -> None: ...

class ProjectFeature(_message.Message):
    __slots__ = ("kind", "entities", "origin")
    KIND_FIELD_NUMBER: _ClassVar[int]
    ENTITIES_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    kind: str
    entities: _containers.RepeatedScalarFieldContainer[str]
    origin: ProjectOrigin
    def __init__(self, kind: _Optional[str] = ..., entities: _Optional[_Iterable[str]] = ..., origin: _Optional[_Union[ProjectOrigin, _Mapping]] = ...) -> None: ...

class ProjectAssumption(_message.Message):
    __slots__ = ("text", "about", "span")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    ABOUT_FIELD_NUMBER: _ClassVar[int]
    SPAN_FIELD_NUMBER: _ClassVar[int]
    text: str
    about: str
    span: ProjectSpan
    def __init__(self, text: _Optional[str] = ..., about: _Optional[str] = ..., span: _Optional[_Union[ProjectSpan, _Mapping]] = ...) -> None: ...

class ProjectQuestion(_message.Message):
    __slots__ = ("text", "choices", "taken", "about", "span")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    TAKEN_FIELD_NUMBER: _ClassVar[int]
    ABOUT_FIELD_NUMBER: _ClassVar[int]
    SPAN_FIELD_NUMBER: _ClassVar[int]
    text: str
    choices: _containers.RepeatedScalarFieldContainer[str]
    taken: str
    about: str
    span: ProjectSpan
    def __init__(self, text: _Optional[str] = ..., choices: _Optional[_Iterable[str]] = ..., taken: _Optional[str] = ..., about: _Optional[str] = ..., span: _Optional[_Union[ProjectSpan, _Mapping]] = ...) -> None: ...

class ComplexityData(_message.Message):
    __slots__ = ("cosmic", "ifpug", "level", "processes", "by_entity", "files", "tests", "drivers")
    COSMIC_FIELD_NUMBER: _ClassVar[int]
    IFPUG_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    PROCESSES_FIELD_NUMBER: _ClassVar[int]
    BY_ENTITY_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    TESTS_FIELD_NUMBER: _ClassVar[int]
    DRIVERS_FIELD_NUMBER: _ClassVar[int]
    cosmic: int
    ifpug: int
    level: str
    processes: _containers.RepeatedCompositeFieldContainer[FunctionalProcess]
    by_entity: _containers.RepeatedCompositeFieldContainer[EntitySize]
    files: int
    tests: int
    drivers: _containers.RepeatedCompositeFieldContainer[ComplexityDriver]
    def __init__(self, cosmic: _Optional[int] = ..., ifpug: _Optional[int] = ..., level: _Optional[str] = ..., processes: _Optional[_Iterable[_Union[FunctionalProcess, _Mapping]]] = ..., by_entity: _Optional[_Iterable[_Union[EntitySize, _Mapping]]] = ..., files: _Optional[int] = ..., tests: _Optional[int] = ..., drivers: _Optional[_Iterable[_Union[ComplexityDriver, _Mapping]]] = ...) -> None: ...

class FunctionalProcess(_message.Message):
    __slots__ = ("name", "entity", "movements")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    MOVEMENTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    entity: str
    movements: _containers.RepeatedCompositeFieldContainer[DataMovement]
    def __init__(self, name: _Optional[str] = ..., entity: _Optional[str] = ..., movements: _Optional[_Iterable[_Union[DataMovement, _Mapping]]] = ...) -> None: ...

class DataMovement(_message.Message):
    __slots__ = ("kind", "group", "because")
    KIND_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    BECAUSE_FIELD_NUMBER: _ClassVar[int]
    kind: str
    group: str
    because: str
    def __init__(self, kind: _Optional[str] = ..., group: _Optional[str] = ..., because: _Optional[str] = ...) -> None: ...

class EntitySize(_message.Message):
    __slots__ = ("entity", "cosmic")
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    COSMIC_FIELD_NUMBER: _ClassVar[int]
    entity: str
    cosmic: int
    def __init__(self, entity: _Optional[str] = ..., cosmic: _Optional[int] = ...) -> None: ...

class ComplexityDriver(_message.Message):
    __slots__ = ("name", "size", "share", "because")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    BECAUSE_FIELD_NUMBER: _ClassVar[int]
    name: str
    size: int
    share: float
    because: str
    def __init__(self, name: _Optional[str] = ..., size: _Optional[int] = ..., share: _Optional[float] = ..., because: _Optional[str] = ...) -> None: ...

class DatabaseData(_message.Message):
    __slots__ = ("tables", "mermaid", "svg", "migrations")
    TABLES_FIELD_NUMBER: _ClassVar[int]
    MERMAID_FIELD_NUMBER: _ClassVar[int]
    SVG_FIELD_NUMBER: _ClassVar[int]
    MIGRATIONS_FIELD_NUMBER: _ClassVar[int]
    tables: _containers.RepeatedCompositeFieldContainer[DatabaseTable]
    mermaid: str
    svg: str
    migrations: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, tables: _Optional[_Iterable[_Union[DatabaseTable, _Mapping]]] = ..., mermaid: _Optional[str] = ..., svg: _Optional[str] = ..., migrations: _Optional[_Iterable[str]] = ...) -> None: ...

class DatabaseTable(_message.Message):
    __slots__ = ("name", "columns", "foreign_keys", "indexes")
    NAME_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    FOREIGN_KEYS_FIELD_NUMBER: _ClassVar[int]
    INDEXES_FIELD_NUMBER: _ClassVar[int]
    name: str
    columns: _containers.RepeatedScalarFieldContainer[str]
    foreign_keys: _containers.RepeatedScalarFieldContainer[str]
    indexes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., columns: _Optional[_Iterable[str]] = ..., foreign_keys: _Optional[_Iterable[str]] = ..., indexes: _Optional[_Iterable[str]] = ...) -> None: ...

class BackendData(_message.Message):
    __slots__ = ("routes", "files", "hooks")
    ROUTES_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    HOOKS_FIELD_NUMBER: _ClassVar[int]
    routes: _containers.RepeatedCompositeFieldContainer[ProjectRoute]
    files: int
    hooks: _containers.RepeatedCompositeFieldContainer[ProjectHook]
    def __init__(self, routes: _Optional[_Iterable[_Union[ProjectRoute, _Mapping]]] = ..., files: _Optional[int] = ..., hooks: _Optional[_Iterable[_Union[ProjectHook, _Mapping]]] = ...) -> None: ...

class ProjectHook(_message.Message):
    __slots__ = ("name", "rule", "status", "reason", "message", "attempts", "code", "tests")
    NAME_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    TESTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    rule: str
    status: str
    reason: str
    message: str
    attempts: int
    code: str
    tests: str
    def __init__(self, name: _Optional[str] = ..., rule: _Optional[str] = ..., status: _Optional[str] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ..., attempts: _Optional[int] = ..., code: _Optional[str] = ..., tests: _Optional[str] = ...) -> None: ...

class ProjectRoute(_message.Message):
    __slots__ = ("method", "path", "operation", "access")
    METHOD_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    method: str
    path: str
    operation: str
    access: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, method: _Optional[str] = ..., path: _Optional[str] = ..., operation: _Optional[str] = ..., access: _Optional[_Iterable[str]] = ...) -> None: ...

class FrontendData(_message.Message):
    __slots__ = ("pages", "files")
    PAGES_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    pages: _containers.RepeatedScalarFieldContainer[str]
    files: int
    def __init__(self, pages: _Optional[_Iterable[str]] = ..., files: _Optional[int] = ...) -> None: ...

class DeploymentData(_message.Message):
    __slots__ = ("targets", "files")
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    targets: _containers.RepeatedScalarFieldContainer[str]
    files: int
    def __init__(self, targets: _Optional[_Iterable[str]] = ..., files: _Optional[int] = ...) -> None: ...

class ProofData(_message.Message):
    __slots__ = ("passed", "failed", "not_run")
    PASSED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    NOT_RUN_FIELD_NUMBER: _ClassVar[int]
    passed: int
    failed: int
    not_run: int
    def __init__(self, passed: _Optional[int] = ..., failed: _Optional[int] = ..., not_run: _Optional[int] = ...) -> None: ...
