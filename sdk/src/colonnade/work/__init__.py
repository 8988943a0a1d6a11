"""Work that is done later, and operations that take long.

| what happens | here |
|---|---|
| work is asked for, in the transaction of what it follows from (`Context.later`) | `tasks` |
| a task reaches the queue: by the stream when it is new, by the tick when its time has come | `bringing` |
| a task is done, tried again, or given up | `worker` |
| what was given up is looked at, replayed or dropped | `dead_letters` |
| a turn of the calendar | `cron` |
| an operation that takes many turns, with its progress and its cursor (`Context.operations`) | `operations`, `records` |
| such an operation as turns of a job | `turns` |
| `operation`, `operations`, `operationUpdated`, `cancelOperation` | `plugin`, `graphql` |
"""
