"""What stands in for a person with a wallet on a developer's own machine, and works nowhere else.

The keys are those that every development node begins with, which the whole world knows: never use them for anything
of value. Nothing here takes another key, and nothing here speaks to another machine.
"""

from colonnade.development.accounts import DEVELOPMENT_ACCOUNTS, DevelopmentAccount, development_account
from colonnade.development.api import LocalApi
from colonnade.development.carrying_out import carry_out
from colonnade.development.faults import NotLocal, WalletFault
from colonnade.development.node import DevelopmentNode
from colonnade.development.sessions import Session, refresh, sign_in

__all__ = [
    "DEVELOPMENT_ACCOUNTS",
    "DevelopmentAccount",
    "DevelopmentNode",
    "LocalApi",
    "NotLocal",
    "Session",
    "WalletFault",
    "carry_out",
    "development_account",
    "refresh",
    "sign_in",
]
