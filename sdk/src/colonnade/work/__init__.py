"""Work that is done later, and operations that take long.

| what happens | here |
|---|---|
| work is asked for, in the transaction of what it follows from (`Context.later`) | `tasks` |
| an operation that takes many turns, with its progress and its cursor (`Context.operations`) | `operations` |
"""
