"""What a development wallet cannot do, or will not."""

from __future__ import annotations

from colonnade.errors import ColonnadeError


class WalletFault(ColonnadeError):
    """The wallet did not do what it was asked; the message says what to do instead."""


class NotLocal(WalletFault):
    """An address leads, or could lead, to another machine: nothing was sent there and nothing was signed."""


class Unreachable(WalletFault):
    """Nobody answers at an address of this machine, or not in time."""
