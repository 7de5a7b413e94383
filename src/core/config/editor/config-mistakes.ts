import { isNode } from 'yaml';
import { loadRun } from '../load.ts';
import { loadSweep, type SweepFiles } from '../load-sweep.ts';
import { isTooLong, nodesOf, type ConfigProblem } from '../config-source.ts';
import { missingText, namedPaths, type Tree } from '../tree.ts';
import { isRecord } from '../../../base/json.ts';
import type { ConfigKind } from './schema.ts';
import { type Presets, treeOf } from './presets.ts';

/** A mistake in a config, and its position: line and columns from 0, the end exclusive. */
export interface ConfigMistake {
  severity: 'error' | 'warning';
  code: string;
  message: string;
  line: number;
  from: number;
  to: number;
  /** Probable correct spelling of the marked word. */
  meant?: string;
  /** Whether other YAML schema checkers also find this mistake. */
  bySchema?: true;
}

/** Maximum number of checked stages and conditions of a sweep, more than in the library. Avoids delays while typing. */
const CHECKED_CELLS = 40;

/** Codes of problems that other YAML schema checkers also find. */
const BY_SCHEMA: readonly string[] = ['yaml', 'unknown-field', 'missing', 'one-of', 'value'];

/**
 * Returns all mistakes in a config, in the order of their places.
 * @param options.exists whether a path, as written in the config, exists; null if unknown.
 * @param options.near returns the file that is probably meant by a missing path.
 * @param options.readConfig returns the text of a sweep's run config; null if the run config does not exist, undefined
 * if reading is not allowed.
 */
export function checkConfig(
  text: string,
  presets: Presets,
  options: {
    exists: ((path: string) => boolean) | null;
    near?: (path: string) => string | undefined;
    kind?: ConfigKind;
    readConfig?: (path: string) => string | null | undefined;
  },
): ConfigMistake[] {
  const FILE = '';
  const { kind = 'run', readConfig = () => null, exists, near = () => undefined } = options;
  const names = () => presets.list().map(({ name }) => name);
  const readPreset = Object.assign((name: string) => presets.read(name), { names });
  const problems =
    kind === 'run' ? loadRun(text, FILE, readPreset).problems : sweepProblems(text, readPreset, readConfig);
  const lines = text.split(/\r?\n/);
  const presetLine = lines.findIndex((line) => /^preset\s*:/.test(line));
  const mistakes = problems.map((problem) => {
    const { severity, code, file } = problem;
    const message = [problem.message, problem.fix].filter(Boolean).join(' ');
    const schema = BY_SCHEMA.includes(code) ? { bySchema: true as const } : {};
    return file === FILE
      ? { severity, code, message, ...schema, ...(typoPlace(problem, lines) ?? placeOf(problem, lines)) }
      : { severity, code, message: `In ${file}: ${message}`, ...schema, ...wholeLine(presetLine, lines) };
  });
  const missing = exists && kind === 'run' ? missingFiles(text, exists, near) : [];
  return [...mistakes, ...missing].sort((a, b) => a.line - b.line || a.from - b.from);
}

/** Returns the problems of a sweep, and of its section `small`. */
function sweepProblems(
  text: string,
  readPreset: SweepFiles['readPreset'],
  read: (path: string) => string | null | undefined,
): ConfigProblem[] {
  const written = treeOf(text);
  const closed = typeof written.config === 'string' && read(written.config) === undefined;
  const readConfig = (path: string) => relative(read(path) ?? null);
  const problems = closed
    ? [unreadConfig(written.config as string)]
    : bothSizes(text, { readPreset, readConfig });
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

const unreadConfig = (path: string): ConfigProblem => ({
  severity: 'warning',
  code: 'not-checked',
  file: '',
  line: 1,
  column: 1,
  message: `Cannot check the cells, because ${path} is outside the open folder.`,
  fix: 'To check the cells, run `chirality sweep --dry-run`.',
});

function bothSizes(text: string, files: SweepFiles): ConfigProblem[] {
  const hasSmall = isRecord(treeOf(text).small); // A text that is too long has no tree, so this is false.
  return [false, ...(hasSmall ? [true] : [])].flatMap(
    (small) => loadSweep(text, '', files, { small, atMost: CHECKED_CELLS }).problems,
  );
}

/** Returns a run config with unchanged paths, because checking a config does not read the paths. */
const relative = (text: string | null) => (text === null ? null : { text, relocate: (tree: Tree) => tree });

/** Locates the misspelt word of a problem, which can follow the field's name; null if the word is not on the line. */
function typoPlace({ typo, line = 1, column = 1 }: ConfigProblem, lines: readonly string[]) {
  const from = typo ? (lines[line - 1] ?? '').indexOf(typo.word, column - 1) : -1;
  return from < 0 ? null : { line: line - 1, from, to: from + typo!.word.length, meant: typo!.meant };
}

/** Key with a value on its line: a word, a number, or a quoted text, up to a comment or the end of a list. */
const KEY_AND_VALUE = /^([\w.-]+:[ \t]+)("[^"]*"|'[^']*'|[^\s#,&*|>[\]{}][^#,[\]{}]*?)(?=\s*(?:[#,\]}]|$))/;

/** Locates the value, or else the word, at which a problem starts; for invalid YAML, the rest of the line. */
function placeOf({ code, line = 1, column = 1 }: ConfigProblem, lines: readonly string[]) {
  const index = Math.min(line - 1, lines.length - 1);
  const text = lines[index] ?? '';
  const from = Math.min(column - 1, text.length);
  const [, key, value] = (code !== 'unknown-field' && KEY_AND_VALUE.exec(text.slice(from))) || [];
  if (code !== 'yaml' && value)
    return { line: index, from: from + key!.length, to: from + key!.length + value.length };
  const length = code === 'yaml' ? text.length - from : /^(?:[\w.-]+|.?)/.exec(text.slice(from))![0].length;
  return length > 0 ? { line: index, from, to: from + length } : wholeLine(index, lines);
}

function wholeLine(index: number, lines: readonly string[]) {
  const line = Math.max(0, index);
  const text = lines[line] ?? '';
  return { line, from: text.length - text.trimStart().length, to: text.length };
}

function missingFiles(
  text: string,
  exists: (path: string) => boolean,
  near: (path: string) => string | undefined,
): ConfigMistake[] {
  const nodes = isTooLong(text) ? null : nodesOf(text);
  if (!nodes) return [];
  const { document, lines: counter } = nodes;
  const tree = treeOf(text);
  return namedPaths(tree).flatMap((named) => {
    const node = document.getIn(named.at, true);
    if (!isNode(node) || !node.range || exists(named.path)) return [];
    const { line, col } = counter.linePos(node.range[0]);
    return {
      severity: 'error',
      code: 'missing-file',
      message: missingText(named, near(named.path)),
      line: line - 1,
      from: col - 1,
      to: col - 1 + node.range[1] - node.range[0],
    };
  });
}
