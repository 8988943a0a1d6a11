"""Applause: people applaud tokens, once for each thing they like about them.

| client sees                                   | from                                              |
|-----------------------------------------------|---------------------------------------------------|
| `Token.applause`, `Token.applauseCount`       | `tokens` ← `ledger`                               |
| `Query.applauseGiven`, `Query.node`           | `queries`, `applause` ← `ledger`                  |
| `Mutation.sendApplause`                       | `mutations` ← `ledger`, and the service `Tokens`  |
| `Query.applaudedToken`                        | `queries` ← `days` ← the event `applause.given`   |
| `Subscription.applauded`                      | `subscriptions` ← the event `applause.given`      |
| `POST /applause/partners`, for partners' sites | `partners` ← their webhooks                      |
| the scalar `Emoji`, the permission `APPLAUD`  | `emoji`, `mutations`                              |
"""

from collections.abc import Sequence

from colonnade import Permission, Plugin, hookimpl
from colonnade.entities import Entity
from colonnade.events import EventHandler, EventType
from colonnade.inbound.declaration import InboundWebhook
from colonnade.jobs import Job
from colonnade.nodes import NodeLoader
from colonnade.personal_data import PersonalDataDeclaration
from colonnade.scalars import Scalar
from colonnade.subscriptions import SubscriptionField
from colonnade_applause.applause import Applause, load_applause
from colonnade_applause.days import CHOICE, COUNT, HANDLERS, JOBS
from colonnade_applause.emoji import EMOJI
from colonnade_applause.events import EVENTS
from colonnade_applause.ledger import APPLAUSE, DAY, PREFIX, TALLY
from colonnade_applause.mutations import APPLAUD, ApplauseMutations
from colonnade_applause.partners import PARTNERS
from colonnade_applause.personal_data import PERSONAL_DATA
from colonnade_applause.queries import ApplauseQueries
from colonnade_applause.settings import ApplauseSettings
from colonnade_applause.subscriptions import applauded
from colonnade_applause.tokens import TokenApplause

plugin = Plugin("applause", sdk=">=1.0,<2", uses=("trading",), settings=ApplauseSettings)


@hookimpl
def graphql() -> Sequence[type | SubscriptionField]:
    return [Applause, ApplauseQueries, ApplauseMutations, TokenApplause, applauded]


@hookimpl
def scalars() -> Sequence[Scalar]:
    return [EMOJI]


@hookimpl
def nodes() -> Sequence[NodeLoader]:
    return [NodeLoader(PREFIX, Applause, load_applause)]


@hookimpl
def permissions() -> Sequence[Permission]:
    return [APPLAUD]


@hookimpl
def entities() -> Sequence[Entity]:
    return [APPLAUSE, TALLY, DAY, COUNT, CHOICE]


@hookimpl
def personal_data() -> Sequence[PersonalDataDeclaration]:
    return PERSONAL_DATA


@hookimpl
def event_types() -> Sequence[EventType]:
    return EVENTS


@hookimpl
def event_handlers() -> Sequence[EventHandler]:
    return HANDLERS


@hookimpl
def jobs() -> Sequence[Job]:
    return JOBS


@hookimpl
def inbound_webhooks() -> Sequence[InboundWebhook]:
    return [PARTNERS]
