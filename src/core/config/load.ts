import { checkRun } from './check-run.ts';
import { describeIssue } from './issues.ts';
import { RunConfig } from './run.ts';
import { parseYaml, place, type ConfigProblem, type Source } from './source.ts';
import { isTree, merge, type Tree } from './tree.ts';

export interface LoadedRun {
  /** Every default filled in; null when there are errors. */
  config: RunConfig | null;
  problems: ConfigProblem[];
}

/** The text of a preset by name; null when there is none of that name. */
export type ReadPreset = (name: string) => string | null;

/**
 * Reads a run config: YAML, then the preset's values beneath it, then the schema, then what fields require of each
 * other. All errors are reported, each with line and column.
 */
export function loadRun(text: string, file: string, readPreset: ReadPreset): LoadedRun {
  const { source, tree, problems } = parseYaml(text, file);
  if (problems.length > 0) return { config: null, problems };
  if (isTree(tree)) return resolveRun(tree, [source], readPreset);
  return fail([source], {
    path: '',
    code: 'empty',
    message: 'The file holds no settings.',
    fix: 'Start from a preset: `preset: demo`.',
  });
}

/** Makes a run config of the values that the sources set together; see `loadRun`. */
export function resolveRun(tree: Tree, sources: readonly Source[], readPreset: ReadPreset): LoadedRun {
  let base: Tree = {};
  let all = sources;
  // `preset:` with nothing behind it is a mistake of the schema.
  if (tree.preset != null) {
    const name = String(tree.preset);
    const preset = readPreset(name);
    if (preset === null) {
      return fail(sources, {
        path: 'preset',
        code: 'preset',
        message: `There is no preset "${name}".`,
        fix: '`chirality presets` lists them.',
      });
    }
    const parsed = parseYaml(preset, `preset ${name}`);
    if (parsed.problems.length > 0) return { config: null, problems: parsed.problems };
    base = parsed.tree as Tree;
    all = [...sources, parsed.source];
  }

  const result = RunConfig.safeParse(merge(base, tree), { reportInput: true });
  if (!result.success) {
    const problems = result.error.issues.flatMap((issue) =>
      describeIssue(issue, RunConfig).map((problem) => place(all, problem)),
    );
    return { config: null, problems };
  }
  const problems = checkRun(result.data).map((problem) => place(all, problem));
  return { config: problems.some((p) => p.severity === 'error') ? null : result.data, problems };
}

const fail = (
  sources: readonly Source[],
  problem: { path: string; code: string; message: string; fix: string },
): LoadedRun => ({ config: null, problems: [place(sources, { severity: 'error', ...problem })] });
