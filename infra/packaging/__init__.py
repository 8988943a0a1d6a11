"""What Lambda runs, as two zips: `layer.zip` with everything that the lock names, `app.zip` with what is ours."""

from infra.packaging.building import build
from infra.packaging.faults import PackagingFailed
from infra.packaging.package import Package, Unpacked
from infra.packaging.sources import Sources
from infra.packaging.target import DEPLOYED, Target, host

__all__ = ["DEPLOYED", "Package", "PackagingFailed", "Sources", "Target", "Unpacked", "build", "host"]
