"""What callers change: one subject a module."""
