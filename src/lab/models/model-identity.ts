import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { adapterOf } from '../../core/config/engine-config.ts';
import type { RunConfig } from '../../core/config/run-config.ts';
import type { Trainer } from '../../engines/trainer.ts';
import { sha256 } from '../files/atomic.ts';
import { ifMissing } from '../files/disk-error.ts';
import { UNDECIDED } from '../datasets/image-files.ts';
import { FileHashes } from '../files/hashes.ts';
import { temporaryFolder } from '../files/leftovers.ts';
import type { RowSource } from '../rollouts/draw-groups.ts';
import type { Identity } from '../runs/run-folder.ts';
import { readManifest } from '../runs/make-run.ts';

/** Matches files from which a model and its processor are opened. */
const OF_MODELS = /\.(?:safetensors|bin|json|txt|model|jinja)$/;
/** Matches files of a Chirality checkpoint that do not belong to its policy. */
const OF_TRAINING =
  /^(?:optimizer\.safetensors|reference\.safetensors|random.*\.safetensors|state\.json|loop\.json|checksums\.json)$/;

/** Returns the current inputs of a run, except its rows and settings. @param trainer trainer with the opened model */
export async function identityOf(
  { init, engine }: RunConfig,
  rows: RowSource,
  trainer: Trainer,
  { isStart }: { isStart: boolean },
): Promise<Identity> {
  const hashes = new FileHashes();
  const { folder } = trainer.info();
  const adapter = isStart && engine.kind !== 'tinker' && adapterOf(engine) !== null;
  const identity: Identity = {
    ...(folder !== undefined && { model: await filesIn(folder, hashes) }),
    ...(init !== undefined && { init: await filesIn(init, hashes) }),
    images: await imagesOf(rows, hashes),
    ...(adapter && { adapter: await adapterNow(trainer) }),
  };
  await hashes.keep();
  return identity;
}

async function filesIn(folder: string, hashes: FileHashes): Promise<Record<string, string>> {
  const names = await readdir(folder).catch(ifMissing([]));
  const ours = names.filter((name) => OF_MODELS.test(name) && !OF_TRAINING.test(name)).sort();
  const files: Record<string, string> = {};
  for (const name of ours) files[name] = await hashes.of(join(folder, name));
  return files;
}

/** Hashes the image files of all rows, in the order of the rows. */
async function imagesOf(rows: RowSource, hashes: FileHashes): Promise<Identity['images']> {
  const named = new Map<string, string>();
  const depth: Record<string, string> = {};
  for await (const [first] of rows.all())
    for (const image of first!.sample.images) {
      const { path, parquet, video } = typeof image === 'string' ? { path: image } : image;
      const name = video ?? parquet ?? path;
      if (name === undefined || named.has(name)) continue;
      const read = name === path ? () => rows.images.stored(image) : undefined;
      named.set(name, await hashes.of(await rows.images.resolve(name), read));
      if (video === undefined) await rows.images.noteDepth(image, depth);
    }
  const files = named.size;
  for (const [folder, range] of Object.entries(depth)) if (range !== UNDECIDED) named.set(folder, range);
  return {
    files,
    sha256: sha256(JSON.stringify([...named])),
    ...(Object.keys(depth).length > 0 && { depth }),
  };
}

/** Returns the SHA-256 of the adapter's current weights. */
async function adapterNow(trainer: Trainer): Promise<string> {
  const { folder, remove } = temporaryFolder('adapter');
  try {
    await trainer.exportAdapter(folder);
    return await new FileHashes().of(join(folder, 'adapter_model.safetensors'));
  } finally {
    await remove();
  }
}

/** Rejects resuming with files that have changed since the start, because the metrics would be invalid. */
export async function requireSameIdentity(
  dir: string,
  { data, engine, init }: RunConfig,
  now: Identity,
): Promise<void> {
  const { identity } = await readManifest(dir);
  const model = engine.kind === 'torch' ? engine.model : 'The base model';
  requireSameFiles(model, identity.model, now.model);
  // A checkpoint does not depend on the run's initial weights.
  if (init !== undefined && Object.keys(now.init ?? {}).length > 0)
    requireSameFiles(init, identity.init, now.init);
  if (identity.images.sha256 !== now.images.sha256)
    throw changed(`An image of ${data.train}, or the depth range of an image,`);
}

/** Checks only the base model. For evaluating or exporting a run. */
export async function requireSameModel(dir: string, config: RunConfig, trainer: Trainer): Promise<void> {
  const { folder } = trainer.info();
  const { identity } = await readManifest(dir).catch(ifMissing({ identity: undefined }));
  if (folder === undefined || !identity?.model || config.engine.kind !== 'torch') return;
  const hashes = new FileHashes();
  requireSameFiles(config.engine.model, identity.model, await filesIn(folder, hashes));
  await hashes.keep();
}

function requireSameFiles(
  what: string,
  before: Readonly<Record<string, string>> | undefined,
  now: Readonly<Record<string, string>> | undefined,
): void {
  if (!before || !now) return;
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const other = names.filter((name) => before[name] !== now[name]);
  if (other.length > 0) throw changed(`${what} (${other.slice(0, 5).join(', ')})`);
}

const changed = (what: string): Error =>
  new Error(
    `${what} has changed since the run started. Restore the files, or start a new run with \`init\` at the last checkpoint.`,
  );
