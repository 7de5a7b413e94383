import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import js from '@eslint/js';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Each zone may import itself and the zones listed, nothing else of ours (README.md in src/core and src/lab). */
const PURE = ['src/base', 'src/rows', 'src/core'];
const zones = {
  'src/base': [],
  'src/rows': ['src/base'],
  'src/core': ['src/base', 'src/rows'],
  'src/engines': PURE,
  'src/lab': [...PURE, 'src/engines'],
  'src/cli': [...PURE, 'src/engines', 'src/lab'],
  // Which of lab, the roles below say.
  'src/panels': [...PURE, 'src/lab'],
  'src/extension': [...PURE, 'src/lab/files', 'src/lab/datasets', 'src/panels'],
  webview: [...PURE, 'src/panels', 'docs'],
};

/**
 * What a file of a panel may import, by the role in its name: the contract is what page and host say to each other, the
 * reads run in the worker thread, the host speaks with VS Code.
 */
const roles = {
  contract: ['src/{base,rows,core}/**', 'node_modules/**'],
  reads: [
    'src/{base,rows,core}/**',
    'src/panels/**/*.contract.ts',
    'src/lab/runs/**',
    'src/lab/sweeps/**',
    'src/lab/datasets/**',
    'src/lab/files/**',
    'src/lab/traces/**',
    'src/lab/foreign/**',
    'src/lab/operations/**',
    'src/lab/acuity/acuity-answers.ts',
    'src/lab/evaluation/read-audit.ts',
    'src/lab/evaluation/audit-session.ts',
    'src/lab/evaluation/first-answers.ts',
    'src/lab/evaluation/evaluation-folders.ts',
    'src/lab/evaluation/judgements.ts',
    'src/lab/images/png.ts',
    'src/lab/models/token-texts.ts',
    'node_modules/**',
  ],
  host: [
    'src/{base,rows,core}/**',
    'src/panels/**/*.{contract,reads}.ts',
    'src/lab/files/**',
    'node_modules/**',
  ],
};

/** Inside rows, knowledge flows one way: every room with those that it may import. */
const rowsRooms = {
  sample: ['scene-graph'],
  read: ['sample'],
  'scene-graph': ['sample', 'read'],
  views: ['sample', 'read', 'scene-graph'],
};

/** Files directly in rows name the views; they are open to all its rooms, and import none. */
const VIEW_FILES = ['symmetry.ts', 'view-list.ts', 'view-parts.ts'];

/** Inside core, likewise. */
const coreRooms = {
  query: [],
  seen: [],
  worlds: [],
  answers: ['seen'],
  prompts: [],
  rewards: ['answers', 'prompts'],
  evaluation: ['seen', 'answers', 'rewards', 'prompts'],
  metrics: ['answers', 'rewards', 'prompts', 'evaluation'],
  insight: ['seen', 'answers', 'evaluation', 'metrics'],
  psychophysics: ['evaluation', 'metrics', 'worlds'],
  annotation: ['query', 'evaluation', 'metrics'],
  config: ['worlds', 'rewards', 'evaluation', 'metrics', 'psychophysics'],
  'run-data': ['worlds', 'query', 'answers', 'rewards', 'evaluation', 'metrics', 'config'],
  reports: [
    'worlds',
    'answers',
    'rewards',
    'insight',
    'evaluation',
    'metrics',
    'psychophysics',
    'config',
    'run-data',
  ],
  pairs: ['worlds', 'answers', 'rewards', 'run-data', 'reports'],
  verify: ['answers', 'rewards', 'config', 'run-data'],
};

/** Inside lab, likewise. Rooms without `engines` know files only. */
const labRooms = {
  files: [],
  datasets: ['files', 'images/png.ts'],
  images: ['files', 'datasets'],
  encoders: ['engines', 'files'],
  torch: ['engines', 'files', 'images', 'endpoint.ts'],
  runs: ['files'],
  own: ['files'],
  sweeps: ['files', 'runs', 'evaluation'],
  foreign: ['files', 'datasets'],
  traces: ['files', 'datasets', 'runs', 'foreign'],
  rollouts: ['engines', 'datasets', 'images', 'encoders', 'own', 'runs'],
  evaluation: ['engines', 'files', 'datasets', 'images', 'encoders', 'foreign', 'own', 'rollouts', 'runs'],
  curves: ['files', 'runs', 'torch'],
  insight: ['engines', 'files', 'datasets', 'images', 'runs', 'evaluation'],
  acuity: ['files', 'datasets', 'images', 'runs'],
  operations: ['files', 'datasets', 'foreign', 'runs', 'sweeps', 'traces', 'evaluation'],
  agent: [
    'operations',
    'files',
    'datasets',
    'foreign',
    'runs',
    'sweeps',
    'traces',
    'evaluation',
    'library.ts',
  ],
  models: [
    'engines',
    'files',
    'datasets',
    'images',
    'encoders',
    'torch',
    'own',
    'runs',
    'rollouts',
    'evaluation',
  ],
  recipes: ['engines', 'files', 'datasets', 'encoders', 'runs', 'rollouts', 'evaluation', 'acuity'],
};

