import type { Problem } from '../problem.ts';
import type { OwnProgram } from '../rewards/own.ts';
import { ownMetrics } from './derived.ts';
import { describeIssues } from './issues.ts';
import { MetricsConfig } from './run.ts';
import { parseYaml } from './source.ts';

/** Reads metrics of the user's own from a file that is like the section `evaluate.metrics` of configs. */
export function loadMetrics(
  text: string,
  file: string,
): { metrics: OwnProgram[]; problems: [] } | { metrics: null; problems: Problem[] } {
  const { tree, problems } = parseYaml(text, file);
  if (problems.length > 0) return { metrics: null, problems };
  const result = MetricsConfig.safeParse(tree, { reportInput: true });
  return result.success
    ? { metrics: ownMetrics(result.data, file), problems: [] }
    : { metrics: null, problems: describeIssues(result.error.issues, MetricsConfig) };
}
