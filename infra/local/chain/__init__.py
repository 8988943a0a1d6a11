"""The local Base: contracts from data at their real addresses, seeded, and kept between runs."""

from infra.local.chain.artifacts import ArtifactMissing, ArtifactUnusable
from infra.local.chain.local_chain import ChainInUse, LocalChain
from infra.local.chain.node import Node, NodeRefused, Receipt
from infra.local.chain.placing import PlacingFailed
from infra.local.chain.planning import Plan, plan

__all__ = [
    "ArtifactMissing",
    "ArtifactUnusable",
    "ChainInUse",
    "LocalChain",
    "Node",
    "NodeRefused",
    "PlacingFailed",
    "Plan",
    "Receipt",
    "plan",
]
