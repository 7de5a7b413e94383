import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../core/problem.ts';
import { DataError } from './datasets/data-error.ts';
import { packageFolder } from './files/package-folder.ts';

const SUFFIX = '.prompt.txt';

/**
 * A prompt by the name of one that comes with the program, or by the path of a file.
 * @param parse what this kind of prompt must look like.
 * @throws DataError when there is none, or it has mistakes.
 */
export function openPrompt<P>(
  nameOrPath: string,
  parse: (name: string, file: string) => { prompt: P; problems: [] } | { prompt: null; problems: Problem[] },
): P {
  const own = join(packageFolder('library/prompts'), `${nameOrPath}${SUFFIX}`);
  const path = /^[\w-]+$/.test(nameOrPath) && existsSync(own) ? own : nameOrPath;
  if (!existsSync(path)) {
    throw new DataError('prompt-missing', `There is no prompt "${nameOrPath}".`, {
      fix: `Name a file, or one of the prompts in ${packageFolder('library/prompts')}.`,
    });
  }
  const { prompt, problems } = parse(nameOrPath, readFileSync(path, 'utf8'));
  if (prompt) return prompt;
  const { code, message, fix } = problems[0]!;
  throw new DataError(code, `${path}: ${message}`, { ...(fix && { fix }) });
}
