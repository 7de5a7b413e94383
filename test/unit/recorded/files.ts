import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const RECORDED = fileURLToPath(new URL('../../fixtures/recorded', import.meta.url));

/** What a build wrote once, in a folder that its files call /project. */
export const PROJECT = join(RECORDED, 'project');
/** What the program says of it. */
export const TOLD = join(RECORDED, 'told');

/** Contents by path, sorted. */
export type Files = Map<string, Buffer>;

/** With this the tests write what they would compare with. */
export const isRecording = process.env.CHIRALITY_RECORD === '1';

/** Copies what was written by hand: configs and rows, at the top of the project. */
export async function copyInputs(folder: string): Promise<void> {
  for (const entry of await readdir(PROJECT, { withFileTypes: true })) {
    if (entry.isFile()) await cp(join(PROJECT, entry.name), join(folder, entry.name));
  }
}

/** Copies the whole project to where its paths are true. */
export async function openProject(folder: string): Promise<void> {
  for (const [path, bytes] of await filesOf(PROJECT)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    const text = isText(path) && bytes.toString().replaceAll('/project', folder);
    await writeFile(join(folder, path), text || bytes);
  }
}

/** Puts files in the place of those that were recorded. */
export async function record(files: Files, place: string): Promise<void> {
  await rm(place, { recursive: true, force: true });
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(place, path)), { recursive: true });
    await writeFile(join(place, path), bytes);
  }
}

/** The files of a folder as they are recorded: without what depends on the clock, the machine and the version. */
export async function neutralFiles(folder: string): Promise<Files> {
  const files = await filesOf(folder);
  for (const [path, bytes] of files) {
    if (isText(path)) files.set(path, Buffer.from(neutral(path, bytes.toString(), folder)));
  }
  return files;
}

/** A text as it is recorded, which was told of a project in this folder. */
export const neutralText = (text: string, folder: string): string => text.replaceAll(folder, '/project');

const TIME = '2026-01-01T00:00:00.000Z';

function neutral(path: string, text: string, folder: string): string {
  // Rows point into the tables that they were read from, which lie where the repository does.
  const moved = neutralText(text, folder).replaceAll(/"[^"]*(?=\/test\/fixtures\/datasets\/)/g, '"');
  // Of timings the steps and the names of phases stay.
  if (path.endsWith('timings.jsonl')) return moved.replaceAll(/(?<!"step"):[\d.e-]+/g, ':0.25');
  return moved
    .replaceAll(/("(?:heartbeat|time|started|at)\\?": ?\\?")20[^"\\]*Z/g, `$1${TIME}`)
    .replaceAll(/("(?:host|hardware|pid_start|chirality|node)": )"[^"]*"/g, '$1"0"')
    .replaceAll(/("version": )"\d+\.\d+\.\d+[^"]*"/g, '$1"0"')
    .replaceAll(/(?<="pid": )\d+/g, '2147483647'); // a process id that no process has
}

const isText = (path: string): boolean => !/\.(?:bin|safetensors|png)$/.test(path);

/** Logs hold what libraries print. */
async function filesOf(folder: string): Promise<Files> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    // A new folder of runs is kept out of git, which it was not when these were recorded.
    .filter((path) => !path.includes('/logs/') && !path.endsWith('.gitignore'))
    .sort();
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path))] as const)),
  );
}
