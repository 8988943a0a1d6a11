"""What clients see of trading."""
