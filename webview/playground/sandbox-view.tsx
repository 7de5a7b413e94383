import { useMemo } from 'preact/hooks';
import { fixed } from '../../src/base/format.ts';
import { oneLine, visible } from '../../src/base/escape.ts';
import type { ModelAnswers } from '../../src/core/metrics/model-answers.ts';
import type { Found, FoundRow, ModelSource } from '../../src/panels/playground/playground.contract.ts';
import { MIRROR, ORIGINAL, PAIR, type PairView } from '../../src/rows/view-list.ts';
import { inEnglish } from '../../src/core/worlds/questions/in-english.ts';
import type { Style } from '../../src/core/worlds/questions/question.ts';
import {
  differenceOf,
  seen,
  sandboxForms,
  wordsOf,
  type SandboxScene,
} from '../../src/core/worlds/sandbox/sandbox-scene.ts';
import { Button, Dropdown } from '../ui/controls.tsx';
import { CorrectOrWrong } from '../ui/parts.tsx';
import { Pair } from '../ui/pair.tsx';
import { Verdict } from './playground-answers.tsx';
import type { PlaygroundModel } from './playground-model.ts';
import { SceneView, Small, useDrawn } from './scene-picture.tsx';
import { LookControls, Looked } from './sandbox-look.tsx';
import { isRight, type SandboxAnswer, type SandboxModel } from './sandbox-model.ts';

/** Sandbox: a small world with movable objects, a question about the objects, and the models' answers. */
export function Sandbox({ model, sandbox }: { model: PlaygroundModel; sandbox: SandboxModel }) {
  const { scene, walking } = sandbox.state;
  const drawn = useDrawn(scene);
  const words = useMemo(
    () => (sandbox.lack === null ? PAIR.map((view) => wordsOf(scene, view, sandbox.observation)) : null),
    [scene],
  );
  const view = (shownView: PairView) => (
    <>
      <SceneView sandbox={sandbox} view={shownView} drawn={drawn} />
      {words && <Asked {...words[shownView === MIRROR ? 1 : 0]!} />}
    </>
  );
  return (
    <section class="in-sandbox stack" aria-label="Sandbox">
      <Pair original={view(ORIGINAL)} mirror={view(MIRROR)} flipped={false} />
      <p class="quiet">Drag an object, or select it and press the arrow keys, to move it.</p>
      {!words && (
        <p class="warning" role="status">
          {sandbox.lack}
        </p>
      )}
      <Choices sandbox={sandbox} />
      {sandbox.models.length === 0 && (
        <p class="quiet">Add a model below. The model answers each time the objects stop moving.</p>
      )}
      {model.state.looks && <LookControls sandbox={sandbox} />}
      {sandbox.models.map((asked, i) => (
        <OneModel
          key={asked.id}
          sandbox={sandbox}
          source={asked}
          index={i}
          busy={walking !== null}
          swapped={model.state.swapped}
          looks={model.state.looks}
        />
      ))}
    </section>
  );
}

/** Question in English. If the model gets another text, the tooltip contains that text. */
function Asked({ question, answer }: { question: string; answer: string }) {
  const english = inEnglish(question);
  return (
    <p
      class="sandbox-question"
      aria-live="polite"
      title={english === question ? undefined : `Question sent to the model: ${question}`}
    >
      {english} <span class="quiet">Answer:</span> <strong>{answer}</strong>
    </p>
  );
}

const STYLES: readonly (readonly [Style, string])[] = [
  ['english', 'English'],
  ['compact', 'Compact (as in the demo)'],
];

function Choices({ sandbox }: { sandbox: SandboxModel }) {
  const { scene } = sandbox.state;
  const { question, style, world } = scene;
  const forms = sandboxForms(scene);
  const [a, b] = question.objects as [number, number];
  const names = world.objects.map(({ colour, shape }, i) => [`${i}`, `${colour} ${shape}`] as const);
  const name = (objects: [number, number]) => sandbox.ask({ objects });
  return (
    <div class="sandbox-choices">
      <Dropdown
        label="Question"
        value={`${question.family}.${question.form}`}
        options={forms.map(
          ({ family, form, labels }) => [`${family}.${form}`, labels[question.pole]] as const,
        )}
        set={(value) => {
          const form = forms.find((known) => `${known.family}.${known.form}` === value)!;
          sandbox.ask({ family: form.family, form: form.form, wording: form.wording });
        }}
      />
      <Dropdown
        label="A"
        value={`${a}`}
        options={names}
        set={(value) => name([Number(value), Number(value) === b ? a : b])}
      />
      <Dropdown
        label="B"
        value={`${b}`}
        options={names}
        set={(value) => name([Number(value) === a ? b : a, Number(value)])}
      />
      <Dropdown
        label="Wording"
        value={style}
        options={STYLES}
        set={(value) => sandbox.renew(value as Style)}
        title="Start a new scene with this wording and its image size"
      />
      <Button onClick={() => sandbox.renew(style)}>New Scene</Button>
    </div>
  );
}

interface OneProps {
  sandbox: SandboxModel;
  source: ModelSource;
  /** Index of the model in the list of all models. */
  index: number;
  busy: boolean;
  swapped: boolean;
  /** Whether to show the model's attention. */
  looks: boolean;
}

