"""Who asks, as they see themselves."""

import strawberry

from colonnade.context import Info


@strawberry.type(description="Whoever the request acts for, as they see themselves.")
class Viewer:
    id: strawberry.ID = strawberry.field(description="Stays the same for as long as the account exists.")

    @classmethod
    def of(cls, info: Info) -> "Viewer | None":
        """The signed-in caller, or None."""
        principal = info.context.principal
        return None if principal is None else cls(id=strawberry.ID(principal.id))
