"""What the plugin adds to `Mutation`."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from colonnade import Context, Info, Permission, Refused, extend, requires
from colonnade.chains import BASE, ChainId
from colonnade.errors import Unauthenticated
from colonnade.evm import Address
from colonnade.results import IdempotencyConflict
from colonnade_applause.applause import Applause, load_applause, token_at
from colonnade_applause.emoji import CLAPPING_HANDS, Emoji
from colonnade_applause.ledger import Gift, already_given, give
from colonnade_applause.refusals import DailyLimitReached, NothingToApplaud

APPLAUD: Final = Permission("APPLAUD", "Applaud tokens.")


@strawberry.input(description="Applause to give.")
class SendApplauseInput:
    token: Address = strawberry.field(description="The contract of the token to applaud.")
    idempotency_key: strawberry.ID = strawberry.field(
        description="Made up by the client: a request that is sent again with its key counts once, for 24 hours."
    )
    chain_id: ChainId = strawberry.field(default=BASE, description="The chain of the token.")
    emoji: Emoji = strawberry.field(default=CLAPPING_HANDS, description="What to applaud with.")


SendApplauseResult = Annotated[
    Applause | NothingToApplaud | DailyLimitReached | IdempotencyConflict,
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
        gift = Gift(_giver(context), input.chain_id, input.token, input.emoji, input.idempotency_key)
        given_id = await already_given(context, gift)
        if given_id is None:
            if await token_at(context, gift.chain, gift.token) is None:
                raise Refused(
                    NothingToApplaud(
                        message=f"there is no ERC-20 token at {gift.token} on chain {gift.chain}",
                        path=["input", "token"],
                    )
                )
            given_id = await give(context, gift)
        (given,) = await load_applause(context, [given_id])
        return given


def _giver(context: Context) -> str:
    if context.principal is None:
        raise Unauthenticated("applause comes from somebody")
    return context.principal.id
