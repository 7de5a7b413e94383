import { Worker } from 'node:worker_threads';
import { Channel } from '../../base/channel.ts';
import type { EmbeddedTrainer } from './embedded-engine.ts';
import { openEmbedded } from './open-embedded.ts';
import type { EmbeddedApi } from './embedded-process.ts';

/**
 * Process of an embedded engine. The first call opens the engine. The process ends when its parent closes the channel
 * or ends. The parent sends decoded images.
 */
let opened: EmbeddedTrainer | null = null;

function engine(): EmbeddedTrainer {
  if (!opened) throw new Error('The engine is not open.');
  return opened;
}

const api: EmbeddedApi = {
  open: async (options) => {
    const decodeImage = () => {
      throw new Error('Images are decoded by the parent.');
    };
    opened = await openEmbedded({ ...options, decodeImage });
    return { info: opened.info(), form: opened.imageForm };
  },
  recall: (args) => engine().recall(...args),
  putPixels: (args) => engine().putPixels(...args),
  encode: (args) => engine().encode(...args),
  complete: ([prompts, options], { signal }) => engine().complete(prompts, { ...options, signal }),
  sample: ([prompts, options], { signal }) => engine().sample(prompts, { ...options, signal }),
  forward: (args) => engine().forward(...args),
  inspect: ([cases, wanted], { signal }) => engine().inspect(cases, wanted, signal),
  forwardBackward: (args) => engine().forwardBackward(...args),
  optimStep: (args) => engine().optimStep(...args),
  setReference: (args) => engine().setReference(...args),
  save: (args) => engine().save(...args),
  load: (args) => engine().load(...args),
  exportAdapter: (args) => engine().exportAdapter(...args),
  usage: () => engine().usage(),
};

new Channel<Record<never, never>>(
  {
    // Without a callback, a message to a parent that has closed the channel would end this process with a stack trace.
    post: (message) => process.send!(message, undefined, undefined, () => undefined),
    listen: (receive) => process.on('message', receive),
  },
  api,
);
process.on('disconnect', () => process.exit());
// The event loop is blocked during computation, so a worker thread also watches the parent.
new Worker(`(${watchParent.toString()})(${process.ppid})`, { eval: true }).unref();
// Ctrl-C signals the whole process group, and a cluster signals all processes of a job. The parent finishes its step
// and still needs the engine to save.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGUSR1'] as const) process.on(signal, () => undefined);

/** Ends this process after its parent has ended. Runs from its source text, so it uses no other code of this file. */
function watchParent(parent: number): void {
  const isGone = () => {
    if (process.platform !== 'win32') return process.ppid !== parent;
    try {
      // eslint-disable-next-line no-restricted-properties -- only asks whether it is there
      return !process.kill(parent, 0);
    } catch {
      return true;
    }
  };
  setInterval(() => {
    // eslint-disable-next-line no-restricted-properties -- this very process
    if (isGone()) process.kill(process.pid, 'SIGKILL');
  }, 500);
}
