"""Linking and unlinking wallets, each proved by the wallet's own signature."""

from enum import Enum
from typing import Annotated

import strawberry

from colonnade import Info, extend
from colonnade.chains import BASE, ChainId
from colonnade.cost import upstream
from colonnade.evm import Address
from colonnade.scalars import Hex
from plugins.identity.challenges import Purpose, make_challenge
from plugins.identity.mutations.signing_in import Challenge, checked_place
from plugins.identity.permissions import in_session
from plugins.identity.proofs import SignedMessage
from plugins.identity.refusals import (
    ChallengeInvalid,
    LastWallet,
    MessageRefused,
    TooManyChallenges,
    TooManyWallets,
    WalletNotLinked,
    WalletSignatureInvalid,
    WalletTaken,
)
from plugins.identity.types.users import LinkedWallet
from plugins.identity.wallets import link_wallet, unlink_wallet


@strawberry.enum(description="What the proof of a wallet is for.")
class WalletProofPurpose(Enum):
    LINK = strawberry.enum_value("LINK", description="To link it to the caller's account.")
    UNLINK = strawberry.enum_value("UNLINK", description="To unlink it from there.")
    ERASE = strawberry.enum_value("ERASE", description="To erase the caller's account, for ever.")


@strawberry.input(description="Which wallet will prove itself, for what, and where.")
class RequestWalletProofInput:
    address: Address = strawberry.field(description="The wallet that will sign.")
    purpose: WalletProofPurpose = strawberry.field(description="What for.")
    domain: str = strawberry.field(description="The authority of the page that asks, as in app.example.")
    uri: str = strawberry.field(description="The page that asks, as in https://app.example/wallets.")
    chain_id: ChainId = strawberry.field(default=BASE, description="The chain that the wallet is on.")


RequestWalletProofResult = Annotated[
    Challenge | MessageRefused | TooManyChallenges,
    strawberry.union("RequestWalletProofResult", description="A message to sign, or why there is none."),
]


@strawberry.input(description="The proof of a wallet to link.")
class LinkWalletInput:
    message: str = strawberry.field(description="The message of `requestWalletProof`, to the letter.")
    signature: Hex = strawberry.field(description="The wallet's signature of it.")


LinkWalletResult = Annotated[
    LinkedWallet | MessageRefused | ChallengeInvalid | WalletSignatureInvalid | WalletTaken | TooManyWallets,
    strawberry.union("LinkWalletResult", description="The wallet, or why it was not linked."),
]


@strawberry.input(description="The proof of a wallet to unlink.")
class UnlinkWalletInput:
    message: str = strawberry.field(description="The message of `requestWalletProof`, to the letter.")
    signature: Hex = strawberry.field(description="The wallet's signature of it.")


@strawberry.type(description="A wallet is no longer the caller's.")
class WalletUnlinked:
    address: Address = strawberry.field(description="Its address.")


UnlinkWalletResult = Annotated[
    WalletUnlinked
    | MessageRefused
    | ChallengeInvalid
    | WalletSignatureInvalid
    | WalletNotLinked
    | LastWallet,
    strawberry.union("UnlinkWalletResult", description="The wallet, or why it stays linked."),
]


@extend("Mutation")
class LinkingWallets:
    @strawberry.field(
        description="Ask for a message that proves control of a wallet, to link or unlink it, or to erase the account."
    )
    async def request_wallet_proof(
        self,
        info: Info,
        input: Annotated[RequestWalletProofInput, strawberry.argument(description="Which, and what for.")],  # noqa: A002 - the API's name
    ) -> RequestWalletProofResult | None:
        user = in_session(info.context).id
        place = checked_place(info, input.domain, input.uri, input.chain_id)
        purpose = Purpose[input.purpose.name]
        return Challenge.of(await make_challenge(info.context, purpose, input.address, place, user))

    @strawberry.field(
        description="Link a wallet to the caller's account, which can then be entered with it.",
        extensions=[upstream()],
    )
    async def link_wallet(
        self,
        info: Info,
        input: Annotated[LinkWalletInput, strawberry.argument(description="The proof.")],  # noqa: A002 - the API's name
    ) -> LinkWalletResult | None:
        signed = SignedMessage(input.message, input.signature)
        return LinkedWallet.of(await link_wallet(info.context, in_session(info.context), signed))

    @strawberry.field(
        description="Unlink a wallet; not the last. Sessions that were opened with it go on: see `revokeSession`.",
        extensions=[upstream()],
    )
    async def unlink_wallet(
        self,
        info: Info,
        input: Annotated[UnlinkWalletInput, strawberry.argument(description="The proof.")],  # noqa: A002 - the API's name
    ) -> UnlinkWalletResult | None:
        signed = SignedMessage(input.message, input.signature)
        return WalletUnlinked(address=await unlink_wallet(info.context, in_session(info.context).id, signed))
