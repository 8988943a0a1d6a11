"""Prices a swap, has it prepared for a wallet, and tells what becomes of it.

COLONNADE_KEY=col_… python trade.py http://localhost:8000 SOLD BOUGHT AMOUNT ACCOUNT

SOLD and BOUGHT are addresses of tokens, AMOUNT atomic units of SOLD; ACCOUNT is a wallet linked to whoever the API key
is of. The wallet signs and sends what was prepared: this program holds no key of it.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from uuid import uuid4

from colonnade_client import (
    ActionStatus,
    Client,
    GetPriceSwapPriceSwapPrice,
    PrepareSwapInput,
    PrepareSwapPrepareSwapPreparedAction,
    PrepareSwapPrepareSwapValidationFailed,
    SwapChoiceInput,
    SwapOrderInput,
    SwapPriceInput,
)

OVER = {ActionStatus.FINALIZED, ActionStatus.FAILED, ActionStatus.EXPIRED, ActionStatus.CANCELLED}


def client_of(server: str, key: str) -> Client:
    """A client of the API at `server` that speaks for an API key."""
    authorization = {"authorization": f"Bearer {key}"}
    return Client(
        url=f"{server}/graphql",
        headers=authorization,
        ws_url=f"{server.replace('http', 'ws', 1)}/graphql",
        ws_connection_init_payload=authorization,
    )


async def price(client: Client, order: SwapPriceInput) -> None:
    """Says what the swap would bring now."""
    match (await client.get_price(order)).swap_price:
        case GetPriceSwapPriceSwapPrice(amount_out=out):
            print(f"brings {out.amount} {out.token.symbol}, {out.raw} atomic units")
        case None:
            sys.exit("there is no price at the moment")
        case refused:
            sys.exit(f"{refused.code.value}: {refused.message}")


async def prepare(client: Client, wanted: PrepareSwapInput) -> str:
    """The id of the action that the wallet is to carry out."""
    match (await client.prepare_swap(wanted)).prepare_swap:
        case PrepareSwapPrepareSwapPreparedAction(id=action, status=status):
            print(f"prepared {action}: {status.value}")
            return action
        case PrepareSwapPrepareSwapValidationFailed(issues=issues):
            sys.exit("\n".join(f"{'.'.join(issue.path)}: {issue.message}" for issue in issues))
        case None:
            sys.exit("it could not be prepared at the moment")
        case refused:
            sys.exit(f"{refused.code.value}: {refused.message}")


async def follow(client: Client, action: str) -> None:
    """Tells what becomes of an action until nothing more can."""
    async for message in client.follow_action(action):
        updated = message.action_updated
        if updated is None or updated.node is None:
            continue
        print(updated.node.status.value, flush=True)
        if updated.node.failure is not None:
            print(f"{updated.node.failure.code}: {updated.node.failure.message}")
        if updated.node.status in OVER:
            return


async def main(arguments: Sequence[str]) -> None:
    server, sold, bought, amount, account = arguments
    order = SwapOrderInput(token_in=sold, token_out=bought, amount=int(amount))
    async with client_of(server, os.environ["COLONNADE_KEY"]) as client:
        await price(client, SwapPriceInput(token_in=sold, token_out=bought, amount=int(amount)))
        wanted = PrepareSwapInput(
            swap=SwapChoiceInput(order=order), account=account, idempotency_key=str(uuid4())
        )
        await follow(client, await prepare(client, wanted))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
