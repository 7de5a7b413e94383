import { statSync } from 'node:fs';

/** Names of Inspect's logs, which hold an evaluation each and lie side by side in one folder. */
export const LOG = /^\d{4}-\d\d-\d\dT[\w-]+_[^/]+\.(?:eval|json)$/;

/** Whether a path is a log of Inspect: a file, which stands for an evaluation as the folder of a run does. */
export const isLog = (path: string): boolean =>
  /\.(?:eval|json)$/.test(path) && (statSync(path, { throwIfNoEntry: false })?.isFile() ?? false);
