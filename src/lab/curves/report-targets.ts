import type { RunConfig } from '../../core/config/run.ts';
import type { PythonTool } from './targets.ts';

/** A tool, and where it sends the curves: null if it keeps them. */
interface ReportTarget {
  tool: 'tensorboard' | PythonTool;
  sendTo: string | null;
}

/** The tools that a config names, each once. One that is named with and without a place to send to sends. */
export function reportTargets(report: RunConfig['report_to']): ReportTarget[] {
  const targets = new Map<ReportTarget['tool'], ReportTarget>();
  for (const named of [report ?? []].flat())
    if (typeof named === 'string') targets.set(named, targets.get(named) ?? { tool: named, sendTo: null });
    else
      for (const tool of ['wandb', 'mlflow'] as const)
        if (named[tool] !== undefined) targets.set(tool, { tool, sendTo: named[tool] });
  return [...targets.values()];
}
