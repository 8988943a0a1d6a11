"""What clients can have trading prepare."""
