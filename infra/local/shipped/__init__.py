"""What a deployment is made of that others wrote: the tables of SECURITY.md, and the licences it may have."""
