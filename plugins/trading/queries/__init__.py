"""What clients can ask of trading."""
