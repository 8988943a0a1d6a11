"""Access tokens: short-lived JSON Web Tokens, and the keys that sign and verify them."""
