import type { Client, ExecutionResult, SubscribePayload } from 'graphql-ws';

export interface Following {
  /** Behind which message it is; null before the first. Keep it, and pass it as `after` when the page is loaded again. */
  readonly cursor: string | null;
  stop(): void;
}

export interface Sink<Data> {
  /** Each message once, in order. Where it throws, the message comes again. */
  next(message: ExecutionResult<Data>): void;
  /** What happened since is no longer kept: read the state again. */
  gap?(): void;
  error(reason: unknown): void;
  complete(): void;
}

/** Subscribes, and after every loss of connection again behind the last message that was handled. */
export function follow<Data>(
  client: Pick<Client, 'subscribe'>,
  request: SubscribePayload & { after?: string | null },
  sink: Sink<Data>,
): Following;
