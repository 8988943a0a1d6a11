"""An account's own data: asking for all of it, and having it erased."""

from typing import Annotated

import strawberry

from colonnade import Info, Refused, extend
from colonnade.cost import upstream
from colonnade.results import ValidationFailed, ValidationIssue
from colonnade.scalars import Hex
from colonnade.work.graphql import OperationNode
from plugins.identity.beginning_exports import begin_export
from plugins.identity.erasure import begin_erasure
from plugins.identity.permissions import in_session
from plugins.identity.proofs import SignedMessage
from plugins.identity.refusals import (
    ChallengeInvalid,
    ErasureUnderWay,
    MessageRefused,
    WalletNotLinked,
    WalletSignatureInvalid,
)

_MOST_KEY = 255


@strawberry.input(description="A wish for everything that is kept of the caller.")
class RequestAccountExportInput:
    idempotency_key: strawberry.ID = strawberry.field(
        description="Made up by the client: a request that is sent again with its key counts once, for 90 days."
    )


@strawberry.type(
    description="What is kept of the caller is being collected; `viewer { accountExport }` gives it once that is done."
)
class AccountExportStarted:
    operation: OperationNode = strawberry.field(description="How far it is. Its name is `account.export`.")


RequestAccountExportResult = Annotated[
    AccountExportStarted | ValidationFailed,
    strawberry.union("RequestAccountExportResult", description="The export, or why there is none."),
]


@strawberry.input(description="The proof that the caller wants the account erased.")
class EraseAccountInput:
    message: str = strawberry.field(
        description="The message of `requestWalletProof` for the purpose `ERASE`, to the letter."
    )
    signature: Hex = strawberry.field(description="The signature of one of the caller's wallets of it.")


@strawberry.type(
    description="The account is being erased. Nobody can sign in to it from within moments on; what was kept of it is gone "
    "some fifteen minutes later."
)
class AccountErasureStarted:
    operation: OperationNode = strawberry.field(
        description="How far it is. Its name is `account.erase`. Once it is done it is nobody's."
    )


EraseAccountResult = Annotated[
    AccountErasureStarted
    | MessageRefused
    | ChallengeInvalid
    | WalletSignatureInvalid
    | WalletNotLinked
    | ErasureUnderWay,
    strawberry.union("EraseAccountResult", description="The erasure, or why it was not begun."),
]


@extend("Mutation")
class ManagingOwnData:
    @strawberry.field(
        description="Ask for everything that is kept of the caller, at most once an hour: who asks again within that time "
        "is given the export that was begun last. Not for API keys."
    )
    async def request_account_export(
        self,
        info: Info,
        input: Annotated[RequestAccountExportInput, strawberry.argument(description="The request.")],  # noqa: A002 - the API's name
    ) -> RequestAccountExportResult | None:
        context, user = info.context, in_session(info.context).id
        key = str(input.idempotency_key)
        if not 1 <= len(key) <= _MOST_KEY:
            path = ["input", "idempotencyKey"]
            issue = ValidationIssue(
                path=path, code="OUT_OF_RANGE", message=f"must have 1 to {_MOST_KEY} characters"
            )
            raise Refused(ValidationFailed.of([issue]))
        return AccountExportStarted(operation=OperationNode.of(await begin_export(context, user, key)))

    @strawberry.field(
        description="Erase the caller's account and everything that is kept of it, for ever. It takes a fresh signature of "
        "one of its wallets. What the chain has recorded stays there.",
        extensions=[upstream()],
    )
    async def erase_account(
        self,
        info: Info,
        input: Annotated[EraseAccountInput, strawberry.argument(description="The proof.")],  # noqa: A002 - the API's name
    ) -> EraseAccountResult | None:
        signed = SignedMessage(input.message, input.signature)
        operation = await begin_erasure(info.context, in_session(info.context).id, signed)
        return AccountErasureStarted(operation=OperationNode.of(operation))
