"""What `stop` ends, a `with` block ends too."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Stopping(ABC):
    """Something that runs until `stop`, and at the latest until the end of its `with` block."""

    @abstractmethod
    def stop(self) -> None:
        """Ends it, and returns when it has ended."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
