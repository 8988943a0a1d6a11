"""`prepareSwap` on the local chain: asked as a client does, and carried out as its wallet would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from eth_account.signers.local import LocalAccount

from colonnade.actions import PreparedCall, SendCalls, SignTypedData, StepDraft
from colonnade.actions.loading import owned_action
from colonnade.context import Context
from colonnade.evm import Address
from colonnade.permissions import Principal
from colonnade.store import Store
from colonnade.testing.clock import FrozenClock
from colonnade.testing.harness import Harness
from colonnade.wallets import Wallet, WalletKind, Wallets
from infra.rpc import JsonRpcChains
from plugins.trading.execution.proof import advance_swap
from tests.fixtures.local_chain import OnChain
from tests.onchain.swap_desk import carry_out, sign

PREPARE: Final = """
mutation Prepare($input: PrepareSwapInput!) {
  prepareSwap(input: $input) {
    __typename
    ... on PreparedAction {
      id kind account status expiresAt
      effects { account tokenAddress minimum maximum simulated }
      warnings { code message }
      steps {
        __typename title status
        ... on SendCallsStep { atomicRequired calls { to data value } }
        ... on SignTypedDataStep { typedData }
      }
    }
    ... on UserError { code message path retryable }
    ... on ValidationFailed { issues { path code } }
    ... on InsufficientBalance { required { raw } held { raw } }
    ... on PriceImpactTooHigh { priceImpactBps maxPriceImpactBps }
    ... on SimulationFailed { revertReason shortfallBps }
    ... on NoRoute { reason }
    ... on TokenNotFound { addresses }
  }
}
"""
OWNER: Final = Principal("usr_ada")


@dataclass
class LinkedWallets:
    """The wallets that each principal is said to have linked."""

    by_owner: dict[str, list[Wallet]] = field(default_factory=dict[str, list[Wallet]])

    async def linked(self, context: Context, owner: str) -> Sequence[Wallet]:
        return self.by_owner.get(owner, [])

    def link(self, address: Address, kind: WalletKind = WalletKind.EOA, owner: str = OWNER.id) -> None:
        self.by_owner.setdefault(owner, []).append(Wallet(address, kind, datetime(2026, 1, 1, tzinfo=UTC)))


def swap_harness(
    chain: OnChain, chains: JsonRpcChains, wallets: LinkedWallets, store: Store | None = None
) -> Harness:
    """Trading and actions on the local chain, at its time."""
    latest = int(chain.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
    return Harness(
        "colonnade.actions.plugin",
        "plugins.trading",
        chains=chains,
        services={Wallets: wallets},
        principal=OWNER,
        clock=FrozenClock(datetime.fromtimestamp(latest, UTC)),
        store=store,
    )


async def prepare(
    harness: Harness, account: Address, order: Mapping[str, Any], **more: Any
) -> dict[str, Any]:
    """What `prepareSwap` answers."""
    key = more.pop("idempotencyKey", harness.ids.new("key"))
    given = {"account": account, "idempotencyKey": key, "swap": {"order": order}, **more}
    prepared: dict[str, Any] = (await harness.data(PREPARE, {"input": given}))["prepareSwap"]
    return prepared


async def steps_of(harness: Harness, action: Mapping[str, Any]) -> Sequence[StepDraft]:
    """Every step with its payload, those too whose turn it is not yet."""
    return (await owned_action(harness.context(), action["id"])).steps


async def calls_of(harness: Harness, action: Mapping[str, Any]) -> list[PreparedCall]:
    """The calls of every step that sends any, in order."""
    steps = await steps_of(harness, action)
    return [call for step in steps if isinstance(step, SendCalls) for call in step.calls]


async def permitted_swap(harness: Harness, action: Mapping[str, Any], signer: LocalAccount) -> PreparedCall:
    """The swap that waited for a signature of what is to be signed for it."""
    kept = await owned_action(harness.context(), action["id"])
    (index,) = (i for i, step in enumerate(kept.steps) if isinstance(step, SignTypedData))
    step = kept.steps[index]
    assert isinstance(step, SignTypedData)
    (filled,) = await advance_swap(harness.context(), kept, index, sign(signer, dict(step.typed_data)))
    assert isinstance(filled, SendCalls)
    return filled.calls[-1]


async def follow(chain: OnChain, harness: Harness, action: Mapping[str, Any], signer: LocalAccount) -> int:
    """Signs and sends every step from the signer's account; the wei paid for gas."""
    calls = await calls_of(harness, action)
    if any(step["__typename"] == "SignTypedDataStep" for step in action["steps"]):
        calls.append(await permitted_swap(harness, action, signer))
    return sum([carry_out(chain, action["account"], call) for call in calls])
