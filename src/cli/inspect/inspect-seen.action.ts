import type { OptionsOf } from '../command-options.ts';
import type { addInspectSeenCommand } from './inspect-seen.command.ts';
import { existsSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { clipSeenBy } from '../../core/seen/clip-frames.ts';
import { sightOfRow } from '../../core/seen/row-sight.ts';
import { familyTable } from '../../core/seen/family-table.ts';
import { seenFigure } from '../../core/seen/seen-figure.ts';
import { seenBy, seenFacts } from '../../core/seen/seen-map.ts';
import { several } from '../../base/format.ts';
import { isClip, timesOf, withFewFrames } from '../../rows/sample/clip.ts';
import { declaredSize, type Sample } from '../../rows/sample/sample.ts';
import type { Size } from '../../rows/sample/boxes.ts';
import { DataError } from '../../lab/datasets/data-error.ts';
import { defaultDataRoot, ImageFiles } from '../../lab/datasets/image-files.ts';
import { writeAtomically } from '../../lab/files/atomic.ts';
import { decodeImage, encodeImage, imageSize } from '../../lab/images/decode.ts';
import { readBytes } from '../../lab/files/regular.ts';
import { findRun } from '../../lab/runs/listed-runs.ts';
import { readRunConfig } from '../../lab/runs/make-run.ts';
import { measureSeen } from '../../lab/torch/measure-seen.ts';
import { UsageError } from '../errors.ts';
import { requireFile } from '../input.ts';
import { note, pathHere, print, printJson } from '../print.ts';
import { openSet } from '../tables.ts';
import { requireFamily } from '../values.ts';

type Options = OptionsOf<typeof addInspectSeenCommand>;

const PICTURE = /^\.(?:png|jpe?g|webp|gif|tiff?|avif|bmp)$/i;

export async function seen(file: string | undefined, options: Options): Promise<void> {
  const { model, sees, figure } = options;
  if (options.known) {
    print(familyTable());
    return;
  }
  if (file === undefined) throw new UsageError('Pass an image or a dataset.');
  if ((model === undefined) === (sees === undefined))
    throw new UsageError('Pass the model with --model, or its family with --sees.');
  if (figure !== undefined && !/\.svg$/i.test(figure))
    throw new UsageError(`--figure must end with .svg, not ${figure}.`);
  await requireFile(file);
  const { sample, size, bytes } = PICTURE.test(extname(file))
    ? await readImage(file)
    : await rowOf(file, options);
  const times = sample && isClip(sample) && sample.images.length > 1 ? timesOf(withFewFrames(sample)) : null;
  const transform =
    model === undefined
      ? fromTable(sees!, size, times)
      : await measured(await processorOf(model, options.runs), size, times);
  const things = sample && sightOfRow(sample, size, transform.map);
  const { map, ...facts } = transform;
  if (figure !== undefined) await writeFigure(figure, map, size, bytes!);
  const id = sample?.id ?? null;
  if (options.json) printJson({ file, id, ...size, ...map, ...facts, asked: things });
  else {
    print(textOf(id === null ? file : `${file} ${id}`, size, transform));
    if (things)
      print(lineOf('asked', `${things.sight}: ${things.places.map(({ name }) => name).join(', ')}`));
  }
}

function fromTable(name: string, size: Size, times: number[] | null) {
  const family = requireFamily(name);
  const map = seenBy(family, size);
  if (!map) throw new UsageError(`${name} refuses images of ${size.w} × ${size.h} pixels.`);
  const clip = times && clipSeenBy(family, times.length, times, size);
  return { map, modes: null, by: name, clip };
}

async function measured(model: string, size: Size, times: number[] | null) {
  const { maps, modes, runtime, clip } = await measureSeen(model, [size], times);
  const [map] = maps as [(typeof maps)[number]];
  if ('error' in map) throw new UsageError(map.error);
  const video = clip && ('error' in clip ? clip : clipSeenBy(clip, times!.length, times));
  return { map, modes, by: `${model} (${runtime})`, clip: video };
}

/** Returns the base model of a run; for other models, the unchanged name. */
async function processorOf(name: string, runs: string): Promise<string> {
  const run = await findRun(runs, name);
  // A path must be absolute, because the worker runs in its own folder.
  if (run === null) return existsSync(name) ? resolve(name) : name;
  const { engine } = await readRunConfig(run);
  if (engine.kind !== 'torch')
    throw new UsageError(`Run ${name} uses the engine ${engine.kind}, which has no transformers processor.`);
  return engine.model;
}

const readImage = async (file: string) => {
  const bytes = await readBytes(file);
  return { sample: null, size: await sizeIn(file, bytes), bytes };
};

/** Returns the size of an image. @throws DataError that names the file */
const sizeIn = (file: string, bytes: Uint8Array): Promise<Size> =>
  imageSize(bytes).catch((error: unknown) => {
    if (!(error instanceof DataError)) throw error;
    const { problem, where } = error;
    throw new DataError(problem.code, problem.message, { ...where, file });
  });

async function writeFigure(file: string, map: Seen['map'], size: Size, bytes: Uint8Array): Promise<void> {
  const png = Buffer.from(await encodeImage(await decodeImage(bytes), 'png')).toString('base64');
  const svg = seenFigure(map, size, `data:image/png;base64,${png}`);
  await writeAtomically(resolve(file), svg);
  note(`Wrote ${pathHere(resolve(file))}.`);
}

async function rowOf(
  file: string,
  { row, dataRoot, figure }: Options,
): Promise<{ sample: Sample; size: Size; bytes: Uint8Array | null }> {
  const source = await openSet(file, { from: 'auto' }, { relativeTo: dirname(file) });
  for await (const { sample } of source.rows) {
    const [image] = sample?.images ?? [];
    if (!sample || image === undefined || (row !== undefined && sample.id !== row)) continue;
    const files = new ImageFiles(dirname(file), dataRoot ?? defaultDataRoot(file));
    try {
      const size = declaredSize(image);
      const bytes = size && figure === undefined ? null : await files.bytes(image);
      return { sample, size: size ?? (await sizeIn(`${file}, row ${sample.id}`, bytes!)), bytes };
    } finally {
      await files.close();
    }
  }
  throw new UsageError(
    row === undefined
      ? `${file} has no readable row with an image. List the problems with chirality data check ${file}.`
      : `Row "${row}" does not exist in ${file}, or has no image.`,
  );
}

type Seen = ReturnType<typeof fromTable> | Awaited<ReturnType<typeof measured>>;

function textOf(name: string, size: Size, { map, modes, by, clip }: Seen): string {
  const { shift, reason, tokens } = map;
  const { lost, crop, filler, tiles } = seenFacts(map, size);
  const treatments = modes && Object.entries(modes).map((mode) => mode.join(': '));
  const lines: [string, string | null][] = [
    ['image', `${name}, ${size.w} × ${size.h}`],
    ['model', by],
    ['size', `${map.size.w} × ${map.size.h}${tokens === null ? '' : `, ${several(tokens, 'token')}`}`],
    ['crop', lost < 1e-6 ? 'none' : `${crop}; ${Math.min(99, Math.round(100 * lost))}% of the image is lost`],
    ['padding', filler || 'none'],
    ['tiles', tiles],
    ['symmetric', shift === 0 ? 'yes' : `no: ${Math.round(shift * 10) / 10} source pixels off (${reason})`],
    ['video', clip && ('error' in clip ? clip.error : clip.facts.join('; '))],
    ['modes', treatments?.join('; ') ?? null],
  ];
  return lines.flatMap(([label, text]) => (text === null ? [] : lineOf(label, text))).join('\n');
}

const lineOf = (label: string, text: string) => `${label.padEnd(10)} ${text}`;
