"""The documentation: what is generated of it, and the site it is built into.

`python -m infra.local.documentation` writes the references anew and builds the site. What is generated is committed,
like the schema's snapshot, so that it can be read without building anything, and so that a change of the contract
shows in the documentation's own difference.
"""
