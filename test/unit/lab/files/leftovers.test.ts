import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeAtomically } from '../../../../src/lab/files/atomic.ts';
import {
  newToken,
  removeLeftovers,
  removeUnfinished,
  temporaryName,
  withStaging,
} from '../../../../src/lab/files/leftovers.ts';
import { withFileLock } from '../../../../src/lab/files/file-lock.ts';
import { CLI } from '../recipes/cli.ts';
import { folderOfEachTest, folderOfTests } from '../../../support/folder.ts';
import { slowly } from '../../../support/slow.ts';

/** Rows that take seconds to convert. */
const input = folderOfTests('chirality-leftovers-');

let folder: string;
folderOfEachTest('chirality-leftovers-', (made) => (folder = made));

const ROW = { id: 'a', question: 'Is the cup left of the jug?', answer: 'yes', images: ['cup.png'] };
const rows = Array.from({ length: 60_000 }, (_, i) => `${JSON.stringify({ ...ROW, id: `${i}` })}\n`);
await writeFile(join(input, 'rows.qa.jsonl'), rows.join(''));

/** `convert` in the midst of its work: its output is under construction. */
async function converting(name: string) {
  const rows = join(input, 'rows.qa.jsonl');
  const args = [CLI, 'convert', rows, '-o', join(folder, name), '--json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  await expect.poll(temporaries, { interval: 10 }).toContainEqual(expect.stringContaining(`.${child.pid}-`));
  return { child, ended };
}

const temporaries = async () => (await readdir(folder)).filter((name) => name.endsWith('.tmp'));

describe('the unfinished output of a command', () => {
  it.each(['SIGINT', 'SIGHUP', 'SIGTERM'] as const)('leaves no output after %s', async (signal) => {
    const { child, ended } = await converting('rows.qa.jsonl');
    child.kill(signal);
    expect(await ended).toEqual([null, signal]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('the next command that writes to the folder removes unfinished output after SIGKILL', async () => {
    const { child, ended } = await converting('rows.qa.jsonl');
    child.kill('SIGKILL');
    await ended;
    expect(await temporaries()).toHaveLength(1);
    const other = await converting('other.qa.jsonl');
    expect(await temporaries()).toEqual([expect.stringContaining(`.other.qa.jsonl.${other.child.pid}-`)]);
    await other.ended;
    expect(await readdir(folder)).toEqual(['other.qa.jsonl']);
  });

  slowly('unfinished output is kept during the command if another process writes to the folder', async () => {
    const { ended } = await converting('rows.qa.jsonl');
    await writeAtomically(join(folder, 'notes'), (file) => file.writeFile(''));
    expect(await temporaries()).toHaveLength(1);
    await ended;
    expect(await readdir(folder)).toEqual(['notes', 'rows.qa.jsonl']);
  });
});

it('a busy command without output ends at once on SIGTERM', async () => {
  const loop = `const parse = JSON.parse; JSON.parse = () => {
    process._rawDebug('busy');
    for (;;);
  }`;
  const rows = join(folder, 'rows.qa.jsonl');
  await writeFile(rows, `${JSON.stringify(ROW)}\n`);
  const preload = `data:text/javascript,${encodeURIComponent(loop)}`;
  const child = spawn(process.execPath, ['--import', preload, CLI, 'data', 'stats', rows], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  await expect.poll(() => String(child.stderr.read() ?? ''), { interval: 10 }).toContain('busy');
  child.kill('SIGTERM');
  expect(await ended).toEqual([null, 'SIGTERM']);
});

slowly('worlds removes its unfinished images after a signal, or at the next run after SIGKILL', async () => {
  const drawing = async () => {
    const args = [CLI, 'worlds', '--count', '100000', '-o', folder, '--size', '64', '--style', 'compact'];
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    await expect.poll(temporaries).toContainEqual(expect.stringContaining(`.${child.pid}-`));
    return { child, ended: once(child, 'exit') };
  };
  for (const signal of ['SIGINT', 'SIGKILL', 'SIGTERM', 'SIGHUP'] as const) {
    const { child, ended } = await drawing();
    expect(await temporaries()).toHaveLength(1);
    child.kill(signal);
    expect(await ended).toEqual([null, signal]);
    expect(await readdir(folder)).toHaveLength(signal === 'SIGKILL' ? 1 : 0);
  }
});

it('removeUnfinished deletes a folder during writes to the folder', async () => {
  await withStaging(join(folder, 'pictures'), async (staging) => {
    const writes = Array.from({ length: 500 }, (_, i) =>
      writeFile(join(staging, `${i}`), '').catch(() => undefined),
    );
    removeUnfinished();
    await Promise.all(writes);
    expect(await readdir(folder)).toEqual([]);
  });
});

it.each(['b'.repeat(255), 'é'.repeat(127), '𝒙'.repeat(63)])(
  'a file name of 255 bytes can be written, staged and locked',
  async (name) => {
    expect(Buffer.byteLength(temporaryName(name, newToken()))).toBeLessThanOrEqual(255);
    const path = join(folder, name);
    await writeAtomically(path, (file) => file.writeFile('a'), { follow: false });
    await withStaging(path, (staging) => writeFile(join(staging, 'a'), ''));
    await withFileLock(path, () => writeFile(path, 'b'));
    expect(await readdir(folder)).toEqual([name]);
  },
);

it('removeLeftovers deletes files of dead processes, and of unknown processes after a day', async () => {
  const gone = spawn(process.execPath, ['-e', '']);
  await once(gone, 'exit');
  const [pid, place, letters] = newToken().split('-') as [string, string, string];
  const names = {
    ours: temporaryName('a', `${pid}-${place}-${letters}`),
    dead: temporaryName('a', `${gone.pid}-${place}-${letters}`),
    // There may be such a process in the other place.
    elsewhere: temporaryName('a', `${gone.pid}-00000000-${letters}`),
    unsigned: temporaryName('a', letters),
    folder: temporaryName('b', `${gone.pid}-${place}-${letters}`),
    notes: '.notes.tmp',
  };
  for (const name of Object.values(names)) {
    if (name === names.folder) await mkdir(join(folder, name, 'images'), { recursive: true });
    else await writeFile(join(folder, name), '');
  }
  await removeLeftovers(folder);
  const kept = [names.ours, names.elsewhere, names.unsigned, names.notes];
  expect((await readdir(folder)).sort()).toEqual(kept.sort());
  const then = new Date(Date.now() - 25 * 3600_000);
  for (const name of kept) await utimes(join(folder, name), then, then);
  await removeLeftovers(folder);
  expect((await readdir(folder)).sort()).toEqual([names.ours, names.unsigned, names.notes].sort());
});
