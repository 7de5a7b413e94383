import type { TinkerClient } from './client.ts';
import { RemoteModel, type ModelOptions } from './model.ts';
import { gradNormIn, scoresSchema, stepSchema } from './protocol.ts';
import type { Datum } from './rows.ts';

/** How far the length of a gradient may be from what its weights say, as a share: servers compute in bfloat16. */
const TOLERANCE = 0.1;

/**
 * Requires that weights scale a gradient, as in −Σ w·lp: twice the weight, twice the gradient, also below 0. SkyRL's JAX
 * backend divides each row by the sum of its weights instead, and by 1e-9 where that is negative. Tried on a second
 * model, which is then dropped; a server that holds only one, or tells no lengths of gradients, is not tried.
 * @param rowOf a row whose answer's tokens have this weight
 */
export async function requireLinear(
  client: TinkerClient,
  options: ModelOptions,
  rowOf: (weight: number) => Datum,
): Promise<void> {
  const model = await RemoteModel.create(client, options).catch(() => null);
  if (!model) return;
  try {
    const once = await lengthOf(client, model, rowOf(1));
    const twice = await lengthOf(client, model, rowOf(-2));
    if (once === null || twice === null || Math.abs(twice / once / 2 - 1) <= TOLERANCE) return;
    throw new Error(
      `${client.address} does not sum weighted log-probabilities: the weight −2 gives a gradient ${(twice / once).toPrecision(3)} times as long as the weight 1, not twice. SkyRL's JAX backend does that: start it with --backend fsdp.`,
    );
  } finally {
    await model.unload();
  }
}

/** The length of a row's gradient, in a step that changes no weights. */
async function lengthOf(client: TinkerClient, model: RemoteModel, row: Datum): Promise<number | null> {
  await client.result(scoresSchema, await model.forwardBackward([row]));
  const still = { learning_rate: 0, beta1: 0.9, beta2: 0.95, eps: 1e-8, weight_decay: 0, grad_clip_norm: 0 };
  return gradNormIn(await client.result(stepSchema, await model.optimStep(still)));
}
