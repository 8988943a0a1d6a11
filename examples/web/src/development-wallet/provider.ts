// An EIP-1193 provider over public keys. Every signature and transaction is confirmed by a person.
import { formatEther, hexToString, isAddress, isHex } from 'viem';
import type { Eip1193Provider } from '../wallet/provider';
import { accountOf, accounts, sendSigned, type Transaction, tryOut } from './keys';
import { checkNode, rpc } from './node';
import type { Ask } from './requests';
import { readTypedData } from './typed_data';
import { walletError } from './wallet_error';

const CONNECTED = 'development-wallet.account';
const BASE = '0x2105';
/** Methods that read the chain, which need nobody's consent. */
const READS = /^(eth_(blockNumber|call|estimateGas|gasPrice|getBalance|getTransactionByHash|getTransactionReceipt))$/;

export function developmentProvider(ask: Ask): Eip1193Provider {
  let busy = false;
  const listeners = new Map<string, Set<(value: never) => void>>();

  const connected = () => accountOf(sessionStorage.getItem(CONNECTED));
  const mine = (address: unknown) => {
    const account = connected();
    if (!account || account.address.toLowerCase() !== String(address).toLowerCase())
      throw walletError('NOT_CONNECTED', 'this page may not use that account');
    return account;
  };
  const approved = async (...asked: Parameters<Ask>) => {
    if (busy) throw walletError('BUSY', 'another request waits for an answer');
    busy = true;
    try {
      const answer = await ask(...asked);
      if (answer === null) throw walletError('REJECTED', 'the user rejected the request');
      return answer;
    } finally {
      busy = false;
    }
  };

  const methods: Record<string, (params: readonly unknown[]) => Promise<unknown>> = {
    eth_accounts: async () => connected()?.address ? [connected()?.address] : [],
    eth_chainId: async () => BASE,
    async eth_requestAccounts() {
      const chosen = accounts[await approved({ kind: 'CONNECT', accounts: accounts.map(({ address }) => address) })];
      if (!chosen) throw walletError('INVALID', 'there is no such account');
      sessionStorage.setItem(CONNECTED, chosen.address);
      for (const listener of listeners.get('accountsChanged') ?? []) listener([chosen.address] as never);
      return [chosen.address];
    },
    async wallet_switchEthereumChain([wanted]) {
      const { chainId } = (wanted ?? {}) as { chainId?: unknown };
      if (chainId !== BASE) throw walletError('WRONG_CHAIN', 'this wallet knows the local Base alone');
      return null;
    },
    async personal_sign([data, address]) {
      const account = mine(address);
      if (!isHex(data)) throw walletError('INVALID', 'personal_sign takes bytes in hex');
      await approved({ kind: 'MESSAGE', account: account.address, message: hexToString(data) });
      return account.signMessage({ message: { raw: data } });
    },
    async eth_signTypedData_v4([address, json]) {
      const account = mine(address);
      const { fields, data } = readTypedData(json);
      await approved({ kind: 'TYPED_DATA', account: account.address, primaryType: data.primaryType, fields });
      return account.signTypedData(data);
    },
    async eth_sendTransaction([asked]) {
      const { from, to, data, value } = (asked ?? {}) as Record<string, unknown>;
      const account = mine(from);
      if (typeof to !== 'string' || !isAddress(to) || !isHex(data) || !isHex(value))
        throw walletError('INVALID', 'a transaction has `to`, `data` and `value`');
      const transaction: Transaction = { to, data, value: BigInt(value) };
      const outcome = await tryOut(account, transaction);
      await approved({
        kind: 'TRANSACTION',
        account: account.address,
        fields: [
          ['To', to],
          ['Sends', `${formatEther(transaction.value)} ETH`],
          ['Calls', `${data.slice(0, 10)} with ${(data.length - 2) / 2} bytes`],
        ],
        fails: 'fails' in outcome ? outcome.fails : null,
      });
      return sendSigned(account, transaction, 'gas' in outcome ? outcome.gas : null);
    },
  };

  return {
    async request({ method, params = [] }) {
      await checkNode();
      const found = Object.hasOwn(methods, method) ? methods[method] : undefined;
      if (found) return found(params);
      if (READS.test(method)) return rpc(method, params);
      throw walletError('UNSUPPORTED', `this wallet does not know ${method}`);
    },
    on(event, listener) {
      listeners.set(event, (listeners.get(event) ?? new Set()).add(listener));
    },
    removeListener(event, listener) {
      listeners.get(event)?.delete(listener);
    },
  };
}
