"""What the plugin adds to `Mutation`."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from colonnade import Info, Permission, Refused, extend, requires
from colonnade.chains import BASE, ChainId
from colonnade.errors import ConditionFailed
from colonnade.evm import Address
from colonnade.idempotency import IdempotentRequest, once
from colonnade.results import IdempotencyConflict, IdempotencyInProgress, ValidationFailed
from colonnade.store import Writes
from colonnade_applause.applause import Applause, load_applause, token_at
from colonnade_applause.emoji import CLAPPING_HANDS, Emoji
from colonnade_applause.ledger import Gift, give
from colonnade_applause.refusals import DailyLimitReached, NothingToApplaud

APPLAUD: Final = Permission("APPLAUD", "Applaud tokens.", granted_to="members")


@strawberry.input(description="Applause to give.")
class SendApplauseInput:
    token: Address = strawberry.field(description="The contract of the token to applaud.")
    idempotency_key: strawberry.ID = strawberry.field(
        description="Made up by the client: a request that is sent again with its key counts once, for 24 hours."
    )
    chain_id: ChainId = strawberry.field(default=BASE, description="The chain of the token.")
    emoji: Emoji = strawberry.field(default=CLAPPING_HANDS, description="What to applaud with.")


SendApplauseResult = Annotated[
    Applause
    | NothingToApplaud
    | DailyLimitReached
    | ValidationFailed
    | IdempotencyConflict
    | IdempotencyInProgress,
    strawberry.union("SendApplauseResult", description="The applause, or why it was refused."),
]


@extend("Mutation")
class ApplauseMutations:
    @strawberry.field(description="Applaud a token.", extensions=[requires(APPLAUD)])
    async def send_applause(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name for it
            SendApplauseInput, strawberry.argument(description="What to applaud, and with what.")
        ],
    ) -> SendApplauseResult | None:
        context = info.context
        request = IdempotentRequest.of(
            context,
            "sendApplause",
            input.idempotency_key,
            {"chain": input.chain_id, "token": input.token, "emoji": input.emoji},
        )
        gift = Gift(request.principal, input.chain_id, input.token, input.emoji)

        async def effect() -> tuple[str, Writes]:
            if await token_at(context, gift.chain, gift.token) is None:
                raise Refused(
                    NothingToApplaud(
                        message=f"there is no ERC-20 token at {gift.token} on chain {gift.chain}",
                        path=["input", "token"],
                    )
                )
            return give(context, gift)

        try:
            given_id = await once(context, request, effect)
        except ConditionFailed as error:
            if 0 in error.failed:
                raise Refused(DailyLimitReached.at(context.clock.now())) from error
            raise
        (given,) = await load_applause(context, [given_id])
        return given
