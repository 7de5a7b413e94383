import { useState } from 'preact/hooks';
import { UNKNOWN, percentsText } from '../../src/base/format.ts';
import { pairSentences } from '../../src/core/pairs/pair-texts.ts';
import { oneLine, visible } from '../../src/base/escape.ts';
import { VERDICT_WORDS } from '../../src/core/pairs/pair-words.ts';
import type { RecordedPair, TrainedPair } from '../../src/core/run-data/trace.ts';
import type { PairImage } from '../../src/panels/pair/pair.contract.ts';
import type { Size } from '../../src/rows/sample/boxes.ts';
import { isClip, timesOf } from '../../src/rows/sample/clip.ts';
import { declaredSize, type ImageRef } from '../../src/rows/sample/sample.ts';
import { viewOf, type ViewId } from '../../src/rows/view-list.ts';
import { sizeIn } from '../../src/rows/symmetry.ts';
import type { TraceRow } from '../../src/panels/trace/trace.contract.ts';
import { Range, Button } from '../ui/controls.tsx';
import { Frames } from '../ui/frames.tsx';
import { Icon } from '../ui/icon.tsx';
import { PicturePair } from '../ui/picture-pair.tsx';
import { relationShapes, type DrawnFields, type Shape } from '../ui/shapes.ts';
import { NO_PICTURE, shapesOn, sideOf } from '../ui/pair-sides.ts';
import { focalOf } from '../../src/rows/views/resample/warp.ts';
import { wordDiff } from '../../src/base/word-diff.ts';
import { ChangedLegend, MarkedText } from '../ui/untrusted-text.tsx';
import { Pair } from '../ui/pair.tsx';
import { InterpretationLine } from '../ui/interpretation-line.tsx';
import { claimedShapes, chosenIn, drawnClaims, type DrawnClaims } from './trace-claims.ts';
import { Groups } from './groups.tsx';
import type { TraceModel } from './trace-model.ts';
import type { ChosenCompletion, ShownPair } from './trace-panel-state.ts';
import { Rollout } from './rollout-stages.tsx';
import { inEnglish } from '../../src/core/worlds/questions/in-english.ts';
import { pairSteps } from '../../src/core/pairs/pair-steps.ts';
import { Changed } from './completion-card.tsx';

/** Opened pair with its history: the outcome, followed by images and answers on one screen. */
export function Inspector({ model, opened }: { model: TraceModel; opened: ShownPair }) {
  const { traced } = opened.pair;
  const { after, tried } = model;
  const interpretation = model.state.list?.interpretation;
  const [pointed, point] = useState<ChosenCompletion | null>(null);
  const chosen = tried && !model.state.chosen ? null : chosenIn(traced, model.state.chosen);
  const drawn = drawnClaims(traced, chosen, pointed);
  return (
    <div class={`inspector stack${tried ? ' tried' : ''}`} aria-busy={model.state.id !== opened.id}>
      <Head traced={traced} />
      <Strip traced={traced} after={after} />
      {!tried && <Along model={model} opened={opened} />}
      <div class="asked">
        <Pictures model={model} opened={opened} claims={drawn} />
        <Questions traced={traced} row={opened.row} swapped={model.state.swapped} />
        {/* Changed settings need the space for all completions. */}
        {!tried && drawn.some((claims) => claims !== null) && (
          <DrawnLegend hasRow={Boolean(opened.row?.row.sample)} />
        )}
      </div>
      {interpretation && (
        <InterpretationLine
          interpretation={interpretation}
          interpret={(what) => model.host.notify('interpret', { what })}
        />
      )}
      <Groups {...{ model, opened, after, chosen, drawn, point }} />
      <Story traced={traced} after={after} problem={opened.pair.arraysProblem} />
      {tried && <Along model={model} opened={opened} />}
      {chosen && (
        <div class="detail">
          <Rollout model={model} opened={opened} chosen={chosen} after={after} />
        </div>
      )}
    </div>
  );
}

function Head({ traced }: { traced: RecordedPair }) {
  const { step, pair, sample } = traced;
  return (
    <div class="pair-head">
      <h2 title={oneLine(sample, 500)}>
        <bdi>{oneLine(sample, 80)}</bdi>
      </h2>
      {traced.kind === 'trained' && <span class="quiet">{`step ${step} · pair ${pair}`}</span>}
    </div>
  );
}

/** Outcome, coupling and effect on training as text. Under changed settings, the text also contains the new values. */
function Story(props: { traced: RecordedPair; after: TrainedPair | null; problem: string | null }) {
  const { traced, after, problem } = props;
  const before = pairSentences(traced);
  const now = after && pairSentences(after);
  return (
    <p class="story">
      {before.map((sentence, i) =>
        now && now[i] !== sentence ? (
          <>
            <s>{sentence}</s> <strong>{now[i]}</strong>{' '}
          </>
        ) : (
          `${sentence} `
        ),
      )}
      {problem && <span class="quiet">Log-probabilities: {problem}</span>}
    </p>
  );
}

