"""What the whole stack bears: its capacity, most of it for a while, far more than it, and what comes after."""
