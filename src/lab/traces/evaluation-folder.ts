import { join } from 'node:path';

/** The folder of a run's evaluation; `.` is a folder that is one itself. @throws when the name leads elsewhere */
export function evaluationFolder(run: string, id: string): string {
  if (id === '.') return run;
  if (id === '' || id === '..' || /[/\\\0]/.test(id)) throw new Error(`"${id}" is no evaluation.`);
  return join(run, 'eval', id);
}
