import { pairSentences } from '../../src/core/reports/export/pair-facts.ts';
import { oneLine } from '../../src/core/reports/export/visible.ts';
import { VERDICT_WORDS } from '../../src/core/reports/export/words.ts';
import type { TracedPair } from '../../src/core/run-data/trace.ts';
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
  const evaluated = model.state.place!.source !== undefined;
  const loading = model.state.id !== opened.id;
  return (
    <div class="inspector" aria-busy={loading}>
      <Head traced={traced} evaluated={evaluated} />
      <Story traced={traced} after={after} evaluated={evaluated} problem={opened.pair.arraysProblem} />
      <Along model={model} opened={opened} />
      <Pictures model={model} opened={opened} />
      <Questions traced={traced} row={opened.row} swapped={model.state.swapped} />
      {!evaluated && model.state.options.whatIf && model.state.config && (
        <WhatIf model={model} config={model.state.config} traced={traced} after={after} />
      )}
      <Groups model={model} opened={opened} after={after} evaluated={evaluated} />
    </div>
  );
}

function Head({ traced, evaluated }: { traced: TracedPair; evaluated: boolean }) {
  const { step, pair, sample, verdict, views } = traced;
  return (
    <div class="pair-head">
      <h2 title={oneLine(sample, 500)}>
        <bdi>{oneLine(sample, 80)}</bdi>
      </h2>
      {!evaluated && (
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
      {views.length === 1 && <span class="badge">no mirror: trained alone</span>}
      {!traced.kept && <span class="badge dropped">✕ dropped</span>}
    </div>
  );
}

/** Verdict, coupling and fate, in words; where settings were changed, what they would have been. */
function Story(props: {
  traced: TracedPair;
  after: TracedPair | null;
  evaluated: boolean;
  problem: string | null;
}) {
  const { traced, after, evaluated, problem } = props;
  const before = pairSentences(traced, evaluated);
  const now = after && pairSentences(after, evaluated);
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