/** Legend for the lines over the images, of which a completion states some. @param props.hasRow whether the row is known */
function DrawnLegend({ hasRow }: { hasRow: boolean }) {
  return (
    <p class="drawn-legend quiet">
      {hasRow && (
        <span>
          <span class="swatch" aria-hidden="true" /> solid: in the row
        </span>
      )}
      <span>
        <span class="swatch claims" aria-hidden="true" /> dashed: stated by completion{' '}
        <Icon name="surround-with" />
      </span>
    </p>
  );
}

/** Images of both views, with boxes and graph if the pair's data-file row is known. */
function Pictures(props: { model: TraceModel; opened: ShownPair; claims: readonly (DrawnClaims | null)[] }) {
  const { model, opened, claims } = props;
  const { subject, swapped, options, list } = model.state;
  const interpretation = list?.interpretation;
  const [first, second] = opened.pair.traced.views;
  const images = first?.images ?? [];
  const load = (view: number, image: number) => () => {
    const { run, source } = subject!;
    return model.host.call('traceImage', { run, source, id: opened.id, view, image });
  };
  /** Location of the images. It changes when the user selects another location. */
  const place = [subject!.run, interpretation?.root];
  // Show no message about the missing row, because the notice below the images already explains the reason.
  const isLost = interpretation?.what === 'moved' && interpretation.root === null;
  const isOurs = !interpretation && model.state.list?.missing === undefined;
  const isOwn = second && viewOf(second.view).showsOther(second.images, images);
  const secondImages = isOwn ? second.images : null;
  const row = opened.row?.row.sample ?? undefined;
  return (
    <section class="pictures" aria-label="Images">
      <Frames
        key={JSON.stringify(opened.id)}
        first={images.map((ref, i) => imageOf(ref, opened.row?.row.images[i], place))}
        second={
          secondImages &&
          secondImages.map((ref, i) => imageOf(ref, opened.row?.row.viewImages[second!.view]?.[i], place))
        }
        isClip={row && isClip(row)}
        times={row && timesOf(row)}
        playsByItself
        load={(_, side, i) => load(secondImages ? side : 0, i)()}
      >
        {(image, other, [i, j]) => (
          <PicturePair
            image={image ?? NO_PICTURE}
            load={load(0, i)}
            remedy={
              isOurs && (
                <Button onClick={() => model.host.notify('interpret', { what: 'root' })}>
                  Locate Images…
                </Button>
              )
            }
            other={
              other === image
                ? undefined
                : {
                    image: other ?? NO_PICTURE,
                    load: load(1, j),
                  }
            }
            zoomOf={row && isClip(row) ? JSON.stringify(opened.id) : undefined}
            flipped={swapped}
            focal={opened.row?.row.sample ? focalOf(opened.row.row.sample) : undefined}
            views={second ? [first!.view, second.view] : [first!.view]}
            shapes={(pixels, size, side) => {
              if (i > 0) return [];
              const shapes = drawn(opened, (side === 0 ? first : second)!.view, size);
              const said = claims[side]?.claims;
              const truth = shapes.filter(({ from }) => from === 'graph');
              const claimed = said ? claimedShapes(said, truth, sizeIn(pixels, size)) : [];
              const shown = shapes.filter(({ from }) =>
                from === 'relations' ? options.graph : options.boxes,
              );
              return [...shown.map((shape) => withoutTwin(shape, claimed)), ...claimed];
            }}
          />
        )}
      </Frames>
      {images.length === 0 && <p class="quiet">No image for this pair</p>}
      {opened.rowProblem && !isLost && <p class="quiet">{opened.rowProblem}</p>}
    </section>
  );
}

/** Returns an image of the pair. Its key comes from the data-file row, or else from reference and location. */
function imageOf(ref: ImageRef, known: PairImage | undefined, place: readonly unknown[]): PairImage {
  if (known && JSON.stringify(known.ref) === JSON.stringify(ref)) return known;
  const onlySize = typeof ref !== 'string' && !ref.path && !ref.parquet && !ref.video && declaredSize(ref);
  return { ref, key: onlySize ? null : JSON.stringify([...place, ref]) };
}

/** Removes the name of an object if a claimed shape has the same colour and name. */
const withoutTwin = (shape: Shape, claimed: readonly Shape[]): Shape =>
  shape.from === 'graph' && claimed.some(({ kind, colour }) => kind !== 'arrow' && colour === shape.colour)
    ? { ...shape, label: '' }
    : shape;

