"""What the README says works: its query is pasted as it stands, and Uniswap's own contracts are asked the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from colonnade.chains import BASE
from colonnade.clock import SystemClock
from colonnade.ids import UlidIds
from colonnade.testing import MemoryStore
from handlers import runtime
from handlers.http import HttpHandler
from infra.rpc import ChainSettings, JsonRpcChains
from tests.fixtures.local_chain import OnChain
from tests.handlers.sample import local_queues

README = (Path(__file__).parents[2] / "README.md").read_text()
WETH = "0x4200000000000000000000000000000000000006"

QUOTE_V2 = "function getAmountsOut(uint256 amountIn, address[] path) view returns (uint256[] amounts)"
QUOTE_V3 = (
    "function quoteExactInputSingle((address tokenIn, address tokenOut, uint256 amountIn, uint24 fee, "
    "uint160 sqrtPriceLimitX96) params) returns (uint256 amountOut, uint160 sqrtPriceX96After, "
    "uint32 initializedTicksCrossed, uint256 gasEstimate)"
)


def readme_query() -> str:
    (query,) = re.findall(r"```graphql\n(.*?)```", README, re.DOTALL)
    return str(query)


def answer(chain: OnChain, query: str) -> Any:
    """What the HTTP handler answers to an event that carries the query."""
    clock = SystemClock()
    chains = JsonRpcChains([ChainSettings(BASE, (chain.url,))])
    adapters = runtime.Adapters(MemoryStore(clock), chains, clock, UlidIds(clock), local_queues())
    environ = {"COLONNADE_CURSOR_KEY": "k" * 32, "IDENTITY_SIGNING_KEYS": "test:private:" + "A" * 43}
    application = runtime.build(environ, adapters=adapters)
    event = {
        "version": "2.0",
        "rawPath": "/graphql",
        "rawQueryString": "",
        "headers": {"content-type": "application/json"},
        "requestContext": {"requestId": "readme", "http": {"method": "POST", "path": "/graphql"}},
        "body": json.dumps({"query": query}),
        "isBase64Encoded": False,
    }
    result = HttpHandler(application)(event)
    chains.close()
    assert result["statusCode"] == 200
    return json.loads(result["body"])


def quoted(chain: OnChain, pool: str, token_in: str, amount_in: int) -> tuple[str, int]:
    """The other token of a pool, and what the quoter for its kind says the pool would pay."""
    address = chain_address(pool)
    tokens = [chain.call(address, f"function token{n}() view returns (address)")[0] for n in (0, 1)]
    (token_out,) = [token for token in tokens if token != token_in]
    if address in v2_pairs(chain):
        (amounts,) = chain.call(chain["UniswapV2Router02"], QUOTE_V2, amount_in, [token_in, token_out])
        return token_out, amounts[-1]
    (fee,) = chain.call(address, "function fee() view returns (uint24)")
    out, *_ = chain.call(chain["QuoterV2"], QUOTE_V3, (token_in, token_out, amount_in, fee, 0))
    return token_out, out


def chain_address(pool_id: str) -> Any:
    return pool_id.rpartition("_")[2]


def v2_pairs(chain: OnChain) -> set[str]:
    factory = chain["UniswapV2Factory"]
    (count,) = chain.call(factory, "function allPairsLength() view returns (uint256)")
    return {
        chain.call(factory, "function allPairs(uint256 n) view returns (address)", n)[0] for n in range(count)
    }


@pytest.mark.onchain
def test_readme_query_returns_what_the_quoters_say_to_the_atomic_unit(local_chain: OnChain) -> None:
    local_chain.mine()
    said = answer(local_chain, readme_query())

    assert "errors" not in said
    price = said["data"]["swapPrice"]
    token, amount = WETH, 10**18
    for leg in price["route"]:
        token, amount = quoted(local_chain, leg["pool"]["id"], token, amount)
        assert leg["amountOut"]["raw"] == str(amount)
    assert price["amountOut"]["raw"] == str(amount)
    assert price["amountOut"]["token"]["symbol"] == "USDC"
    assert price["block"]["number"] == str(int(local_chain.rpc("eth_blockNumber"), 16))


def test_commands_of_the_readme_exist() -> None:
    makefile = (Path(__file__).parents[2] / "Makefile").read_text()
    named = set(re.findall(r"\bmake ([a-z-]+)", README))
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert {"dev", "test", "clean"} <= named <= targets
