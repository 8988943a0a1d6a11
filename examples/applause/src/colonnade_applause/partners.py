"""Applause that was given on a partner's site, and is told of by a webhook.

POST /applause/partners      signed as Standard Webhooks says, with one of APPLAUSE_PARTNER_SECRETS
{"type": "applause.given", "data": {"giver": "ada", "chainId": 8453, "token": "0x…", "emoji": "👏"}}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from colonnade import Context
from colonnade.chains import ChainId
from colonnade.evm import parse_address
from colonnade.inbound.declaration import InboundWebhook, Received
from colonnade.inbound.verifying import standard_webhooks
from colonnade.store import Writes
from colonnade_applause.applause import token_at
from colonnade_applause.emoji import parse_emoji
from colonnade_applause.ledger import Gift, give
from colonnade_applause.settings import ApplauseSettings


async def applauded_at_partners(context: Context, received: Received) -> Writes:
    """The same writes as of applause given here, in the giver's name at the partner's; none for another kind of event.

    Raises ValueError for what is no applause of a token: it is kept as a dead letter for whoever runs the deployment.
    """
    payload: object = received.payload
    if not isinstance(payload, Mapping) or payload.get("type") != "applause.given":
        return Writes()
    gift = _gift(payload.get("data"))
    if await token_at(context, gift.chain, gift.token) is None:
        raise ValueError(f"there is no ERC-20 token at {gift.token} on chain {gift.chain}")
    return give(context, gift)[1]


def _gift(data: object) -> Gift:
    if not isinstance(data, Mapping):
        raise ValueError("applause of a partner has `data`")
    given = cast("Mapping[str, Any]", data)
    giver, chain, token = given.get("giver"), given.get("chainId"), given.get("token")
    if not (
        isinstance(giver, str) and 0 < len(giver) <= 100 and type(chain) is int and isinstance(token, str)
    ):
        raise ValueError("applause of a partner has a giver, a chainId and a token")
    return Gift(
        f"partner:{giver}", ChainId(chain), parse_address(token), parse_emoji(given.get("emoji", "👏"))
    )


PARTNERS: Final = InboundWebhook(
    "applause.partners",
    "/applause/partners",
    "Where partners tell of applause that was given on their sites.",
    verify=standard_webhooks(lambda context: context.setting(ApplauseSettings).partner_secrets),
    handle=applauded_at_partners,
)
