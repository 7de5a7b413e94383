import { checkRun } from './check-run.ts';
import { describeIssue } from './issues.ts';
import { RunConfig } from './run.ts';
import { parseYaml, place, type ConfigProblem, type Source } from './source.ts';
import { isTree, merge, type Tree } from './tree.ts';

export interface LoadedRun {
  /** With every default filled in; null if there are errors. */
  config: RunConfig | null;
  problems: ConfigProblem[];
}

/** Returns the text of a preset; null if there is none of that name. */
export type ReadPreset = (name: string) => string | null;

/**
 * Reads a run config: parses the YAML, puts the preset's values beneath it, and checks the schema and the rules between
 * fields. All errors are reported, each with line and column.
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

/** Makes a run config from the values that several sources set together; see `loadRun`. */
export function resolveRun(tree: Tree, sources: readonly Source[], readPreset: ReadPreset): LoadedRun {
  let base: Tree = {};
  let all = sources;
  // `preset:` without a value is left to the schema to report.
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
