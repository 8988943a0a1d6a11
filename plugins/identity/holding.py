"""What an account holds whose user is not asking at this moment: webhooks are sent to it in the background."""

from __future__ import annotations

from colonnade import Context
from colonnade.grants import Grants
from plugins.identity.users import find_user, permissions_of


class AccountHolders:
    """Implements `Holders`, from one read of the user, and one of its wallets where administrators are named."""

    async def held_by(self, context: Context, principal: str) -> frozenset[str]:
        """See `Holders.held_by`."""
        user = await find_user(context, principal)
        if user is None:
            return frozenset()
        return context.services.get(Grants).held_with(await permissions_of(context, user))
