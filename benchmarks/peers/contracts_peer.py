"""A hundred reads of a contract in one request, by the chain port. Arguments: the node's URL, and a token."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.peers.serving import serve
from colonnade.chains import Call, ChainId
from colonnade.evm import Address, Function
from infra.rpc.chains import JsonRpcChains
from infra.rpc.settings import ChainSettings

BALANCE_OF = Function.parse("function balanceOf(address owner) view returns (uint256)")
READS = 100


def main() -> None:
    """Serves until standard input ends."""
    url, token = sys.argv[1], Address(sys.argv[2])
    chain = ChainId(int(sys.argv[3]))
    chains = JsonRpcChains([ChainSettings(chain, (url,))])
    loop = asyncio.new_event_loop()

    async def read() -> list[str]:
        reader = chains.reader(chain)
        owners = [Address(f"0x{n + 1:040x}") for n in range(READS)]
        answers = await reader.calls([Call(token, BALANCE_OF.encode(owner)) for owner in owners])
        balances = []
        for answer in answers:
            if not isinstance(answer, bytes):
                raise answer
            balances.append(str(BALANCE_OF.decode(answer)[0]))
        return balances

    def reading(_: Mapping[str, Any]) -> Callable[[], str]:
        return lambda: json.dumps(loop.run_until_complete(read()))

    serve({"read": reading})


if __name__ == "__main__":
    main()
