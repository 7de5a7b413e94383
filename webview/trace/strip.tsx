import { fixed } from '../../src/core/format.ts';
import {
  couplingText,
  keptText,
  pairsOf,
  VERDICT_WORDS,
  verdictMeaning,
} from '../../src/core/reports/export/words.ts';
import type { Effect } from '../../src/core/rewards/advantages.ts';
import type { RecordedPair, TracedPair, TrainedPair } from '../../src/core/run-data/trace.ts';
import { viewOf } from '../../src/core/view-list.ts';
import { Changed } from './completion.tsx';

interface Step {
  label: string;
  result: string;
  /** A verdict's class, which colours it. */
  look?: string;
  why: string | null;
}

const EFFECTS: Record<Effect, string> = {
  none: 'no advantage changed',
  scaled: 'advantages scaled',
  inverted: 'order inverted',
  erased: 'advantages erased',
};

/** What came of a pair, in one line: verdict → penalised → effect → fate. Sentences below the answers say the same. */
export function Strip({ traced, after }: { traced: RecordedPair; after: TrainedPair | null }) {
  const before = stepsOf(traced);
  const now = after && stepsOf(after);
  if (before.length === 0) return null;
  return (
    <ol class="strip-of-steps" aria-label="What came of it">
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

function stepsOf(pair: RecordedPair): Step[] {
  const verdict = pair.verdict && VERDICT_WORDS[pair.verdict];
  return [
    ...(verdict
      ? [
          {
            label: 'Verdict',
            result: `${verdict.sign} ${verdict.label}`,
            look: pair.verdict!,
            why: verdictMeaning(pair.verdict!, pair.views),
          },
        ]
      : []),
    ...(pair.kind === 'trained' ? trainedSteps(pair) : []),
  ];
}

function trainedSteps(pair: TracedPair): Step[] {
  const { delta, penalised, effect, joint, behaving, bonus, kept, views } = pair;
  const why = couplingText(pair);
  const fate = kept === null ? [] : [{ label: 'Then', result: fateOf(pair), why: keptText(pair) }];
  if (behaving !== undefined)
    return [{ label: 'Behave', result: `${behaving} of ${views[1]!.group.length} answers`, why }, ...fate];
  if (delta === null)
    return [
      ...(views.length === 1 && kept !== null
        ? [{ label: 'Penalised', result: 'no other view: trained alone', why: null }]
        : []),
      ...fate,
    ];
  if (joint !== undefined)
    return [
      { label: 'Penalised', result: `${pairsOf(pair) - joint} of ${pairsOf(pair)} pairs of answers`, why },
      ...fate,
    ];
  if (bonus !== undefined) return [{ label: 'Bonus', result: bonus ? 'earned' : 'none', why }, ...fate];
  const gap = `by ${fixed(Math.abs(delta), 2)}`;
  return [
    {
      label: 'Penalised',
      result: penalised === null ? 'neither' : `${viewOf(penalised).label.toLowerCase()}, ahead ${gap}`,
      why,
    },
    ...(penalised === null ? [] : [{ label: 'Effect', result: EFFECTS[effect ?? 'none'] ?? effect, why }]),
    ...fate,
  ];
}

const fateOf = ({ kept }: Pick<TracedPair, 'kept'>) => (kept ? '✓ trained on' : '✕ dropped');
