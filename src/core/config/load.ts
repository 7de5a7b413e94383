import { checkRun } from './check-run.ts';
import { ownMetrics } from './derived.ts';
import { describeIssues, describeRemoved, describeEmpty } from './issues.ts';
import { MetricsConfig, RunConfig } from './run-config.ts';
import {
  emptyFields,
  parseYaml,
  place,
  type ConfigProblem,
  type Parsed,
  type Source,
} from './config-source.ts';
import { isRecord } from '../../base/json.ts';
import { namesHint, nearest, type Problem } from '../../base/problem.ts';
import type { OwnProgram } from '../rewards/own.ts';
import { merge, nullPaths, withoutNulls, type Tree } from './tree.ts';

export interface LoadedRun {
  /** Resolved config with all default values; null if the text has errors. */
  config: RunConfig | null;
  problems: ConfigProblem[];
}

export interface ReadPreset {
  /** Returns the text of a preset; null if no preset has this name. */
  (name: string): string | null;
  /** Returns the names of all presets, for the message about an unknown one. */
  names?: () => readonly string[];
}

interface OpenPreset {
  (name: string): Parsed | null;
  names?: (() => readonly string[]) | undefined;
}

/** Returns a reader of presets that parses each preset only once. */
export function presetsOf(readPreset: ReadPreset): OpenPreset {
  const parsed = new Map<string, Parsed | null>();
  const open = (name: string) => {
    if (!parsed.has(name)) {
      const text = readPreset(name);
      parsed.set(name, text === null ? null : parseYaml(text, `preset ${name}`));
    }
    return parsed.get(name)!;
  };
  return Object.assign(open, { names: readPreset.names });
}

/**
 * Reads a run config: parses the YAML, adds the preset's values, and checks the schema and the rules between fields.
 * Reports all errors, each with line and column.
 */
export function loadRun(text: string, file: string, readPreset: ReadPreset): LoadedRun {
  const { source, tree, problems } = parseYaml(text, file);
  if (problems.length > 0 && tree === null) return { config: null, problems };
  if (isRecord(tree)) {
    const loaded = resolveRun(tree, [source], presetsOf(readPreset));
    if (problems.length === 0) return loaded;
    return { config: null, problems: sorted([...problems, ...loaded.problems], file) };
  }
  return fail([source], {
    path: '',
    code: 'empty',
    message: 'The file contains no settings.',
    fix: 'Start from a preset, for example `preset: demo`.',
  });
}

/**
 * Creates a run config from the values of several sources; see `loadRun`. `null` removes a setting of a lower source. A
 * field without a value is an error, because it would remove a section whose lines are commented out.
 */
export function resolveRun(tree: Tree, sources: readonly Source[], openPreset: OpenPreset): LoadedRun {
  let base: Tree = {};
  let all = sources;
  // If the preset is not a string, the schema check reports it.
  if (typeof tree.preset === 'string') {
    const name = tree.preset;
    const parsed = openPreset(name);
    if (parsed === null) {
      const names = openPreset.names?.() ?? [];
      const meant = nearest(name, names);
      const { problems } = fail(sources, {
        path: 'preset',
        code: 'preset',
        message: `Preset "${name}" does not exist.`,
        fix:
          names.length > 0 ? namesHint(name, 'Presets', names) : 'To list presets, run `chirality presets`.',
        ...(meant !== undefined && { typo: { word: name, meant } }),
      });
      const rest = { ...tree, preset: undefined };
      const others = resolveRun(rest, sources, openPreset).problems.filter(({ code }) =>
        OF_FIELD.includes(code),
      );
      return { config: null, problems: sorted([...problems, ...others], sources[0]!.file) };
    }
    if (parsed.problems.length > 0) return { config: null, problems: parsed.problems };
    base = parsed.tree as Tree;
    all = [...sources, parsed.source];
  }

  const empty = emptyFields(sources);
  const merged = withoutNulls(merge(base, tree));
  const result = RunConfig.safeParse(merged, { reportInput: true });
  const mistakes = result.success
    ? [...checkRun(result.data)]
    : describeIssues(result.error.issues, RunConfig, merged);
  const problems = [
    ...(empty.length > 0 ? describeEmpty(empty, merged, RunConfig) : []),
    ...describeRemoved(nullPaths(tree), tree, mistakes, RunConfig).filter(
      ({ path }) => !empty.includes(path!),
    ),
  ].map((problem) => place(all, problem));
  sorted(problems, sources[0]!.file);
  if (!result.success) return { config: null, problems };
  return { config: problems.some((p) => p.severity === 'error') ? null : result.data, problems };
}

/** Codes of problems of one field, which no preset can solve. */
const OF_FIELD = ['unknown-field', 'one-of', 'value', 'name'];

/** Sorts problems by line, those of the config before those of its preset. */
const sorted = (problems: ConfigProblem[], file: string): ConfigProblem[] =>
  problems.sort(
    (a, b) => Number(a.file !== file) - Number(b.file !== file) || a.line! - b.line! || a.column! - b.column!,
  );

const fail = (sources: readonly Source[], problem: Omit<Problem, 'severity'>): LoadedRun => ({
  config: null,
  problems: [place(sources, { severity: 'error', ...problem })],
});

/** Reads custom metrics from a file whose format is that of the section `evaluate.metrics`. */
export function loadMetrics(
  text: string,
  file: string,
): { metrics: OwnProgram[]; problems: [] } | { metrics: null; problems: Problem[] } {
  const { tree, problems } = parseYaml(text, file);
  if (problems.length > 0) return { metrics: null, problems };
  const result = MetricsConfig.safeParse(tree, { reportInput: true });
  return result.success
    ? { metrics: ownMetrics(result.data, file), problems: [] }
    : { metrics: null, problems: describeIssues(result.error.issues, MetricsConfig, tree) };
}
