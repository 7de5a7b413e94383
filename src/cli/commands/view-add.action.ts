import type { OptionsOf } from '../command-options.ts';
import type { addViewCommand } from './view-add.command.ts';
import { type ViewId, viewOf, ORIGINAL, MIRROR } from '../../rows/view-list.ts';
import type { Sample, ViewVariant } from '../../rows/sample/sample.ts';
import { UsageError } from '../errors.ts';
import { rewriteScene } from '../../core/worlds/views/rewrite-scene.ts';
import { SceneImages, ViewImages } from '../view-images.ts';
import { Tally, statusLines, tallyLines } from '../tally.ts';
import { type Told, transformJob, transformSamples, tellTransformed } from '../write-samples.ts';
import { storedVariant, rewriteFor, inView } from '../../rows/views/view.ts';
import { isDecided } from '../../lab/recipes/rewrite-data-set.ts';
import { tell } from '../print.ts';
import { isTrusted } from '../../rows/sample/variant.ts';
import { printable } from '../../base/printable.ts';
import { openImages } from './view-mirror.action.ts';

type Flags = OptionsOf<typeof addViewCommand>;

/** Settings of a worker thread that adds a view. */
type Setup = Pick<Flags, 'view' | 'anchor' | 'answer' | 'viewpoint' | 'explain'>;

/** Counted values of a row, and the text that `--explain` prints for it. */
type Noted = Pick<ViewVariant, 'status' | 'code' | 'reason'> & { isKept: boolean; text?: string };

/** Returns whether the view moves the image in a different way from the mirror. */
const turnsImage = (id: ViewId): boolean => {
  const { pixels } = viewOf(id);
  return pixels !== ORIGINAL && pixels !== MIRROR;
};

function viewStep({ view: id, anchor, answer, viewpoint, explain }: Setup) {
  const options = { anchor, draw: rewriteScene, ...(answer && { answer }) };
  return (row: Sample): { sample: Sample; variant: ViewVariant; note: Noted } => {
    const sample: Sample =
      viewpoint && row.meta?.viewpoint === undefined ? { ...row, meta: { ...row.meta, viewpoint } } : row;
    const stored = storedVariant(sample, id);
    const isKept = isDecided(stored);
    const variant: ViewVariant = isKept ? stored! : rewriteFor(sample, id, options);
    const { status, code, reason } = variant;
    const text = explain && { text: explained(sample, variant) };
    return { sample, variant, note: { status, code, reason, isKept, ...text } as Noted };
  };
}

export const viewJob = transformJob((setup: Setup) => {
  const stepOf = viewStep(setup);
  return (row) => {
    const { sample, variant, note } = stepOf(row);
    return { out: withView(sample, setup.view, variant), note };
  };
});

export async function view(file: string | undefined, flags: Flags): Promise<void> {
  const { view: id, output } = flags;
  const { pixels } = viewOf(id);
  if (id === ORIGINAL)
    throw new UsageError('Cannot add view original, because it is the row itself. Pass another view.');
  const scene = viewOf(id).parts.filter(({ kind }) => kind === 'scene');
  const news = viewOf(id).resamples.length > 0;
  if (flags.writeImages !== undefined && pixels === ORIGINAL && scene.length === 0 && !news)
    throw new UsageError(
      `--write-images has no effect, because view ${id} does not change images. Remove --write-images.`,
    );
  const turns = turnsImage(id);
  if (flags.anchor === 'image' && !turns)
    throw new UsageError(`--anchor image requires a rotated view, not ${id}.`);
  if (flags.answer && !viewOf(id).isDrawn) throw new UsageError(`--answer requires a scene view, not ${id}.`);
  const { images, from } = await openImages(file, { ...flags, ...(output !== undefined && { output }) });
  const { writeImages: to } = flags;
  const drawn =
    to === undefined || scene.length === 0
      ? null
      : new SceneImages(to, output, scene.map((part) => part.id).join('+'));
  const turned = to === undefined || drawn ? null : new ViewImages(images, from, to, pixels, id);
  const [statuses, codes] = [new Tally(), new Tally()];
  const reasons = new Map<string, string>();
  let decided = 0;

  const take = ({ status, code, reason, isKept, text }: Noted) => {
    if (isKept) decided += 1;
    statuses.add(status);
    if (code) {
      codes.add(code);
      const more =
        code === 'no_anchor' && turns && flags.anchor === 'none' ? ' You can also pass --anchor image.' : '';
      if (!reasons.has(code)) reasons.set(code, `${reason ?? ''}${more}`);
    }
    if (text !== undefined) tell(text);
  };
  const stepOf = viewStep(flags);
  const viewOne = async (row: Sample, told: Told): Promise<Sample> => {
    const { sample, variant, note } = stepOf(row);
    take(note);
    const ownImage = drawn && isTrusted(variant) ? await drawn.write(sample) : null;
    if (ownImage) variant.images = [ownImage];
    for (const image of turned && isTrusted(variant) ? sample.images : [])
      await told(turned!.write(image, sample));
    return withView(sample, id, variant);
  };

  try {
    const counts = await transformSamples(file, output, viewOne, {
      threaded: drawn || turned ? null : { job: 'view', setup: flags, take },
    });
    const summary = {
      ...counts,
      view: id,
      ...(turned && { images: turned.written, inexact_images: turned.inexact }),
      ...(drawn && { images: drawn.written }),
      ...(decided > 0 && { decided }),
      status: statuses.summary(),
      codes: codes.summary(),
    };
    tellTransformed(summary, [described(summary, reasons)], flags);
  } finally {
    await images.close();
  }
}

