"""Incoming webhooks: what providers tell the platform, verified, stored once, and processed once afterwards.

| what happens | here |
|---|---|
| a plugin declares its address, how to verify, and what to do | `declaration` |
| a signature is checked | `verifying` |
| a message is stored, and answered at once | `receiving` |
| it is processed from the queue of work, with retries and dead letters | `processing` |
"""
