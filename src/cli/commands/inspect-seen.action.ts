import { existsSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { familyOf } from '../../core/seen/families.ts';
import { sightOfRow } from '../../core/seen/row-sight.ts';
import { familyTable } from '../../core/seen/family-table.ts';
import { seenBy, seenFacts, type SeenMap } from '../../core/seen/seen-map.ts';
import { several } from '../../base/format.ts';
import { declaredSize, type Sample } from '../../rows/sample/sample.ts';
import type { Size } from '../../rows/sample/boxes.ts';
import { defaultDataRoot, ImageFiles } from '../../lab/datasets/image-files.ts';
import { imageSize } from '../../lab/images/decode.ts';
import { readBytes } from '../../lab/files/regular.ts';
import { findRun } from '../../lab/runs/listed-runs.ts';
import { readRunConfig } from '../../lab/runs/make-run.ts';
import { measureSeen } from '../../lab/torch/measure-seen.ts';
import { UsageError } from '../errors.ts';
import { requireFile } from '../input.ts';
import { print, printJson } from '../print.ts';
import { openSet } from '../tables.ts';
import { usage } from '../write-samples.ts';

interface Options {
  row?: string;
  model?: string;
  sees?: string;
  known?: boolean;
  runs: string;
  dataRoot?: string;
  json?: boolean;
}

const PICTURE = /^\.(?:png|jpe?g|webp|gif|tiff?|avif|bmp)$/i;

export async function seen(file: string | undefined, options: Options): Promise<void> {
  const { model, sees } = options;
  if (options.known) {
    print(familyTable());
    return;
  }
  if (file === undefined) throw new UsageError('Pass an image or a dataset.');
  if ((model === undefined) === (sees === undefined))
    throw new UsageError('Pass the model with --model, or its family with --sees.');
  await requireFile(file);
  const { sample, size } = PICTURE.test(extname(file))
    ? { sample: null, size: await imageSize(await readBytes(file)) }
    : await rowOf(file, options);
  const { map, modes, by } =
    model === undefined
      ? fromTable(sees!, size)
      : await measured(await processorOf(model, options.runs), size);
  const things = sample && sightOfRow(sample, size, map);
  if (options.json) printJson({ file, id: sample?.id ?? null, ...size, by, ...map, modes, asked: things });
  else print(textOf(file, sample, size, map, modes, by, things));
}

function fromTable(name: string, size: Size) {
  const map = seenBy(
    usage(() => familyOf(name)),
    size,
  );
  if (!map) throw new UsageError(`${name} refuses images of ${size.w} × ${size.h} pixels.`);
  return { map, modes: null, by: name };
}

async function measured(model: string, size: Size) {
  const { maps, modes, runtime } = await measureSeen(model, [size]);
  const [map] = maps as [(typeof maps)[number]];
  if ('error' in map) throw new UsageError(map.error);
  return { map, modes, by: `${model} (${runtime})` };
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

async function rowOf(file: string, { row, dataRoot }: Options): Promise<{ sample: Sample; size: Size }> {
  const source = await openSet(file, { from: 'auto' }, { relativeTo: dirname(file) });
  for await (const { sample } of source.rows) {
    const [image] = sample?.images ?? [];
    if (!sample || image === undefined || (row !== undefined && sample.id !== row)) continue;
    const files = new ImageFiles(dirname(file), dataRoot ?? defaultDataRoot(file));
    try {
      return { sample, size: declaredSize(image) ?? (await imageSize(await files.bytes(image))) };
    } finally {
      await files.close();
    }
  }
  throw new UsageError(
    row === undefined
      ? `${file} has no row with an image.`
      : `Row "${row}" does not exist in ${file}, or has no image.`,
  );
}

function textOf(
  file: string,
  sample: Sample | null,
  size: Size,
  map: SeenMap,
  modes: Awaited<ReturnType<typeof measureSeen>>['modes'] | null,
  by: string,
  found: ReturnType<typeof sightOfRow> | null,
): string {
  const { shift, reason, tokens } = map;
  const { lost, crop, filler, tiles } = seenFacts(map, size);
  const lines: [string, string][] = [
    ['image', `${sample ? `${file} ${sample.id}` : file}, ${size.w} × ${size.h}`],
    ['model', by],
    ['size', `${map.size.w} × ${map.size.h}${tokens === null ? '' : `, ${several(tokens, 'token')}`}`],
    ['crop', lost < 1e-6 ? 'none' : `${crop}; ${Math.min(99, Math.round(100 * lost))}% of the image is lost`],
    ['padding', filler || 'none'],
    ['tiles', tiles],
    ['symmetric', shift === 0 ? 'yes' : `no: ${Math.round(shift * 10) / 10} source pixels off (${reason})`],
    ...(modes
      ? ([
          [
            'modes',
            Object.entries(modes)
              .map((mode) => mode.join(': '))
              .join('; '),
          ],
        ] as [string, string][])
      : []),
    ...(found
      ? ([['asked', `${found.sight}: ${found.places.map(({ name }) => name).join(', ')}`]] as [
          string,
          string,
        ][])
      : []),
  ];
  return lines.map(([name, text]) => `${name.padEnd(10)} ${text}`).join('\n');
}
