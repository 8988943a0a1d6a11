"""What an event costs that very many follow: measured up to ten thousand, computed beyond."""
