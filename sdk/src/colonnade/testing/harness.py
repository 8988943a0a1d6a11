"""A harness for plugin authors: a schema of exactly the named plugins, on in-memory adapters."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import ModuleType
from typing import Any, Final

from colonnade.chains import BASE, ChainId, Chains
from colonnade.composer import DEFAULT_BUDGET, Composition
from colonnade.context import Context, Ids
from colonnade.cursors import CursorSigner
from colonnade.errors import ConfigurationError
from colonnade.events import Published
from colonnade.indexing.indexer import Indexer
from colonnade.jobs import Jobs
from colonnade.outbound import Http
from colonnade.permissions import Principal
from colonnade.relay import Node
from colonnade.settings import load
from colonnade.store import Store
from colonnade.testing.clock import FrozenClock
from colonnade.testing.composing import compose_plugins
from colonnade.testing.declared_store import DeclaredStore
from colonnade.testing.feeds import Feed, Feeds
from colonnade.testing.finding import find_plugin
from colonnade.testing.ids import SequentialIds
from colonnade.testing.memory_store import MemoryStore
from colonnade.testing.recording_store import RecordingStore
from colonnade.testing.results import Failure, OperationFailed, Result
from colonnade.testing.scripted_chain import ScriptedChains
from colonnade.testing.scripted_http import ScriptedHttp
from colonnade.testing.settling import settle
from colonnade.testing.working import work

CURSOR_KEY: Final = b"a key that only this harness uses"


class Harness:
    """Exactly the named plugins, composed: no AWS, no network, no application.

        harness = Harness("applause", stand_ins=[stand_in("Creator", id="creator_1")], principal=Principal("ada"))
        assert await harness.data('{ node(id: "creator_1") { ... on Creator { applause } } }') == {…}

    `plugins`: entry point names, modules, or dotted names of modules. `stand_ins`: objects of types that plugins
    build upon and that are not here. `services`: an implementation for each protocol the plugins ask for.
    `settings`: an instance for each settings class that is not to have its defaults. `principal`: who asks.
    `chains`: what contracts answer; without it there is no chain. `clock` stands still until a test advances it; `ids`
    are sequential; `store` is in memory, and refuses what no entity declares. `budget`: seconds a resolver may take.
    `http`: what servers of strangers answer; without it none of them does.

    Raises `PluginError` and `ConflictError` as `compose_plugins` does, and `ConfigurationError` for settings.
    """

    def __init__(
        self,
        *plugins: str | ModuleType,
        stand_ins: Sequence[Node] = (),
        services: Mapping[Callable[..., object], object] | None = None,
        settings: Sequence[object] = (),
        principal: Principal | None = None,
        chains: Chains | None = None,
        clock: FrozenClock | None = None,
        ids: Ids | None = None,
        store: Store | None = None,
        budget: float = DEFAULT_BUDGET,
        http: Http | None = None,
    ) -> None:
        found = [find_plugin(plugin) if isinstance(plugin, str) else plugin for plugin in plugins]
        self.composition: Final = compose_plugins(
            found, stand_ins=stand_ins, services=services, budget=budget
        )
        self.settings: Final = _settings(self.composition, settings)
        self.principal = principal
        self.chains: Final = ScriptedChains() if chains is None else chains
        self.http: Final = ScriptedHttp() if http is None else http
        self.clock: Final = clock or FrozenClock()
        self.ids: Final = ids or SequentialIds(self.clock)
        declared = (entity for _, entity in self.composition.entities)
        self._recording: Final = RecordingStore(DeclaredStore(store or MemoryStore(self.clock), declared))
        self.store: Final[Store] = self._recording
        self._requests = itertools.count(1)
        self._feeds: Final = Feeds(self.composition, self.store, self.clock, self.ids, self._context)

    @property
    def sdl(self) -> str:
        """The composed schema in GraphQL's own language."""
        return self.composition.schema.as_str()

    def acting_as(self, principal: Principal | None) -> Harness:
        """This harness, with its store and its clock, for another caller; None is one who has not signed in."""
        other = copy.copy(self)
        other.principal = principal
        return other

    def context(self) -> Context:
        """A context as each operation gets one; for calling functions of a plugin directly."""
        return self._context(f"request-{next(self._requests)}", self.principal)

    async def settle(self, times: int = 1) -> Sequence[Published]:
        """Let happen what follows from events: those recorded since the last time, and what their handlers record.

        Each gets its number and is given to its handlers, `times` times over, as a deployment may do; their writes
        count once. What is followed is delivered, a conflated subscription's later events when `clock` was advanced
        by its interval. Returns the events. Raises `HandlerFailed`, its cause being what the handler raised.
        """
        background = partial(self._context, principal=None)
        events = await settle(self._recording, self.store, self.clock, self.composition, background, times)
        await self._feeds.deliver(events)
        return events

    async def subscribe(self, query: str, variables: Mapping[str, Any] | None = None) -> Feed:
        """A subscription as whoever acts; its feed grows whenever `settle` is called.

        What was recorded before is settled first, so that the feed begins with a snapshot or with what comes next.
        """
        await self.settle()
        return await self._feeds.follow(query, variables, self.principal)

    async def run_job(self, name: str, arguments: Mapping[str, Any] | None = None) -> None:
        """One turn of a job. Raises `UnknownJob`, and what the job raises."""
        await Jobs(self.composition.jobs, partial(self._context, principal=None)).run(name, arguments or {})

    async def work(self) -> Sequence[str]:
        """Do what was asked for with `Context.later` and is due, and what that asks for; the names of the jobs.

        What fails is tried again when `clock` was advanced. Raises `TaskGivenUp` for what is a dead letter now, its
        message being what the job raised.
        """
        jobs = Jobs(self.composition.jobs, partial(self._context, principal=None))
        return await work(jobs, self.store, self.clock)

    async def index(self, chain_id: ChainId = BASE) -> None:
        """Keep what the plugins' projections make of a chain's logs, up to its head, as the log indexer does."""
        history = self.chains.history(chain_id)
        wanted = [logs for _, logs in self.composition.chain_logs if logs.chain_id == chain_id]
        indexer = Indexer(self._context("index", None), history, wanted, start=1)
        while await indexer.advance(await history.head()):
            pass

    def _context(self, request_id: str, principal: Principal | None) -> Context:
        return Context(
            request_id=request_id,
            store=self.store,
            chains=self.chains,
            services=self.composition.services,
            clock=self.clock,
            ids=self.ids,
            cursors=CursorSigner(CURSOR_KEY),
            settings=self.settings,
            principal=principal,
            http=self.http,
            jobs=frozenset(job.name for _, job in self.composition.jobs),
        )

    async def execute(self, query: str, variables: Mapping[str, Any] | None = None) -> Result:
        """What an operation answers, failures included."""
        answer = await self.composition.schema.execute(query, dict(variables or {}), self.context())
        return Result(answer.data, tuple(Failure.of(error) for error in answer.errors or ()))

    async def data(self, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        """The data of an operation that succeeds. Raises `OperationFailed` with everything that went wrong."""
        result = await self.execute(query, variables)
        if result.errors:
            raise OperationFailed(result.errors) from result.errors[0].cause
        return result.data


def _settings(composition: Composition, given: Sequence[object]) -> Mapping[type[object], object]:
    """An instance of every settings class the plugins declare: what was given, or its defaults."""
    settings = {type(instance): instance for instance in given}
    unknown = settings.keys() - set(composition.settings.values())
    if unknown:
        names = ", ".join(sorted(cls.__name__ for cls in unknown))
        raise ConfigurationError(
            f"no plugin here declares the settings {names}; its manifest would name them"
        )
    for plugin, cls in composition.settings.items():
        if cls not in settings:
            try:
                settings[cls] = load(cls, {}, prefix=plugin)
            except ConfigurationError as error:
                raise ConfigurationError(f"{error}; in a test, pass settings=[{cls.__name__}(…)]") from error
    return settings
