"""The public contract of Colonnade: what a plugin can rely on.

What every plugin needs is here by name; the rest is a module away: `colonnade.scalars`, `colonnade.relay`,
`colonnade.tokens`, `colonnade.results`, `colonnade.entities`, `colonnade.store`, `colonnade.chains`,
`colonnade.evm`, `colonnade.testing`. `colonnade.hookspecs` lists every way to take part.
"""

from colonnade.batched import batched
from colonnade.context import Context, Info
from colonnade.extension import extend
from colonnade.permissions import Permission, requires
from colonnade.plugin import Plugin, hookimpl
from colonnade.results import Refused, UserError, user_error

__all__ = [
    "Context",
    "Info",
    "Permission",
    "Plugin",
    "Refused",
    "UserError",
    "batched",
    "extend",
    "hookimpl",
    "requires",
    "user_error",
]
