import type { TypedDataDefinition } from 'viem';
import type { Fields } from './requests';
import { walletError } from './wallet_error';

const BASE = 8453;

/** EIP-712 data as it is signed, and as a person reads it. Refuses what is meant for another chain. */
export function readTypedData(json: unknown): { data: TypedDataDefinition; fields: Fields } {
  const data = parsed(json);
  const { chainId } = (data.domain ?? {}) as { chainId?: unknown };
  if (chainId !== undefined && Number(chainId) !== BASE)
    throw walletError('WRONG_CHAIN', 'this is meant for another chain than the local Base');
  return { data, fields: fieldsOf(data.message) };
}

function parsed(json: unknown): TypedDataDefinition {
  try {
    const data = JSON.parse(String(json)) as Partial<TypedDataDefinition>;
    if (data.types && data.primaryType && data.message) return data as TypedDataDefinition;
  } catch {
    // Said below, as of data that lacks something.
  }
  throw walletError('INVALID', 'eth_signTypedData_v4 takes `types`, `primaryType`, `domain` and `message`');
}

function fieldsOf(value: unknown, path = ''): Fields {
  if (typeof value !== 'object' || value === null) return [[path, String(value)]];
  return Object.entries(value).flatMap(([name, inner]) => [...fieldsOf(inner, path ? `${path}.${name}` : name)]);
}
