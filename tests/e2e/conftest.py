"""What the tests have that are clients of the whole stack."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests

from colonnade.evm import parse_address
from infra.local.chain import Node
from tests.e2e.graphql_client import Client
from tests.e2e.stack import Running
from tests.e2e.trader import Trader
from tests.e2e.witness import Witness
from tests.wallets.wallet import Wallet


@pytest.fixture
def witness(local_stack: Running) -> Iterator[Witness]:
    """The chain of the stack, as web3 reads it."""
    with requests.Session() as session:
        yield Witness.of(local_stack.chain_url, session)


@pytest.fixture
def tokens(local_stack: Running) -> dict[str, str]:
    """Tokens by their symbols, as the API lists them."""
    listed = Client(local_stack.port).ask("{ tokens(first: 100) { edges { node { symbol address } } } }")
    return {edge["node"]["symbol"]: edge["node"]["address"] for edge in listed["tokens"]["edges"]}


@pytest.fixture
def trader(local_stack: Running, stack_node: Node, tokens: dict[str, str]) -> Callable[..., Trader]:
    """Makes a signed-in trader of a wallet, given some of each named token: `trader(EoaWallet.create, USDC=10**6)`."""

    def make(kind: Callable[[Node], Wallet], **held: int) -> Trader:
        wallet = kind(stack_node)
        for symbol, amount in held.items():
            transfer = "function transfer(address to, uint256 amount) returns (bool)"
            rich = stack_node.accounts()[4]  # the first two make the demo's swaps
            stack_node.send(rich, parse_address(tokens[symbol]), transfer, wallet.address, amount)
        return Trader.sign_in(local_stack.port, wallet)

    return make
