import type { ModelAnswers } from '../../src/core/metrics/model-answers.ts';
import { oneLine, visible } from '../../src/base/escape.ts';
import { VERDICT_WORDS } from '../../src/core/pairs/pair-words.ts';
import type { PlayAnswer, PlayAsk } from '../../src/panels/playground/playground.contract.ts';
import { MIRROR, ORIGINAL, PAIR, type ViewId } from '../../src/rows/view-list.ts';
import { WrittenGraph } from '../ui/graph-text.tsx';
import { CorrectOrWrong } from '../ui/parts.tsx';
import { Pair } from '../ui/pair.tsx';
import { UntrustedText } from '../ui/untrusted-text.tsx';
import { isUnderWay, type PlaygroundModel } from './playground-model.ts';
import type { ChosenCompletion } from './playground-panel-state.ts';
import { inEnglish } from '../../src/core/worlds/questions/in-english.ts';

type ViewAnswers = ModelAnswers['views'][number];

/** Answers of every model, with the answers to both views side by side. */
export function Answers({ model, ask }: { model: PlaygroundModel; ask: PlayAsk }) {
  const english = inEnglish(ask.question.question);
  return (
    <section class="answers" aria-label="Answers">
      <p class="asked-question">
        <span class="quiet">{english === ask.question.question ? 'Question' : 'Question in English'}:</span>{' '}
        <bdi>{oneLine(english, 300)}</bdi>
        {ask.mirror && (
          <>
            {' '}
            <span class="quiet">Mirror:</span> <bdi>{oneLine(inEnglish(ask.mirror.question), 300)}</bdi>
          </>
        )}
        {ask.strategy && <span class="badge">{visible(model.labelOf(ask.strategy))}</span>}
      </p>
      {ask.answers.map((answer) => (
        <OneModel model={model} ask={ask} answer={answer} />
      ))}
    </section>
  );
}

const STATE_WORDS: Record<PlayAnswer['state'], string> = {
  waiting: 'starting…',
  loading: 'loading…',
  asking: 'answering…',
  done: '',
  failed: 'failed',
  cancelled: 'cancelled',
};

function OneModel({ model, ask, answer }: { model: PlaygroundModel; ask: PlayAsk; answer: PlayAnswer }) {
  const { state, message, asked, stages } = answer;
  const busy = isUnderWay(state);
  const before = ask.answers
    .slice(0, ask.answers.indexOf(answer))
    .find((other) => other.state === 'failed' && other.message === message);
  const views: readonly ViewId[] = ask.mirror === null ? PAIR.slice(0, 1) : PAIR;
  const column = (view: ViewId) => {
    const done = asked?.views.find((answers) => answers.view === view);
    if (done) return <Column {...{ model, answer, view: done }} />;
    return (
      <div class="completions">
        {stages
          .filter((stage) => stage.view === view)
          .map(({ segment, completion }) => (
            <article class="completion" aria-label={`Completion ${completion + 1}`}>
              <Stage segment={segment} />
            </article>
          ))}
        {busy && <p class="quiet">…</p>}
      </div>
    );
  };
  return (
    <article class="one-model" aria-busy={busy} aria-label={`Answers of ${visible(answer.model.label)}`}>
      <div class="model-head">
        <h2>
          <bdi>{visible(answer.model.label)}</bdi>
        </h2>
        <span class="quiet">{visible(answer.model.detail)}</span>
        <span class="status" role="status">
          {STATE_WORDS[state]} {busy && visible(message)}
          {asked && <Verdict {...asked} />}
        </span>
      </div>
      {asked?.views.some(({ sent }) => sent !== undefined) && (
        <p class="quiet">
          Asked in the compact wording that the model knows:{' '}
          <bdi>{oneLine(asked.views.map(({ sent, question }) => sent ?? question).join(' · '), 600)}</bdi>
        </p>
      )}
      {state === 'failed' && (
        <p class="failure" role="alert">
          ✗ {before ? `Same error as ${visible(before.model.label)}.` : visible(message)}
        </p>
      )}
      {(asked || stages.length > 0 || busy) &&
        (views.length === 2 ? (
          <Pair original={column(ORIGINAL)} mirror={column(MIRROR)} flipped={model.state.swapped} />
        ) : (
          column(ORIGINAL)
        ))}
    </article>
  );
}

const AGREEMENT_WORDS: Record<
  NonNullable<ModelAnswers['agreement']>,
  { sign: string; label: string; look: string; meaning: string }
