import { homedir } from 'node:os';
import { resolve } from 'node:path';

/** Keys and tokens by the forms that their makers gave them, so that they can be recognised. */
const SECRETS = [
  /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/,
  /\bAKIA[0-9A-Z]{16}\b/,
  /\bgh[pousr]_[A-Za-z0-9]{36}\b/,
  /\bgithub_pat_[A-Za-z0-9_]{60,}/,
  /\bnpm_[A-Za-z0-9]{36}\b/,
  /\bpypi-[A-Za-z0-9_-]{60,}/,
  /\bhf_[A-Za-z0-9]{34}\b/,
  /\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}/,
  /\bxox[abprs]-[A-Za-z0-9-]{20,}/,
  /_authToken\s*=/,
  /https?:\/\/[^\s/:@'"`${}]+:[^\s/:@'"`${}]+@[a-z]/,
];

/** Returns what in a text looks like a secret, or names a folder of whoever packed it. */
export function secretsIn(text: string): string[] {
  const found = SECRETS.flatMap((pattern) => pattern.exec(text)?.[0] ?? []);
  return [
    ...found,
    ...[resolve('.'), `${homedir()}/`].filter((path) => path.length > 2 && text.includes(path)),
  ];
}
