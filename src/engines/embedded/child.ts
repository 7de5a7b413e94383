import type { EmbeddedTrainer } from './engine.ts';
import { openEmbedded } from './open.ts';
import type { Call, Cancellation, Reply } from './process.ts';

/**
 * The process that an embedded engine runs in. It opens with the first message, answers calls one by one, and ends
 * when its parent closes the channel or dies. Images arrive decoded.
 */
let engine: EmbeddedTrainer | null = null;
const underWay = new Map<number, AbortController>();

process.on('message', (message: Call | Cancellation) => {
  if ('cancel' in message) underWay.get(message.cancel)?.abort(new Error('The call was cancelled.'));
  else void answer(message).then((reply) => process.send!(reply));
});
process.on('disconnect', () => process.exit());
// Ctrl-C reaches the whole group; the parent stops after its step and still needs the engine to save.
process.on('SIGINT', () => undefined);

async function answer(call: Call): Promise<Reply> {
  const stop = new AbortController();
  underWay.set(call.id, stop);
  try {
    return { id: call.id, result: await perform(call, stop.signal) };
  } catch (error) {
    return { id: call.id, error: (error as Error).message };
  } finally {
    underWay.delete(call.id);
  }
}

async function perform({ method, args }: Call, signal: AbortSignal): Promise<unknown> {
  if (method === 'open') {
    engine = await openEmbedded({ ...(args as Call<'open'>['args'])[0], decodeImage: notHere });
    return { info: engine.info(), imageSize: engine.imageSize };
  }
  if (!engine) throw new Error('The engine is not open.');
  if (method === 'sample' || method === 'complete') {
    const [prompts, options] = args as Call<'sample'>['args'];
    return engine[method](prompts, { ...options, signal });
  }
  return (engine[method] as (...args: unknown[]) => unknown).apply(engine, args);
}

function notHere(): never {
  throw new Error('Images are decoded by the parent.');
}
