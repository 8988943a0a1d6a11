// Compiles the wallets that only the local chain has, since they hold code of npm packages that is not ours to keep:
//
//   node contracts/compile-wallets.mjs FOLDER     writes FOLDER/NAME.json for each contract

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const solc = createRequire(import.meta.url)('solc');
const root = new URL('..', import.meta.url);

const path = 'contracts/wallets/PasskeyAccount.sol';
const names = ['PasskeyAccount', 'PasskeyAccountFactory'];

const input = {
  language: 'Solidity',
  sources: { [path]: { content: readFileSync(new URL(path, root), 'utf8') } },
  settings: {
    optimizer: { enabled: true, runs: 200 },
    evmVersion: 'cancun',
    metadata: { bytecodeHash: 'none', appendCBOR: false },
    outputSelection: { [path]: { '*': ['abi', 'evm.bytecode.object', 'evm.bytecode.linkReferences'] } },
  },
};

function findImports(imported) {
  try {
    return { contents: readFileSync(new URL(`node_modules/${imported}`, root), 'utf8') };
  } catch (error) {
    return { error: `${imported}: ${error.message}; run make setup` };
  }
}

const folder = process.argv[2];
if (!folder) throw new Error('usage: node contracts/compile-wallets.mjs FOLDER');
const output = JSON.parse(solc.compile(JSON.stringify(input), { import: findImports }));
for (const message of output.errors ?? []) console.error(message.formattedMessage);
if (output.errors?.length) throw new Error(`${path} must compile without errors and warnings`);
mkdirSync(folder, { recursive: true });
for (const name of names) {
  const { abi, evm } = output.contracts[path][name];
  const file = join(folder, `${name}.json`);
  writeFileSync(`${file}.partial`, JSON.stringify({ abi, bytecode: evm.bytecode }));
  renameSync(`${file}.partial`, file);
}
