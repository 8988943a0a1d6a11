"""Wallets of every kind sign in against the real chain, and sign in only as themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import pytest

from colonnade.chains import BASE
from colonnade.testing import FrozenClock, Harness
from infra.local.chain import Node
from infra.rpc import ChainSettings, JsonRpcChains
from plugins.identity.siwe import parse_message
from tests.fixtures.local_chain import OnChain
from tests.plugins.identity.signing import acting, challenge, send, settings
from tests.wallets.eoa import EoaWallet
from tests.wallets.kinds import KINDS
from tests.wallets.wallet import Wallet

pytestmark = [pytest.mark.onchain, pytest.mark.usefixtures("chain_snapshot")]

WALLETS: Final = "{ viewer { wallets { address kind } } }"

every_kind = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)


@pytest.fixture
def node(local_chain: OnChain) -> Node:
    return local_chain.chain.node


@pytest.fixture
def api(local_chain: OnChain) -> Iterator[Harness]:
    chains = JsonRpcChains([ChainSettings(BASE, (local_chain.url,))])
    yield Harness("plugins.identity", settings=[settings()], chains=chains, clock=FrozenClock())
    chains.close()


@every_kind
async def test_a_wallet_signs_in_and_is_listed_by_its_kind(
    api: Harness, node: Node, make: Callable[[Node], Wallet]
) -> None:
    wallet = make(node)
    message = (await challenge(api, wallet.address))["message"]
    tokens = await send(api, message, wallet.sign_message(message))
    assert tokens["__typename"] == "SessionTokens"
    viewer = await acting(api, tokens["accessToken"])
    kind = "EOA" if isinstance(wallet, EoaWallet) else "CONTRACT"
    assert (await viewer.data(WALLETS))["viewer"]["wallets"] == [{"address": wallet.address, "kind": kind}]


@every_kind
async def test_a_wallet_signs_in_as_nobody_else(
    api: Harness, node: Node, make: Callable[[Node], Wallet]
) -> None:
    wallet, other = make(node), make(node)
    message = (await challenge(api, wallet.address))["message"]
    assert (await send(api, message, other.sign_message(message)))["code"] == "WALLET_SIGNATURE_INVALID"
    replayed = message.replace(parse_message(message).nonce, "0" * 32)
    assert (await send(api, message, wallet.sign_message(replayed)))["code"] == "WALLET_SIGNATURE_INVALID"
    assert (await send(api, message, wallet.sign_message(message)))["__typename"] == "SessionTokens"
