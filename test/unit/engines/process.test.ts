import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkTrainer } from '../../../src/engines/conformance/trainer-conformance.ts';
import { openEmbedded } from '../../../src/engines/embedded/open-embedded.ts';
import { openEmbeddedProcess } from '../../../src/engines/embedded/embedded-process.ts';
import type { Trainer } from '../../../src/engines/trainer.ts';
import { ask } from '../../../src/engines/conformance/sampler-conformance.ts';
import { QUESTION, scratchFolders, TASK, TINY } from './tiny.ts';
import { slowly } from '../../support/slow.ts';

const scratch = scratchFolders();

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const bundle = new URL('../../../.cache/test/embedded-engine.mjs', import.meta.url);

describe('the embedded engine in a separate process', () => {
  let engine: Trainer;
  beforeAll(async () => {
    await build({
      entryPoints: [new URL('../../../src/engines/embedded/child.ts', import.meta.url).pathname],
      outfile: bundle.pathname,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
    });
    engine = await openEmbeddedProcess(TINY, bundle);
  });
  afterAll(() => engine.close());

  it('passes the conformance checks of trainers', async () => {
    const results = await checkTrainer(engine, TASK, scratch());
    expect(results.filter(({ reason }) => reason !== null)).toEqual([]);
  });

  it('a separate process returns the same values as the main process', async () => {
    const here = await openEmbedded(TINY);
    const answers = async (trainer: Trainer) => {
      const { hash } = await trainer.putImage(TASK.image);
      return trainer.sample([ask(hash, QUESTION)], { n: 2, temperature: 1, topP: 1, maxTokens: 5, seed: 3 });
    };
    expect(await answers(engine)).toEqual(await answers(here));
    expect(engine.info()).toEqual(here.info());
    await here.close();
  });

  it('a separate process reports its own peak memory', async () => {
    const { peakMemory: before } = await engine.usage();
    expect(before).toBeGreaterThan(20e6);
    // Touched, so that it is this process's.
    const large = Buffer.alloc(400e6, 1);
    const other = await openEmbeddedProcess(TINY, bundle);
    expect((await other.usage()).peakMemory).toBeLessThan(process.memoryUsage().rss);
    expect(large[1]).toBe(1);
    await other.close();
  });

  slowly('a separate process ends when its parent is killed, even while busy', async () => {
    // The engine listens for this signal at the end of its start.
    const busy =
      "setInterval(() => { if (process.listenerCount('SIGUSR1') > 0) { process._rawDebug(process.pid); for (;;); } }, 50)";
    const parent = spawn(
      process.execPath,
      [
        '-e',
        `require('child_process').spawn(process.execPath, ${JSON.stringify([
          '--import',
          `data:text/javascript,${busy}`,
          bundle.pathname,
        ])}, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const [text] = (await once(parent.stderr, 'data')) as [Buffer];
    const child = Number(String(text));
    expect(isRunning(child)).toBe(true);
    parent.kill('SIGKILL');
    try {
      await expect.poll(() => isRunning(child), { timeout: 15_000 }).toBe(false);
    } finally {
      if (isRunning(child)) process.kill(child, 'SIGKILL');
    }
  });

  slowly('a separate process ends without a message if its parent closes the channel', async () => {
    for (let delay = 0; delay < 4; delay++) {
      const child = spawn(process.execPath, [bundle.pathname], {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        serialization: 'advanced',
      });
      let errors = '';
      child.stderr!.on('data', (text: Buffer) => (errors += text.toString()));
      const ended = once(child, 'exit');
      child.send({ type: 'call', id: 0, name: 'usage', args: [] });
      await once(child, 'message');
      for (let id = 1; id < 500; id++) child.send({ type: 'call', id, name: 'encode', args: [] });
      setTimeout(() => child.disconnect(), delay);
      expect(await ended).toEqual([0, null]);
      expect(errors).toBe('');
    }
  });

  it('a separate process passes errors to the caller', async () => {
    await expect(engine.encode(ask('0'.repeat(64), QUESTION))).rejects.toThrow('is not loaded');
    await expect(
      openEmbeddedProcess({ ...TINY, model: { folder: '/no/such/folder' } }, bundle),
    ).rejects.toThrow('/no/such/folder');
  });
});

describe('an engine process that ends early', () => {
  const folder = scratch();
  const entry = (name: string, source: string) => {
    writeFileSync(join(folder, name), source);
    return pathToFileURL(join(folder, name));
  };

  it('an engine process that ends early fails the current call and all later calls', async () => {
    const dying = entry(
      'dies.mjs',
      `process.on('message', ({ id, name }) =>
        name === 'open'
          ? process.send({ type: 'result', id, value: { info: {}, imageSize: 8 } })
          : process.kill(process.pid, 'SIGKILL'));`,
    );
    const engine = await openEmbeddedProcess(TINY, dying);
    await expect(engine.encode([], 'red')).rejects.toThrow('process ended');
    await expect(engine.encode([], 'red')).rejects.toThrow('process ended');
    await engine.close();
  });

  it('an engine process that ends during its opening fails the opening', async () => {
    const broken = entry('broken.mjs', 'process.exit(3);');
    await expect(openEmbeddedProcess(TINY, broken)).rejects.toThrow('process ended (exit code 3)');
  });

  it('an abort signal ends the engine process, even during its opening', async () => {
    const stop = new AbortController();
    const opening = openEmbeddedProcess({ ...TINY, signal: stop.signal }, bundle);
    stop.abort();
    await expect(opening).rejects.toThrow('aborted');
  });
});
