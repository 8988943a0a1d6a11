"""This deployment's API: the roots, and which plugins stand under them."""
