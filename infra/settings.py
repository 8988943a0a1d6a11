"""What a deployment is told by its environment."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, Literal, cast

from colonnade.chains import ChainId
from colonnade.errors import ConfigurationError
from colonnade.limits import Limits
from colonnade.permissions import GRANTEES, Grantee
from colonnade.server.introspection import Introspection
from colonnade.settings import load, secret, setting
from infra.operator.settings import OperatorSettings, operator_settings

PREFIX: Final = "COLONNADE"

PluginFailure = Literal["abort", "skip"]

# Nothing more than such a URL needs: GraphiQL's page has it, and its Content-Security-Policy.
_HTTP_URL: Final = re.compile(r"https?://[\w.\-\[\]:]+(/[\w.\-~/]*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class DeploymentSettings:
    """Filled from variables that begin with `COLONNADE_`, as in `COLONNADE_TABLE`."""

    cursor_key: str = secret("Signs cursors: at least 32 characters, the same in every sandbox.")
    table: str = setting("colonnade", "The name of the DynamoDB table.")
    region: str = setting("us-east-1", "The AWS region of the table; AWS_REGION unless it is set.")
    dynamodb_endpoint: str | None = setting(None, "Where DynamoDB is, if it is not AWS's own.")
    rpc_endpoints: tuple[str, ...] = secret(
        "Endpoints of chains in order of preference, as in 8453=https://a.example/key,8453=https://b.example.",
        default=(),
    )
    index_from: tuple[str, ...] = setting(
        (),
        "The first block of each chain whose logs are indexed, as in 8453=30000000; the head that is first seen "
        "where none is given.",
    )
    deliveries_queue: str | None = setting(
        None, "The URL of the SQS queue of deliveries, which ends in .fifo; or a file, on a laptop."
    )
    jobs_queue: str | None = setting(None, "The URL of the SQS queue of jobs; or a file, on a laptop.")
    on_plugin_failure: PluginFailure = setting(
        "abort", "What a plugin that cannot be loaded does: abort, or skip."
    )
    grants: tuple[str, ...] = setting(
        (),
        "To whom permissions of plugins are granted, where that is not whom the plugin names, as in "
        "APPLAUD=admins: nobody, admins or members.",
    )
    trusted_documents: str | None = setting(
        None, "A JSON file of documents that clients may name by their hash from the start."
    )
    only_trusted_documents: bool = setting(False, "Whether those are the only documents that run.")
    introspection: Introspection = setting(
        "everyone", "Who may ask what the schema is: everyone, admins (who hold ADMIN) or nobody."
    )
    graphiql: bool = setting(False, "Whether browsers are shown GraphiQL at /graphql.")
    websocket_endpoint: str | None = setting(
        None, "Where open WebSockets are managed: the URL of the WebSocket API and its stage, with https."
    )
    websocket_origins: tuple[str, ...] = setting(
        ("*",), "Pages that may open a WebSocket: origins as in https://app.example, loopback, or * for all."
    )
    operator_kms_key: str | None = setting(
        None,
        "The KMS key (ECC_SECG_P256K1) of the platform's own transactions; without a key there are none.",
    )
    operator_key_file: str | None = setting(
        None, "On a development machine instead of it: a file with the key, in hexadecimal digits."
    )
    operator_recipients: tuple[str, ...] = setting((), "Addresses that the operator may call, and no others.")
    operator_daily_caps: tuple[str, ...] = setting(
        (), "Wei that the operator may spend on a chain on a UTC day, as in 8453=1000000000000000000."
    )
    operator_replace_after_seconds: float = setting(
        30.0, "How long the operator's transactions wait before they are replaced with higher fees."
    )
    outbound_loopback: bool = setting(
        False,
        "On a development machine: whether its own servers may be asked, as http://localhost:3000 of webhooks.",
    )
    parameters: str | None = setting(
        None, "The path of SSM parameters that complete the environment, as in /colonnade/prod."
    )
    metrics_namespace: str | None = setting(
        None,
        "The CloudWatch namespace of the metrics written among the log's lines; without one there are none.",
    )
    traces_endpoint: str | None = setting(
        None,
        "The OpenTelemetry collector that traces are sent to: a URL below which it takes OTLP at /v1/traces; "
        "without one there are none.",
    )
    traces_headers: tuple[str, ...] = secret(
        "What the collector asks for with each request, as in authorization=Bearer …; commas between several.",
        default=(),
    )
    traces_ratio: float = setting(1.0, "How many of the requests are traced, from 0 to 1.")
    log_level: str = setting("INFO", "The least important log messages that are written.")
    connection_subscriptions: int = setting(100, "What one WebSocket may follow at once.")
    account_connections: int = setting(50, "WebSockets that one account may have open.")
    account_subscriptions: int = setting(1_000, "What one account may follow at once, on all its WebSockets.")

    def __post_init__(self) -> None:
        if self.log_level not in logging.getLevelNamesMapping():
            raise ValueError("COLONNADE_LOG_LEVEL is one of DEBUG, INFO, WARNING, ERROR, CRITICAL")
        if len(self.cursor_key) < 32:
            raise ValueError("COLONNADE_CURSOR_KEY needs at least 32 characters")
        if (self.deliveries_queue or "").startswith("http") and not str(self.deliveries_queue).endswith(
            ".fifo"
        ):
            raise ValueError("COLONNADE_DELIVERIES_QUEUE is first-in-first-out: its URL ends in .fifo")
        if self.websocket_endpoint and not _HTTP_URL.fullmatch(self.websocket_endpoint):
            raise ValueError(
                "COLONNADE_WEBSOCKET_ENDPOINT is a URL with https, not wss, as in "
                "https://api-id.execute-api.us-east-1.amazonaws.com/stage"
            )
        if self.traces_endpoint and not _HTTP_URL.fullmatch(self.traces_endpoint):
            raise ValueError("COLONNADE_TRACES_ENDPOINT is a URL, as in http://localhost:4318")
        if not 0 <= self.traces_ratio <= 1:
            raise ValueError("COLONNADE_TRACES_RATIO is from 0 to 1")
        if not all(re.fullmatch(r"[\w-]+=.+", entry) for entry in self.traces_headers):
            raise ValueError("COLONNADE_TRACES_HEADERS: an entry is not of the form name=value")
        if self.only_trusted_documents and not self.trusted_documents:
            raise ValueError(
                "COLONNADE_ONLY_TRUSTED_DOCUMENTS needs COLONNADE_TRUSTED_DOCUMENTS, or nothing runs"
            )
        if min(self.connection_subscriptions, self.account_connections, self.account_subscriptions) < 1:
            raise ValueError(
                "COLONNADE_CONNECTION_SUBSCRIPTIONS, COLONNADE_ACCOUNT_CONNECTIONS and "
                "COLONNADE_ACCOUNT_SUBSCRIPTIONS are at least 1"
            )
        self.endpoints()
        self.index_starts()
        self.grantees()
        self.operator()

    def operator(self) -> OperatorSettings | None:
        """What the operator may do; None where it has no key. Raises ValueError."""
        if self.operator_kms_key and self.operator_key_file:
            raise ValueError(
                "COLONNADE_OPERATOR_KMS_KEY and COLONNADE_OPERATOR_KEY_FILE are both set: keep one"
            )
        if not (self.operator_kms_key or self.operator_key_file):
            return None
        return operator_settings(
            self.operator_recipients, self.operator_daily_caps, self.operator_replace_after_seconds
        )

    def sockets_url(self) -> str | None:
        """Where clients open a WebSocket, with wss; None on a laptop, where that is the address of GraphQL itself."""
        place = self.websocket_endpoint or ""
        return f"wss{place.removeprefix('https')}".rstrip("/") if place.startswith("https://") else None

    def index_starts(self) -> Mapping[ChainId, int]:
        """The first block to index of each chain that has one. Raises ValueError."""
        starts: dict[ChainId, int] = {}
        for entry in self.index_from:
            chain, equals, block = entry.partition("=")
            if not (equals and chain.isdecimal() and block.isdecimal()):
                raise ValueError(f"COLONNADE_INDEX_FROM: {entry!r} is not of the form 8453=30000000")
            starts[ChainId(int(chain))] = int(block)
        return starts

    def grantees(self) -> Mapping[str, Grantee]:
        """To whom each permission is granted for which this deployment says so. Raises ValueError."""
        chosen: dict[str, Grantee] = {}
        for entry in self.grants:
            name, _, grantee = entry.partition("=")
            if grantee not in GRANTEES:
                raise ValueError(
                    f"COLONNADE_GRANTS: {entry!r} is not of the form APPLAUD=members; "
                    f"a permission is granted to one of {', '.join(GRANTEES)}"
                )
            if name in chosen:
                raise ValueError(f"COLONNADE_GRANTS grants {name} twice: keep one")
            chosen[name] = grantee
        return chosen

    def endpoints(self) -> Mapping[ChainId, tuple[str, ...]]:
        """The endpoints of each chain, in order of preference. Raises ValueError, which shows none of them."""
        chains: dict[ChainId, tuple[str, ...]] = {}
        for position, entry in enumerate(self.rpc_endpoints, start=1):
            number, equals, url = entry.partition("=")
            if not (equals and number.isdecimal() and url.startswith(("http://", "https://"))):
                raise ValueError(
                    f"COLONNADE_RPC_ENDPOINTS, entry {position}: not of the form 8453=https://host/path "
                    "(it is not shown, it may hold a key)"
                )
            chain = ChainId(int(number))
            chains[chain] = (*chains.get(chain, ()), url)
        return chains


def deployment_settings(environ: Mapping[str, str]) -> DeploymentSettings:
    """The settings of this deployment. Raises `ConfigurationError` that names every variable at fault."""
    region = {f"{PREFIX}_REGION": environ["AWS_REGION"]} if "AWS_REGION" in environ else {}
    return load(DeploymentSettings, {**region, **environ}, prefix=PREFIX)


def limits(environ: Mapping[str, str]) -> Limits:
    """The limits of a request, from variables such as `COLONNADE_BODY_BYTES`. Raises `ConfigurationError`."""
    return load(Limits, environ, prefix=PREFIX)


def plugin_settings(
    declared: Mapping[str, type[object]], environ: Mapping[str, str]
) -> Mapping[type[object], object]:
    """The settings of each plugin, by their class. Raises one `ConfigurationError` with every problem."""
    found: dict[type[object], object] = {}
    problems: list[str] = []
    for plugin, settings in declared.items():
        try:
            found[settings] = load(settings, environ, prefix=plugin)
        except ConfigurationError as error:
            problems.append(f"plugin {plugin!r}: {error}")
    if problems:
        raise ConfigurationError("; ".join(problems))
    return found


def secrets_of(*settings: object) -> frozenset[str]:
    """Every value of these settings that was declared a secret: what no log may show."""
    found: set[str] = set()
    for one in settings:
        for field in fields(cast("type", type(one))):
            if field.metadata.get("secret"):
                value = getattr(one, field.name)
                found.update(
                    map(str, value) if isinstance(value, tuple) else () if value is None else (str(value),)
                )
    return frozenset(found)
