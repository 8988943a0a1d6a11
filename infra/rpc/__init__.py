"""Chains over JSON-RPC: `JsonRpcChains(settings)` is the adapter of the `chains` port."""

from infra.rpc.chains import JsonRpcChains
from infra.rpc.settings import MULTICALL3, ChainSettings
from infra.rpc.stats import OnRequest, RequestStats

__all__ = ["MULTICALL3", "ChainSettings", "JsonRpcChains", "OnRequest", "RequestStats"]
