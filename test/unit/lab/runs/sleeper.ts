import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { commitCheckpoint, pruneCheckpoints } from '../../../../src/lab/runs/checkpoints.ts';
import type { Lock } from '../../../../src/lab/files/file-lock.ts';
import { lockFolder } from '../../../../src/lab/runs/folder-lock.ts';
import { thisProcess } from '../../../../src/lab/files/process.ts';
import { ActiveRun, writeManifest } from '../../../../src/lab/runs/make-run.ts';
import { TraceArrays, writeTraces } from '../../../../src/lab/runs/trace-files.ts';

/**
 * Works on a run as a process in another container: its start time says so. Does what each line of its input names, and
 * answers with a line: `done`, or the error.
 */
const dir = process.argv[2]!;
const lock = await lockFolder(dir);
const { entry } = (lock as unknown as { lock: Lock }).lock;
const [start] = (await thisProcess()).pid_start.split(' @ ');
const self = { ...(await thisProcess()), pid_start: `${start} @ another container` };
await writeFile(join(entry, 'self'), JSON.stringify(self));
await rename(join(entry, 'self'), join(entry, 'holder.json'));
const run = await ActiveRun.open(lock, { step: 0, steps: 9 });

/** Resolves when the process is told to go on in the midst of something. */
let goOn: () => void = () => undefined;
const loop = (step: number) => ({ step, cursor: 0, tokens: 0, best: null });
const save = (what: string) => (folder: string) => writeFile(join(folder, 'weights'), what);
const manifest = { name: 'sleeper' } as Parameters<typeof writeManifest>[1];

const WORK: Record<string, () => Promise<unknown>> = {
  metrics: () => run.metrics({ step: 2, loss: 2 }),
  events: () => run.event('alarm', 'of the sleeper'),
  state: () => run.update({ message: 'of the sleeper' }),
  manifest: () => writeManifest(lock, manifest),
  traces: () => writeTraces(dir, 2, [], new TraceArrays(), lock.write),
  first: async () => {
    await run.metrics({ step: 1, loss: 1 });
    await commitCheckpoint(lock, loop(1), save('of the sleeper'));
  },
  checkpoint: () => commitCheckpoint(lock, loop(2), save('of the sleeper')),
  slow: () =>
    commitCheckpoint(lock, loop(2), async (folder) => {
      await save('of the sleeper')(folder);
      console.log('saving');
      await new Promise<void>((resolve) => (goOn = resolve));
    }),
  prune: () => pruneCheckpoints(lock, 1, null),
  close: () => run.close('finished', 'of the sleeper'),
};

createInterface({ input: process.stdin }).on('line', (name) => {
  if (name === 'go on') return goOn();
  WORK[name]!().then(
    () => console.log('done'),
    (error: Error) => console.log(`${error.constructor.name}: ${error.message}`),
  );
});
console.log('open');
