"""The `Queue` port on SQS, and the messages as a Lambda function is given them."""

from infra.queues.settings import QueueSettings
from infra.queues.sqs import SqsQueue

__all__ = ["QueueSettings", "SqsQueue"]
