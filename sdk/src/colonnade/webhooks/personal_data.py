"""Which rows of webhooks are an account's, and what becomes of them when it is erased."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from colonnade.personal_data import (
    ACCOUNT,
    Delete,
    Expires,
    Identifier,
    PersonalData,
    PersonalDataDeclaration,
)
from colonnade.webhooks.rows import DELIVERY, ENDPOINT, FORMER, HEALTH, IN_FLIGHT, OWNER

WEBHOOK_ENDPOINT: Final = "webhook-endpoint"
"""The id of an endpoint, also of one that was deleted and whose deliveries are kept."""

PERSONAL_DATA: Final[tuple[PersonalDataDeclaration, ...]] = (
    PersonalData(
        ENDPOINT,
        Delete(),
        rows={ACCOUNT: lambda owner: [ENDPOINT.query(owner=owner)]},
        leads_to=lambda row: [Identifier(WEBHOOK_ENDPOINT, str(row["id"]))],
        withheld=("key_id", "generation", "retired"),
    ),
    PersonalData(
        FORMER,
        Delete(),
        rows={ACCOUNT: lambda owner: [FORMER.query(owner=owner)]},
        leads_to=lambda row: [Identifier(WEBHOOK_ENDPOINT, str(row["id"]))],
    ),
    PersonalData(OWNER, Delete(), rows={ACCOUNT: lambda owner: [OWNER.key(owner=owner)]}),
    PersonalData(
        DELIVERY, Delete(), rows={WEBHOOK_ENDPOINT: lambda endpoint: [DELIVERY.query(endpoint=endpoint)]}
    ),
    PersonalData(HEALTH, Delete(), rows={WEBHOOK_ENDPOINT: lambda endpoint: [HEALTH.key(endpoint=endpoint)]}),
    PersonalData(
        IN_FLIGHT, Expires(timedelta(minutes=1), "It says for a moment that something is being sent.")
    ),
)
