// The parts of docs that are made from schemas, tables and recorded results: `npm run docs` writes them, and
// test/unit/docs-parts.test.ts compares them. A part is everything between `<!-- generated: NAME -->` and
// `<!-- /generated -->`; its name is a key below.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { CommandUnknownOpts as Command } from 'commander';
import { format } from 'prettier';
import { createProgram } from '../src/cli/program.ts';
import { editorJsonSchema } from '../src/core/config/editor/schema.ts';
import type { Property } from '../src/core/query/filter-tokens.ts';
import { REVIEW_FIELDS } from '../src/core/annotation/review-table.ts';
import { RULES } from '../src/core/rewards/alarms.ts';
import { REWARDS } from '../src/core/rewards/rewards.ts';
import { LIST_FIELDS, TRACE_FIELDS } from '../src/core/run-data/trace-fields.ts';
import { familyTable } from '../src/core/seen/family-table.ts';
import { grantedTools, levelOf } from '../src/lab/agent/agent-tools.ts';
import { listPresets, listSweepRecipes } from '../src/lab/library.ts';
import { listStrategies } from '../src/lab/strategies.ts';
import { SECTIONS } from '../webview/run/section-table.ts';

type Row = readonly string[];

const cell = (text: string) =>
  text
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ')
    // In its own page, a text does not refer to docs.
    .replaceAll(/ \(docs\/[a-z-]+\.md\)/g, '');
