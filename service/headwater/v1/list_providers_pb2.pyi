from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListProvidersRequest(_message.Message):
    __slots__ = ("provider", "check")
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    CHECK_FIELD_NUMBER: _ClassVar[int]
    provider: str
    check: bool
    def __init__(self, provider: _Optional[str] = ..., check: _Optional[bool] = ...) -> None: ...

class ListProvidersResponse(_message.Message):
    __slots__ = ("providers",)
    PROVIDERS_FIELD_NUMBER: _ClassVar[int]
    providers: _containers.RepeatedCompositeFieldContainer[Provider]
    def __init__(self, providers: _Optional[_Iterable[_Union[Provider, _Mapping]]] = ...) -> None: ...

class Provider(_message.Message):
    __slots__ = ("name", "summary", "configured", "key_variable", "url_variable", "default_model", "models", "check")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    CONFIGURED_FIELD_NUMBER: _ClassVar[int]
    KEY_VARIABLE_FIELD_NUMBER: _ClassVar[int]
    URL_VARIABLE_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_MODEL_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    CHECK_FIELD_NUMBER: _ClassVar[int]
    name: str
    summary: str
    configured: bool
    key_variable: str
    url_variable: str
    default_model: str
    models: _containers.RepeatedCompositeFieldContainer[ProviderModel]
    check: ProviderCheck
    def __init__(self, name: _Optional[str] = ..., summary: _Optional[str] = ..., configured: _Optional[bool] = ..., key_variable: _Optional[str] = ..., url_variable: _Optional[str] = ..., default_model: _Optional[str] = ..., models: _Optional[_Iterable[_Union[ProviderModel, _Mapping]]] = ..., check: _Optional[_Union[ProviderCheck, _Mapping]] = ...) -> None: ...

class ProviderModel(_message.Message):
    __slots__ = ("name", "abilities", "context_tokens")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ABILITIES_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    name: str
    abilities: _containers.RepeatedScalarFieldContainer[str]
    context_tokens: int
    def __init__(self, name: _Optional[str] = ..., abilities: _Optional[_Iterable[str]] = ..., context_tokens: _Optional[int] = ...) -> None: ...

class ProviderCheck(_message.Message):
    __slots__ = ("ok", "message", "latency_ms")
    OK_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    LATENCY_MS_FIELD_NUMBER: _ClassVar[int]
    ok: bool
    message: str
    latency_ms: float
    def __init__(self, ok: _Optional[bool] = ..., message: _Optional[str] = ..., latency_ms: _Optional[float] = ...) -> None: ...