/** One no-restricted-paths entry: files in `root/room` may import from `root` only what is listed. */
const mayImport = (root, room, allowed) => ({
  target: `./${root}/${room}`,
  from: `./${root}`,
  except: [...new Set([room, ...allowed])].map((path) => `./${path}`),
  message: `${room} may import only ${[room, ...allowed].join(', ')}.`,
});

/** An id from a file may be anybody's. */
const NO_SIGNALS = {
  object: 'process',
  property: 'kill',
  message: 'Signal through signalGroup (src/lab/files/process.ts), which spares everybody’s processes.',
};

/** Only rows/symmetry.ts, view-list.ts and views name the views. A record's field or a command of that name is another thing. */
const VIEW_NAMES = {
  selector: [
    ':matches(BinaryExpression, LogicalExpression, AssignmentPattern, ConditionalExpression, Property[key.name="view"])',
    '> Literal[value=/^(original|mirror)$/], TSUnionType > TSLiteralType > Literal[value="original"]',
  ].join(' '),
  message: 'Use ORIGINAL, MIRROR or PairView (rows/view-list.ts).',
};

/** A run has no console, so Windows opens one for each program that it starts. */
const CONSOLES = {
  selector:
    "CallExpression[callee.name=/^(spawn|spawnSync|execFile|execFileSync|fork)$/]:not(:has(Property[key.name='windowsHide']))",
  message: 'Add windowsHide: true; on Windows a console would appear.',
};

/** A literal spread into a literal says no more than its parts. */
const SPREAD_LITERALS = {
  selector:
    'ObjectExpression > SpreadElement > ObjectExpression, ArrayExpression > SpreadElement > ArrayExpression',
  message: 'Write the parts of this literal where it stands.',
};

/** A local is named after what it holds: that it was found, or is one of them, says nothing about it. */
const namedAfter = (selectors) => ({
  create: (context) => ({
    [selectors.join()]: (node) => context.report({ node, message: 'Name it after what it holds.' }),
  }),
});
const NO_NOUN = 'Identifier[name=/^(found|known|asked|said)$/]';
const NO_PRONOUN = 'Identifier[name=/^(one|of|own)$/]';
/** ESLint's cache knows a plugin by its version: that of these rules changes with this file. */
const version = createHash('sha256')
  .update(readFileSync(import.meta.filename))
  .digest('hex');
const NAMES = {
  meta: { name: 'names', version },
  rules: {
    nouns: namedAfter([
      `VariableDeclarator > ${NO_NOUN}.id`,
      `VariableDeclarator > ArrayPattern > ${NO_NOUN}`,
    ]),
    // Two of a kind are one and the other.
    pronouns: namedAfter([
      `VariableDeclarator > ${NO_PRONOUN}.id`,
      `:function[params.length=1] > ${NO_PRONOUN}.params`,
    ]),
  },
};

/** One voice for numbers. `Number(x.toFixed(4))` is a number to compute with, and `new Date(x).toLocaleString()` a time. */
const NUMBERS = [
  {
    selector:
      ':matches(FunctionDeclaration, VariableDeclarator:has(> ArrowFunctionExpression))[id.name=/^([pP]ercents?(Of|Text)?|shareText|thousands|counted|several|mean|average|signed|fixed|duration|minus)$/]',
    message: 'Use that of base/format.ts or base/numbers.ts: the same figure reads alike everywhere.',
  },
  {
    selector:
      "CallExpression[callee.property.name=/^to(Fixed|LocaleString)$/]:not([callee.object.type='NewExpression']):not(CallExpression[callee.name='Number'] > CallExpression)",
    message: 'Write it by a function of base/format.ts.',
  },
];

/** In base, rows and core, clock and randomness are passed in. */
const NO_CLOCK = [
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'Pass a Random in (base/random.ts).',
  },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Pass the time in.' },
  { selector: "MemberExpression[object.name='Date'][property.name='now']", message: 'Pass the time in.' },
];

