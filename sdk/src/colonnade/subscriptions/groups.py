"""Groups: subscribers who are shown the same, so that it is executed once for all of them."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from graphql import FieldNode, VariableNode, Visitor, visit

from colonnade import masking
from colonnade.errors import ColonnadeError, Unauthenticated, message_of
from colonnade.permissions import Principal
from colonnade.server.documents import RequestError
from colonnade.server.operations import Prepared, formatted
from colonnade.server.responses import encode
from colonnade.store import MAX_KEYS, Item, Key, Put, Value
from colonnade.subscriptions.declaration import Conflated
from colonnade.subscriptions.letters import report
from colonnade.subscriptions.messages import response_text
from colonnade.subscriptions.occurrences import Asking, Showing
from colonnade.subscriptions.rows import GROUP

if TYPE_CHECKING:
    from colonnade.subscriptions.ports import SubscriptionPorts

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True)
class Group:
    """What is executed for its members. `interval_ms`: of a conflated subscription; None: a lossless one."""

    document: str
    operation_name: str | None
    variables: Mapping[str, Any]
    principal: Principal | None
    interval_ms: int | None
    has_snapshot: bool

    @cached_property
    def id(self) -> str:
        """Equal for groups that are shown the same."""
        return hashlib.sha256(self._text.encode(errors="surrogatepass")).hexdigest()[:32]

    @property
    def size(self) -> int:
        """Bytes that are kept of it."""
        return len(self._text)

    def put(self, expires_at: int) -> Put:
        """The write that keeps it."""
        return GROUP.put({"group": self.id, "described": self._text}, expires_at=expires_at)

    @classmethod
    def of(cls, attributes: Mapping[str, Value]) -> Group:
        """The group that `put` kept; what a later version added to it is passed over."""
        described: dict[str, Any] = json.loads(cast(str, attributes["described"]))
        described["principal"] = principal_of_row(described["principal"])
        return cls(**{name: described[name] for name in cls.__dataclass_fields__ if name in described})

    @cached_property
    def _text(self) -> str:
        described = {
            "document": self.document,
            "operation_name": self.operation_name,
            "variables": self.variables,
            "principal": principal_row(self.principal),
            "interval_ms": self.interval_ms,
            "has_snapshot": self.has_snapshot,
        }
        return json.dumps(described, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Shown:
    """A response as JSON. `final`: the document cannot be executed any more, `body` says why; `failed`: it has errors that
    another attempt may not have.
    """

    body: str
    final: bool = False
    failed: bool = False


def group_of(
    query: str,
    prepared: Prepared,
    variables: Mapping[str, Any],
    asking: Asking,
    principal: Principal | None,
) -> Group:
    """The group of somebody who follows what `asking` found.

    Where the client resumes from is nobody else's business: a variable that says only this is left out.
    """
    followed = asking.followed
    if followed is None:
        raise ValueError("nothing is followed")
    resumed = _variable_of_after(prepared)
    return Group(
        document=query,
        operation_name=prepared.name,
        variables=dict(variables) if resumed is None else {**variables, resumed: ""},
        principal=None if followed.shared else principal,
        interval_ms=followed.delivery.interval_ms if isinstance(followed.delivery, Conflated) else None,
        has_snapshot=followed.snapshot is not None,
    )


async def kept_group(ports: SubscriptionPorts, group_id: str) -> Group | None:
    """A group by its id; None if it has expired, or holds what no version of ours wrote."""
    item = await ports.store.get(GROUP.key(group=group_id))
    return None if item is None else _read(group_id, item)


async def kept_groups(ports: SubscriptionPorts, group_ids: Collection[str]) -> dict[str, Group | None]:
    """`kept_group` of each of these: one read for one, else one round trip for each `MAX_KEYS` of them, all at once."""
    if len(group_ids) == 1:
        return {group_id: await kept_group(ports, group_id) for group_id in group_ids}
    keys = {group_id: GROUP.key(group=group_id) for group_id in group_ids}
    wanted = list(keys.values())
    found: dict[Key, Item] = {}
    for items in await asyncio.gather(
        *(ports.store.batch_get(wanted[at : at + MAX_KEYS]) for at in range(0, len(wanted), MAX_KEYS))
    ):
        found |= items
    return {group_id: _read(group_id, found[key]) if key in found else None for group_id, key in keys.items()}


def _read(group_id: str, item: Item) -> Group | None:
    try:
        return Group.of(item.attributes)
    except (KeyError, TypeError, ValueError):
        _log.exception("A group cannot be read", extra={"fields": {"group": group_id}})
        return None


class Show(Protocol):
    """`show`, or what stands for it."""

    async def __call__(self, ports: SubscriptionPorts, group: Group, showing: Showing, /) -> Shown | None: ...


async def show(ports: SubscriptionPorts, group: Group, showing: Showing) -> Shown | None:
    """The response to a group; None where this is not for them.

    What an author's function fails at is the message's error, and a dead letter: neither this group's next event waits
    for it, nor another group.
    """
    failed = False
    with ports.working() as request_id:
        try:
            group = await _still_following(ports, group, request_id)
            context = ports.make_context(request_id, group.principal)
            operations = ports.server.operations
            prepared = operations.prepare(group.document, group.operation_name)
            body = await operations.run(prepared, group.variables, context, request_id, root=showing)
        except RequestError as problem:
            # A document that was valid before a deployment may not be afterwards.
            return Shown(encode(formatted(problem, request_id)).decode(), final=True)
        except _MayNot as refused:
            return Shown(encode(refused.errors).decode(), final=True)
        except ColonnadeError:
            raise
        except Exception as error:
            _log.exception("An event cannot be shown", extra={"fields": {"topic": showing.topic}})
            await report(ports, group, showing, message_of(error))
            body, failed = {"data": None, "errors": [masking.internal().formatted(request_id)]}, True
        else:
            if codes := {str(e["extensions"].get("code")) for e in body.get("errors", ()) if _mended(e)}:
                failed = True
                reason = f"{', '.join(sorted(codes))}: the log has the error of request {request_id}"
                await report(ports, group, showing, reason)
        if showing.skipped and "errors" not in body:
            return None
        return Shown(response_text(body, request_id), failed=failed)


def _mended(error: Mapping[str, Any]) -> bool:
    """Whether an error may not be there the next time: a bug that is mended, an outage that is over."""
    extensions = error["extensions"]
    return extensions.get("code") == masking.INTERNAL or bool(extensions.get("retryable"))


class _MayNot(Exception):
    """Somebody may not follow any more."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__("may not follow any more")
        self.errors = errors


