"""Subscriptions: what a client can follow, as two plain functions.

    def of_creator(context: Context, creator_id: str) -> Sequence[str]:
        return [Applauded.topic(creator_id)]

    @subscription(topics=of_creator, delivery=lossless, description="Applause for a creator, as it is given.")
    async def applauded(event: Applauded, info: Info, creator_id: CreatorId) -> Applause | None:
        return await load(info.context, event.applause_id)

`topics` says which topics are followed, and whether this viewer may; the function says what an event looks like to
this subscriber. Delivery, order and resumption belong to the platform: nothing of an author's code lives between two
events.
"""

from colonnade.subscriptions.declaration import (
    Conflated,
    Delivery,
    Lossless,
    SubscriptionField,
    conflated,
    lossless,
    subscription,
)

__all__ = [
    "Conflated",
    "Delivery",
    "Lossless",
    "SubscriptionField",
    "conflated",
    "lossless",
    "subscription",
]
