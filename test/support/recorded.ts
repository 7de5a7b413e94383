import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** What a build wrote once, in a folder that its files call /project. */
export const PROJECT = fileURLToPath(new URL('../fixtures/recorded/project', import.meta.url));

/** In the order in which they depend on each other. */
export const RUNS = ['sft', 'sft-stages', 'grpo', 'spatial', 'stages', 'refill', 'skip'] as const;

/** Runs the built program in a folder. @throws where it does not end with exit code 0. */
export const chirality = (cwd: string, ...args: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(process.execPath, [CLI, ...args], { cwd, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`chirality ${args.join(' ')}\n${stderr}`));
      else resolve(stdout);
    });
  });

/** Makes the project anew in an empty folder: its configs are copied, the program does the rest. */
export async function makeProject(folder: string): Promise<void> {
  for (const name of await readdir(PROJECT)) {
    if (name.endsWith('.yaml')) await cp(join(PROJECT, name), join(folder, name));
  }
  const worlds = ['--style', 'compact', '--size', '16'];
  await chirality(folder, 'worlds', '--count', '12', '--out', 'train', '--seed', 'train', ...worlds);
  await chirality(folder, 'worlds', '--count', '8', '--out', 'val', '--seed', 'val', ...worlds);
  await writeStages(folder);
  for (const name of RUNS) await chirality(folder, 'train', `${name}.run.yaml`);
}

/** What a model of two stages learns from: for every row a graph that names its solids, and the answer after it. */
async function writeStages(folder: string): Promise<void> {
  const lines = (await readFile(join(folder, 'train/data.qa.jsonl'), 'utf8')).trim().split('\n');
  const rows = lines.flatMap((line) => {
    const { id, question, answer, images, scene_graph } = JSON.parse(line) as {
      id: string;
      question: string;
      answer: string;
      images: object[];
      scene_graph: { objects: { label: string }[] };
    };
    const named = scene_graph.objects.filter(({ label }) => question.includes(label));
    const graph = JSON.stringify({ objects: named.map(({ label }) => ({ label })) });
    return [
      { id: `${id}-graph`, question: `draw : ${question}`, answer: graph, images, task: 'scenegraph' },
      { id: `${id}-answer`, question: `${graph} ${question}`, answer, images },
    ];
  });
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  await writeFile(join(folder, 'train/stages.qa.jsonl'), text);
}

/** Copies the recorded project to where its paths are true. */
export async function openProject(folder: string): Promise<void> {
  for (const [path, bytes] of await filesOf(PROJECT)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    const text = isText(path) && bytes.toString().replaceAll('/project', folder);
    await writeFile(join(folder, path), text || bytes);
  }
}

/** Replaces the recorded project by what lies in a folder. */
export async function record(folder: string): Promise<void> {
  for (const name of await readdir(PROJECT)) {
    if (!name.endsWith('.yaml')) await rm(join(PROJECT, name), { recursive: true });
  }
  for (const [path, bytes] of await neutralFiles(folder)) {
    await mkdir(dirname(join(PROJECT, path)), { recursive: true });
    await writeFile(join(PROJECT, path), bytes);
  }
}

/** The files of a folder by path, as recorded: without what depends on the clock, the machine and the version. */
export async function neutralFiles(folder: string): Promise<Map<string, Buffer>> {
  const files = await filesOf(folder);
  for (const [path, bytes] of files) {
    if (isText(path)) files.set(path, Buffer.from(neutral(path, bytes.toString(), folder)));
  }
  return files;
}

const TIME = '2026-01-01T00:00:00.000Z';

function neutral(path: string, text: string, folder: string): string {
  const moved = text.replaceAll(folder, '/project');
  // Of timings the steps and the names of phases stay.
  if (path.endsWith('timings.jsonl')) return moved.replaceAll(/(?<!"step"):[\d.e-]+/g, ':0.25');
  if (!/(?:state|manifest)\.json$|events\.jsonl$/.test(path)) return moved;
  return moved
    .replaceAll(/("(?:heartbeat|time|started)": ?)"[^"]*"/g, `$1"${TIME}"`)
    .replaceAll(/("(?:host|pid_start|chirality|node)": )"[^"]*"/g, '$1"0"')
    .replaceAll(/(?<="pid": )\d+/g, '2147483647'); // a process id that no process has
}

const isText = (path: string): boolean => !/\.(?:bin|safetensors|png|parquet)$/.test(path);

/** All files in a folder, sorted by path. Logs hold nothing but what libraries print, locks and caches nothing that lasts. */
async function filesOf(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !path.includes('/logs/'))
    .sort();
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path))] as const)),
  );
}