function drawn({ row }: ShownPair, view: ViewId, size: Size): Shape[] {
  const sample = row?.row.sample;
  if (!sample) return [];
  // If the file does not contain the view, transform the original's shapes.
  const variant: DrawnFields = {};
  const side = sideOf(row.row, view) ?? { view, variant, ownImages: viewOf(view).hasOwnPictures ? [] : null };
  // Use only the view's own graph, because a transform changes positions, but not words.
  const graph = side.variant ? side.variant.scene_graph : sample.scene_graph;
  return [
    ...relationShapes(graph, sizeIn(viewOf(view).pixels, size)),
    ...shapesOn(side, sample, sample.box_format, size),
  ];
}

const REFERENCE = 'Reference answer';

interface QuestionsProps {
  traced: RecordedPair;
  row: TraceRow | null;
  swapped: boolean;
}

/** Questions and reference answers of both views. Swapped words are marked. */
function Questions({ traced, row, swapped }: QuestionsProps) {
  const [first, second] = traced.views;
  if (!first) return null;
  const choices = (view: ViewId) => row?.choices[view]?.join(' · ');
  const texts: [name: string, first: string | undefined, second: string | undefined][] = [
    [
      inEnglish(first.question) === first.question ? 'Question' : 'Question in English',
      inEnglish(first.question),
      second && inEnglish(second.question),
    ],
    [REFERENCE, first.answer ?? UNKNOWN, second && (second.answer ?? UNKNOWN)],
    ['Counts as correct', row?.accepted ?? undefined, undefined],
    ['Choices', choices(first.view), second && choices(second.view)],
  ];
  const changed = texts.flatMap(([, one = '', other = one]) => wordDiff(visible(one), visible(other)).after);
  return (
    <section class="questions" aria-label="Questions">
      {texts.map(([name, one, other]) => {
        if (one === undefined) return null;
        const parts = wordDiff(visible(one), visible(other ?? one));
        const cell = (pieces: typeof parts.before) => (
          <div class={`said${name === REFERENCE ? ' strong' : ''}`}>
            <span class="quiet">{name}</span>
            <MarkedText parts={pieces} />
          </div>
        );
        if (!second || other === undefined) return cell(parts.before);
        return (
          <Pair
            key={name}
            original={cell(parts.before)}
            mirror={cell(parts.after)}
            flipped={swapped}
            views={[first.view, second.view]}
          />
        );
      })}
      <ChangedLegend parts={changed} />
    </section>
  );
}

const rightText = ({ accuracy, accuracy_most: most }: ShownPair['along'][number]): string =>
  accuracy === null ? 'not scored' : `${percentsText([accuracy, most ?? accuracy])} correct`;

/** Slider over the training steps that used the same row. */
function Along({ model, opened }: { model: TraceModel; opened: ShownPair }) {
  const { along, id } = opened;
  if (along.length < 2) return null;
  const at = along.findIndex(({ step, pair }) => step === id.step && pair === id.pair);
  const go = (to: number) => {
    const seen = along[to];
    if (seen) void model.open({ step: seen.step, pair: seen.pair });
  };
  return (
    <section class="along">
      <label for="along">Row across steps</label>
      <Range id="along" max={along.length - 1} value={Math.max(at, 0)} text={`step ${id.step}`} set={go} />
      <span class="figures">{`step ${id.step}, ${at + 1} of ${along.length}`}</span>
      <ol>
        {along.map((summary, i) => (
          <li class={i === at ? 'here' : ''}>
            <button
              type="button"
              aria-current={i === at ? 'step' : undefined}
              title={`Step ${summary.step}: ${rightText(summary)}`}
              onClick={() => go(i)}
            >
              <span class="share" style={{ '--share': summary.accuracy ?? 0 }} />
              <span class="unseen">
                Step {summary.step}, {summary.verdict ? VERDICT_WORDS[summary.verdict].label : ''}{' '}
                {rightText(summary)}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** History of a pair in one line: outcome → penalised → effect → use. Sentences below the answers repeat it. */
function Strip({ traced, after }: { traced: RecordedPair; after: TrainedPair | null }) {
  const before = pairSteps(traced);
  const now = after && pairSteps(after);
  if (before.length === 0) return null;
  return (
    <ol class="strip-of-steps" aria-label="Pair outcome">
      {before.map(({ label, result, look, why }) => (
        <li key={label} class={look} title={why ?? undefined}>
          <span class="label">{label}</span>
          <Changed
            before={result}
            after={now ? (now.find((step) => step.label === label)?.result ?? '–') : undefined}
          />
        </li>
      ))}
    </ol>
  );
}
