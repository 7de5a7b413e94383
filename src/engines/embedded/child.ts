import type { EmbeddedTrainer } from './engine.ts';
import { openEmbedded } from './open.ts';
import type { Call, Reply } from './process.ts';

/**
 * The process that an embedded engine runs in. It opens with the first message, answers calls one by one, and ends
 * when its parent closes the channel or dies. Images arrive decoded.
 */
let engine: EmbeddedTrainer | null = null;

process.on('message', (call: Call) => {
  void answer(call).then((reply) => process.send!(reply));
});
process.on('disconnect', () => process.exit());
// Ctrl-C reaches the whole group; the parent stops after its step and still needs the engine to save.
process.on('SIGINT', () => undefined);

async function answer(call: Call): Promise<Reply> {
  try {
    return { id: call.id, result: await perform(call) };
  } catch (error) {
    return { id: call.id, error: (error as Error).message };
  }
}

async function perform({ method, args }: Call): Promise<unknown> {
  if (method === 'open') {
    engine = await openEmbedded({ ...(args as Call<'open'>['args'])[0], decodeImage: notHere });
    return { info: engine.info(), imageSize: engine.imageSize };
  }
  if (!engine) throw new Error('The engine is not open.');
  return (engine[method] as (...args: unknown[]) => unknown).apply(engine, args);
}

function notHere(): never {
  throw new Error('Images are decoded by the parent.');
}
