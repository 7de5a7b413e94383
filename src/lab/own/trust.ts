import { statSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import type { OwnProgram } from '../../core/rewards/own.ts';
import { printable } from '../../core/printable.ts';
import { fileSha256, sha256 } from '../files/atomic.ts';

/**
 * The environment variable with the hashes of programs that the user trusts. Processes that this one starts have it,
 * too; files cannot set it, so that a config, a run or a sweep of someone else never starts anything by itself.
 */
export const TRUSTED = 'CHIRALITY_TRUST';

/** The files that a command names, which a config's loading has made absolute. */
export const filesOf = (command: readonly string[]): string[] =>
  command.filter(
    (word) => isAbsolute(word) && (statSync(word, { throwIfNoEntry: false })?.isFile() ?? false),
  );

/** The folder of a program: that of the first file among its arguments, or of the executable. */
export const folderOf = ([executable, ...args]: readonly string[]): string =>
  dirname(filesOf(args)[0] ?? filesOf([executable!])[0]!);

/** A folder among the words before the first file that is an argument: `python` would run what is in it. */
function folderBefore(command: readonly string[]): string | undefined {
  const [first] = filesOf(command.slice(1));
  const before = command.slice(1, first === undefined ? undefined : command.indexOf(first, 1));
  const at = folderOf(command);
  return before.find((word) => statSync(resolve(at, word), { throwIfNoEntry: false })?.isDirectory());
}

/** A program, and what the user says yes to: the hash of its words, with the places and contents of its files. */
interface Trustable extends OwnProgram {
  hash: string;
  trusted: boolean;
}

/** @throws Error for a program without a file, whose contents nobody could have read. */
export async function trustable(program: OwnProgram): Promise<Trustable> {
  const files = filesOf(program.command);
  if (files.length === 0)
    throw new Error(
      `${program.at}: the command ${JSON.stringify(program.command)} names no file that is there. Write the program into a file beside the config, and name it: [python, rewards.py].`,
    );
  const folder = folderBefore(program.command);
  if (folder !== undefined)
    throw new Error(
      `${program.at}: the command ${JSON.stringify(program.command)} starts the folder ${folder}, whose contents no hash would cover. Name the file that it starts: [python, rewards.py].`,
    );
  const words = await Promise.all(
    program.command.map(async (word) =>
      files.includes(word) ? { file: word, sha256: await fileSha256(word) } : word,
    ),
  );
  const hash = sha256(JSON.stringify(words)).slice(0, 32);
  return { ...program, hash, trusted: (process.env[TRUSTED] ?? '').split(',').includes(hash) };
}

/** @throws Error that says how to trust them, if the user has not trusted all of these programs as they are now. */
export async function requireTrusted(programs: readonly OwnProgram[]): Promise<void> {
  const untrusted = (await Promise.all(programs.map(trustable))).filter(({ trusted }) => !trusted);
  if (untrusted.length > 0) throw new Error(untrustedText(untrusted));
}

/** Says which programs wait to be trusted, and how to give it. */
function untrustedText(programs: readonly Trustable[]): string {
  const lines = programs.map(({ at, command }) => `  ${at}: ${printable(command.join(' '), Infinity)}`);
  const hashes = [...new Set(programs.map(({ hash }) => hash))].join(',');
  return [
    'The config brings a program of its own, which runs with your rights:',
    ...lines,
    `Read it. If you trust it, add --trust ${hashes}, which holds until the file or the command changes.`,
  ].join('\n');
}
