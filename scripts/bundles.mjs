// What is bundled into dist/: one bundle per process, so that none can load what another one needs.
import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** @type {import('esbuild').BuildOptions} */
const node = {
  bundle: true,
  platform: 'node',
  // jsonc-parser's `main` calls `require` by another name, which no bundler sees.
  mainFields: ['module', 'main'],
  target: 'node20',
  outdir: 'dist',
  sourcemap: true,
  logLevel: 'warning',
  define: { CHIRALITY_VERSION: JSON.stringify(version) },
};

/**
 * VS Code's API, copied once for all files that import it. Each of them would else get a copy of its own of some four
 * hundred names: a quarter of the time that activation takes.
 * @type {import('esbuild').Plugin}
 */
const oneVscode = {
  name: 'one-vscode',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^vscode$/ }, ({ namespace }) =>
      namespace === 'vscode' ? { path: 'vscode', external: true } : { path: 'vscode', namespace: 'vscode' },
    );
    onLoad({ filter: /.*/, namespace: 'vscode' }, () => ({ contents: `export * from 'vscode'` }));
  },
};

/**
 * The toolkit of the form controls, as large as a whole panel: one file that all of them load.
 * @type {import('esbuild').Plugin}
 */
const oneToolkit = {
  name: 'one-toolkit',
  setup({ onResolve }) {
    onResolve({ filter: /^@vscode\/webview-ui-toolkit$/ }, ({ kind }) =>
      kind === 'entry-point' ? undefined : { path: './toolkit.js', external: true },
    );
  },
};

/**
 * onnxruntime's WebAssembly build lies beside the program, in place of a package of 139 MB.
 * @type {import('esbuild').Plugin}
 */
const wasmBeside = {
  name: 'wasm-beside',
  setup({ onResolve }) {
    onResolve({ filter: /^onnxruntime-web$/ }, () => ({
      path: './onnxruntime-web/ort.mjs',
      external: true,
    }));
  },
};

/** @type {import('esbuild').BuildOptions} */
const program = {
  ...node,
  format: 'esm',
  // The libraries that have native parts stay in node_modules.
  external: ['onnxruntime-node', 'sharp'],
  plugins: [wasmBeside],
  // Libraries in CommonJS call `require` for Node's own modules.
  banner: {
    js: `#!/usr/bin/env node
import { createRequire as requireFrom } from 'node:module';
const require = requireFrom(import.meta.url);`,
  },
};

/** @satisfies {Record<string, import('esbuild').BuildOptions>} */
export const bundles = {
  cli: {
    ...program,
    entryPoints: { cli: 'src/cli/main.ts', 'cli-rows': 'src/cli/rows.worker.ts' },
    // Each command loads its own part, and what it shares with others.
    splitting: true,
    chunkNames: 'cli-[name]-[hash]',
  },
  engine: { ...program, entryPoints: { 'embedded-engine': 'src/engines/embedded/child.ts' } },
  // It finds its WebAssembly, which build.mjs copies, beside itself.
  wasm: {
    ...program,
    plugins: [],
    banner: {},
    sourcemap: false,
    outdir: 'dist/onnxruntime-web',
    entryPoints: { ort: 'onnxruntime-web' },
    outExtension: { '.js': '.mjs' },
  },
  // The extension's host and its worker thread carry all they need: nothing native can slip in from node_modules.
  extension: {
    ...node,
    entryPoints: { extension: 'src/extension/activate.ts', service: 'src/panels/service.reads.ts' },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    // Where the files of the library lie is found from the bundle's own place.
    define: { ...node.define, 'import.meta.url': 'ownUrl' },
    banner: { js: "const ownUrl = require('node:url').pathToFileURL(__filename).href;" },
    plugins: [oneVscode],
  },
  webview: {
    bundle: true,
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    minify: true,
    logLevel: 'warning',
    loader: { '.ttf': 'file', '.md': 'text' },
    assetNames: '[name]',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    entryPoints: {
      acuity: 'webview/acuity/acuity-page.tsx',
      annotate: 'webview/annotate/annotate-page.tsx',
      dataset: 'webview/dataset/dataset-page.tsx',
      inside: 'webview/inside/inside-page.tsx',
      pair: 'webview/pair/pair-page.tsx',
      report: 'webview/report/report-page.tsx',
      playground: 'webview/playground/playground-page.tsx',
      run: 'webview/run/run-page.tsx',
      runs: 'webview/runs/runs-page.tsx',
      table: 'webview/table/table-page.tsx',
      trace: 'webview/trace/trace-page.tsx',
      toolkit: '@vscode/webview-ui-toolkit',
    },
    plugins: [oneToolkit],
    outdir: 'dist/webview',
  },
  // A pair in a chat: one page without anything beside it, which card.mjs makes of these.
  card: {
    bundle: true,
    write: false,
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    minify: true,
    logLevel: 'warning',
    // It shows no icons.
    loader: { '.ttf': 'empty' },
    jsx: 'automatic',
    jsxImportSource: 'preact',
    entryPoints: { card: 'webview/card/card-page.tsx' },
    outdir: 'dist/card',
  },
};
