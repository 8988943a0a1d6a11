"""What a deployment tells of itself."""
