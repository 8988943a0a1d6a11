"""The composition root: settings, adapters and plugins become one application, once for each process."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from colonnade.composer import Composition
from colonnade.context import Context
from colonnade.cursors import CursorSigner
from colonnade.errors import ConfigurationError
from colonnade.grants import Grants
from colonnade.indexing.serving import serving_store
from colonnade.jobs import Jobs
from colonnade.limits import Limits
from colonnade.operator import Operator
from colonnade.permissions import Principal
from colonnade.publishing import Deliver, EventRelay
from colonnade.rates import Rates
from colonnade.rates.bucket import Quota
from colonnade.registry import PluginState
from colonnade.server import Server
from colonnade.server.persisted import PersistedDocuments, trusted_documents
from colonnade.subscriptions.ports import SubscriptionLimits, SubscriptionPorts
from colonnade.telemetry.recording import Telemetry
from colonnade.topic_log import TopicLog
from handlers import starting
from handlers.adapters import Adapters as Adapters  # noqa: PLC0414 - whoever builds an application names it, too
from handlers.adapters import adapters_of
from handlers.realtime import Realtime, relay_and_jobs
from infra import known_documents, observability
from infra.redaction import Redactor
from infra.settings import DeploymentSettings, deployment_settings, limits, plugin_settings, secrets_of
from schema.compose import application as compose_application

T = TypeVar("T")

_log = logging.getLogger(__name__)

NO_OPERATOR = "the platform sends no transactions of its own here: set COLONNADE_OPERATOR_KMS_KEY"


@dataclass(frozen=True, slots=True)
class Application:
    """Everything a handler needs to answer.

    `telemetry`: where it is told what each request took;
    `make_context`: the context of one piece of work, by its request id and for whom; `relay`: carries events from the
    outbox onward; `jobs`: what the schedule and the queue may ask for; `realtime`: what clients follow;
    `plugin_settings`: what the plugins were told; `secrets`: what no log may show.
    """

    settings: DeploymentSettings
    composition: Composition
    server: Server
    adapters: Adapters
    telemetry: Telemetry
    make_context: Callable[[str, Principal | None], Context]
    relay: EventRelay
    jobs: Jobs
    realtime: Realtime
    plugin_settings: Sequence[object]
    secrets: frozenset[str] = field(repr=False)

    @property
    def deliver(self) -> Deliver:
        """Tells those who follow a topic."""
        return self.realtime.deliverer.deliver


def build(
    environ: Mapping[str, str], composition: Composition | None = None, adapters: Adapters | None = None
) -> Application:
    """The application that `environ` describes; opens no connection.

    `composition` and `adapters` replace this deployment's own. Raises `ConfigurationError` and `PluginError`.
    """
    settings = deployment_settings(environ)
    composition = composition or compose_application(settings.on_plugin_failure)
    plugins = plugin_settings(composition.settings, environ)
    allowed = limits(environ)
    given = {**plugins, Limits: allowed}
    ports = adapters or adapters_of(settings)
    cursors = CursorSigner(settings.cursor_key.encode())
    services = composition.services.with_platform(Operator, ports.operator, NO_OPERATOR).with_platform(
        Grants, _grants(settings, composition)
    )

    telemetry = Telemetry(ports.measures, ports.observer)
    seen = serving_store(ports.store, composition.chain_logs)

    asked_for: set[str] = set()

    def make_context(request_id: str, principal: Principal | None) -> Context:
        return Context(
            request_id=request_id,
            principal=principal,
            store=seen,
            chains=ports.chains,
            services=services,
            clock=ports.clock,
            ids=ports.ids,
            cursors=cursors,
            settings=given,
            http=ports.http,
            jobs=asked_for,
        )

    server = Server(
        composition.schema,
        lambda request: make_context(request.request_id, None),
        allowed,
        [authenticator for _, authenticator in composition.authenticators],
        _documents(settings, ports, composition),
        introspection=settings.introspection,
        telemetry=telemetry,
        rates=Rates(ports.store, ports.clock, Quota(allowed.bucket, allowed.restore_rate)),
    )
    log = TopicLog(ports.store, ports.clock)
    bounds = SubscriptionLimits(
        subscriptions=settings.connection_subscriptions,
        account_connections=settings.account_connections,
        account_subscriptions=settings.account_subscriptions,
    )
    realtime = Realtime.of(
        SubscriptionPorts(
            server,
            ports.store,
            log,
            ports.connections,
            ports.queues,
            ports.clock,
            ports.ids,
            make_context,
            bounds,
            measures=ports.measures,
            telemetry=telemetry,
        )
    )
    declared = tuple(plugins.values())
    secrets = secrets_of(settings, *declared)
    hide = Redactor(secrets).text
    relay, jobs = relay_and_jobs(
        composition, ports, log, realtime, lambda work: make_context(work, None), hide
    )
    asked_for |= {job.name for _, job in jobs.jobs}
    return Application(
        settings,
        composition,
        server,
        ports,
        telemetry,
        make_context,
        relay,
        jobs,
        realtime,
        declared,
        secrets,
    )


@cache
def application() -> Application:
    """This process's application, from its environment; built at the first call, and logging set up with it."""
    try:
        return _built()
    finally:
        starting.end()


