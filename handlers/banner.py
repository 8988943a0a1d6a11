"""What `make dev` says once everything runs."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from typing import Final

from handlers.first_query import FIRST_QUERY

_SHOWN: Final = 3


def banner(
    url: str, *, seconds: float, database: str, chain: str, accounts: Sequence[str], kept_in: str
) -> str:
    """Where everything is, a first query as a command to paste, and the funded accounts."""
    return "\n".join(_lines(url, seconds, database, chain, accounts, kept_in)) + "\n"


def _lines(
    url: str, seconds: float, database: str, chain: str, accounts: Sequence[str], kept_in: str
) -> Iterator[str]:
    yield f"Colonnade runs on {url} (started in {seconds:.1f} s)"
    yield ""
    yield f"  GraphiQL   {url}/graphql (signed in as the first account below)"
    yield f"  Chain      {chain} (Base, 8453; a block every two seconds)"
    yield f"  Database   {database} (DynamoDB)"
    yield f"  Kept in    {kept_in} (`make clean` forgets it)"
    yield ""
    yield 'Accounts with ether and tokens, of the mnemonic "test test … junk":'
    yield from (f"  {account}" for account in accounts[:_SHOWN])
    yield ""
    yield "To sign as one of them: .venv/bin/colonnade wallet sign ACTION"
    yield ""
    yield "What one WETH would bring:"
    yield ""
    body = shlex.quote(json.dumps({"query": " ".join(FIRST_QUERY.split())}))
    yield f"  curl -s {url}/graphql -H 'content-type: application/json' -d {body}"
    yield ""
    yield "Ctrl-C stops everything."
