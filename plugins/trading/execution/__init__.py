"""From a price to something to sign, and from a transaction to the proof that it was that swap."""
