// What the page has on a laptop beside what `make dev` serves: the way to its API, and to its chain for the wallet.
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { resolve } from 'node:path';
import type { Connect, Plugin, ProxyOptions } from 'vite';

const RPC = '/development/rpc';
const HERE = new Set(['localhost', '127.0.0.1', '[::1]']);
const LARGEST = 1024 * 1024;

/** Where the running `make dev` is, by its own word in `.colonnade/running.json`. */
function running(name: 'api' | 'rpc'): string | undefined {
  const state = process.env['COLONNADE_STATE'] ?? resolve(import.meta.dirname, '../../.colonnade');
  try {
    const found = JSON.parse(readFileSync(resolve(state, 'running.json'), 'utf8')) as Record<string, unknown>;
    return typeof found[name] === 'string' ? found[name] : undefined;
  } catch {
    return undefined;
  }
}

/** GraphQL and its WebSockets, passed on to the API. COLONNADE_API: where, unless `make dev` says. */
export function api(): Record<string, ProxyOptions> {
  const target = process.env['COLONNADE_API'] ?? running('api') ?? 'http://localhost:8000';
  return { '/graphql': { target, ws: true } };
}

/** The chain for the development wallet: one of this machine, for pages of this very server. */
export function developmentChain(): Plugin {
  const serve = ({ middlewares }: { middlewares: Connect.Server }) =>
    void middlewares.use(RPC, (request, response) => void pass(request, response));
  return { name: 'development-chain', configureServer: serve, configurePreviewServer: serve };
}

async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const rpc = process.env['COLONNADE_RPC'] ?? running('rpc');
  if (!isOwn(request)) return answer(response, 403, 'for pages of this server');
  if (!rpc || !HERE.has(new URL(rpc).hostname)) return answer(response, 503, 'no chain runs on this machine');
  try {
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of request) {
      parts.push(part as Buffer);
      size += (part as Buffer).length;
      if (size > LARGEST) return answer(response, 413, 'too large');
    }
    const headers = { 'content-type': 'application/json' };
    const told = await fetch(rpc, { method: 'POST', headers, body: Buffer.concat(parts), redirect: 'error' });
    answer(response, told.status, await told.text(), 'application/json');
  } catch {
    answer(response, 502, 'the chain does not answer');
  }
}

function isOwn({ method, headers }: IncomingMessage): boolean {
  const host = headers.host ?? '';
  return (
    method === 'POST' &&
    headers['content-type'] === 'application/json' &&
    HERE.has(new URL(`http://${host}`).hostname) &&
    headers.origin === `http://${host}`
  );
}

function answer(response: ServerResponse, status: number, body: string, type = 'text/plain'): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}
