import type { EndpointFlags, OptionsOf } from '../command-options.ts';
import type { addInspectRowCommand } from './inspect-row.command.ts';
import { refuseEndpoint, setsToLook, printResults, unlessQuestion, type OpenSet } from './insight-target.ts';
import { findLocalModel, openGeneral, openModel, askingDefaults, viewsToAsk } from '../asked-model.ts';
import { findRun } from '../../lab/runs/listed-runs.ts';
import { ImageFiles } from '../../lab/datasets/image-files.ts';
import { dirname, join, resolve } from 'node:path';
import { usage } from '../write-samples.ts';
import { lookName, readLook, writeLook } from '../../lab/insight/look-folder.ts';
import { unlessUnreadable } from '../../lab/files/disk-error.ts';
import { note, pathHere } from '../print.ts';
import { mirrorToAsk } from '../../rows/views/view.ts';
import { lookDocument } from '../../core/reports/insight/look-document.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { sha256 } from '../../lab/files/atomic.ts';
import { chooseStep } from '../../lab/models/open-model.ts';
import { type LookQuestion, look } from '../../lab/insight/take-look.ts';
import type { Look } from '../../core/insight/look.ts';
import { readQaJsonl } from '../../lab/datasets/rows.ts';
import { openInput } from '../input.ts';
import { UsageError } from '../errors.ts';

type Flags = OptionsOf<typeof addInspectRowCommand>;

export async function run(name: string, flags: Flags): Promise<void> {
  refuseEndpoint(name);
  // Report a missing model before missing rows, because only a run provides default rows.
  if (flags.endpoint === undefined) await findLocalModel(name, flags);
  const { sample, file, root } = await findRow(
    await setsToLook(await findRun(flags.runs, name), flags),
    flags.row,
  );
  const place = await placeOf(name, flags);
  const layers = flags.layer.length > 0 ? flags.layer : ('all' as const);
  const images = new ImageFiles(dirname(file), root);
  try {
    const general = usage(() => openGeneral(flags.general));
    const about = {
      general,
      sample,
      pictures: await hashes(sample, images),
      strategy: flags.strategy ?? null,
      model: place?.model ?? null,
      step: place?.step ?? null,
      queries: flags.query,
      layers,
    };
    const dir = place && join(place.folder, lookName(sample.id, place.step, about));
    const kept = dir === null ? null : await readLook(dir).catch(unlessUnreadable(null));
    if (kept) note(`Read from ${pathHere(dir!)}.`);
    const question = {
      views: viewsToAsk(sample, mirrorToAsk(sample)),
      images,
      queries: flags.query,
      layers,
      general,
    };
    const seen = kept ?? { ...(await lookNow(name, flags, question)), step: place?.step ?? null };
    if (dir !== null && !kept) {
      await writeLook(dir, seen, about);
      note(`Wrote ${pathHere(dir)}.`);
    }
    const { heads = false, relative = false } = flags;
    await printResults(seen, () => lookDocument(seen, { heads, relative }), flags);
  } finally {
    await images.close();
  }
}

/** Returns hashes of the row's images, so that different images under the same names get a new analysis. */
async function hashes({ images: refs }: Sample, images: ImageFiles): Promise<string[]> {
  const all: string[] = [];
  for (const ref of refs) all.push(sha256(await images.bytes(ref)));
  return all;
}

/** Returns the folder for a model's analyses, and the model if other models can share the folder; null if unknown. */
async function placeOf(
  name: string,
  { runs, step, output }: Flags,
): Promise<{ folder: string; step: number | null; model: string | null } | null> {
  const dir = await findRun(runs, name);
  if (output === undefined)
    return dir === null
      ? null
      : { folder: join(dir, 'insight'), step: await chooseStep(dir, step), model: null };
  const chosenStep = dir ? await chooseStep(dir, step) : null;
  return { folder: resolve(output), step: chosenStep, model: resolve(dir ?? name) };
}

async function lookNow(
  name: string,
  flags: Flags,
  question: Pick<LookQuestion, 'views' | 'images' | 'queries' | 'layers' | 'general'>,
): Promise<Omit<Look, 'step'>> {
  const model = await openModel(name, flags as Flags & EndpointFlags, (phase) => note(`${name}: ${phase}`));
  try {
    const { strategy, maxTokens } = usage(() => askingDefaults(model, flags.strategy ?? null, null));
    const tell = (phase: string) => note(`${model.name}: ${phase}`);
    const seen = await look(model.sampler, { ...question, strategy, maxTokens }, tell);
    return { ...seen, model: model.name };
  } catch (error) {
    throw unlessQuestion(error);
  } finally {
    await model.close();
  }
}

/** Returns the row with this id (without an id, the first row), and the evaluation set that contains the row. */
async function findRow(
  sets: readonly OpenSet[],
  id: string | undefined,
): Promise<OpenSet & { sample: Sample }> {
  const ids: string[] = [];
  for (const set of sets)
    for await (const { sample } of readQaJsonl(await openInput(set.file))) {
      if (sample && (id === undefined || sample.id === id)) return { ...set, sample };
      if (sample && ids.length < 3) ids.push(sample.id);
    }
  const files = sets.map(({ file }) => file).join(', ');
  if (id === undefined) throw new UsageError(`${files} has no usable rows.`);
  const first = ids.length > 0 ? ` The first rows are ${ids.join(', ')}.` : '';
  throw new UsageError(`Row "${id}" does not exist in ${files}, or is not usable.${first}`);
}