> = {
  agree: {
    sign: '✓',
    label: 'answers agree',
    look: 'consistent',
    meaning: 'The answer to the mirror is the mirrored answer to the original.',
  },
  disagree: {
    sign: '✗',
    label: 'answers disagree',
    look: 'neither',
    meaning: 'By the mirror rules, at least one answer is wrong.',
  },
  undecided: {
    sign: '?',
    label: 'not comparable',
    look: '',
    meaning: 'The rules cannot decide whether the answers agree.',
  },
};

/** Outcome for both views, or the agreement of both answers if there is no reference answer. */
export function Verdict({ verdict, agreement }: NonNullable<PlayAnswer['asked']>) {
  const words = verdict
    ? { ...VERDICT_WORDS[verdict], look: verdict, meaning: VERDICT_WORDS[verdict].single }
    : agreement && AGREEMENT_WORDS[agreement];
  if (!words) return null;
  return (
    <span class={`badge ${words.look}`} title={words.meaning}>
      <span aria-hidden="true">{words.sign}</span> {words.label}
    </span>
  );
}

function Column(props: { model: PlaygroundModel; answer: PlayAnswer; view: ViewAnswers }) {
  const { model, answer, view } = props;
  const { majority, completions } = view;
  return (
    <div class="completions">
      {completions.length > 1 && (
        <p class="agreed">
          {majority.answer === null ? (
            'No completion has an answer.'
          ) : (
            <>
              <strong>
                <bdi>{oneLine(majority.answer, 80)}</bdi>
              </strong>{' '}
              <span class="quiet">{`${majority.count} of ${majority.of} answers agree`}</span>
            </>
          )}
        </p>
      )}
      {completions.map((completion, i) => (
        <Completion
          model={model}
          completion={completion}
          at={{ model: answer.model.id, view: view.view, completion: i }}
        />
      ))}
    </div>
  );
}

interface CompletionProps {
  model: PlaygroundModel;
  completion: ViewAnswers['completions'][0];
  at: ChosenCompletion;
}

/** Matches tags in a model's output, and the content of the answer tag. The page shows that content separately. */
const TAGS = /<answer>[^<]*<\/answer>|<\/?(?:think|answer)>/gi;

/** Answer of a completion and, if selected, the full text. The images then show the completion's boxes and graph. */
function Completion({ model, completion, at }: CompletionProps) {
  const { answer, right, segments } = completion;
  const { chosen } = model.state;
  const isChosen = chosen?.model === at.model && chosen.completion === at.completion;
  const name = `Completion ${at.completion + 1} of the ${at.view}`;
  // Omit the raw text of graphs from the short form, because the raw text is hard to read.
  const glimpse = segments
    .filter(({ graph }, i) => i === segments.length - 1 || !graph)
    .map(({ text, error }) => error ?? text.replace(TAGS, ' '))
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();
  return (
    <article class={`completion${isChosen ? ' chosen' : ''}`} aria-label={name}>
      <div class="line">
        {right !== null && <CorrectOrWrong right={right} />}
        <button
          type="button"
          class="answer-text"
          aria-expanded={isChosen}
          onClick={() => model.update({ chosen: isChosen ? null : at })}
        >
          {answer === '' ? <i>no answer</i> : <bdi>{oneLine(answer, 120)}</bdi>}
        </button>
        {segments.some(({ stop_reason: stop }) => stop === 'length') && (
          <span class="badge cut">truncated</span>
        )}
        {at.view === ORIGINAL && answer !== '' && answer !== model.state.question.answer && (
          <button
            type="button"
            class="use"
            title="Use as reference answer"
            onClick={() => model.edit({ answer })}
          >
            Use Answer
          </button>
        )}
      </div>
      {isChosen
        ? segments.map((segment) => <Stage segment={segment} />)
        : glimpse !== answer &&
          glimpse !== '' && (
            <p class="glimpse">
              <bdi>{oneLine(glimpse, 300)}</bdi>
            </p>
          )}
    </article>
  );
}

function Stage({ segment }: { segment: ViewAnswers['completions'][number]['segments'][number] }) {
  const { stage, text, graph, error } = segment;
  return (
    <div class="stage-text stack">
      <h3>{visible(stage)}</h3>
      {error !== undefined && <p class="failure">✗ {visible(error)}</p>}
      {graph ? <WrittenGraph text={text} {...graph} /> : text !== '' && <UntrustedText text={text} />}
    </div>
  );
}
