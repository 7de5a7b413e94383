import type { Problem } from '../problem.ts';

type Maker = (path: string, code: string, message: string, fix: string) => Problem;

export const error: Maker = (path, code, message, fix) => ({ severity: 'error', code, message, path, fix });
export const warning: Maker = (path, code, message, fix) => ({
  severity: 'warning',
  code,
  message,
  path,
  fix,
});
