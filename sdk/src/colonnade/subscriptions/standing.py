"""Whether those who follow still may: looked at again as events are shown, at most every few seconds for a credential.

What is known of a credential is kept in the process for `SubscriptionLimits.stale_seconds`; nobody is shown what happens
later than that after its session ended, its key was revoked or its permission was taken away.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from colonnade.errors import Unauthenticated
from colonnade.permissions import Principal

if TYPE_CHECKING:
    from colonnade.subscriptions.ports import SubscriptionPorts

MOST_KEPT: Final = 10_000


class Standing:
    """What was learnt of credentials; safe between threads and event loops."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str | None], tuple[int, Principal | None]] = OrderedDict()
        self._reported: OrderedDict[str, None] = OrderedDict()

    def is_news(self, reported: str) -> bool:
        """Whether this process has not reported that lately."""
        with self._lock:
            news = reported not in self._reported
            self._reported[reported] = None
            while len(self._reported) > MOST_KEPT:
                self._reported.popitem(last=False)
        return news

    async def now_of(self, ports: SubscriptionPorts, principal: Principal) -> Principal:
        """The principal as it is now. Raises `Unauthenticated` where its credential is not good any more."""
        key = (principal.id, principal.credential)
        with self._lock:
            kept = self._kept.get(key)
        if kept is None or not 0 <= ports.now() - kept[0] < ports.limits.stale_seconds:
            kept = (ports.now(), await _asked(ports, principal))
            with self._lock:
                self._kept[key] = kept
                self._kept.move_to_end(key)
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
        found = kept[1]
        if found is None or (found.expires_at is not None and found.expires_at <= ports.now()):
            raise Unauthenticated("these credentials are no longer good: sign in again")
        return found


async def _asked(ports: SubscriptionPorts, principal: Principal) -> Principal | None:
    """What the authenticators say of a principal; None where its credential is not good any more."""
    with ports.working() as request_id:
        context = ports.make_context(request_id, None)
        for authenticator in ports.server.authenticators:
            if authenticator.renew is None:
                continue
            try:
                found = await authenticator.renew(context, principal)
            except Unauthenticated:
                return None
            if found is not None:
                return found
    return principal
