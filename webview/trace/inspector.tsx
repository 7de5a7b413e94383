import { pairSentences } from '../../src/core/reports/export/pair-facts.ts';
import { oneLine } from '../../src/core/reports/export/visible.ts';
import { VERDICT_WORDS } from '../../src/core/reports/export/words.ts';
import type { RecordedPair, TrainedPair } from '../../src/core/run-data/trace.ts';
import { Along } from './along.tsx';
import { Groups } from './groups.tsx';
import type { Opened, TraceModel } from './model.ts';
import { Pictures } from './pictures.tsx';
import { Questions } from './questions.tsx';
import { WhatIf } from './what-if.tsx';

/** One pair with everything that happened to it. */
export function Inspector({ model, opened }: { model: TraceModel; opened: Opened }) {
  const { traced } = opened.pair;
  const after = model.after;
  const loading = model.state.id !== opened.id;
  return (
    <div class="inspector" aria-busy={loading}>
      <Head traced={traced} />
      <Story traced={traced} after={after} problem={opened.pair.arraysProblem} />
      <Along model={model} opened={opened} />
      <Pictures model={model} opened={opened} />
      <Questions traced={traced} row={opened.row} swapped={model.state.swapped} />
      {traced.kind === 'trained' && model.state.options.whatIf && model.state.config && (
        <WhatIf model={model} config={model.state.config} traced={traced} after={after} />
      )}
      <Groups model={model} opened={opened} after={after} />
    </div>
  );
}

function Head({ traced }: { traced: RecordedPair }) {
  const { step, pair, sample, verdict, views } = traced;
  const trained = traced.kind === 'trained';
  return (
    <div class="pair-head">
      <h2 title={oneLine(sample, 500)}>
        <bdi>{oneLine(sample, 80)}</bdi>
      </h2>
      {trained && (
        <span class="quiet">
          step {step} · pair {pair}
        </span>
      )}
      {verdict && (
        <span class={`badge ${verdict}`} title={VERDICT_WORDS[verdict]?.meaning}>
          <span aria-hidden="true">{VERDICT_WORDS[verdict]?.sign}</span>{' '}
          {VERDICT_WORDS[verdict]?.label ?? verdict}
        </span>
      )}
      {trained && views.length === 1 && <span class="badge">no mirror: trained alone</span>}
      {trained && !traced.kept && <span class="badge dropped">✕ dropped</span>}
    </div>
  );
}

/** Verdict, coupling and fate, in words; where settings were changed, what they would have been. */
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
