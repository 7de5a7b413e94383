import { isRecord, jsonText } from '../../base/json.ts';
import { existsSync, readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { parseYaml, problemText, yamlText } from '../../core/config/config-source.ts';
import { decodeRecord } from '../../base/record.ts';
import { writeAtomically } from '../files/atomic.ts';
import { makeFolder } from '../files/folders.ts';
import { writeFolder } from '../files/leftovers.ts';
import { lines } from '../files/lines.ts';
import { readBytes, readText, streamFile } from '../files/regular.ts';

/** Identity of the authors, which a shared copy of a run must not contain. */
interface Identity {
  /** Absolute path of the data root. Null if unknown. */
  root: string | null;
  /** Names of the machine, the account and its home folder. Other texts can contain these names. */
  names: readonly string[];
}

/** Matches a text that is, as a whole, an absolute path or a URL. */
const ABSOLUTE = /^(?:\/(?!\/)[^\n]*|~[\\/][^\n]*|[A-Za-z]:[\\/][^\n]*|\\\\[^\n]*)$/;
const ADDRESS = /^(?:[a-z][a-z0-9+.-]*:\/\/[^\s]+|file:\/\/[^\n]+)$/i;
/** Matches a URL inside a text, without the punctuation that ends the sentence. */
const ADDRESS_INSIDE = /(?<![\p{L}\p{N}])[a-z][a-z0-9+.-]*:\/\/[^\s"'<>()[\]]*[^\s"'<>()[\].,:;!?]/giu;
/** Matches an absolute path of a file, which can contain spaces. */
const FILE = /^(?:\/(?!\/)|~[\\/]|[A-Za-z]:[\\/]|\\\\|file:\/\/)[^\n]*\.[\p{L}\p{N}]{1,8}$/u;
/** Matches an absolute path of at least two parts inside a text. */
const INSIDE =
  /(?<![\p{L}\p{N}_<./\\~])(?:~?\/[\p{L}\p{N}_.@+-]+(?:\/[\p{L}\p{N}_.@+-]+)+|[A-Za-z]:\\[\p{L}\p{N}_.@+-]+(?:\\[\p{L}\p{N}_.@+-]+)+)/gu;

/** Returns a path relative to the root if the path is below the root. Otherwise, returns the path's last part. */
function shortened(path: string, root: string | null): string {
  const plain = path.replaceAll('\\', '/').replace(/\/+$/, '');
  const top = root?.replaceAll('\\', '/').replace(/\/+$/, '');
  if (top && plain.startsWith(`${top}/`)) return plain.slice(top.length + 1);
  return plain === top ? '.' : plain.slice(plain.lastIndexOf('/') + 1);
}

/** Removes paths, URLs and names from a program's text. Not suitable for texts of models and datasets. */
export function withoutIdentity(text: string, { root, names }: Identity): string {
  if (ADDRESS.test(text)) return 'address';
  if (ABSOLUTE.test(text)) return shortened(text, root);
  const plain = text.replace(ADDRESS_INSIDE, 'address').replace(INSIDE, (path) => shortened(path, root));
  return names.reduce((rest, name) => rest.replace(wordOf(name), 'anonymous'), plain);
}

/** Whether a text of a dataset or a model is so short and plain that it can be a path or a URL. */
export const isPath = (text: string): boolean => text.length < 4096 && (!/\s/.test(text) || FILE.test(text));

/** Applies a change to all strings of a decoded JSON value, except keys. */
function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapTexts(inner, change)]));
}

/** Returns the names and the root that occur in a text as whole words, ignoring case. */
export const identityIn = (text: string, { root, names }: Identity): string[] =>
  [...names, ...(root === null ? [] : [root])].filter((name) => wordOf(name).test(text));

