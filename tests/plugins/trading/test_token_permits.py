"""A token's permits are signed for only where what it says of them fits together, and can be shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from colonnade.chains import BASE
from colonnade.errors import CallReverted
from colonnade.evm import checksum, domain_separator, encode, keccak
from colonnade.testing.scripted_chain import ScriptedChain
from colonnade.wallets import WalletKind
from plugins.trading.execution.authorization import Authorization, CannotAuthorize, authorization_for
from plugins.trading.execution.erc2612 import PermitDomain, domain_from, probes
from plugins.trading.execution.permit2 import Permit2Allowance
from plugins.trading.execution.wallet_state import read_wallet_state
from plugins.trading.networks import NATIVE
from tests.plugins.trading.scripted_market import NETWORK, TOKEN, WETH
from tests.plugins.trading.test_swap_bounds import state_with, terms_with

OWNER = checksum(b"\xaa" * 20)
PERMIT = keccak(b"Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)")
DAI = keccak(b"Permit(address holder,address spender,uint256 nonce,uint256 expiry,bool allowed)")
SILENT = CallReverted(b"")


def answers(
    called: str = "Token", numbered: str = "1", *, chain: int = 8453, at: str = TOKEN, **more: Any
) -> Sequence[bytes | CallReverted]:
    """What a token says that is made for `chain` and `at`, or `more` instead."""
    domain = {"name": called, "version": numbered, "chainId": chain, "verifyingContract": at}
    said: dict[str, bytes | CallReverted] = {
        "nonce": encode(("uint256",), (7,)),
        "separator": domain_separator(domain),
        "name": encode(("string",), (called,)),
        "version": encode(("string",), (numbered,)),
        "type_hash": PERMIT,
    }
    return [*(said | more).values()]


@pytest.mark.parametrize("type_hash", [PERMIT, b"", SILENT])
def test_a_token_whose_words_give_its_separator_is_permitted(type_hash: bytes | CallReverted) -> None:
    found = domain_from(BASE, TOKEN, answers("USD Coin", "2", type_hash=type_hash))
    assert found == PermitDomain("USD Coin", "2", 7)


@pytest.mark.parametrize("version", [SILENT, b""])
def test_a_token_without_a_version_has_the_first(version: bytes | CallReverted) -> None:
    assert domain_from(BASE, TOKEN, answers(version=version)) == PermitDomain("Token", "1", 7)
    assert domain_from(BASE, TOKEN, [*answers(numbered="2")[:3], version, PERMIT]) is None


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(answers(chain=1), id="of another chain"),
        pytest.param(answers(at=WETH), id="of another contract"),
        pytest.param(answers(type_hash=DAI), id="DAI's permit"),
        pytest.param(answers(nonce=SILENT), id="no nonces"),
        pytest.param(answers(separator=SILENT), id="no separator"),
        pytest.param(answers(name=SILENT), id="no name"),
        pytest.param(answers("N" * 65), id="an endless name"),
        pytest.param(answers("Token\u202e"), id="a name that reorders what follows"),
        pytest.param(answers(numbered="1\n\nYou lose nothing."), id="a version of several lines"),
        pytest.param([b""] * 5, id="no contract"),
        pytest.param([b"\xff" * 32] * 5, id="noise"),
    ],
)
def test_a_token_whose_words_do_not_fit_together_is_not(said: Sequence[bytes | CallReverted]) -> None:
    assert domain_from(BASE, TOKEN, said) is None


def test_permit2_is_never_allowed_what_it_counts_as_without_end() -> None:
    state = state_with(permit=None, permit2_allowance=2**256 - 1, permit2_grant=Permit2Allowance(0, 0, 0))
    most = 2**160 - 2
    assert authorization_for(terms_with(most), WalletKind.EOA, state, None) is Authorization.PERMIT2
    assert authorization_for(terms_with(most + 1), WalletKind.EOA, state, None) is Authorization.APPROVE
    with pytest.raises(CannotAuthorize):
        authorization_for(terms_with(most + 1), WalletKind.EOA, state, Authorization.PERMIT2)


async def test_the_wrapped_coin_is_asked_for_no_permit_and_the_coin_for_nothing_but_itself() -> None:
    chain = ScriptedChain()
    chain.set_balance(OWNER, 5)

    def burns(call: object) -> bytes:
        raise AssertionError("it takes what it does not know for a deposit")

    for probe in probes(WETH, OWNER):
        chain.answer(WETH, probe.data, burns)
    chain.answer(WETH, b"", encode(("uint256",), (3,)))
    state = await read_wallet_state(chain.reader(), NETWORK, OWNER, WETH)
    assert (state.held, state.coin, state.router_allowance, state.permit) == (3, 5, 3, None)
    coin = await read_wallet_state(chain.reader(), NETWORK, OWNER, NATIVE)
    assert (coin.held, coin.coin, coin.permit2_grant) == (5, 5, None)
