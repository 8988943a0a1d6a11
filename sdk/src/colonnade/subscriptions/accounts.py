"""How many connections an account has, and how much they follow: counts that only whole transactions change.

A connection is counted with the row that acknowledges it, a subscription with its rows; each leaves the count in the
transaction that takes the rows away, the end of a connection all that it follows at once. A connection whose end nobody
told is ended by `presence`, long before its row expires, so that no count is left behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from colonnade.conditions import Condition, attribute, exists
from colonnade.store import Update
from colonnade.subscriptions.rows import CONNECTED, FOLLOWING, LEFT

if TYPE_CHECKING:
    from colonnade.subscriptions.ports import SubscriptionPorts

TOO_MANY_CONNECTIONS: Final = (
    "TOO_MANY_CONNECTIONS",
    "this account has as many connections as one may: close one, then connect again",
)
"""Why a connection may do nothing although its credentials are good."""


def connects(ports: SubscriptionPorts, account: str) -> Update:
    """One more connection, if it may have one."""
    kept = CONNECTED + 2 * LEFT
    return Update(
        FOLLOWING.key(principal=account),
        set={"principal": account},
        add={"connections": 1, "subscriptions": 0},
        condition=_room("connections", ports.limits.account_connections),
        expires_at=ports.now() + int(kept.total_seconds()),
    )


def begins(ports: SubscriptionPorts, account: str) -> Update:
    """One more subscription, if it may have one."""
    return Update(
        FOLLOWING.key(principal=account),
        add={"subscriptions": 1},
        condition=_room("subscriptions", ports.limits.account_subscriptions),
    )


def completes(account: str) -> Update:
    """One subscription less."""
    return Update(FOLLOWING.key(principal=account), add={"subscriptions": -1}, condition=exists())


def leaves(row: Mapping[str, Any]) -> Update | None:
    """The end of a connection with all that it follows, by its row; None where it is not counted."""
    account = row.get("account")
    if account is None:
        return None
    less = {"connections": -1, "subscriptions": -row["active"]}
    return Update(FOLLOWING.key(principal=account), add=less, condition=exists())


def _room(count: str, most: int) -> Condition:
    return attribute(count).absent() | attribute(count).below(most)
