import { realpathSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path';
import type { OwnProgram } from '../../core/rewards/own.ts';
import { printable } from '../../base/printable.ts';
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

/** Programs that run what a word names: a file, but also a module, a folder or the word itself. */
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
 * Whether what is started is a file that the command names: the executable itself, or the word right behind it. Other
 * words there (`-m MODULE`, `-c CODE`, a name that Node completes) start what no hash would cover.
 */
function startsFile(command: readonly string[]): boolean {
  const [executable, first] = command;
  const files = filesOf(command);
  if (first !== undefined && files.includes(first)) return true;
  return files.includes(executable!) && !isInterpreter(executable!);
}

/**
 * The file that a command's first word starts: that word, if it is a path, or the first program of this name in the
 * folders of the PATH. The current folder is never searched, as Windows would.
 * @returns null if there is none
 */
export function executableOf([word]: readonly string[], env = process.env): string | null {
  const isThere = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  if (isAbsolute(word!)) return isThere(word!) ? word! : null;
  if (word !== basename(word!)) return null;
  const endings = process.platform === 'win32' ? ['', '.exe', '.com'] : [''];
  const folders = (env.PATH ?? env.Path ?? '').split(delimiter).filter(isAbsolute);
  return (
    folders.flatMap((folder) => endings.map((ending) => join(folder, word + ending))).find(isThere) ?? null
  );
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

/** @throws Error that says how to trust them, if the user has not trusted all of these programs as they are now. */
export async function requireTrusted(programs: readonly OwnProgram[]): Promise<void> {
  const untrusted = (await Promise.all(programs.map(trustable))).filter(({ trusted }) => !trusted);
  if (untrusted.length > 0) throw new Error(untrustedText(untrusted));
}

/** Says which programs wait to be trusted, and how to give it. */
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
    `Review the files. If you trust them, add --trust ${hashes}. Changes to the file or command require a new hash.`,
  ].join('\n');
}
