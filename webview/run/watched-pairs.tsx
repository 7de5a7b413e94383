import { useEffect, useRef, useState } from 'preact/hooks';
import { several } from '../../src/base/format.ts';
import { oneLine } from '../../src/base/escape.ts';
import { sizeIn } from '../../src/rows/symmetry.ts';
import { viewOf, type ViewId } from '../../src/rows/view-list.ts';
import type { ImageBytes, PairImage } from '../../src/panels/pair/pair.contract.ts';
import { Button, Range } from '../ui/controls.tsx';
import { Frames } from '../ui/frames.tsx';
import { CorrectOrWrong } from '../ui/parts.tsx';
import { InterpretationLine } from '../ui/interpretation-line.tsx';
import { usePicture } from '../ui/pictures.ts';
import { turnedStyle } from '../ui/zoom.ts';
import type { Watched, WatchedPair, XAxis } from '../../src/panels/run/run.contract.ts';
import { usePage, type OpenRun } from './run-panel-state.ts';
import { crosshair, usePlaceInTime } from './x-axis.ts';
import { useAnswer } from '../ui/hooks.ts';
import { wordDiff } from '../../src/base/word-diff.ts';
import { ChangedLegend, MarkedText } from '../ui/untrusted-text.tsx';
import { inEnglish } from '../../src/core/worlds/questions/in-english.ts';

const NO_PICTURE: PairImage = { ref: '', key: null };

/** Duration of each step during playback, in ms. */
const STEP_MS = 900;

/** Pairs of the evaluation set, with the model's answers in each evaluation. */
export function WatchedPairs({ run }: { run: OpenRun }) {
  const { host } = usePage();
  const { evaluations, traced } = run.news;
  // Before the first evaluation, show pairs of the newest traced step.
  const key = evaluations.length > 0 ? evaluations.map(({ id }) => id).join() : `step ${traced.at(-1)}`;
  const wanted = evaluations.length > 0 || (traced.length > 0 && run.facts.program === undefined);
  const answer = useAnswer(key, wanted, () => host.call('watched', { dir: run.dir }));
  if (!wanted && run.facts.program === undefined)
    return (
      <p class="quiet">
        {run.facts.config.some(({ path }) => path.startsWith('data.eval.'))
          ? 'Pairs and their answers appear after the first evaluation.'
          : 'The config has no evaluation set (data.eval). To see pairs and their answers, evaluate a checkpoint.'}
      </p>
    );
  if (answer.state !== 'answered' || answer.value.pairs.length === 0) return null;
  return <Pairs run={run} {...answer.value} />;
}

function Pairs({ run, steps, pairs, candidates, courses, training }: Watched & { run: OpenRun }) {
  const { host } = usePage();
  const { choices } = usePage();
  const xs = steps.map((step) => placeOfStep(run, step, choices.x));
  const [playing, setPlaying] = useState(false);
  const last = steps.length - 1;
  const place = usePlaceInTime(xs) ?? last;
  // At the newest step, choose no position, so that the page also shows later steps.
  const setChosen = (to: number | null) => crosshair.choose(to === null || to === last ? null : xs[to]!);
  // Reset the choice, because its value would be another position on another axis.
  useEffect(() => () => crosshair.choose(null), [choices.x]);
  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(() => {
      setChosen(place + 1 >= last ? null : place + 1);
      if (place + 1 >= last) setPlaying(false);
    }, STEP_MS);
    return () => clearTimeout(timer);
  }, [playing, place, last]);
  // Whether loading an image failed. The images of a moved run can still be accessible.
  const [lost, setLost] = useState(false);
  const { interpretation } = run.news;
  const isMoved = interpretation?.what === 'moved' && (lost || interpretation.root !== null);
  const rights = pairs.filter((pair) => stateAt(pair, place) === 'both').length;
  const { right = 0, changes = 0, wrong = 0 } = courses ?? {};
  const counts =
    last > 0
      ? `Both views correct in all ${steps.length} evaluations: ${right} of ${several(candidates, 'pair')}; in some: ${changes}; in none: ${wrong}.`
      : `Both views correct: ${right} of ${several(candidates, 'pair')}.`;
  return (
    <section class="watched" aria-label="Pairs during training">
      <div class="scrubber flow">
        {last > 0 && (
          <>
            <Button
              icon={playing ? 'debug-pause' : 'play'}
              title={playing ? 'Pause' : 'Play all evaluations'}
              onClick={() => {
                if (!playing && place === last) setChosen(0);
                setPlaying(!playing);
              }}
            />
            <Range
              label="Evaluation"
              text={`step ${steps[place]}: ${rights} of ${pairs.length} correct in both views`}
              max={last}
              value={place}
              set={(to) => {
                setPlaying(false);
                setChosen(to);
              }}
            />
          </>
        )}
        <strong>step {steps[place]}</strong>
        <span class="quiet">
          {training
            ? `${pairs.length} of ${several(candidates, 'pair')} that trained the model at this step`
            : `${several(pairs.length, 'example')} by outcome. ${counts}`}
        </span>
        <ChangedLegend parts={pairs.flatMap((pair) => wordings(pair).after)} />
      </div>
      {isMoved && (
        <InterpretationLine
          interpretation={interpretation}
          interpret={(what) => host.notify('interpret', { what, dir: run.dir })}
        />
      )}
      {/* The data can be in its place without its images. */}
      {lost && !interpretation && run.facts.program === undefined && (
        <p class="interpretation">
          <Button onClick={() => host.notify('interpret', { what: 'root', dir: run.dir })}>
            Locate Images…
          </Button>
        </p>
      )}
      {/* Use a single scrolling line, so that the curves remain visible. */}
      <ul aria-label={`Answers at step ${steps[place]}`}>
        {pairs.map((pair) => (
          <Pair
            key={`${pair.set} ${pair.id}`}
            {...{ pair, place, run }}
            step={steps[place]!}
            lose={() => setLost(true)}
          />
        ))}
      </ul>
    </section>
  );
}