async def _still_following(ports: SubscriptionPorts, group: Group, request_id: str) -> Group:
    """The group with its principal as it is now. Raises `_MayNot`.

    Where its permissions have changed, the field is asked anew whether it may follow.
    """
    if group.principal is None:
        return group
    try:
        principal = await ports.standing.now_of(ports, group.principal)
    except Unauthenticated as error:
        raise _MayNot([masking.of_error(error).formatted(request_id)]) from error
    if principal.permissions == group.principal.permissions:
        return group
    operations = ports.server.operations
    prepared = operations.prepare(group.document, group.operation_name)
    context = ports.make_context(request_id, principal)
    variables = {name: value for name, value in group.variables.items() if value != ""} | {
        name: None for name, value in group.variables.items() if value == ""
    }
    body = await operations.run(prepared, variables, context, request_id, root=Asking())
    if "errors" in body:
        raise _MayNot(body["errors"])
    return replace(group, principal=principal)


def principal_row(principal: Principal | None) -> dict[str, Value] | None:
    """A principal as rows keep it."""
    if principal is None:
        return None
    return {
        "id": principal.id,
        "permissions": sorted(principal.permissions),
        "credential": principal.credential,
        "expires_at": principal.expires_at,
    }


def principal_of_row(row: Any) -> Principal | None:
    """The principal that `principal_row` kept."""
    if row is None:
        return None
    return Principal(row["id"], frozenset(row["permissions"]), row["credential"], row["expires_at"])


class _Uses(Visitor):
    """How often each variable is mentioned; its definition is one mention."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, int] = {}

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.found[node.name.value] = self.found.get(node.name.value, 0) + 1


def _variable_of_after(prepared: Prepared) -> str | None:
    """The variable that gives `after` to the root field and is used for nothing else."""
    fields = (s for s in prepared.operation.selection_set.selections if isinstance(s, FieldNode))
    given = [a.value for field in fields for a in field.arguments or () if a.name.value == "after"]
    if len(given) != 1 or not isinstance(given[0], VariableNode):
        return None
    uses = _Uses()
    visit(prepared.document, uses)
    name = given[0].name.value
    return name if uses.found[name] == 2 else None
