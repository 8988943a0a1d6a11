// Bundles GraphiQL and the editor's workers from npm packages into build/graphiql: nothing comes from a CDN.
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const outdir = here('../../build/graphiql');

// The workers must be of the very editor that GraphiQL brings, whatever other version lies about.
const graphiql = createRequire(createRequire(import.meta.url).resolve('graphiql'));
const react = createRequire(graphiql.resolve('@graphiql/react'));
const monaco = dirname(react.resolve('monaco-editor/package.json'));

const shared = {
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  outdir,
  jsx: 'automatic',
  alias: { 'monaco-editor': monaco },
  loader: { '.ttf': 'file', '.graphql': 'text' },
  define: { 'process.env.NODE_ENV': '"production"' },
  legalComments: 'linked',
  metafile: true,
  logLevel: 'warning',
};

await rm(outdir, { recursive: true, force: true });
await mkdir(outdir, { recursive: true });
const bundles = await Promise.all([
  build({ ...shared, entryPoints: { main: here('main.jsx') } }),
  build({
    ...shared,
    entryPoints: {
      'editor.worker': `${monaco}/esm/vs/editor/editor.worker.js`,
      'json.worker': `${monaco}/esm/vs/language/json/json.worker.js`,
      'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
    },
  }),
]);
await copyFile(here('index.html'), `${outdir}/index.html`);

// The packages of it, each where npm placed it: SECURITY.md is held against them.
const files = bundles.flatMap(({ metafile }) => Object.keys(metafile.inputs));
const placed = files.flatMap((file) => /node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(file) ?? []);
await writeFile(here('../../build/graphiql-packages.json'), JSON.stringify([...new Set(placed)].sort(), null, 2));
