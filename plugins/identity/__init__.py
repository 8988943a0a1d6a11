"""Identity: who asks, by which wallet, and what they may do.

| what                                         | from                                                         |
|----------------------------------------------|--------------------------------------------------------------|
| `requestSignIn`, `signIn`                    | `challenges`, `siwe` (the message), `proofs`, `signing_in`   |
| `refreshSession`, `signOut`, `revokeSession` | `sessions`, `bearer_secrets`                                 |
| access tokens, `/.well-known/jwks.json`      | `tokens`, `authenticators`, `jwks`                           |
| `linkWallet`, `unlinkWallet`, the `Wallets` service | `wallets`                                             |
| `createApiKey`, `revokeApiKey`               | `api_keys`                                                   |
| waitlist and invitations                     | `waitlist`, `invitations`                                    |
| `PrincipalActive`                            | `activity`                                                   |
| `requestAccountExport`, `eraseAccount`       | `mutations.privacy`, `personal_data`                         |

`docs/identity.md` tells the whole.
"""

from __future__ import annotations

from collections.abc import Sequence

from colonnade import Plugin, hookimpl
from colonnade.authentication import Authenticator
from colonnade.entities import Entity
from colonnade.grants import Holders
from colonnade.migrations import Migration, reindexed
from colonnade.nodes import NodeLoader
from colonnade.personal_data import PersonalDataDeclaration
from colonnade.routes import Route
from colonnade.services import Service
from colonnade.wallets import Wallets
from plugins.identity.activity import ActivityRecorder
from plugins.identity.api_keys import ApiKeys
from plugins.identity.authenticators import make_authenticators
from plugins.identity.entities import ENTITIES, INVITATION, PLUGIN
from plugins.identity.holding import AccountHolders
from plugins.identity.jwks import JWKS
from plugins.identity.mutations.access import GivingAccess
from plugins.identity.mutations.api_keys import ManagingApiKeys
from plugins.identity.mutations.privacy import ManagingOwnData
from plugins.identity.mutations.sessions import EndingSessions
from plugins.identity.mutations.signing_in import SigningIn
from plugins.identity.mutations.wallets import LinkingWallets
from plugins.identity.personal_data import PERSONAL_DATA
from plugins.identity.queries import IdentityOfViewer, IdentityQueries
from plugins.identity.settings import IdentitySettings
from plugins.identity.types.api_keys import ApiKey, load_api_keys
from plugins.identity.types.sessions import Session, load_sessions
from plugins.identity.types.users import User, load_users
from plugins.identity.types.waitlist import PREFIX as WAITLIST_PREFIX
from plugins.identity.types.waitlist import WaitlistEntry, load_entries
from plugins.identity.wallets import LinkedWallets

plugin = Plugin(PLUGIN, sdk=">=1.0,<2", version="0.2.0", uses=("privacy",), settings=IdentitySettings)


@hookimpl
def graphql() -> Sequence[type]:
    return [
        IdentityQueries,
        IdentityOfViewer,
        SigningIn,
        EndingSessions,
        LinkingWallets,
        ManagingApiKeys,
        GivingAccess,
        ManagingOwnData,
    ]


@hookimpl
def nodes() -> Sequence[NodeLoader]:
    return [
        NodeLoader("usr", User, load_users),
        NodeLoader("ses", Session, load_sessions),
        NodeLoader("key", ApiKey, load_api_keys),
        NodeLoader(WAITLIST_PREFIX, WaitlistEntry, load_entries),
    ]


@hookimpl
def entities() -> Sequence[Entity]:
    return ENTITIES


@hookimpl
def personal_data() -> Sequence[PersonalDataDeclaration]:
    return PERSONAL_DATA


@hookimpl
def migrations() -> Sequence[Migration]:
    return [
        Migration(
            "identity.invitations-of-inviter",
            INVITATION,
            reindexed(INVITATION),
            "Invitations are found by who wrote them, so that they are exported and erased with their account",
        )
    ]


@hookimpl
def services() -> Sequence[Service[object]]:
    return [Service(Wallets, LinkedWallets()), Service(Holders, AccountHolders())]


@hookimpl
def routes() -> Sequence[Route]:
    return [JWKS]


@hookimpl
def authenticators() -> Sequence[Authenticator]:
    return make_authenticators(ApiKeys(), ActivityRecorder())
