"""Compiled execution of GraphQL operations, for any Strawberry schema."""

from colonnade.execution.executor import CompiledExecutor
from colonnade.execution.operation import PreparedOperation

__all__ = ["CompiledExecutor", "PreparedOperation"]
