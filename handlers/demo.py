"""Something to look at on a laptop: swaps that were made, and an action that waits, of accounts that signed in.

It is a client like any other, of the API and of the node, and works beside what is served: no start waits for it. The
chain itself remembers that its swaps were made.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from colonnade.development import (
    DevelopmentNode,
    LocalApi,
    Session,
    WalletFault,
    carry_out,
    development_account,
    refresh,
    sign_in,
)
from colonnade.development.api import Refused
from colonnade.development.carrying_out import read_action
from colonnade.development.faults import Unreachable
from colonnade.development.loopback import loopback
from colonnade.evm import Address, checksum, keccak
from handlers.development import Development

ETH: Final = "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE"
WETH: Final = "0x4200000000000000000000000000000000000006"
USDC: Final = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"

MARK: Final = checksum(keccak(b"colonnade demo data")[12:])
"""It holds a wei for each swap that was made on the chain."""

_SWAPS: Final[Sequence[tuple[int, str, str, int]]] = (
    (0, ETH, USDC, 10**18),
    (1, ETH, USDC, 250 * 10**15),
    (0, USDC, WETH, 1_200 * 10**6),
)
_AWAITING: Final = (WETH, USDC, 10**17)
_PREPARE: Final = """mutation($input: PrepareSwapInput!) { prepareSwap(input: $input) {
  ... on PreparedAction { id expiresAt } ... on UserError { __typename code message retryable } } }"""

_LABEL: Final = "make dev"
_LEFT: Final = timedelta(minutes=2)
_STEP: Final = 5.0
_UNREACHED: Final = 0.2
_FAILED: Final = 30.0

_log = logging.getLogger(__name__)


class Demo:
    """Keeps `development` supplied, for one thread: call `step` again after the seconds that it says."""

    def __init__(
        self,
        development: Development,
        api_url: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._development: Final = development
        self._api: Final = LocalApi.at(api_url, "the API")
        self._now: Final = now
        self._session: Session | None = None
        self._action: tuple[str, datetime] | None = None
        self._seeded = False

    def step(self) -> float:
        """Do what is missing: a session, the swaps, an action that waits."""
        try:
            self._keep_session()
            if not self._seeded:
                self._seed()
            self._keep_action()
        except Unreachable:
            return _UNREACHED  # it is not serving yet, or no longer
        except WalletFault as fault:
            _log.warning("There is no demo data", extra={"fields": {"why": str(fault)}})
            return _FAILED
        return _STEP

    def _keep_session(self) -> None:
        if self._session is not None and self._session.is_good_at(self._now(), for_another=_LEFT):
            return
        try:
            if self._session is not None:
                self._session = refresh(self._api, self._session)
        except Refused:
            self._session = None
        self._session = self._session or sign_in(self._api, development_account(0), _LABEL)
        self._offer()

    def _seed(self) -> None:
        """Make the swaps that the chain does not count yet."""
        node = DevelopmentNode(loopback(self._development.rpc, "the chain"))
        made = int(node.rpc("eth_getBalance", MARK, "latest"), 16)
        for number, (index, token_in, token_out, amount) in enumerate(_SWAPS[made:], made + 1):
            api, account = self._acting_as(index)
            prepared = _prepare(api, account, token_in, token_out, amount)
            carry_out(api, node, read_action(api, prepared["id"]), _quietly)
            node.rpc("anvil_setBalance", MARK, hex(number))
        self._seeded = True

    def _acting_as(self, index: int) -> tuple[LocalApi, Address]:
        """The API as a development account meets it, and the account."""
        session = self._session
        if session is None or index:
            session = sign_in(self._api, development_account(index), _LABEL)
        return self._api.acting(session.access_token), session.account

    def _keep_action(self) -> None:
        """Have an action that awaits its user, also once the last one was signed."""
        api, account = self._acting_as(0)
        if (
            self._action is not None
            and self._now() + _LEFT < self._action[1]
            and read_action(api, self._action[0])["status"] == "AWAITING_USER"
        ):
            return
        action = _prepare(api, account, *_AWAITING)
        self._action = (action["id"], datetime.fromisoformat(action["expiresAt"]))
        self._offer()

    def _offer(self) -> None:
        assert self._session is not None
        self._development.offer(self._session, self._action[0] if self._action else None)


def _prepare(
    api: LocalApi, account: Address, token_in: str, token_out: str, amount: int
) -> Mapping[str, Any]:
    order = {"tokenIn": token_in, "tokenOut": token_out, "amount": str(amount)}
    given = {"account": account, "idempotencyKey": f"demo-{uuid.uuid4()}", "swap": {"order": order}}
    return api.mutate("prepareSwap", _PREPARE, given)


def _quietly(line: str) -> None:
    """Nobody follows along."""