def _built() -> Application:
    environ, hidden, shadowed = _environment()
    try:
        return _configured(environ, hidden, shadowed)
    except ConfigurationError as error:  # Lambda's runtime logs it, which knows nothing of what is hidden
        raise ConfigurationError(Redactor(hidden).known(str(error))) from None


def _configured(environ: Mapping[str, str], hidden: frozenset[str], shadowed: Sequence[str]) -> Application:
    settings = deployment_settings(environ)
    observability.configure(settings.log_level, hidden | secrets_of(settings))
    if shadowed:
        _log.warning("The environment overrides parameters", extra={"fields": {"names": shadowed}})
    built = build(environ)
    built = replace(built, secrets=hidden | built.secrets)
    observability.configure(settings.log_level, built.secrets)
    return built


def _environment() -> tuple[Mapping[str, str], frozenset[str], Sequence[str]]:
    """This process's environment, what of it no log may show, and parameters that it overrides."""
    if not os.environ.get("COLONNADE_PARAMETERS"):
        return os.environ, frozenset(), ()
    from infra.secrets import completed  # noqa: PLC0415 - only where parameters complete the environment

    environment = completed(os.environ)
    return environment.values, environment.hidden, environment.shadowed


def _grants(settings: DeploymentSettings, composition: Composition) -> Grants:
    """To whom permissions are granted here. Raises `ConfigurationError` for one that no plugin declares."""
    declared = Grants.declared(permission for _, permission in composition.permissions)
    chosen = settings.grantees()
    if any(status.state is PluginState.SKIPPED for status in composition.statuses):
        # What a plugin declared that was skipped is unknown, and nothing here asks for it.
        chosen = {name: grantee for name, grantee in chosen.items() if name in declared.grantees}
    try:
        return declared.changed(chosen)
    except ConfigurationError as error:
        raise ConfigurationError(f"COLONNADE_GRANTS: {error}") from None


def _documents(settings: DeploymentSettings, ports: Adapters, composition: Composition) -> PersistedDocuments:
    path = settings.trusted_documents
    trusted = trusted_documents(Path(path)) if path else {}
    known = known_documents.kept(composition.statuses)
    return PersistedDocuments(ports.store, ports.clock, trusted, settings.only_trusted_documents, known)


@contextmanager
def invocation() -> Generator[None]:
    """One call of a function: what was measured in it is told before the function may be frozen."""
    try:
        yield
    finally:
        adapters = application().adapters
        adapters.measures.flush()
        if adapters.observer is not None:
            adapters.observer.flush()


class _Loop:
    """An event loop that is closed when its thread ends."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()

    def __del__(self) -> None:
        self.loop.close()


class _ThreadLoops(threading.local):
    def __init__(self) -> None:
        self.own = _Loop()


_loops = _ThreadLoops()


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """What `coroutine` returns, run on this thread's own event loop.

    Unlike `asyncio.run`, it leaves the loop in place: what was made on it, and Mangum, find it again at the next
    event.
    """
    return thread_loop().run_until_complete(coroutine)


def thread_loop() -> asyncio.AbstractEventLoop:
    """This thread's event loop, set as the current one."""
    loop = _loops.own.loop
    asyncio.set_event_loop(loop)
    return loop
