"""What the plugin shows of identity."""