const wordOf = (name: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\d])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\d])`, 'giu');

/** Files that programs write. Any text in these files can contain a path, a machine or a person. */
const RECORDS = ['manifest.json', 'state.json', 'events.jsonl', 'run.yaml'];
/** Files with texts of models and datasets, which stay unchanged. Only image paths change. */
const TEXTS = /\.(?:json|jsonl)$/;

/** Result of copying a run without the authors' identity. */
interface AnonymousCopy {
  files: number;
  /** Files of the run's folder that were not copied: weights, logs, notes. */
  leftOut: string[];
  /** Locations of names in texts of models or datasets, which stay unchanged. */
  found: { file: string; line: number; names: string[] }[];
}

/**
 * Copies a run for double-blind review: config, metrics, events, traces and evaluations, without host, account, command
 * line, version control and absolute paths. Texts of models stay. If such texts contain a name, `found` has the
 * location. The folder appears when all files are complete.
 * @param output a folder that does not exist or is empty. @throws Error for any other folder
 */
export async function copyAnonymously(
  dir: string,
  output: string,
  names: readonly string[],
): Promise<AnonymousCopy> {
  if (existsSync(output) && readdirSync(output).length > 0) throw new Error(`${output} is not empty.`);
  const { data_root: root, host } = (await readJson(join(dir, 'manifest.json'))) as Record<string, unknown>;
  const state = existsSync(join(dir, 'state.json')) ? await readJson(join(dir, 'state.json')) : null;
  const hosts = [host, isRecord(state) ? state.host : null].filter(
    (each): each is string => typeof each === 'string' && each !== '' && each !== 'anonymous',
  );
  const identity: Identity = {
    root: typeof root === 'string' ? root : null,
    names: [...new Set([...names, ...hosts])],
  };
  const all = await filesBelow(dir);
  const kept = all.filter((file) => isKept(file));
  const copy: AnonymousCopy = { files: kept.length, leftOut: all.filter((file) => !isKept(file)), found: [] };
  await writeFolder(output, async (staging) => {
    for (const file of kept) {
      const [from, to] = [join(dir, file), join(staging, file)];
      await makeFolder(join(to, '..'));
      if (!TEXTS.test(file) && file !== 'run.yaml') {
        const bytes = await readBytes(from);
        await writeAtomically(to, bytes);
      } else if (file.endsWith('.jsonl')) await copyLines(from, to, file, identity, copy);
      else {
        const text = await anonymousFile(from, file, basename(output), identity);
        await writeAtomically(to, text);
        look(text, file, 1, identity, copy);
      }
    }
  });
  return copy;
}

/** Whether to copy a file: config, metrics, timings, events, state, manifest, traces with arrays, evaluations. */
const isKept = (file: string): boolean =>
  /^(?:run\.yaml|manifest\.json|state\.json|(?:metrics|timings|events)\.jsonl)$/.test(file) ||
  /^traces[\\/][^\\/]+\.(?:jsonl|bin)$/.test(file) ||
  /^eval[\\/][^\\/]+[\\/][^\\/]+\.jsonl?$/.test(file);

async function filesBelow(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
    .sort();
}

const readJson = async (path: string): Promise<unknown> => decodeRecord(await readText(path), { file: path });

/** Returns the text of a JSON or YAML file without the authors' identity. */
async function anonymousFile(path: string, file: string, name: string, identity: Identity): Promise<string> {
  const change = (text: string) => withoutIdentity(text, identity);
  if (file === 'run.yaml') {
    const { tree, problems } = parseYaml(await readText(path), path);
    if (problems.length > 0) throw new Error(problemText(problems[0]!));
    // Removes `engine.host`, the first machine of a run on several machines.
    const plain =
      isRecord(tree) && isRecord(tree.engine)
        ? { ...tree, engine: { ...tree.engine, host: undefined } }
        : tree;
    return yamlText(mapTexts(plain, change));
  }
  const value = (await readJson(path)) as Record<string, unknown>;
  if (file === 'manifest.json')
    return jsonText({
      ...(mapTexts(value, change) as object),
      name,
      host: 'anonymous',
      hardware: undefined,
      argv: [],
      git: null,
      data_root: '.',
    });
  // Replaces the process in the state by a process that does not exist.
  if (file === 'state.json')
    return jsonText({
      ...(mapTexts(value, change) as object),
      host: 'anonymous',
      pid: 2 ** 31 - 1,
      pid_start: 'unknown',
    });
  return jsonText(mapTexts(value, file.endsWith('manifest.json') ? change : pathsOnly(identity)));
}

/** Returns a function that changes only texts that are an absolute path or a URL. */
const pathsOnly = (identity: Identity) => (text: string) =>
  isPath(text) ? withoutIdentity(text, { ...identity, names: [] }) : text;

async function copyLines(
  from: string,
  to: string,
  file: string,
  identity: Identity,
  copy: AnonymousCopy,
): Promise<void> {
  const change = RECORDS.includes(file)
    ? (text: string) => withoutIdentity(text, identity)
    : pathsOnly(identity);
  await writeAtomically(to, async (target) => {
    for await (const { number, text } of lines(await streamFile(from))) {
      if (text === null || text.trim() === '') continue;
      const line = JSON.stringify(mapTexts(decodeRecord(text, { file: from, line: number }), change));
      await target.write(`${line}\n`);
      look(line, file, number, identity, copy);
    }
  });
}

function look(text: string, file: string, line: number, identity: Identity, { found }: AnonymousCopy): void {
  const names = identityIn(text, identity);
  if (names.length > 0) found.push({ file, line, names });
}
