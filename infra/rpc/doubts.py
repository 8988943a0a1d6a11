"""Endpoints that contradict others: noticed, named, and not said again with each block."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Final

from colonnade.chains import ChainId

PATIENCE: Final = 15.0
"""Seconds that a contradiction may last before it is an error: nodes see a new block's rivals one after the other."""

AGAIN: Final = 300.0
"""Seconds after which what lasts is said again."""

_log = logging.getLogger(__name__)


class Doubts:
    """What endpoints of one chain contradicted. `clock`: seconds, monotonic."""

    def __init__(self, chain_id: ChainId, clock: Callable[[], float]) -> None:
        self._chain_id: Final = chain_id
        self._clock: Final = clock
        self._since: dict[str, float] = {}
        self._said: dict[str, float] = {}

    def contradicted(self, what: str, names: Sequence[str]) -> None:
        """Note that these said something else than others; an error once it has lasted."""
        now = self._clock()
        for name in names:
            since = self._since.setdefault(name, now)
            said = self._said.get(name)
            if now - since >= PATIENCE and (said is None or now - said >= AGAIN):
                self._said[name] = now
                fields = {
                    "chainId": self._chain_id,
                    "endpoint": name,
                    "about": what,
                    "seconds": round(now - since),
                }
                _log.error("An endpoint contradicts others", extra={"fields": fields})
            elif since == now:
                fields = {"chainId": self._chain_id, "endpoint": name, "about": what}
                _log.warning("An endpoint contradicts others for now", extra={"fields": fields})

    def confirmed(self, names: Sequence[str]) -> None:
        """Note that these said the same."""
        for name in names:
            self._since.pop(name, None)
            self._said.pop(name, None)
