"""What the plugin adds to `Subscription`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import strawberry

from colonnade import Context, Info
from colonnade.chains import BASE, ChainId
from colonnade.evm import Address
from colonnade.subscriptions import lossless, subscription
from colonnade_applause.applause import Applause, load_applause
from colonnade_applause.events import ApplauseGiven


def of_token(context: Context, token: Address, chain_id: ChainId) -> Sequence[str]:
    """Applause for a token; anybody may follow it."""
    return [ApplauseGiven.topic(chain_id, token)]


@subscription(
    topics=of_token, delivery=lossless, shared=True, description="Applause for a token, as it is given."
)
async def applauded(
    event: ApplauseGiven,
    info: Info,
    token: Annotated[Address, strawberry.argument(description="The contract of the token.")],
    chain_id: Annotated[ChainId, strawberry.argument(description="The chain of the token.")] = BASE,
) -> Applause | None:
    (given,) = await load_applause(info.context, [event.applause_id])
    return given
