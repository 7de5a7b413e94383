import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sha256 } from '../src/lab/files/atomic.ts';
import { cacheDir } from '../src/lab/files/folders.ts';

const run = promisify(execFile);
/** Tests and benchmarks run in the project's folder. */
const scripts = 'scripts/minilm';

/**
 * The folder of the real encoder: `CHIRALITY_MINILM`, or one that is built once from Python packages (15 s, 45 MB) and
 * kept in the cache under the hash of what builds it. Null, with a line that says what to do, where that is impossible;
 * an error instead where `CHIRALITY_REQUIRE_ALL` is set.
 */
export async function minilmFolder(): Promise<string | null> {
  const { CHIRALITY_MINILM, CHIRALITY_REQUIRE_ALL } = process.env;
  if (CHIRALITY_MINILM) return CHIRALITY_MINILM;
  try {
    return await built();
  } catch (error) {
    const message =
      `The real encoder is missing: ${(error as Error).message.trim()}\n` +
      'Python 3.11 or later with venv builds it, or CHIRALITY_MINILM=FOLDER names it: ' +
      '`pip install --no-deps -r scripts/minilm/requirements.txt && python3 scripts/minilm/export.py FOLDER`.';
    if (CHIRALITY_REQUIRE_ALL) throw new Error(message, { cause: error });
    console.warn(message);
    return null;
  }
}

async function built(): Promise<string> {
  const sources = await Promise.all(
    ['export.py', 'requirements.txt'].map((name) => readFile(join(scripts, name), 'utf8')),
  );
  const folder = join(cacheDir(), `minilm-${sha256(sources.join('\0')).slice(0, 12)}`);
  if (existsSync(folder)) return folder;

  await mkdir(cacheDir(), { recursive: true });
  const workshop = await mkdtemp(`${folder}.`);
  try {
    console.warn('Building the encoder for the tests, once …');
    const venv = join(workshop, 'venv');
    await run('python3', ['-m', 'venv', venv]);
    const python = join(
      venv,
      ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']),
    );
    await run(python, ['-m', 'pip', 'install', '-q', '--no-deps', '-r', join(scripts, 'requirements.txt')]);
    await run(python, [join(scripts, 'export.py'), join(workshop, 'minilm')]);
    // Where another process was faster, its folder is as good.
    await rename(join(workshop, 'minilm'), folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  return folder;
}
