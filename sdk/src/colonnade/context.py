"""What a resolver can reach: `info.context`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, TypeVar, cast

import strawberry
from strawberry.dataloader import DataLoader

from colonnade.chains import ChainId, ChainReader, Chains
from colonnade.cursors import CursorSigner
from colonnade.errors import ConfigurationError, UnknownJob
from colonnade.events import Event
from colonnade.levels import Batches
from colonnade.nodes import NodeFinder, NodeLoader
from colonnade.outbox import recorded
from colonnade.permissions import Principal
from colonnade.services import Services
from colonnade.store import Put, Store

if TYPE_CHECKING:
    from colonnade.outbound import Http, OutboundRequest, OutboundResponse
    from colonnade.work.operations import Operations

S = TypeVar("S")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Clock(Protocol):
    """The time, UTC."""

    def now(self) -> datetime: ...


class Ids(Protocol):
    """Fresh identifiers."""

    def new(self, prefix: str) -> str:
        """`prefix` + `_` + a ULID: sorts by time of creation."""
        ...


class NoHttp:
    """Where nothing may be asked of strangers' servers."""

    async def send(self, request: OutboundRequest) -> OutboundResponse:
        """Raises `ConfigurationError`."""
        raise _no_http()

    def check(self, url: str) -> None:
        """Raises `ConfigurationError`."""
        raise _no_http()


def _no_http() -> ConfigurationError:
    return ConfigurationError("this context asks no servers of strangers: give it an `http`")


NO_HTTP: Final = NoHttp()


def _unknown_job(job: str, there_are: Set[str]) -> UnknownJob:
    import difflib  # noqa: PLC0415 - only a mistake needs it

    close = difflib.get_close_matches(job, there_are, 1)
    return UnknownJob(
        f"no plugin here declares the job {job!r}"
        + (f" (did you mean {close[0]}?)" if close else "")
        + ": declare it in the hook `jobs`"
    )


@dataclass(slots=True)
class Context:
    """One operation: who asks, and the ports and services it may use.

    Chain reads of one operation share one block, so `chain` gives the same reader each time. `jobs`: the names that can be
    asked for; None where nobody looks.
    """

    request_id: str
    store: Store
    chains: Chains
    services: Services
    clock: Clock
    ids: Ids
    cursors: CursorSigner
    settings: Mapping[type[object], object] = field(default_factory=dict[type[object], object])
    principal: Principal | None = None
    http: Http = NO_HTTP
    jobs: Set[str] | None = None
    _readers: dict[ChainId, ChainReader] = field(default_factory=dict[ChainId, ChainReader])
    _nodes: NodeFinder | None = None
    _batches: Batches | None = None
    _loaders: dict[Hashable, DataLoader[Any, Any]] = field(
        default_factory=dict[Hashable, DataLoader[Any, Any]]
    )

    def chain(self, chain_id: ChainId) -> ChainReader:
        """This operation's reader of a chain. Raises `UnknownChain`."""
        reader = self._readers.get(chain_id)
        if reader is None:
            reader = self._readers[chain_id] = self.chains.reader(chain_id)
        return reader

    def record(self, event: Event) -> Put:
        """The write that records `event`, to commit with what it tells of."""
        return recorded(event, self.ids.new("evt"), self.clock.now())

    def later(
        self, job: str, arguments: Mapping[str, Any], *, at: datetime | None = None, key: str | None = None
    ) -> Put:
        """The write that asks for a turn of `job`, to commit with what it follows from; at once, or not before `at`.

        It is done at least once, and tried again as the job declares. Of all tasks of a job with one `key`, one is
        done within 48 hours; the others are dropped. `arguments`: JSON values. Raises `UnknownJob` for a job that no
        plugin here declares, `InvalidWrite` for more than 64 KiB of arguments, and ValueError for an `at` without a
        time zone.
        """
        if self.jobs is not None and job not in self.jobs:
            raise _unknown_job(job, self.jobs)
        from colonnade.work.tasks import asked_for  # noqa: PLC0415 - a query asks for nothing

        return asked_for(
            job,
            arguments,
            task_id=self.ids.new("task"),
            now=self.clock.now(),
            at=at,
            key=key,
            asked_by=None if self.principal is None else self.principal.id,
            request_id=self.request_id,
        ).put()

    @property
    def operations(self) -> Operations:
        """Operations that take long, with their progress."""
        from colonnade.work.operations import Operations  # noqa: PLC0415 - a query starts none

        return Operations(self.store, self.clock, self.later, self.record)

    def nodes(self, loaders: Mapping[str, NodeLoader]) -> NodeFinder:
        """This operation's finder of nodes by their ids."""
        if self._nodes is None:
            self._nodes = NodeFinder(loaders, self)
        return self._nodes

    @property
    def batches(self) -> Batches:
        """What this operation waits to have loaded for many objects at once (`colonnade.batched`)."""
        if self._batches is None:
            self._batches = Batches()
        return self._batches

    def loader(
        self, load: Callable[[Context, list[K]], Awaitable[Sequence[V | None]]]
    ) -> DataLoader[K, V | None]:
        """This operation's loader of things by their keys, which asks for each key once: `await loader.load(key)`.

        `load` gets the keys that are asked for in one turn, at most 100, and answers in their order, with None or an
        exception for what it has not. The loader of a function is the same wherever the operation asks for it.
        """
        found = self._loaders.get(load)
        if found is None:
            found = self._loaders[load] = DataLoader(load_fn=partial(load, self), max_batch_size=100)
        return found

    def setting(self, settings: type[S]) -> S:
        """The settings a plugin declared in its manifest. Raises `ConfigurationError` for a class that none did."""
        if settings not in self.settings:
            raise ConfigurationError(
                f"no plugin here declares the settings {settings.__name__}; "
                f"write Plugin(…, settings={settings.__name__}) in its manifest"
            )
        return cast(S, self.settings[settings])


Info: TypeAlias = strawberry.Info[Context, Any]