function OneModel({ sandbox, source, index, busy, swapped, looks }: OneProps) {
  const { scene, answers, looks: allLooks, choice, found, walking } = sandbox.state;
  const answer = answers[source.id];
  const looked = looks ? allLooks[source.id] : undefined;
  const isOld = answer?.scene !== scene;
  const label = visible(source.label);
  const walks = walking === source.id;
  return (
    <article class="one-model" aria-label={`Answers of ${label}`}>
      <div class="model-head">
        <h2>
          <bdi>{label}</bdi>
        </h2>
        <span class="status" role="status">
          {walks ? 'searching…' : answer?.state === 'asking' && oneLine(answer.message || 'answering…', 80)}
          {!isOld && answer.asked && <Verdict {...answer.asked} />}
          {looks && !walks && !isOld && answer.asked && looked?.scene !== scene && ' analysing attention…'}
        </span>
        {walks ? (
          <Button k="x" onClick={() => sandbox.cancel()}>
            Cancel
          </Button>
        ) : (
          <Button
            {...(index === 0 && { k: 'f' })}
            disabled={busy || sandbox.lack !== null}
            title="Move A until the answer to the original changes"
            onClick={() => void sandbox.findBreak(source.id)}
          >
            Find Breaking Point
          </Button>
        )}
      </div>
      {answer?.state === 'failed' && (
        <p class="failure" role="alert">
          ✗ {visible(answer.message)}{' '}
          {sandbox.isTooWordy && (
            <Button onClick={() => sandbox.renew('compact')}>Use Compact Wording</Button>
          )}
        </p>
      )}
      {answer?.asked && (
        <div class={isOld ? 'old' : undefined} aria-busy={isOld}>
          <Answered {...answer} swapped={swapped} />
        </div>
      )}
      {looked?.problem && (
        <p class="failure" role="alert">
          ✗ {visible(looked.problem)}
        </p>
      )}
      {looked && choice && (
        <div class={looked.scene === scene ? 'attended' : 'attended old'}>
          <Looked looked={looked} choice={choice} swapped={swapped} id={`${index}`} />
        </div>
      )}
      {source.id in found && (
        <Broken sandbox={sandbox} id={source.id} label={label} found={found[source.id]!} />
      )}
    </article>
  );
}

function Answered({ asked, swapped }: Pick<SandboxAnswer, 'asked'> & { swapped: boolean }) {
  const column = (v: number) => asked?.views[v] && <Line view={asked.views[v]} />;
  return <Pair original={column(0)} mirror={column(1)} flipped={swapped} />;
}

function Line({ view }: { view: ModelAnswers['views'][0] }) {
  const { right, answer } = view.completions[0]!;
  return (
    <p class="line">
      {right !== null && <CorrectOrWrong right={right} />}{' '}
      <strong>{answer === '' ? <i>no answer</i> : <bdi>{oneLine(answer, 120)}</bdi>}</strong>
    </p>
  );
}

/** Result of the search, with the rows directly before and after the change. */
function Broken(props: { sandbox: SandboxModel; id: string; label: string; found: Found | null }) {
  const { sandbox, id, label, found } = props;
  if (!found)
    return (
      <p class="found stack">
        {`On the original, ${label} gives one correct answer for all positions of A on this line.`}
      </p>
    );
  return (
    <div class="found stack">
      <p role="status">{sentence(found, label)}</p>
      <div class="found-pair">
        {found.rows.map((row, i) => (
          <figure key={i}>
            <Small scene={row.scene} name={i === 0 ? 'Before' : 'After'} />
            <figcaption>
              <span>{placeOf(row.scene)}</span>
              <Line view={row.asked.views[0]!} />
            </figcaption>
          </figure>
        ))}
      </div>
      <div class="flow">
        <Button primary k="s" title="Append both rows to a data file" onClick={() => void sandbox.save(id)}>
          Save as Rows…
        </Button>
        <Button title="Show the scene as it was before the search" onClick={() => sandbox.change(found.from)}>
          Restore Scene
        </Button>
      </div>
    </div>
  );
}

function sentence({ kind, rows }: Found, label: string): string {
  const [before, after] = rows.map(answerOf) as [string, string];
  const right = rows.map(isRight);
  if (kind === 'stubborn')
    return `Counter-example: on the original, ${label} answers “${before}” for all positions on this line, even where this answer is wrong.`;
  const change = `On the original, ${label} changes its answer at this position from “${before}” to “${after}”`;
  if (right[0] && right[1]) return `${change}, as does the reference answer.`;
  return right[0] || right[1]
    ? `${change}, but the reference answer stays the same (counter-example).`
    : `${change}, and both answers are wrong (two counter-examples).`;
}

const answerOf = ({ asked }: FoundRow): string =>
  oneLine(asked.views[0]!.completions[0]!.answer, 40) || 'no answer';

/** Returns a text such as "red cube 3.1 % of the width left of blue ball". */
function placeOf(scene: SandboxScene): string {
  const { question, world } = scene;
  const [a, b] = question.objects.map((i) => `${world.objects[i]!.colour} ${world.objects[i]!.shape}`);
  const difference = 100 * differenceOf(seen(scene), question);
  const size = fixed(Math.abs(difference), 1);
  return question.family === 'side'
    ? `${a} ${size}% of the width ${difference < 0 ? 'left' : 'right'} of ${b}`
    : `${a} ${size}% ${difference < 0 ? 'farther' : 'closer'} than ${b}`;
}
