"""Operations in the API: one, all that the caller may see, and how one gets on."""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from enum import Enum
from typing import Annotated, Final, Self

import strawberry

from colonnade.context import Context, Info
from colonnade.core_events import OperationUpdated
from colonnade.errors import Forbidden, NotCancellable
from colonnade.extension import extend
from colonnade.permissions import Permission, requires
from colonnade.relay import Connection, Node, connect_query
from colonnade.results import Refused, UserError, user_error
from colonnade.scalars import BigInt
from colonnade.store import Item
from colonnade.subscriptions import conflated, subscription
from colonnade.work.records import Operation as Kept
from colonnade.work.records import OperationStatus
from colonnade.work.rows import LONG_OPERATION

OPERATE: Final = Permission(
    "OPERATE",
    "See what the platform is at work on for anybody, and end it: long operations of every account.",
    granted_to="admins",
)

_STEP: Final = Decimal("0.0001")
_EVERY: Final = 1_000


@strawberry.enum(name="OperationStatus", description="Where a long operation stands.")
class Status(Enum):
    """`OperationStatus` as the API has it, by the same names."""

    WAITING = strawberry.enum_value("WAITING", description="Nobody has begun, or its next turn is to come.")
    RUNNING = strawberry.enum_value("RUNNING", description="Somebody is at work on it.")
    DONE = strawberry.enum_value("DONE", description="All of it is done.")
    FAILED = strawberry.enum_value("FAILED", description="It ended without being done; `failure` says why.")
    CANCELLED = strawberry.enum_value("CANCELLED", description="Somebody ended it.")


OperationId = Annotated[strawberry.ID, strawberry.argument(description="The operation.")]


