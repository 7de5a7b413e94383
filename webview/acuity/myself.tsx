import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { ImageBytes, PairImage } from '../../src/panels/pair/pair.contract.ts';
import {
  aboutAxis,
  isClipAxis,
  TWO_ANSWER_AXES,
  type TwoAnswerAxis,
} from '../../src/core/worlds/acuity/acuity-axes.ts';
import { Button, Checkbox, Dropdown, ProgressRing } from '../ui/controls.tsx';
import { Frames } from '../ui/frames.tsx';
import { fetchPicture, usePicture } from '../ui/pictures.ts';
import { Message } from '../ui/message-line.tsx';
import type { AcuityModel, Own } from './acuity-model.ts';

interface MyselfProps {
  myself: Own;
  model: AcuityModel;
}

/** Duration for which an image is flashed, in ms. */
const FLASH_MS = 200;

/** Asks the user the same questions as the models. The user answers with arrow keys. */
export function Myself({ myself, model }: MyselfProps) {
  switch (myself.kind) {
    case 'start':
      return <Start model={model} />;
    case 'drawing':
      return <Drawing model={model} />;
    case 'asking':
      return <Question key={myself.answers.length} myself={myself} model={model} />;
    case 'ended':
      return <Ended myself={myself} model={model} />;
  }
}

function Drawing({ model }: Pick<MyselfProps, 'model'>) {
  const leave = () => model.update({ myself: null });
  useEscape(leave);
  return (
    <Message title="Drawing images…">
      <ProgressRing label="Drawing" />
      <Button k="Escape" onClick={leave}>
        Cancel
      </Button>
    </Message>
  );
}

/** Calls `leave` on Escape, unless the key closes a list. */
function useEscape(leave: () => void): void {
  useEffect(() => {
    // A list prevents Escape also while it is closed, so the page reads the key first.
    const press = ({ key }: KeyboardEvent) => {
      const isOpen = (document.activeElement as { open?: boolean } | null)?.open === true;
      if (key === 'Escape' && !isOpen) leave();
    };
    addEventListener('keydown', press, true);
    return () => removeEventListener('keydown', press, true);
  }, []);
}

function Start({ model }: Pick<MyselfProps, 'model'>) {
  const [axis, setAxis] = useState<TwoAnswerAxis>('side');
  const [flash, setFlash] = useState(false);
  const leave = () => model.update({ myself: null, problem: null });
  useEscape(leave);
  return (
    <Message title="Measure my acuity">
      <p>
        {isClipAxis(axis)
          ? 'You answer the same questions as models: about a hundred clips in six minutes. Each clip plays once.'
          : 'You answer the same questions as models: about ninety questions in two minutes.'}{' '}
        Answer with the arrow keys, or press Escape to stop. At the end, you can keep or discard your answers.
      </p>
      <div class="tools">
        <Dropdown
          label="Stimulus"
          value={axis}
          set={(text) => setAxis(text as TwoAnswerAxis)}
          options={TWO_ANSWER_AXES.map((option) => [option, `${option}: ${aboutAxis(option)}`] as const)}
        />
        {!isClipAxis(axis) && (
          <Checkbox checked={flash} set={setFlash} title="If off, the image stays until you answer">
            Show each image for {FLASH_MS} ms
          </Checkbox>
        )}
      </div>
      <div class="tools">
        <Button primary onClick={() => model.begin(axis, flash)}>
          Start
        </Button>
        <Button k="Escape" onClick={leave}>
          Cancel
        </Button>
      </div>
    </Message>
  );
}

