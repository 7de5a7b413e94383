import { Option, type Command } from 'commander';
import { printable } from '../../core/printable.ts';
import {
  ANSWER_POLICIES,
  type AnswerPolicy,
  type Sample,
  type ViewVariant,
} from '../../core/sample/sample.ts';
import { isTrusted } from '../../core/sample/variant.ts';
import { MIRROR, ORIGINAL, VIEW_IDS, isVariantName, viewOf, type ViewId } from '../../core/view-list.ts';
import { inView, rewriteFor, storedVariant } from '../../core/views/view.ts';
import type { ViewOptions } from '../../core/views/turn.ts';
import { rewriteScene } from '../../core/worlds/views/rewrite.ts';
import { isDecided } from '../../lab/recipes/rewrite-data-set.ts';
import { UsageError } from '../errors.ts';
import { asView } from '../evaluation/target.ts';
import { SceneImages, ViewImages } from '../view-images.ts';
import { tell } from '../print.ts';
import { tellTransformed, transformSamples, type Told } from '../samples.ts';
import { statusLines, Tally, tallyLines } from '../tally.ts';
import { openImages } from './view-mirror.ts';

interface Flags {
  view: ViewId;
  output?: string;
  anchor: 'none' | 'image';
  viewpoint?: 'top_down';
  answer?: AnswerPolicy;
  explain?: true;
  writeImages?: string;
  dataRoot?: string;
  json?: true;
}

/** `chirality view add`: adds the variant of every row under a view, by rules. */
export function addViewCommand(program: Command): void {
  program
    .command('add')
    .description(
      'Add another view (variants.views) to every row: with rotated pictures, reworded, or seen from elsewhere.',
    )
    .argument('[file]', 'rows to rewrite (*.qa.jsonl) (default: standard input)')
    .requiredOption(
      '--view <id>',
      'the view, or several joined by +: rotate:180, flip, converse, mirror+converse, …',
      asView,
    )
    .option('-o, --output <file>', 'output file (default: standard output)')
    .addOption(
      new Option(
        '--anchor <where>',
        'image: put "In the image as shown, " before questions about sides, in both views',
      )
        .choices(['none', 'image'])
        .default('none'),
    )
    .addOption(
      new Option('--viewpoint <name>', 'what the pictures show: top_down, straight from above').choices([
        'top_down',
      ]),
    )
    .addOption(
      new Option(
        '--answer <policy>',
        'scene views: keep the question, or turn it so that its answer stays (default: keep-question)',
      ).choices(ANSWER_POLICIES),
    )
    .option('--explain', 'explain on standard error what happened to each row and why')
    .option(
      '--write-images <folder>',
      'write the pictures of the view to this folder, under the same relative paths as in the rows',
    )
    .option('--data-root <folder>', 'read no image outside this folder')
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      `
Views: ${VIEW_IDS.slice(1).join(', ')}.
New pixels: crop:0.1,0,0.9,1 (parts of the width and height), scale:0.5, pad:square, roll:10, pan:8 and slant:8
(degrees, up to 15), grey, light:0.5. Whatever is named must stay fully visible.
Of rows with several pictures: reverse (frames of a clip), exchange (two pictures), repeat:2, every:2.
Scene views redraw a row's world (meta.world) and ask again: orbit:90, depth-mirror, dolly:1, truck:0.5, rise:0.5,
zoom:1.2, turn:10, take:white cube, swap:red cube,blue ball, without:red cube, relight:1, repaint:1. Under orbit:90, what
was to the right comes to the front, and what was behind comes to the right; under orbit:270, what was to the left comes
to the front. Without --write-images they have no picture and are not evaluated.

Rows that the rules cannot decide become needs_llm, rows without such a view become discard; neither is evaluated
(docs/views.md). Rows that have been reviewed stay unchanged. The summary goes to standard error.

Examples:
  chirality view add data.qa.jsonl --view rotate:180 -o turned.qa.jsonl
  chirality view add data.qa.jsonl --view rotate:180 --anchor image -o turned.qa.jsonl
  chirality view add data.qa.jsonl --view flip --explain > /dev/null
  chirality view add turned.qa.jsonl --view converse -o both.qa.jsonl
  chirality view add worlds/data.qa.jsonl --view orbit:90 --write-images worlds/views -o worlds/orbit.qa.jsonl`,
    )
    .action(view);
}

