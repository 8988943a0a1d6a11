"""Everything that happens to subscriptions apart from what clients send: deliveries, jobs, and revoked credentials."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from colonnade.conditions import attribute
from colonnade.core_events import CredentialRevoked
from colonnade.events import EventHandler, Published
from colonnade.jobs import Job
from colonnade.store import Writes
from colonnade.subscriptions import conflated_delivery
from colonnade.subscriptions.catching_up import catch_up
from colonnade.subscriptions.conflation import FLUSH
from colonnade.subscriptions.delivery import deliver
from colonnade.subscriptions.endings import UNAUTHENTICATED
from colonnade.subscriptions.memberships import Memberships, pages
from colonnade.subscriptions.places import CATCH_UP
from colonnade.subscriptions.presence import LOOK, look
from colonnade.subscriptions.protocol import INIT_TIMEOUT
from colonnade.subscriptions.refusing import refuse
from colonnade.subscriptions.rows import CONNECTION
from colonnade.subscriptions.sending import HANG_UP, bounded
from colonnade.subscriptions.showing_again import show_again

if TYPE_CHECKING:
    from colonnade.context import Context
    from colonnade.publishing import Delivery
    from colonnade.subscriptions.ports import SubscriptionPorts

HEARTBEAT: Final = "subscriptions.heartbeat"
"""The job that tells quiet subscribers that all is well."""

REVOKE: Final = "subscriptions.revoke"
"""The job that looks again for connections of a credential which was revoked."""

_STRAGGLERS_SECONDS: Final = 60
"""After which nobody comes in with a revoked credential: a process may have trusted it for some seconds more, and the
list of a credential's connections lags behind."""


class Deliverer:
    """What the queues, the schedule and the stream bring; each may come twice, and at once.

    Raises what the store, the log and the queues raise; the same message may then be worked on again.
    """

    def __init__(self, ports: SubscriptionPorts) -> None:
        self._ports = ports
        self._memberships = Memberships(ports)

    async def deliver(self, delivery: Delivery) -> None:
        """Send everybody who follows a topic what has not been sent of it."""
        await deliver(self._ports, delivery)

    async def show_again(self, topic: str, document: str, sequence: int) -> None:
        """Show an event to those who follow its topic with a document that had failed at it."""
        await show_again(self._ports, topic, document, sequence)

    async def catch_up(self, arguments: Mapping[str, Any]) -> None:
        """Bring one subscriber up to date who could not be sent something, or who resumed."""
        await catch_up(self._ports, arguments)

    async def flush(self, arguments: Mapping[str, Any]) -> None:
        """Send a conflated group the newest event, now that its interval is over."""
        await conflated_delivery.flush(self._ports, arguments)

    async def heartbeat(self) -> None:
        """Send a heartbeat to conflated groups that have been quiet."""
        await conflated_delivery.heartbeat(self._ports)

    async def init_timeout(self, arguments: Mapping[str, Any]) -> None:
        """Close a connection whose client has not introduced itself by now."""
        connection = str(arguments["connection"])
        if not await self._memberships.is_known(connection):
            await self._ports.connections.close(connection)

    async def hang_up(self, arguments: Mapping[str, Any]) -> None:
        """Close a connection that could not be closed before. Raises `ConnectionFault`, to be tried again."""
        await self._ports.connections.close(str(arguments["connection"]))

    async def revoke(self, credential: str) -> None:
        """End everything that connections with this credential follow; they stay open, and may follow nothing."""
        async for page in pages(self._ports, CONNECTION.query("by_credential", credential=credential)):
            connections = [cast(str, item.attributes["connection"]) for item in page.items]
            still = attribute("credential").equals(credential)
            ended = [refuse(self._ports, c, *UNAUTHENTICATED, still) for c in connections]
            await bounded(self._ports.at_once, ended)

    def jobs(self) -> tuple[Job, ...]:
        """The platform's jobs, to be run beside those of plugins."""

        async def flush(_: Context, arguments: Mapping[str, Any]) -> None:
            await self.flush(arguments)

        async def catching_up(_: Context, arguments: Mapping[str, Any]) -> None:
            await self.catch_up(arguments)

        async def init_timeout(_: Context, arguments: Mapping[str, Any]) -> None:
            await self.init_timeout(arguments)

        async def hanging_up(_: Context, arguments: Mapping[str, Any]) -> None:
            await self.hang_up(arguments)

        async def revoke(_: Context, arguments: Mapping[str, Any]) -> None:
            await self.revoke(str(arguments["credential"]))

        async def heartbeat(_: Context, arguments: Mapping[str, Any]) -> None:
            await self.heartbeat()

        async def looking(_: Context, arguments: Mapping[str, Any]) -> None:
            await look(self._ports)

        return (
            Job(CATCH_UP, catching_up),
            Job(FLUSH, flush),
            Job(INIT_TIMEOUT, init_timeout),
            Job(HANG_UP, hanging_up),
            Job(REVOKE, revoke),
            Job(HEARTBEAT, heartbeat, timedelta(minutes=1)),
            Job(LOOK, looking, timedelta(minutes=1), missed="skip", overlap="skip"),
        )

    def revocation(self) -> EventHandler:
        """The platform's handler of revoked credentials, to be run beside those of plugins."""

        async def handle(_: Context, event: CredentialRevoked, published: Published) -> Writes:
            # Asked for first: it also ends what there is too much of for one handler's time.
            await self._ports.later(REVOKE, {"credential": event.credential}, _STRAGGLERS_SECONDS)
            await self.revoke(event.credential)
            return Writes()

        return EventHandler("subscriptions.revocation", CredentialRevoked, handle)
