// Compiles our own Solidity with the solc of package-lock.json.
//
//   node contracts/compile.mjs            writes the artefacts, and the code where a plugin carries it
//   node contracts/compile.mjs --check    compiles again and fails if what is committed differs

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const solc = createRequire(import.meta.url)('solc');
const root = new URL('..', import.meta.url);

// Each contract, and the Python module that carries its code, since neither plugins nor the SDK ship with this folder.
const contracts = [
  { name: 'PoolLens', module: 'plugins/trading/lens_code.py' },
  { name: 'SignatureValidator', module: 'sdk/src/colonnade/signature_validator_code.py' },
];

// No metadata in the code: the same source gives the same bytes wherever it is compiled.
const settings = {
  viaIR: true,
  optimizer: { enabled: true, runs: 200 },
  evmVersion: 'paris',
  metadata: { bytecodeHash: 'none', appendCBOR: false },
};

function compile(name) {
  const path = `contracts/src/${name}.sol`;
  const source = readFileSync(new URL(path, root), 'utf8');
  const input = {
    language: 'Solidity',
    sources: { [path]: { content: source } },
    settings: { ...settings, outputSelection: { [path]: { [name]: ['abi', 'evm.deployedBytecode.object'] } } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  for (const message of output.errors ?? []) console.error(message.formattedMessage);
  if (output.errors?.length) throw new Error(`${path} must compile without errors and warnings`);
  const { abi, evm } = output.contracts[path][name];
  return {
    contract: name,
    source: path,
    sourceHash: `sha256:${createHash('sha256').update(source).digest('hex')}`,
    compiler: solc.version(),
    settings,
    abi,
    runtime: `0x${evm.deployedBytecode.object}`,
  };
}

function pythonModule({ contract, source, sourceHash, runtime }) {
  const lines = runtime.slice(2).match(/.{1,100}/g);
  return [
    `"""The runtime code of ${contract}. Written by contracts/compile.mjs; do not edit."""`,
    '',
    'from __future__ import annotations',
    '',
    'from typing import Final',
    '',
    `SOURCE: Final = "${source}"`,
    `SOURCE_HASH: Final = "${sourceHash}"`,
    'RUNTIME: Final = bytes.fromhex(',
    ...lines.map((line) => `    "${line}"`),
    ')',
    '',
  ].join('\n');
}

const check = process.argv.includes('--check');
for (const { name, module } of contracts) {
  const artifact = compile(name);
  const outputs = {
    [`contracts/artifacts/${name}.json`]: JSON.stringify(artifact, null, 2) + '\n',
    [module]: pythonModule(artifact),
  };
  for (const [path, content] of Object.entries(outputs)) {
    const target = new URL(path, root);
    if (!check) {
      writeFileSync(target, content);
    } else if (readFileSync(target, 'utf8') !== content) {
      console.error(`${fileURLToPath(target)} is not what ${artifact.source} compiles to: run node contracts/compile.mjs`);
      process.exitCode = 1;
    }
  }
}
