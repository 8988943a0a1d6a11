"""What can go wrong on the way to a package."""


class PackagingFailed(Exception):
    """What went wrong, and what to do about it. No zip is left that looks whole."""
