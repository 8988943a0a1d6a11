"""What the platform remembers of connections and of what they follow.

| row          | key                       | written                                                         |
|--------------|---------------------------|-----------------------------------------------------------------|
| Connection   | connection                | at `connection_init`; after `$disconnect` it says that it is over |
| Subscription | connection, id            | at `subscribe`; or by a `complete` that came first (a tombstone)  |
| Subscriber   | topic, group, connection, id | with its Subscription: small, one for each topic               |
| Group        | group                     | at `subscribe`: what is executed once for all who share it       |
| Delivered    | topic                     | how far the topic's events have been sent                         |
| Joined       | topic, hour               | about how many began to follow, for `parts`                       |
| Following    | principal                 | how many connections and subscriptions an account has             |
| Due          | minute, connection        | when a connection is looked at again                              |
| Looked       | (one)                     | up to which minute that was done                                  |
| Conflation   | topic, group              | what a conflated group was sent last                              |

The `topic` of Subscriber, Delivered and Conflation is the name of a part of a topic's subscribers (`parts`), which of most
topics there is one, with the name of the topic.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from colonnade.entities import Entity, Index
from colonnade.plugin import PROJECT

CONNECTED: Final = timedelta(hours=2, minutes=5)
"""How long a connection's rows are kept: a gateway ends each connection after two hours."""

LEFT: Final = timedelta(hours=24)
"""How long after its end a connection's own row is kept: until somebody has looked after it, or its account's counts
would never be put right."""

GROUPED: Final = timedelta(hours=2, minutes=10)
"""How long a group is kept: longer than those who join it, so that not each of them writes it again."""

MARKED: Final = timedelta(hours=3)
"""How long a topic without subscribers keeps its place."""

TOMBSTONE: Final = timedelta(seconds=60)
"""How long a `complete` waits for the `subscribe` that it overtook."""

CONNECTION: Final = Entity(
    PROJECT,
    "Connection",
    partition="{connection}",
    indexes=(Index("by_credential", "gsi1", partition="{credential}", sort="{connection}"),),
    serves=("who a connection speaks for", "the connections of a credential that is revoked"),
    expires=True,
)
SUBSCRIPTION: Final = Entity(
    PROJECT,
    "Subscription",
    partition="{connection}",
    sort="{id}",
    serves=("what a connection follows", "whether an id is in use, or was completed before it came"),
    expires=True,
)
SUBSCRIBER: Final = Entity(
    PROJECT,
    "Subscriber",
    partition="{topic}",
    sort="{group}#{connection}#{id}",
    serves=("who follows a topic, group by group",),
    expires=True,
)
GROUP: Final = Entity(
    PROJECT,
    "Group",
    partition="{group}",
    serves=("what is executed for a group",),
    expires=True,
)
DELIVERED: Final = Entity(
    PROJECT,
    "Delivered",
    partition="{topic}",
    serves=("how far a topic's events have been sent",),
    expires=True,
)
CONFLATION: Final = Entity(
    PROJECT,
    "Conflation",
    partition="{topic}",
    sort="{group}",
    indexes=(Index("by_shard", "gsi1", partition="{shard}", sort="{topic}#{group}"),),
    serves=("what a conflated group was sent last", "the conflated groups, for heartbeats"),
    expires=True,
)
JOINED: Final = Entity(
    PROJECT,
    "Joined",
    partition="{topic}",
    sort="{hour}",
    serves=("about how many began to follow a topic in an hour",),
    expires=True,
)
FOLLOWING: Final = Entity(
    PROJECT,
    "Following",
    partition="{principal}",
    serves=("how much an account follows",),
    expires=True,
)
DUE: Final = Entity(
    PROJECT,
    "Due",
    partition="{minute}",
    sort="{connection}",
    serves=("the connections that are to be looked at in a minute",),
    expires=True,
)
LOOKED: Final = Entity(
    PROJECT, "Looked", partition="{part}", serves=("up to which minute connections were looked at",)
)

ENTITIES: Final = (
    CONNECTION,
    SUBSCRIPTION,
    SUBSCRIBER,
    GROUP,
    DELIVERED,
    CONFLATION,
    JOINED,
    FOLLOWING,
    DUE,
    LOOKED,
)
