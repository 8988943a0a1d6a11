"""What is deployed, rendered on this machine: `serverless.yml` to CloudFormation, without AWS and without credentials."""

from infra.deployment.linting import faults
from infra.deployment.rendering import OUTPUT, STAGES, RenderingFailed, render

__all__ = ["OUTPUT", "STAGES", "RenderingFailed", "faults", "render"]