const importTable = [
  ...Object.entries(zones).map(([zone, allowed]) => mayImport('.', zone, [...allowed, 'node_modules'])),
  ...Object.entries(rowsRooms).map(([room, allowed]) =>
    mayImport('src/rows', room, [...allowed, ...VIEW_FILES]),
  ),
  ...VIEW_FILES.map((file) => mayImport('src/rows', file, VIEW_FILES)),
  ...Object.entries(coreRooms).map(([room, allowed]) => mayImport('src/core', room, allowed)),
  ...Object.entries(labRooms).map(([room, allowed]) => mayImport('src/lab', room, allowed)),
  ...Object.entries(labRooms)
    .filter(([, allowed]) => !allowed.includes('engines'))
    .map(([room]) => ({
      target: `./src/lab/${room}`,
      from: './src/engines',
      message: `${room} reads and writes files, and knows no engine.`,
    })),
  ...Object.entries(roles).map(([role, allowed]) => ({
    target: `./src/panels/**/*.${role}.ts`,
    from: './**/*',
    except: [`**/*.${role}.ts`, ...allowed.map((path) => `**/${path}`)],
    message: `A file named .${role}.ts may import only others of its kind, and ${allowed.join(', ')}.`,
  })),
  {
    target: './webview',
    from: './src/panels/**/!(*.contract).ts',
    message: 'A page knows the contract of its panel, not what answers it.',
  },
  {
    target: './src/extension/{launch/!(new-data-set).ts,views/**,{config-language,run-ends}.ts}',
    from: './src/panels/{!(service).host.ts,!(host)/**/!(choose-model|loaded-models).host.ts}',
    message: 'Commands open panels; what they share does not.',
  },
  {
    target: './src/panels/host',
    from: './src/panels/{!(service).host.ts,!(host)/**/*.host.ts}',
    message: 'What panels share knows no panel.',
  },
];

export default tseslint.config(
  { ignores: ['dist', '.cache', 'node_modules', 'test/fixtures', 'runs'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  ...tseslint.configs.stylistic,
  {
    plugins: { 'import-x': importX },
    // Its folder `node` would be taken for a resolver of that name.
    settings: { 'import-x/ignore': ['node_modules/read-excel-file/'] },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones: importTable }],
      'import-x/no-duplicates': ['error', { 'prefer-inline': true }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/consistent-type-definitions': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-syntax': ['error', SPREAD_LITERALS],
    },
  },
  {
    files: ['src/**', 'webview/**'],
    rules: { 'no-restricted-syntax': ['error', SPREAD_LITERALS, VIEW_NAMES, CONSOLES, ...NUMBERS] },
  },
  {
    files: ['src/**', 'webview/**'],
    // Not renamed yet.
    ignores: [
      'src/core/{answers,psychophysics}/**',
      'src/cli/commands/acuity.command.ts',
      'webview/playground/**',
      'webview/trace/{groups,pair-inspector}.tsx',
    ],
    plugins: { names: NAMES },
    rules: { 'names/nouns': 'error' },
  },
  {
    files: ['src/**', 'webview/**'],
    plugins: { names: NAMES },
    rules: { 'names/pronouns': 'error' },
  },
  {
    files: ['src/{base,rows,core}/**'],
    rules: { 'no-restricted-syntax': ['error', SPREAD_LITERALS, VIEW_NAMES, ...NO_CLOCK, ...NUMBERS] },
  },
  {
    // Where the functions are, and texts of rows, which are data.
    files: ['src/base/{format,numbers}.ts', 'src/core/worlds/**'],
    rules: { 'no-restricted-syntax': ['error', SPREAD_LITERALS, VIEW_NAMES, ...NO_CLOCK] },
  },
  {
    files: ['src/rows/{symmetry,view-list}.ts', 'src/rows/views/**'],
    rules: { 'no-restricted-syntax': ['error', SPREAD_LITERALS, ...NO_CLOCK] },
  },
  {
    files: ['src/lab/**', 'src/cli/**', 'src/**/*.reads.ts'],
    ignores: ['src/lab/files/regular.ts', 'src/lab/files/in-use.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        SPREAD_LITERALS,
        VIEW_NAMES,
        CONSOLES,
        ...NUMBERS,
        {
          selector: 'CallExpression[callee.name=/^(readFile|readFileSync|createReadStream)$/]',
          message: 'Use lab/files/regular.ts: this one waits for ever where the file is a pipe.',
        },
        {
          selector: "CallExpression[callee.name=/^mkdir/] Property[key.name='recursive']",
          message: 'Use makeFolder (lab/files/folders.ts): this one may never end.',
        },
        {
          selector:
            "ImportDeclaration[source.value='node:fs/promises'] ImportSpecifier[imported.name='rename']",
          message: 'Use lab/files/in-use.ts: on Windows this one fails while anybody reads the file.',
        },
      ],
    },
  },
  {
    files: ['src/**'],
    ignores: ['src/lab/datasets/parquet/column-pages.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['hyparquet/src/*'] }] },
  },
  {
    // It is no longer developed: another toolkit can take its place there.
    files: ['webview/**'],
    ignores: ['webview/ui/controls.tsx'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['@vscode/webview-ui-toolkit*', '@microsoft/fast-*', 'react'] },
            {
              regex: '\\.contract\\.ts$',
              allowTypeImports: true,
              message: 'Its schemas would bring zod into the page: import its types only.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/**'],
    ignores: ['src/cli/print.ts'],
    rules: {
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        ...['stdout', 'stderr'].map((property) => ({
          object: 'process',
          property,
          message: 'Print through src/cli/print.ts, which makes hidden characters visible.',
        })),
        NO_SIGNALS,
      ],
    },
  },
  {
    files: ['scripts/**', '*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
);
