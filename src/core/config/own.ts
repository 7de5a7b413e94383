import * as z from 'zod';
import type { Problem } from '../problem.ts';
import { field } from './fields.ts';
import { error } from './issues.ts';

/** The fields of a program that a config brings along (docs/own-rewards.md). */
export const PROGRAM = {
  command: field(
    z.array(z.string().min(1)).min(1),
    'The program and its arguments, one by one; files are relative to this config: `[python, rewards.py]`. It is started only if you have trusted it.',
  ),
  timeout: field(z.number().gt(0), 'Most seconds until its next answer.').default(60),
};

/** Checks what rewards and metrics of one's own are called: paths of settings and names of metrics contain it. */
export const checkOwnNames = (names: readonly string[], at: string): Problem[] =>
  names
    .filter((name) => !/^[a-z]\w*$/i.test(name))
    .map((name) =>
      error(
        `${at}.${name}`,
        'own-name',
        `"${name}" is no name of a reward or metric.`,
        'Use letters, digits and _, with a letter first.',
      ),
    );