@strawberry.type(
    name="Operation",
    description="Something that takes long, done in many turns: an export, a rebuild, a migration.",
)
class OperationNode(Node):
    name: str = strawberry.field(description="What kind of operation, as in `privacy.export`.")
    status: Status = strawberry.field(description="Where it stands.")
    progress: Decimal | None = strawberry.field(
        description="How much of it is done, from 0 to 1 to four places, rounded down; null while nobody knows how much there is."
    )
    done: BigInt = strawberry.field(description="How much is done, in units of the operation's own.")
    total: BigInt | None = strawberry.field(
        description="How much there is to do, in the units of `done`; null while nobody knows."
    )
    note: str | None = strawberry.field(description="What it is at, in words for people.")
    failure: str | None = strawberry.field(description="Why it failed; null unless it did.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    started_at: datetime | None = strawberry.field(description="When work on it began; null before.")
    finished_at: datetime | None = strawberry.field(description="When it ended, however it did; null before.")

    @classmethod
    def of(cls, kept: Kept) -> Self:
        """The operation as clients see it."""
        share = (Decimal(kept.done) / kept.total).quantize(_STEP, ROUND_DOWN) if kept.total else None
        return cls(
            id=strawberry.ID(kept.id),
            name=kept.name,
            status=Status[kept.status.name],
            progress=Decimal(1) if kept.status is OperationStatus.DONE else share,
            done=BigInt(kept.done),
            total=BigInt(kept.total) if kept.total else None,
            note=kept.note or None,
            failure=kept.failure,
            created_at=kept.created_at,
            started_at=kept.started_at,
            finished_at=kept.finished_at,
        )


def may_see(context: Context, kept: Kept) -> bool:
    """Whether the caller may see an operation: its owner, and whoever holds `OPERATE`."""
    viewer = context.principal
    return viewer is not None and (viewer.id == kept.owner or viewer.holds(OPERATE))


async def load_operations(context: Context, ids: Sequence[str]) -> Sequence[OperationNode | None]:
    """The operations among `ids` that the caller may see; for `Query.node`."""
    keys = [LONG_OPERATION.key(id=operation_id) for operation_id in ids]
    items = await context.store.batch_get(list(dict.fromkeys(keys)))
    found: list[OperationNode | None] = []
    for key in keys:
        kept = Kept.of(items[key].attributes) if key in items else None
        found.append(OperationNode.of(kept) if kept is not None and may_see(context, kept) else None)
    return found


def _node(item: Item) -> OperationNode:
    return OperationNode.of(Kept.of(item.attributes))


@extend("Query")
class OperationQueries:
    @strawberry.field(
        description="A long operation of the caller's, or any for who holds `OPERATE`; null where there is none.",
        extensions=[requires()],
    )
    async def operation(self, info: Info, id: OperationId) -> OperationNode | None:  # noqa: A002 - the API's name
        (found,) = await load_operations(info.context, [id])
        return found

    @strawberry.field(description="Long operations, the newest first.", extensions=[requires()])
    async def operations(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = 20,
        after: Annotated[
            str | None, strawberry.argument(description="A cursor: what follows it in the list.")
        ] = None,
        everybody: Annotated[
            bool,
            strawberry.argument(
                description="Those of every account and of the platform itself, which takes `OPERATE`, instead of the caller's."
            ),
        ] = False,
    ) -> Connection[OperationNode] | None:
        viewer = info.context.principal
        if viewer is None or (everybody and not viewer.holds(OPERATE)):
            raise Forbidden("operations of everybody need the permission OPERATE")
        owner = None if everybody else viewer.id
        query = info.context.operations.query(owner=owner)
        scope = f"operations:{owner or ''}"
        return await connect_query(info.context, scope, query, _node, first=first, after=after)


@user_error("OPERATION_NOT_FOUND", advice="Check the id; operations are kept for 90 days.")
class OperationNotFound(UserError):
    """There is no such operation."""


@user_error(
    "OPERATION_NOT_CANCELLABLE", advice="Wait until it has ended by itself, and follow `operationUpdated`."
)
class OperationNotCancellable(UserError):
    """The operation cannot be ended half-done, as one that erases an account."""


@strawberry.input(description="An operation to end.")
class CancelOperationInput:
    operation_id: strawberry.ID = strawberry.field(description="The operation.")


CancelOperationResult = Annotated[
    OperationNode | OperationNotFound | OperationNotCancellable,
    strawberry.union(
        "CancelOperationResult", description="The operation, which has ended, or why it goes on."
    ),
]


@extend("Mutation")
class OperationMutations:
    @strawberry.mutation(
        description="End a long operation of the caller's, or any for who holds `OPERATE`: whoever works on it stops at its next step. One that has ended stays as it is.",
        extensions=[requires()],
    )
    async def cancel_operation(
        self,
        info: Info,
        input: Annotated[CancelOperationInput, strawberry.argument(description="The operation.")],  # noqa: A002
    ) -> CancelOperationResult | None:
        path, operations = ["input", "operationId"], info.context.operations
        found = await operations.find(input.operation_id)
        if found is not None and may_see(info.context, found):
            try:
                found = await operations.cancel(found.id, found=found)
            except NotCancellable as refused:
                raise Refused(OperationNotCancellable(message=str(refused), path=path)) from refused
        else:
            found = None
        if found is None:
            message = f"you may see no operation {input.operation_id[:64]!r}"
            raise Refused(OperationNotFound(message=message, path=path))
        return OperationNode.of(found)


async def topics(context: Context, id: str) -> Sequence[str]:  # noqa: A002 - the API's name
    """The topic of an operation that the viewer may see. Raises `Refused` for any other."""
    kept = await context.operations.find(id)
    if kept is None or not may_see(context, kept):
        raise Refused(OperationNotFound(message=f"you may see no operation {id[:64]!r}", path=["id"]))
    return [OperationUpdated.topic(id)]


async def snapshot(info: Info, id: str) -> OperationNode | None:  # noqa: A002 - the API's name
    """The operation as it is now."""
    (found,) = await load_operations(info.context, [id])
    return found


@subscription(
    topics=topics,
    delivery=conflated(_EVERY),
    snapshot=snapshot,
    requires=(),
    description="A long operation that the caller may see: as it is now, then as it gets on, at most once a second.",
)
async def operation_updated(event: OperationUpdated, info: Info, id: OperationId) -> OperationNode | None:  # noqa: A002
    (found,) = await load_operations(info.context, [id])
    return found
