"""How much each client may ask for in a while: token buckets, kept in the store and spent from each process."""

from colonnade.rates.holders import holder_of
from colonnade.rates.rates import RateLimited, Rates

__all__ = ["RateLimited", "Rates", "holder_of"]
