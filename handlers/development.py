"""What a laptop has and no deployment: a session that the page of GraphiQL may borrow, and accounts to look at.

Nothing in the environment brings it. It is made in `handlers.local` and handed on from there; a Lambda's entry points
pass none, and then there is neither the address nor the hint to it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from colonnade.development import Session
from colonnade.evm import Address
from colonnade.http import Request
from colonnade.server import Server
from colonnade.server.endpoint import GRAPHQL

PATH: Final = "/development/session"
HEADER: Final = "x-colonnade-development"
"""A page of another origin could send it only after asking first, which nothing here answers."""

_HERE: Final = frozenset({"localhost", "127.0.0.1"})
_SHOWN: Final = 5
_HELD: Final = "balances(account: %s) { amounts { amount token { symbol } } }"


@dataclass(frozen=True, slots=True)
class Holdings:
    """A development account with what it holds: amounts by symbol, nothing where they are not known."""

    address: Address
    amounts: Sequence[tuple[str, str]]


class Development:
    """`accounts`: the development accounts; `rpc`: the URL of the chain they are on.

    `offer` may be called from any thread; what is read is whole.
    """

    def __init__(self, accounts: Sequence[Address], rpc: str) -> None:
        self.accounts: Final = tuple(accounts)
        self.rpc: Final = rpc
        self._offered: Mapping[str, Any] = {}

    def offer(self, session: Session, action_id: str | None) -> None:
        """Lend pages of this machine this session, and name an action of its account's to follow."""
        self._offered = {
            "account": session.account,
            "accessToken": session.access_token,
            "expiresAt": session.expires_at.isoformat(),
            "actionId": action_id,
        }

    async def session(self, request: HttpRequest) -> Response:
        """What is offered, empty as long as nothing is; 403 for whoever is no page of this very server on this
        machine.
        """
        if not _is_own_page(request):
            return JSONResponse({"error": "for pages of this server, on this machine"}, 403)
        return JSONResponse(self._offered, headers={"cache-control": "no-store"})

    async def holdings(self, server: Server) -> Sequence[Holdings]:
        """The first accounts with what they hold, asked of the API itself."""
        shown = self.accounts[:_SHOWN]
        fields = " ".join(f"a{n}: {_HELD % json.dumps(account)}" for n, account in enumerate(shown))
        body = json.dumps({"query": f"{{ {fields} }}"}).encode()
        headers = {"content-type": "application/json"}
        answer = json.loads((await server.execute(Request("POST", GRAPHQL, "", headers, body))).body)
        data = answer.get("data") or {}
        return [Holdings(account, _amounts(data.get(f"a{n}"))) for n, account in enumerate(shown)]


def _amounts(balances: Mapping[str, Any] | None) -> Sequence[tuple[str, str]]:
    held = balances["amounts"] if balances else ()
    return [(amount["token"]["symbol"], amount["amount"]) for amount in held]


def _is_own_page(request: HttpRequest) -> bool:
    """Whether this machine asks, by a name of this machine (else a foreign name led here), and not for another page."""
    headers = request.headers
    host, origin = headers.get("host", ""), headers.get("origin")
    return (
        request.client is not None
        and _is_loopback(request.client.host)
        and _hostname(host) in _HERE
        and HEADER in headers
        and origin in (None, f"http://{host}")
        and headers.get("sec-fetch-site", "same-origin") == "same-origin"
    )


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
