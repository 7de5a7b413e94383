import { build, type BuildOptions, type Metafile } from 'esbuild';
import { builtinModules } from 'node:module';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundles } from '../../../scripts/bundles.mjs';
import { slowly } from '../../support/slow.ts';

/** What a bundle is made of, without writing it. */
async function metafileOf(bundle: BuildOptions): Promise<Metafile> {
  return (await build({ ...bundle, metafile: true, write: false })).metafile;
}

const isBuiltin = (path: string) => path.startsWith('node:') || builtinModules.includes(path);

/** What a bundle leaves to be loaded at run time, but for Node's own modules. */
function loadedBy({ outputs }: Metafile, name: string): string[] {
  const output = Object.entries(outputs).find(([path]) => path.endsWith(`${name}.cjs`))![1];
  const paths = output.imports.filter(({ external }) => external).map(({ path }) => path);
  return [...new Set(paths)].filter((path) => !isBuiltin(path));
}

describe('bundles of the extension', () => {
  let extension: Metafile;
  let webview: Metafile;
  beforeAll(async () => {
    [extension, webview] = (await Promise.all([bundles.extension, bundles.webview].map(metafileOf))) as [
      Metafile,
      Metafile,
    ];
  });

  test('bundles load only VS Code in the host, and nothing in the worker', () => {
    expect(loadedBy(extension, 'extension')).toEqual(['vscode']);
    expect(loadedBy(extension, 'service')).toEqual([]);
  });

  test('bundles require the VS Code API once per host bundle', async () => {
    const { outputFiles } = await build({ ...bundles.extension, write: false, sourcemap: false });
    const host = outputFiles.find(({ path }) => path.endsWith('extension.cjs'))!.text;
    expect(host.match(/require\("vscode"\)/g)).toHaveLength(1);
  });

  test('bundles format numbers of pages without toLocaleString', async () => {
    const { outputFiles } = await build({ ...bundles.webview, write: false });
    const calling = outputFiles.filter(({ text }) => text.includes('.toLocaleString("en")'));
    expect(calling.map(({ path }) => path)).toEqual([]);
  });

  test('bundles contain no native modules, engines or recipes', () => {
    const inputs = Object.keys(extension.inputs);
    expect(inputs.filter((path) => /sharp|onnxruntime|@img|\.node$|\.wasm$/.test(path))).toEqual([]);
    const forbidden = /^src\/(?:engines|cli|lab\/(?:images|recipes|encoders|torch))\//;
    // Token ids of traces are shown as text: a list of words, not an engine. Images of the stage are PNGs without a library.
    const harmless = ['src/engines/embedded/tokenizer.ts', 'src/lab/images/png.ts'];
    expect(inputs.filter((path) => forbidden.test(path) && !harmless.includes(path))).toEqual([]);
  });

  test('bundles load native libraries only on demand, in compute processes', async () => {
    const libraries = async (bundle: BuildOptions) => {
      const outputs = Object.values((await metafileOf(bundle)).outputs);
      return outputs
        .flatMap(({ imports }) => imports)
        .filter(({ path, external }) => external && !isBuiltin(path))
        .map(({ path, kind }) => `${kind} ${path}`)
        .sort();
    };
    const onnxruntime = ['dynamic-import onnxruntime-node', 'dynamic-import ./onnxruntime-web/ort.mjs'];
    expect(new Set(await libraries(bundles.cli))).toEqual(new Set([...onnxruntime, 'dynamic-import sharp']));
    expect(new Set(await libraries(bundles.engine))).toEqual(new Set(onnxruntime));
  });

  slowly('bundles exclude the error messages of zod in other languages', async () => {
    for (const bundle of [bundles.cli, bundles.engine, bundles.extension]) {
      const inputs = Object.values((await metafileOf(bundle)).outputs).flatMap((output) =>
        Object.entries(output.inputs),
      );
      expect(inputs.some(([path]) => path.includes('/zod/'))).toBe(true);
      const languages = inputs.filter(
        ([path, { bytesInOutput }]) => /\/zod\/.*\/locales\/(?!en\.|index\.)/.test(path) && bytesInOutput > 0,
      );
      expect(languages.map(([path]) => path)).toEqual([]);
    }
  });

  test('bundles keep reading and mirroring in the worker, not in the host', () => {
    // What an edit needs is loaded with the first one.
    const loaded = new Set<string>();
    const load = (path: string) => {
      if (loaded.has(path)) return;
      loaded.add(path);
      for (const { path: next, kind, external } of extension.inputs[path]?.imports ?? [])
        if (kind !== 'dynamic-import' && !external) load(next);
    };
    load('src/extension/activate.ts');
    const { inputs } = Object.entries(extension.outputs).find(([path]) => path.endsWith('extension.cjs'))![1];
    const outside = Object.keys(inputs).filter(
      (path) => loaded.has(path) && !/^src\/extension\/|\.host\.ts$/.test(path),
    );
    // What is said to pages and thread, the edits that nobody may lose, how a stranger's text is made fit to be shown,
    // short lists of names, how figures and filters are written, what refers to an image, where a path leads, when views
    // part, and how an answer of the program is read.
    const edits = ['core/annotation/edit-session', 'core/annotation/pieces', 'base/numbers', 'base/turns'];
    const lists = [
      'core/run-data/run-status',
      'core/run-data/run-name',
      'core/run-data/interpretation',
      'core/config/editor/config-context',
      'core/config/tree',
      'core/query/filter-tokens',
      'base/labels',
      'base/depth-range',
      'base/row-faults',
      'base/encodings',
      'base/format',
      'core/worlds/acuity/acuity-axes',
      'core/psychophysics/many-questions',
      'rows/view-list',
      'rows/view-parts',
      'rows/symmetry',
      'core/answers/pair-verdict',
      'core/evaluation/said-verdict',
      'core/metrics/metric',
      'core/metrics/outcome',
      'core/metrics/pairing',
      'core/reports/published/table',
      'core/reports/report-choices',
      'core/annotation/waiting',
    ];
    const references = ['base/json', 'rows/sample/sample'];
    const pure = ['base/printable', 'base/record', 'base/channel', ...edits, ...lists, ...references].join(
      '|',
    );
    const thin = new RegExp(
      `^(?:vscode:|node_modules/zod/v4/(?:core|mini)/|src/lab/files/(?:atomic|disk-error|in-use|regular|folders|inside|leftovers|process)\\.ts$|src/panels/.*\\.contract\\.ts$|src/(?:${pure})\\.ts$)`,
    );
    expect(outside.filter((path) => !thin.test(path))).toEqual([]);
  });

  test('panels contain only the core, cited items, Preact and text libraries', () => {
    const rooms = Object.keys(webview.inputs).map(
      (path) => /(?:node_modules\/|^src\/)[^/]+|^webview|^docs\/.*/.exec(path)![0],
    );
    const ours = ['webview', 'src/base', 'src/rows', 'src/core', 'docs/papers.md'];
    const toolkit = ['@vscode', '@microsoft', 'exenv-es6', 'tabbable', 'tslib'];
    const libraries = ['preact', '@dagrejs', 'diff', 'jsonrepair', 'uplot', ...toolkit].map(
      (name) => `node_modules/${name}`,
    );
    expect(new Set(rooms)).toEqual(new Set([...ours, ...libraries]));
  });
});
