import type { OptionsOf } from '../command-options.ts';
import type { addMirrorCommand } from './view-mirror.command.ts';
import { mirrorSample } from '../../rows/views/mirror/mirror-sample.ts';
import { Random } from '../../base/random.ts';
import { ViewImages } from '../view-images.ts';
import { openRewriter, tellRewritten } from '../rewriter.ts';
import {
  type RewrittenRow,
  rewrittenRow,
  RewrittenTally,
  type RewrittenSummary,
  statusLines,
  tallyLines,
} from '../tally.ts';
import type { Sample, MirrorVariant } from '../../rows/sample/sample.ts';
import { type Told, transformJob, transformSamples } from '../write-samples.ts';
import { isDecided, NO_RULES, mirrorRow } from '../../lab/recipes/rewrite-data-set.ts';
import { isTrusted } from '../../rows/sample/variant.ts';
import { ImageFiles, defaultDataRoot } from '../../lab/datasets/image-files.ts';
import { isNamed, requireFile, rootOf } from '../input.ts';
import { dirname, resolve } from 'node:path';
import { readingOf } from '../../rows/read/reading.ts';
import { printable } from '../../base/printable.ts';

type Flags = OptionsOf<typeof addMirrorCommand>;

/** Outcome for a row that `--share` excludes from mirroring. */
const LEFT_OUT = { status: 'discard', reason: 'Excluded by --share.' } as const;

type Setup = Pick<Flags, 'seed' | 'share' | 'explain'>;

/** Returns the mirror of a row if a reviewer or `--share` has decided about the row; else null. */
function settled(
  sample: Sample,
  { seed, share = 1 }: Setup,
): { kind: RewrittenRow['kind']; variant: MirrorVariant } | null {
  const before = sample.variants?.mirror;
  if (isDecided(before)) return { kind: 'kept', variant: { ...NO_RULES, ...before! } };
  if (Random.from(`${seed}/${sample.id}`).chance(share)) return null;
  return { kind: 'left-out', variant: { ...mirrorSample(sample), ...LEFT_OUT } };
}

const withMirror = (
  sample: Sample,
  mirror: MirrorVariant,
  kind: RewrittenRow['kind'],
  isExplained?: true,
) => ({
  out: { ...sample, variants: { ...sample.variants, mirror } },
  note: rewrittenRow(mirror, kind, isExplained && (() => explain(sample, mirror))),
});

type PureSetup = Setup & { strategy: Exclude<Flags['strategy'], 'mix'> };

export const mirrorJob = transformJob((setup: PureSetup) => (sample) => {
  const { kind, variant } = settled(sample, setup) ?? { kind: 'new', variant: mirrorSample(sample, setup) };
  return withMirror(sample, variant, kind, setup.explain);
});

export async function mirror(file: string | undefined, flags: Flags): Promise<void> {
  const { strategy, seed, share, explain: isExplained } = flags;
  const random = Random.from(seed);
  const options = strategy === 'mix' ? { strategy, random } : { strategy };
  const { images, from } = await openImages(file, flags);
  const written = flags.writeImages === undefined ? null : new ViewImages(images, from, flags.writeImages);
  const verify = flags.verify === true ? 'flip-verify' : (flags.verify ?? null);
  const model = openRewriter(flags, verify, flags.bothImages ? images : null);
  const tally = new RewrittenTally();

  const take = (row: RewrittenRow) => tally.add(row);
  const mirrorOne = async (sample: Sample, told: Told) => {
    const before = settled(sample, flags);
    const variant =
      before?.variant ??
      (await told(mirrorRow(sample, options, model, flags.rewrite))) ??
      mirrorSample(sample);
    const kind = before?.kind ?? 'new';
    const { out, note } = withMirror(sample, variant, kind, isExplained);
    take(note);
    const isWritten = kind !== 'left-out' && isTrusted(variant);
    for (const image of written && isWritten ? sample.images : []) await told(written!.write(image));
    return out;
  };

  try {
    const isPure = !model && !written && strategy !== 'mix';
    const counts = await transformSamples(file, flags.output, mirrorOne, {
      atOnce: model ? 2 * flags.concurrency : 1,
      threaded: isPure
        ? { job: 'mirror', setup: { strategy, seed, share, explain: isExplained }, take }
        : null,
    });
    const summary = {
      ...counts,
      ...(written && { images: written.written, inexact_images: written.inexact }),
      ...tally.summary(),
    };
    tellRewritten(summary, describe, flags, tally, model);
  } finally {
    await model?.endpoint.close();
    await images.close();
  }
}

/**
 * Opens the images of rows. References in the rows are relative to the output's folder, as in `transformSamples`.
 * @returns also the folder of the input rows
 */
export async function openImages(
  file: string | undefined,
  flags: { dataRoot?: string; output?: string },
): Promise<{ images: ImageFiles; from: string }> {
  const named = isNamed(file) ? file : undefined;
  if (named !== undefined) await requireFile(named);
  const root = await rootOf(flags.dataRoot ?? defaultDataRoot(named));
  const rows = named !== undefined && isNamed(flags.output) ? flags.output : named;
  const folder = rows === undefined ? process.cwd() : dirname(resolve(rows));
  const from = named === undefined ? process.cwd() : dirname(resolve(named));
  return { images: new ImageFiles(folder, root), from };
}

interface Summary extends RewrittenSummary {
  rows: number;
  images?: number;
  inexact_images?: number;
  bad: number;
}

function describe(summary: Summary): string {
  const { images, inexact_images: inexact, rules } = summary;
  return [
    ...statusLines(summary, 'with a mirror'),
    ...(images === undefined ? [] : [`${images} images written, ${inexact ?? 0} of them as JPEG`]),
    'rules (number of rows)',
    ...tallyLines(rules),
  ].join('\n');
}

/** Returns the row's id and outcome, then a line for every rewritten or kept word, with its field and position. */
function explain(sample: Sample, variant: MirrorVariant): string {
  const reviewed: Record<string, unknown> = { ...variant };
  variant.choices?.forEach((choice, i) => (reviewed[`choices[${i}]`] = choice));
  // With `keep-question`, the rules did not rewrite some fields word by word. A discarded row has no rewrite.
  const used = Object.entries(readingOf(sample).sides).filter(
    ([field, read]) => variant.status !== 'discard' && read.text === reviewed[field],
  );
  const edits = used.flatMap(([field, read]) =>
    [...read.changes, ...read.kept]
      .sort((a, b) => a.start - b.start)
      .map(({ start, end, from, to, rule }) => {
        const change = from === to ? `"${from}" stays` : `"${from}" → "${to}"`;
        return `  ${field} ${start}–${end}: ${printable(change)} (${rule})`;
      }),
  );
  const head = `${printable(sample.id)}: ${variant.status}${variant.rules.length > 0 ? ` (${variant.rules.join(', ')})` : ''}`;
  const written =
    variant.route === 'llm' ? [`  → ${printable(`${variant.question} ${variant.answer}`)}`] : [];
  return [head, ...edits, ...written, ...(variant.reason ? [`  ${printable(variant.reason)}`] : [])].join(
    '\n',
  );
}
