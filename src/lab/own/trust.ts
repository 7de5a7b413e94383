import { realpathSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path';
import type { OwnProgram } from '../../core/rewards/own.ts';
import { printable } from '../../base/printable.ts';
import { fileSha256, sha256 } from '../files/atomic.ts';

/**
 * Environment variable with the hashes of trusted programs. Subprocesses inherit this variable, but files cannot set
 * it, so that a config, run or sweep by other people never starts a program by itself.
 */
export const TRUSTED = 'CHIRALITY_TRUST';

/** Returns the files in a command. Their paths are absolute, because the config was loaded before. */
export const filesOf = (command: readonly string[]): string[] =>
  command.filter(
    (word) => isAbsolute(word) && (statSync(word, { throwIfNoEntry: false })?.isFile() ?? false),
  );

/** Returns the folder of a program: the folder of the first file in its arguments, or the folder of its executable. */
export const folderOf = ([executable, ...args]: readonly string[]): string =>
  dirname(filesOf(args)[0] ?? filesOf([executable!])[0]!);

/** Matches programs that run their argument: a file, but also a module, a folder or code. */
const INTERPRETER =
  /^(?:python|pypy|node|deno|bun|tsx|ruby|perl|php|lua|julia|r|rscript|java|dotnet|sh|bash|dash|zsh|fish|ksh|cmd|powershell|pwsh|env|uv|uvx|npx|npm|conda|poetry|nice|timeout|xargs|sudo)[\d.]*(?:\.exe)?$/;

const isInterpreter = (executable: string): boolean =>
  [executable, realPath(executable)].some((path) => INTERPRETER.test(basename(path).toLowerCase()));

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/**
 * Whether a command starts a file that it contains: the executable itself, or the next word. Other words in second
 * place (`-m MODULE`, `-c CODE`, a name that Node completes) start code without a hash.
 */
function startsFile(command: readonly string[]): boolean {
  const [executable, first] = command;
  const files = filesOf(command);
  if (first !== undefined && files.includes(first)) return true;
  return files.includes(executable!) && !isInterpreter(executable!);
}

/**
 * Returns the executable of a command: its first word, if this word is a path, or the first program with this name on
 * the PATH. The current folder is never searched, unlike on Windows.
 * @returns null if no such program exists
 */
export function executableOf([word]: readonly string[]): string | null {
  const isThere = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  if (isAbsolute(word!)) return isThere(word!) ? word! : null;
  if (word !== basename(word!)) return null;
  const endings = process.platform === 'win32' ? ['', '.exe', '.com'] : [''];
  const folders = (process.env.PATH ?? process.env.Path ?? '').split(delimiter).filter(isAbsolute);
  return (
    folders.flatMap((folder) => endings.map((ending) => join(folder, word + ending))).find(isThere) ?? null
  );
}

/** A program with the hash that a user trusts: a hash of its words, and of the paths and contents of its files. */
interface Trustable extends OwnProgram {
  hash: string;
  trusted: boolean;
}

/** @throws Error for a program without a file, because a user cannot review such a program */
export async function trustable(program: OwnProgram): Promise<Trustable> {
  const files = filesOf(program.command);
  if (files.length === 0)
    throw new Error(
      `${program.at}: the command ${JSON.stringify(program.command)} contains no existing file. Save the program next to the config and set its path, for example [python, rewards.py].`,
    );
  if (!startsFile(program.command))
    throw new Error(
      `${program.at}: the command ${JSON.stringify(program.command)} has arguments before its file, which the hash does not cover. Set the file directly after the program, for example [python, rewards.py].`,
    );
  const words = await Promise.all(
    program.command.map(async (word) =>
      files.includes(word) ? { file: word, sha256: await fileSha256(word) } : word,
    ),
  );
  const hash = sha256(JSON.stringify(words)).slice(0, 32);
  return { ...program, hash, trusted: (process.env[TRUSTED] ?? '').split(',').includes(hash) };
}

/** Checks programs. @throws Error with instructions, unless the user trusts all programs in their current state */
export async function requireTrusted(programs: readonly OwnProgram[]): Promise<void> {
  const untrusted = (await Promise.all(programs.map(trustable))).filter(({ trusted }) => !trusted);
  if (untrusted.length > 0) throw new Error(untrustedText(untrusted));
}

/** Returns a message that lists the untrusted programs, with instructions to trust the programs. */
function untrustedText(programs: readonly Trustable[]): string {
  const lines = programs.map(({ at, command }) => {
    const executable = executableOf(command);
    const place = executable === null || executable === command[0] ? '' : ` (${command[0]} is ${executable})`;
    return `  ${at}: ${printable(command.join(' ') + place, Infinity)}`;
  });
  const hashes = [...new Set(programs.map(({ hash }) => hash))].join(',');
  return [
    'The config starts custom rewards or metrics with your permissions:',
    ...lines,
    `Review the files. If you trust the files, add --trust ${hashes}. Changes to the file or command require a new hash.`,
  ].join('\n');
}