function Question({ myself, model }: MyselfProps & { myself: Extract<Own, { kind: 'asking' }> }) {
  const { rows, trials, answers, flash } = myself;
  const trial = trials[answers.length]!;
  const next = trials[answers.length + 1];
  const load = (image: PairImage) => model.host.call('image', { rows, ref: image.ref });
  const [first = null] = trial.images;
  const picture = usePicture(keyOf(first), () => load(first!));
  const isClip = trial.images.length > 1;
  const isFetched = useFetched(trial.images, load);
  const [isGone, setGone] = useState(false);
  const isShown = picture.state === 'shown' && isFetched;

  const answer = (text: string) => {
    const all = [...answers, text];
    model.update({
      myself:
        all.length === trials.length
          ? { kind: 'ended', rows, trials, answers: all }
          : { ...myself, answers: all },
    });
  };
  const leave = () =>
    model.update({ myself: answers.length > 0 ? { kind: 'ended', rows, trials, answers } : null });

  useEffect(() => {
    void fetchAll(next?.images ?? [], load);
  }, [trial.id]);
  useEffect(() => {
    if (!isShown || !flash || isClip) return;
    const timer = setTimeout(() => setGone(true), FLASH_MS);
    return () => clearTimeout(timer);
  }, [isShown]);
  // Listen for keys before the image is painted, so that no early key press is missed.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
      const side = ['ArrowLeft', 'ArrowRight'].indexOf(event.key);
      if (event.key === 'Escape') leave();
      else if (side >= 0 && isShown) answer(trial.choices[side]!);
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  });

  return (
    <main class="asking stack">
      <progress
        max={trials.length}
        value={answers.length}
        aria-label={`${answers.length} of ${trials.length} answered`}
      />
      <div class="stimulus">
        {isShown && !isGone && (
          <Frames
            first={trial.images}
            second={null}
            isClip={isClip}
            times={trial.times}
            once={() => setGone(true)}
            load={load}
          >
            {(image) => image && <Scene image={image} load={load} />}
          </Frames>
        )}
        {picture.state === 'failed' && <p role="alert">{picture.why}</p>}
      </div>
      <h1 class="question" aria-live="polite">
        {trial.question}
      </h1>
      <div class="choices">
        {trial.choices.map((choice, i) => (
          <Button key={choice} disabled={!isShown} onClick={() => answer(choice)}>
            {i === 0 ? `← ${choice}` : `${choice} →`}
          </Button>
        ))}
      </div>
      <Button k="Escape" onClick={leave}>
        Stop
      </Button>
    </main>
  );
}

type Load = (image: PairImage) => Promise<ImageBytes>;

const keyOf = (image: PairImage | null) => (image && 'key' in image ? image.key : null);

const fetchAll = (images: readonly PairImage[], load: Load): Promise<unknown> =>
  Promise.all(
    images.map((image) => {
      const key = keyOf(image);
      return key === null ? null : fetchPicture(key, () => load(image));
    }),
  );

/** Returns whether all frames of a clip are loaded, so that the clip can play in real time. */
function useFetched(images: readonly PairImage[], load: Load): boolean {
  const [isFetched, setFetched] = useState(images.length <= 1);
  useEffect(() => {
    let wanted = !isFetched;
    if (wanted) void fetchAll(images, load).then(() => wanted && setFetched(true));
    return () => {
      wanted = false;
    };
  }, []);
  return isFetched;
}

function Scene({ image, load }: { image: PairImage; load: Load }) {
  const picture = usePicture(keyOf(image), () => load(image));
  return picture.state === 'shown' ? <img src={picture.picture.url} alt="Scene" /> : null;
}

function Ended({ myself, model }: MyselfProps & { myself: Extract<Own, { kind: 'ended' }> }) {
  const { answers, trials } = myself;
  return (
    <Message
      title={
        answers.length === trials.length ? 'All answered' : `${answers.length} of ${trials.length} answered`
      }
      text="Kept answers appear as a curve next to the curves of the models."
    >
      <div class="tools">
        <Button primary onClick={() => model.keep(myself)}>
          Keep Answers…
        </Button>
        <Button onClick={() => model.update({ myself: null, problem: null })}>Discard Answers</Button>
      </div>
    </Message>
  );
}
