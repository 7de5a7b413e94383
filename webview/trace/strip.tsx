import { pairSteps } from '../../src/core/pairs/pair-steps.ts';
import type { RecordedPair, TrainedPair } from '../../src/core/run-data/trace.ts';
import { Changed } from './completion-card.tsx';

/** The steps of a pair in one line: outcome → penalised → effect → fate. Sentences below the answers repeat them. */
export function Strip({ traced, after }: { traced: RecordedPair; after: TrainedPair | null }) {
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
