"""The Python distributions of a deployment, by the lock that it is packed from."""

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from typing import Final

from packaging.markers import Marker

from infra.local.shipped.component import Component, NotExplained
from infra.local.shipped.licences import UNKNOWN, licence_of

REASONS: Final[Mapping[str, str]] = {
    "boto3": "asks AWS: the table, queues, parameters, keys, sockets",
    "botocore": "what boto3 is made of: its errors, settings and retries",
    "cryptography": "signs and verifies access tokens (Ed25519)",
    "graphql-core": "parses, validates and executes GraphQL",
    "mangum": "brings requests other than GraphQL from the gateway to Starlette",
    "opentelemetry-exporter-otlp-proto-http": "sends traces to a collector, where a deployment names one",
    "opentelemetry-sdk": "records traces, where a deployment names a collector",
    "orjson": "writes responses and reads what the table answers",
    "packaging": "compares the versions that plugins ask for",
    "pluggy": "calls the hooks of plugins",
    "pycryptodome": "hashes with Keccak-256, as Ethereum does",
    "pydantic": "reads what comes from outside, such as signed messages and answers of nodes",
    "starlette": "routes requests other than GraphQL: health, webhooks, plugins' routes",
    "strawberry-graphql": "makes the schema from Python's types",
    "tzdata": "the zones of the world's clocks, for jobs at a local time",
}
"""What each direct requirement is for. A new one has to say it here."""

_PLUGIN: Final = "a plugin of this deployment"
_ENTRY: Final = re.compile(r"^([\w.\-]+)(?:\[[^]]*\])?==(\S+)(?: ; (.+?))?(?: \\)?$")
_VIA: Final = re.compile(r"^ +# +(?:via +)?(\S.*)$")
# Where it runs (infra.packaging.target): CPython 3.13 on Linux, arm64.
_THERE: Final = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "aarch64",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": "3.13.0",
    "python_version": "3.13",
    "sys_platform": "linux",
}


def distributions(lock: str, reasons: Mapping[str, str] = REASONS) -> Iterator[Component]:
    """What a lock, as uv writes it, brings to Lambda. Licences are those that the installed distributions state.

    Raises `NotExplained` for a direct requirement without a reason.
    """
    for name, version, requirers in _needed(lock):
        why = reasons.get(name) or _why(name, requirers)
        yield Component(name, version, _licence(name), why)


def _needed(lock: str) -> Iterator[tuple[str, str, Sequence[str]]]:
    entries: list[tuple[str, str, str | None, list[str]]] = []
    for line in lock.splitlines():
        if entry := _ENTRY.match(line):
            entries.append((entry[1], entry[2], entry[3], []))
        elif (via := _VIA.match(line)) and entries and via[1] != "via":
            entries[-1][3].append(via[1])
    for name, version, marker, requirers in entries:
        if marker is None or Marker(marker).evaluate(_THERE):
            yield name, version, requirers


def _why(name: str, requirers: Sequence[str]) -> str:
    if any(":plugins)" in requirer for requirer in requirers):
        return _PLUGIN
    if any("pyproject.toml" in requirer for requirer in requirers):
        raise NotExplained(
            f"{name} ships, and REASONS in infra/local/shipped/python.py does not say what for"
        )
    return f"for {', '.join(requirer for requirer in requirers if not requirer.startswith('-c'))}"


def _licence(name: str) -> str:
    try:
        return licence_of(metadata.metadata(name))  # type: ignore[arg-type] # an email.message.Message
    except metadata.PackageNotFoundError:
        return UNKNOWN
