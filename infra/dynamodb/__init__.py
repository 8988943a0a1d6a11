"""The `Store` port on DynamoDB, and the one table it needs."""

from infra.dynamodb.settings import DynamoDBSettings
from infra.dynamodb.store import DynamoDBStore
from infra.dynamodb.table import ensure_table

__all__ = ["DynamoDBSettings", "DynamoDBStore", "ensure_table"]
