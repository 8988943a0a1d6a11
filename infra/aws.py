"""Clients of AWS, and of whatever speaks like it on this machine."""

from __future__ import annotations

from typing import Any, Protocol

from botocore.config import Config
from botocore.parsers import ResponseParserFactory
from botocore.session import get_session


class ServiceSettings(Protocol):
    """Where a service is, and how long it may take to answer. Times: seconds; keys: None where the environment has
    them.
    """

    @property
    def region(self) -> str: ...
    @property
    def endpoint_url(self) -> str | None: ...
    @property
    def access_key(self) -> str | None: ...
    @property
    def secret_key(self) -> str | None: ...
    @property
    def connect_timeout(self) -> float: ...
    @property
    def read_timeout(self) -> float: ...


def client(
    service: str,
    settings: ServiceSettings,
    *,
    attempts: int = 1,
    parsers: ResponseParserFactory | None = None,
    **config: Any,
) -> Any:
    """A new client. Each request is sent once unless `attempts` says otherwise: whoever calls it repeats what may be
    repeated. `parsers`: what reads answers, where that is not botocore's; `config`: more of botocore's settings."""
    core = get_session()
    if parsers is not None:
        core.register_component("response_parser_factory", parsers)
    return core.create_client(
        service,
        region_name=settings.region,
        endpoint_url=settings.endpoint_url,
        aws_access_key_id=settings.access_key,
        aws_secret_access_key=settings.secret_key,
        config=Config(
            connect_timeout=settings.connect_timeout,
            read_timeout=settings.read_timeout,
            retries={"mode": "standard", "total_max_attempts": attempts},
            tcp_keepalive=True,
            **config,
        ),
    )