async function view(file: string | undefined, flags: Flags): Promise<void> {
  const { view: id, output } = flags;
  const { pixels } = viewOf(id);
  if (id === ORIGINAL)
    throw new UsageError('--view original: the original is the row itself. Name another view.');
  const scene = viewOf(id).parts.filter(({ kind }) => kind === 'scene');
  const news = viewOf(id).resamples.length > 0;
  if (flags.writeImages !== undefined && pixels === ORIGINAL && scene.length === 0 && !news)
    throw new UsageError(`--write-images: ${id} does not change pictures. Leave it out.`);
  const turns = pixels !== ORIGINAL && pixels !== MIRROR;
  if (flags.anchor === 'image' && !turns)
    throw new UsageError(`--anchor image is for turned pictures, not for ${id}.`);
  if (flags.answer && !viewOf(id).isDrawn)
    throw new UsageError(`--answer is for scene views, not for ${id}.`);
  const options: ViewOptions = {
    anchor: flags.anchor,
    draw: rewriteScene,
    ...(flags.answer && { answer: flags.answer }),
  };
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

  const viewOne = async (row: Sample, told: Told): Promise<Sample> => {
    const sample: Sample =
      flags.viewpoint && row.meta?.viewpoint === undefined
        ? { ...row, meta: { ...row.meta, viewpoint: flags.viewpoint } }
        : row;
    const stored = storedVariant(sample, id);
    const kept = isDecided(stored) ? stored! : null;
    const variant: ViewVariant = kept ?? rewriteFor(sample, id, options);
    if (kept) decided += 1;
    statuses.add(variant.status);
    if (variant.code) {
      codes.add(variant.code);
      const more =
        variant.code === 'no_anchor' && turns && flags.anchor === 'none' ? ' Or give --anchor image.' : '';
      if (!reasons.has(variant.code)) reasons.set(variant.code, `${variant.reason ?? ''}${more}`);
    }
    if (flags.explain) tell(explained(sample, variant));
    const own = drawn && isTrusted(variant) ? await drawn.write(sample) : null;
    if (own) variant.images = [own];
    for (const image of turned && isTrusted(variant) ? sample.images : [])
      await told(turned!.write(image, sample));
    return withView(sample, id, variant);
  };

  try {
    const counts = await transformSamples(file, output, 'view', viewOne);
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

/** Stores a row's rewrite under a view; for a rewrite anchored to the image, also the anchored original. */
function withView(sample: Sample, id: ViewId, variant: ViewVariant): Sample {
  if (isVariantName(id)) return { ...sample, variants: { ...sample.variants, [id]: variant } };
  const views = { ...sample.variants?.views, [id]: variant };
  if (variant.anchor === 'image' && inView(sample, 'anchored') && !isDecided(views.anchored))
    views.anchored = rewriteFor(sample, 'anchored');
  return { ...sample, variants: { ...sample.variants, views } };
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

/** @param reasons why the first row with each code has no such view */
function described(summary: Summary, reasons: ReadonlyMap<string, string>): string {
  const { view: id, images, inexact_images: inexact, codes } = summary;
  return [
    ...statusLines(summary, `have ${id}`),
    ...(images === undefined
      ? []
      : [`${images} images written${inexact === undefined ? '' : `, ${inexact} of them as JPEG`}`]),
    ...(Object.keys(codes).length > 0 ? ['why rows have no such view', ...tallyLines(codes, reasons)] : []),
  ].join('\n');
}

/** The row's id and outcome, then each text that changed, before and after. */
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
      ? [`  pictures: ${shown.join(', ')} of ${sample.images.length}`]
      : []),
    ...(variant.reason ? [`  ${printable(variant.reason)}`] : []),
  ].join('\n');
}