function wordings({ views }: WatchedPair) {
  const [one, other = one] = views.map(({ question }) => oneLine(inEnglish(question), 200));
  return wordDiff(one!, other!);
}

/** Returns the position of a step's evaluation on the axis, or else the step itself. */
const placeOfStep = ({ news }: OpenRun, step: number, x: XAxis): number =>
  news.evaluations.find(({ place }) => place.step === step)?.place[x] ?? step;

const stateAt = ({ views }: WatchedPair, place: number): 'both' | 'first' | 'second' | 'none' => {
  const rights = views.map(({ said }) => said[place]!.right);
  if (rights.every(Boolean)) return 'both';
  return rights[0] ? 'first' : rights[1] ? 'second' : 'none';
};

interface PairProps {
  pair: WatchedPair;
  place: number;
  step: number;
  run: OpenRun;
  /** Called if loading the image fails. */
  lose: () => void;
}

function Pair({ pair, place, step, run, lose }: PairProps) {
  const { host } = usePage();
  const { id, set, evaluation, views } = pair;
  const open = () => {
    const shown = run.news.evaluations.find((point) => point.place.step === step)?.id ?? evaluation;
    host.notify('openPair', { dir: run.dir, evaluation: set === null ? null : shown, step, set, id });
  };
  const root = run.news.interpretation?.root;
  const load = ({ ref }: PairImage) => host.call('watchedImage', { dir: run.dir, evaluation, set, ref });
  const [first, second] = views.map(({ images }): PairImage[] =>
    images.map((ref) => ({ ref, key: JSON.stringify([run.dir, root, evaluation, set, ref]) })),
  );
  const isClip = first!.length > 1;
  const isOwn = second && viewOf(views[1]!.view).showsOther(views[1]!.images, views[0]!.images);
  const { before, after } = wordings(pair);
  return (
    <li
      class={stateAt(pair, place)}
      title="Open pair with all answers"
      // Clicks on the controls of a clip do not open the pair in the Trace panel.
      onClick={({ target }) => !(target as Element).closest('button, .clip-bar') && open()}
    >
      <Frames
        first={first!.length > 0 ? first! : [NO_PICTURE]}
        second={isOwn ? second : null}
        isClip={isClip}
        times={views[0]!.times ?? null}
        playsByItself
        load={load}
      >
        {(...shown) => (
          <div class="views">
            {views.map(({ view, answer, said }, i) => {
              const { text, right, group } = said[place]!;
              return (
                <figure key={view}>
                  <Small image={shown[i as 0 | 1] ?? NO_PICTURE} {...{ view, load, lose }} />
                  <figcaption
                    title={`${viewOf(view).label}: ${oneLine(text, 400)}\nReference answer: ${oneLine(answer, 200)}`}
                  >
                    <span class="unseen">{viewOf(view).label}: </span>
                    <CorrectOrWrong right={right} /> <bdi>{oneLine(text, 60) || '–'}</bdi>
                    {group && <span class="quiet"> {`${group.right} of ${group.n} answers correct`}</span>}
                  </figcaption>
                </figure>
              );
            })}
          </div>
        )}
      </Frames>
      <button
        type="button"
        class="asked"
        dir="auto"
        title={[
          ...views.map(
            ({ view, question, answer }) =>
              `${viewOf(view).label}: ${oneLine(inEnglish(question), 400)} Reference answer: ${oneLine(answer, 200)}`,
          ),
          'Open pair with all answers',
        ].join('\n')}
        onClick={open}
      >
        <MarkedText parts={before} />
        {after.some(({ changed }) => changed) && <MarkedText parts={after} />}
      </button>
    </li>
  );
}

interface SmallProps extends Pick<PairProps, 'lose'> {
  image: PairImage;
  view: ViewId;
  load: (image: PairImage) => Promise<ImageBytes>;
}

/** Image of a view, as large as fits. The previous frame remains visible until the next frame is loaded. */
function Small({ image, view, load, lose }: SmallProps) {
  const picture = usePicture('key' in image ? image.key : null, () => load(image), {
    view,
    focal: undefined,
  });
  const last = useRef(picture);
  if (picture.state !== 'loading') last.current = picture;
  useEffect(() => {
    if (picture.state === 'failed') lose();
  }, [picture.state]);
  return <div class="picture">{drawn(last.current, view)}</div>;
}

function drawn(picture: ReturnType<typeof usePicture>, view: ViewId) {
  if (picture.state === 'loading') return null;
  if (picture.state === 'failed')
    return (
      <span class="quiet" title={picture.why}>
        no image
      </span>
    );
  const { url, size } = picture.picture;
  const { pixels } = viewOf(view);
  const turned = sizeIn(pixels, size);
  return (
    <div class="frame" style={{ '--aspect': turned.w / turned.h }}>
      <img
        class={`${viewOf(view).isMirrored ? 'mirrored' : ''} ${size.w <= 160 ? 'pixels' : ''}`}
        style={turnedStyle(pixels, size)}
        src={url}
        alt=""
        draggable={false}
      />
    </div>
  );
}
