"""Rows of actions that earlier versions wrote."""

from __future__ import annotations

from typing import Final

from colonnade.actions.storage import ACTION, CLAIM
from colonnade.migrations import Migration, reindexed, upgraded

MIGRATIONS: Final = (
    Migration(
        "actions.found-by-owner",
        ACTION,
        upgraded(ACTION),
        "Actions are found by whose they are, so that an account's can be exported and erased",
    ),
    Migration(
        "actions.claims-of-actions",
        CLAIM,
        reindexed(CLAIM),
        "The proofs that an action claims are found by the action, so that they are erased with it",
    ),
)