interface Summary {
  rows: number;
  bad: number;
  view: ViewId;
  images?: number;
  inexact_images?: number;
  decided?: number;
  status: Record<string, number>;
  codes: Record<string, number>;
}

/** @param reasons reason why the first row with a code lacks the view, by code */
function described(summary: Summary, reasons: ReadonlyMap<string, string>): string {
  const { view: id, images, inexact_images: inexact, codes } = summary;
  return [
    ...statusLines(summary, `have ${id}`),
    ...(images === undefined
      ? []
      : [`${images} images written${inexact === undefined ? '' : `, ${inexact} of them as JPEG`}`]),
    ...(Object.keys(codes).length > 0
      ? ['reasons for rows without the view', ...tallyLines(codes, reasons)]
      : []),
  ].join('\n');
}

/** Returns the row's id and outcome, then each changed text, before and after. */
function explained(sample: Sample, variant: ViewVariant): string {
  const rules = variant.rules.length > 0 ? ` (${variant.rules.join(', ')})` : '';
  const texts: [string, string | undefined, string | undefined][] = [
    ['question', sample.question, variant.question],
    ['answer', sample.answer, variant.answer],
    ['reasoning', sample.reasoning, variant.reasoning ?? sample.reasoning],
    ...(sample.choices ?? []).map((choice, i): [string, string, string | undefined] => [
      `choices[${i}]`,
      choice,
      variant.choices?.[i] ?? choice,
    ]),
  ];
  const { images } = variant;
  const shown = images?.map((image) => sample.images.indexOf(image) + 1) ?? [];
  const changed = texts.flatMap(([field, before = '', after = '']) =>
    before === after ? [] : [`  ${field}: ${printable(`"${before}" → "${after}"`)}`],
  );
  return [
    `${printable(sample.id)}: ${variant.status}${rules}${variant.code ? ` [${printable(variant.code)}]` : ''}`,
    ...changed,
    ...(shown.length > 0 && !shown.includes(0)
      ? [`  images: ${shown.join(', ')} of ${sample.images.length}`]
      : []),
    ...(variant.reason ? [`  ${printable(variant.reason)}`] : []),
  ].join('\n');
}

/** Stores a row's rewrite under a view. For a rewrite anchored to the image, also stores the anchored original. */
export function withView(sample: Sample, id: ViewId, variant: ViewVariant): Sample {
  if (viewOf(id).hasOwnKey) return { ...sample, variants: { ...sample.variants, [id]: variant } };
  const views = { ...sample.variants?.views, [id]: variant };
  if (variant.anchor === 'image' && inView(sample, 'anchored') && !isDecided(views.anchored))
    views.anchored = rewriteFor(sample, 'anchored');
  return { ...sample, variants: { ...sample.variants, views } };
}