const table = (head: Row, rows: readonly Row[]): string =>
  [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
const code = (text: string) => `\`${text}\``;
const named = (kind: string, all: readonly { name: string; about: string }[]) =>
  table(
    [kind, 'about'],
    all.map(({ name, about }) => [code(name), about]),
  );

/** Of the properties that a filter takes: name, values, meaning. */
const properties = (fields: readonly Property[]) =>
  table(
    ['name', 'meaning', 'values'],
    fields.map(({ name, type, doc, values }) => [
      code(name),
      doc,
      values?.map(code).join(', ') ?? (type === 'flag' ? 'true, false' : type),
    ]),
  );

/** The commands that can be run: a group of commands has neither arguments nor options. */
const runnable = (command: Command): Command[] => [
  ...(command.parent &&
  (command.registeredArguments.length > 0 || command.options.length > 0 || command.commands.length === 0)
    ? [command]
    : []),
  ...command.commands.flatMap(runnable),
];
const pathOf = (command: Command): string =>
  command.parent === null ? '' : `${pathOf(command.parent)} ${command.name()}`.trim();

async function commands(): Promise<string> {
  const program = await createProgram(undefined, '0.0.0');
  return table(
    ['command', 'what it does'],
    runnable(program).map((command) => [code(`chirality ${pathOf(command)}`), command.description()]),
  );
}

/** Options that every command with an endpoint has. */
async function endpointOptions(): Promise<string> {
  const program = await createProgram(undefined, '0.0.0');
  const { options } = program.commands.find((command) => command.name() === 'eval')!;
  const first = options.findIndex(({ long }) => long === '--key-env');
  const last = options.findIndex(({ long }) => long === '--without');
  return table(
    ['option', 'meaning'],
    options
      .slice(first, last + 1)
      .map(({ flags, description, defaultValue }) => [
        code(flags),
        description + (typeof defaultValue === 'string' ? ` (default: ${defaultValue})` : ''),
      ]),
  );
}

interface Schema {
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  type?: string;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
}

const isNull = ({ type }: Schema) => type === 'null';

interface Setting extends Schema {
  /** Kinds of its section that have it, and of how many. */
  kinds: string[];
  of: number;
}

/** Every setting below a schema, by its path. Kinds of a section differ by their `kind` or `recipe`. */
function settingsIn(schema: Schema, path: string, found: Map<string, Setting>, kind = '', of = 0): void {
  const kinds = (schema.anyOf ?? []).filter((one) => !isNull(one));
  // A field that can be removed.
  if (kinds.length === 1) {
    settingsIn({ ...schema, anyOf: undefined, ...kinds[0] } as Schema, path, found, kind, of);
    return;
  }
  const named = kinds.filter(({ properties }) => properties !== undefined);
  for (const one of named) {
    const { kind: its, recipe } = one.properties!;
    const name = (its ?? recipe)?.const;
    settingsIn(
      one,
      path,
      found,
      name === undefined ? kind : String(name),
      name === undefined ? of : named.length,
    );
  }
  if (schema.properties) {
    for (const [name, inner] of Object.entries(schema.properties))
      settingsIn(inner, path === '' ? name : `${path}.${name}`, found, kind, of);
    return;
  }
  if (path === '' || schema.description === undefined) return;
  const known = found.get(path);
  if (known === undefined) found.set(path, { ...schema, kinds: [kind], of });
  else if (!known.kinds.includes(kind)) {
    known.kinds.push(kind);
    // The field that tells the kinds apart.
    if (schema.const !== undefined) known.description = `${known.description} ${schema.description}`;
  }
}

function settings(): string {
  const found = new Map<string, Setting>();
  settingsIn(editorJsonSchema('run') as Schema, '', found);
  return table(
    ['setting', 'default', 'meaning'],
    [...found].map(([path, { description, default: usual, kinds, of }]) => [
      code(path),
      // A prompt is printed by `chirality presets`.
      usual === undefined || typeof usual === 'object' || String(usual).length > 30
        ? ''
        : code(String(usual)),
      (kinds.length < of ? `${kinds.map(code).join(', ')}: ` : '') + description!,
    ]),
  );
}

interface Manifest {
  contributes: {
    configuration: {
      properties: Record<string, { default: unknown; markdownDescription: string; order: number }>;
    };
  };
}

function editorSettings(): string {
  const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
  return table(
    ['setting', 'default', 'meaning'],
    Object.entries(contributes.configuration.properties)
      .sort(([, a], [, b]) => a.order - b.order)
      .map(([name, { default: usual, markdownDescription }]) => [
        code(name),
        code(JSON.stringify(usual)),
        markdownDescription.replaceAll(/`#([^#]+)#`/g, '`$1`'),
      ]),
  );
}

/** The tables that a script prints of recorded results, one after another. */
const printed = (script: string, folder: string) =>
  execFileSync('node', [
    `scripts/${script}`,
    ...readdirSync(folder)
      .sort()
      .map((name) => `${folder}/${name}`),
  ]).toString();

const PARTS: Readonly<Record<string, () => string | Promise<string>>> = {
  rewards: () =>
    table(
      ['part', 'value'],
      Object.entries(REWARDS).map(([name, { about }]) => [code(name), about]),
    ),
  commands,
  'endpoint options': endpointOptions,
  settings,
  'editor settings': editorSettings,
  filters: () => properties(TRACE_FIELDS),
  'filters of lists': () => properties(LIST_FIELDS.slice(TRACE_FIELDS.length)),
  alarms: () =>
    table(
      ['alarm', 'message'],
      RULES.map(({ kind, message }) => [code(kind), `${message}.`]),
    ),
  metrics: () =>
    table(
      ['metric', 'meaning'],
      SECTIONS.flatMap(({ charts }) => charts)
        .map(({ lines, about, band }) => [
          [...new Set([...lines.map(({ metric }) => metric), ...(band ? [band] : [])])].map(code).join(', '),
          about,
        ])
        .filter(([metrics]) => metrics !== ''),
    ),
  'review fields': () => properties(REVIEW_FIELDS),
  tools: () =>
    table(
      ['tool', 'level', 'what it does'],
      grantedTools('propose').map(({ name, description }) => [code(name), code(levelOf(name)), description]),
    ),
  families: familyTable,
  presets: () => named('preset', listPresets()),
  strategies: () => named('strategy', listStrategies()),
  recipes: () => named('recipe', listSweepRecipes()),
  acuity: () => printed('acuity-table.mjs', 'test/fixtures/acuity'),
  // Of the tables, the one of differences.
  joint: () => printed('demo-table.mjs', 'test/fixtures/demo-joint').split('\n\n')[1]!,
};

export const PART = /<!-- generated: (.+?) -->[^]*?<!-- \/generated -->/g;

/** The text of a page with its parts made anew. @throws if a part has no maker */
export async function withParts(page: string): Promise<string> {
  const names = [...page.matchAll(PART)].map(([, name]) => name!);
  if (names.length === 0) return page;
  const made = new Map<string, string>();
  for (const name of names) {
    const make = PARTS[name];
    if (make === undefined) throw new Error(`No script makes the part "${name}".`);
    made.set(name, (await make()).trim());
  }
  const text = page.replaceAll(
    PART,
    (_, name: string) => `<!-- generated: ${name} -->\n\n${made.get(name)!}\n\n<!-- /generated -->`,
  );
  return format(text, { parser: 'markdown', printWidth: 110, singleQuote: true });
}
