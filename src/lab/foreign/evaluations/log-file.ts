import { statSync } from 'node:fs';

/** Names of Inspect's logs, which hold an evaluation each and lie side by side in one folder. */
export const LOG = /^\d{4}-\d\d-\d\dT[\w-]+_[^/]+\.(?:eval|json)$/;

/**
 * Whether a path is a file that stands for an evaluation or a run, as the folder of a run does: a log of Inspect, or a
 * debug log of R1-V and VLM-R1.
 */
export const isLog = (path: string): boolean =>
  /\.(?:eval|json|txt)$/.test(path) && (statSync(path, { throwIfNoEntry: false })?.isFile() ?? false);
