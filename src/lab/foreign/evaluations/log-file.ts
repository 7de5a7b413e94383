import { statSync } from 'node:fs';

/** Names of Inspect's logs, which hold an evaluation each and lie side by side in one folder. */
export const LOG = /^\d{4}-\d\d-\d\dT[\w-]+_[^/]+\.(?:eval|json)$/;

/** Logs of Inspect, debug logs of R1-V and VLM-R1, answers and results of lmms-eval, tables of VLMEvalKit. */
const ALONE = /\.(?:eval|json|txt|xlsx|tsv)$|(?:^|[\\/_])samples_[^\\/]+\.jsonl$/;

/** Whether a path is a file that stands for an evaluation or a run, as the folder of a run does. */
export const isLog = (path: string): boolean =>
  ALONE.test(path) && (statSync(path, { throwIfNoEntry: false })?.isFile() ?? false);
