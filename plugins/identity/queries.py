"""What callers see of themselves, and administrators of who waits."""

from typing import Annotated

import strawberry

from colonnade import Info, extend, requires
from colonnade.derived import PermissionName
from colonnade.permissions import ADMIN
from colonnade.relay import Connection, connect_query
from colonnade.viewer import Viewer
from plugins.identity import waitlist
from plugins.identity.entities import API_KEY, SESSION
from plugins.identity.exports import exported, finished_export
from plugins.identity.permissions import in_session, signed_in
from plugins.identity.types.api_keys import ApiKey
from plugins.identity.types.exports import ExportedRecord
from plugins.identity.types.sessions import Session
from plugins.identity.types.users import LinkedWallet, User
from plugins.identity.types.waitlist import WaitlistEntry
from plugins.identity.users import find_user
from plugins.identity.wallets import LinkedWallets

First = Annotated[int, strawberry.argument(description="How many, 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="The cursor that the page follows.")]


@extend("Viewer")
class IdentityOfViewer:
    @strawberry.field(description="The caller as others see them.")
    async def user(self, viewer: strawberry.Parent[Viewer], info: Info) -> User | None:
        record = await find_user(info.context, str(viewer.id))
        return User.of(record) if record else None

    @strawberry.field(description="What the caller may do, in alphabetical order.")
    def permissions(self, info: Info) -> list[PermissionName] | None:
        return [PermissionName(name) for name in sorted(signed_in(info.context).permissions)]

    @strawberry.field(description="The caller's wallets, at most 20, in the order of linking.")
    async def wallets(self, viewer: strawberry.Parent[Viewer], info: Info) -> list[LinkedWallet] | None:
        linked = await LinkedWallets().linked(info.context, str(viewer.id))
        return [LinkedWallet.of(wallet) for wallet in linked]

    @strawberry.field(description="The caller's sessions, newest first. Not shown to API keys.")
    async def sessions(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[Session] | None:
        user = in_session(info.context).id
        return await connect_query(
            info.context,
            f"sessions {user}",
            SESSION.query(user=user, descending=True),
            Session.of,
            first=first,
            after=after,
        )

    @strawberry.field(description="The caller's API keys, newest first. Not shown to API keys.")
    async def api_keys(self, info: Info, first: First = 20, after: After = None) -> Connection[ApiKey] | None:
        user = in_session(info.context).id
        return await connect_query(
            info.context,
            f"api keys {user}",
            API_KEY.query(user=user, descending=True),
            ApiKey.of,
            first=first,
            after=after,
        )

    @strawberry.field(
        description="What was collected of the caller by `requestAccountExport`; null before that is done, and seven days "
        "later. Not shown to API keys."
    )
    async def account_export(
        self,
        info: Info,
        operation_id: Annotated[strawberry.ID, strawberry.argument(description="The export.")],
        first: First = 20,
        after: After = None,
    ) -> Connection[ExportedRecord] | None:
        user = in_session(info.context).id
        export = await finished_export(info.context, user, str(operation_id))
        if export is None:
            return None
        return await connect_query(
            info.context,
            f"export {export.id}",
            exported(info.context, export),
            ExportedRecord.of,
            first=first,
            after=after,
        )

    @strawberry.field(description="The caller's place on the waitlist; null for who never joined it.")
    async def waitlist_entry(self, viewer: strawberry.Parent[Viewer], info: Info) -> WaitlistEntry | None:
        record = await waitlist.find_entry(info.context, str(viewer.id))
        return WaitlistEntry.of(record) if record else None


@extend("Query")
class IdentityQueries:
    @strawberry.field(description="Everybody who waits for access, in order.", extensions=[requires(ADMIN)])
    async def waitlist(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[WaitlistEntry] | None:
        return await connect_query(
            info.context, "waitlist", waitlist.waiting(), WaitlistEntry.of_item, first=first, after=after
        )
