"""Compiled execution of GraphQL operations, for any Strawberry schema."""

from colonnade.execution.executor import CompiledExecutor

__all__ = ["CompiledExecutor"]
