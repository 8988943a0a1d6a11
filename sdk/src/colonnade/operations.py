"""What the operator keeps: its operations, the nonces it gave them, and what it may have spent.

An operation, its nonce and its spending are written in one transaction, the signed bytes with them: there is never a
nonce without a transaction that anybody can send again.
"""

from __future__ import annotations

from typing import Final

from colonnade.entities import Entity
from colonnade.plugin import PROJECT

OPERATION: Final = Entity(
    PROJECT,
    "Operation",
    partition="{chain_id}/{key}",
    serves=("what was sent under a key",),
)

NONCE: Final = Entity(
    PROJECT,
    "Nonce",
    partition="{chain_id}/{sender}",
    sort="{nonce:020d}",
    serves=("the last nonce of an account", "the operations that come before one"),
)

SPENDING: Final = Entity(
    PROJECT,
    "Spending",
    partition="{chain_id}/{sender}",
    sort="{day}",
    serves=("what an account may have spent on a UTC day",),
    expires=True,
)
