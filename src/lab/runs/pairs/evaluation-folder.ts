import { join } from 'node:path';

/** The folder of an evaluation. @throws when its name leads elsewhere */
export function evaluationFolder(run: string, id: string): string {
  if (id === '' || id === '.' || id === '..' || /[/\\\0]/.test(id))
    throw new Error(`"${id}" is no evaluation.`);
  return join(run, 'eval', id);
}
