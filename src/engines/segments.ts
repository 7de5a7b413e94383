import type { Prompt } from '../core/prompts/message.ts';
import type { Feature } from './sampler.ts';
import type { Group, Pull, Scores, Segment, WeightedSegment } from './trainer.ts';

/** A unit of computation: one prompt and the token sequences that continue it. */
export interface FlatGroup {
  prompt: Prompt;
  rows: Row[];
}

export interface Row {
  tokens: number[];
  /** Weights of the tokens, one per token. Empty if the call only computes scores. */
  weights: number[];
  pull?: Pull;
  /** Indices of this sequence's group, completion and segment. */
  place: [number, number, number];
}

/**
 * Returns the trained segments of groups, by the prompt that the segments continue. First segments of a group share a
 * prompt, and later segments have their own prompts. Omits masked segments. Throws if a group violates the contract.
 */
export function flatten(groups: Group[]): FlatGroup[] {
  return groups.flatMap((group, g) => {
    const shared: FlatGroup = { prompt: group.prompt, rows: [] };
    const alone: FlatGroup[] = [];
    group.completions.forEach(({ segments }, c) =>
      segments.forEach((segment, s) => {
        const place: Row['place'] = [g, c, s];
        checkSegment(segment, place);
        if (!segment.trained) return;
        const { weights = [], pull } = segment as Partial<WeightedSegment>;
        const row = { tokens: segment.tokens, weights, ...(pull && { pull }), place };
        if (segment.prompt) alone.push({ prompt: segment.prompt, rows: [row] });
        else shared.rows.push(row);
      }),
    );
    return [shared, ...alone].filter(({ rows }) => rows.length > 0);
  });
}

export const featuresOfWeights = (flat: readonly FlatGroup[]): Feature[] =>
  flat.some(({ rows }) => rows.some(({ pull }) => pull)) ? ['pull'] : [];

/** Moves results of the sequences in `flat` to their positions in `groups`. Masked segments get `masked`. */
export function unflatten<T>(groups: Group[], flat: FlatGroup[], values: T[][], masked: T): T[][][] {
  const out = groups.map(({ completions }) => completions.map(({ segments }) => segments.map(() => masked)));
  flat.forEach(({ rows }, i) =>
    rows.forEach(({ place: [g, c, s] }, j) => {
      out[g]![c]![s] = values[i]![j]!;
    }),
  );
  return out;
}

/** Combines log-probabilities and entropies of the same token sequences, by group. */
export const scoresOf = (logprobs: number[][][], entropies: number[][][] | null): Scores[][] =>
  logprobs.map((rows, g) =>
    rows.map((row, r) => ({ logprobs: row, entropies: entropies?.[g]?.[r] ?? null })),
  );

function checkSegment(segment: Segment, [g, c, s]: Row['place']): void {
  const where = `Segment ${s} of completion ${c} of group ${g}`;
  if ((s === 0) !== (segment.prompt === undefined))
    throw new Error(`${where}: only the segments after the first must have their own prompt.`);
  if (!segment.trained) return;
  if (segment.tokens.length === 0) throw new Error(`${where} has no tokens to train on.`);
  const { weights = [], pull } = segment as Partial<WeightedSegment>;
  for (const [values, what] of [
    [weights, 'weight'],
    [pull?.reference ?? [], 'reference log-probability'],
  ] as const) {
    if (values.length !== 0 && values.length !== segment.tokens.length)
      throw new Error(`${where} has ${segment.tokens.length} tokens but ${values.length} values (${what}).`);
    if (!values.every(Number.isFinite)) throw new Error(`A ${what} is not a finite number.`);
  }
}
