import { fixed } from '../../base/format.ts';
import type { Effect } from '../rewards/advantages.ts';
import type { RecordedPair, TracedPair } from '../run-data/trace.ts';
import { viewOf } from '../../rows/view-list.ts';
import { couplingText, keptText, pairsOf, VERDICT_WORDS, verdictMeaning } from './pair-words.ts';

interface Step {
  label: string;
  result: string;
  /** CSS class of an outcome, which determines its colour. */
  look?: string;
  why: string | null;
}

const EFFECTS: Record<Effect, string> = {
  none: 'none',
  scaled: 'advantages scaled',
  inverted: 'order inverted',
  erased: 'all advantages zero',
};

/** Summarises a pair in steps: outcome → penalised view → effect on the advantages → kept or dropped. */
export function pairSteps(pair: RecordedPair): Step[] {
  const verdict = pair.verdict && VERDICT_WORDS[pair.verdict];
  return [
    ...(verdict
      ? [
          {
            label: 'Outcome',
            result: `${verdict.sign} ${verdict.label.replace(/^(only .*) correct$/, '$1')}`,
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
  const fate = kept === null ? [] : [{ label: 'Training', result: fateOf(pair), why: keptText(pair) }];
  if (behaving !== undefined)
    return [
      { label: 'Expected changes', result: `${behaving} of ${views[1]!.group.length} answers`, why },
      ...fate,
    ];
  if (delta === null)
    return [
      ...(views.length === 1 && kept !== null
        ? [{ label: 'Penalised', result: 'no partner view', why: null }]
        : []),
      ...fate,
    ];
  if (joint !== undefined)
    return [
      { label: 'Penalised', result: `${pairsOf(pair) - joint} of ${pairsOf(pair)} pairs of answers`, why },
      ...fate,
    ];
  if (bonus !== undefined) return [{ label: 'Bonus', result: bonus ? 'earned' : 'none', why }, ...fate];
  return [
    {
      label: 'Penalised',
      result:
        penalised === null
          ? 'neither'
          : `${viewOf(penalised).label.toLowerCase()}, ahead by ${fixed(Math.abs(delta), 2)}`,
      why,
    },
    ...(penalised === null ? [] : [{ label: 'Effect', result: EFFECTS[effect ?? 'none'] ?? effect, why }]),
    ...fate,
  ];
}

/** Without dynamic sampling, a run also uses pairs of equal rewards, whose advantages teach nothing. */
const fateOf = ({ kept, views }: TracedPair): string => {
  if (!kept) return '✕ dropped';
  const isFlat = views.every(({ group }) => group.every(({ advantage }) => advantage === 0));
  return isFlat ? 'used, all advantages zero' : '✓ used';
};
