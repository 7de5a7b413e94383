import { useState } from 'preact/hooks';
import { fixed, percentText, signed } from '../../src/base/format.ts';
import { visible } from '../../src/base/escape.ts';
import type { RecordedPair, SegmentArrays } from '../../src/core/run-data/trace.ts';

type By = 'logprob' | 'kl' | 'entropy';

/** Scale of each kind of value: conversion to −1 … 1 for display, and labels at the ends of the legend. */
const SCALES: Record<
  By,
  { valueOf: (a: SegmentArrays, i: number) => number | null; full: number; low: string; high: string }
> = {
  logprob: {
    valueOf: (a, i) => a.logprobs[i] ?? null,
    full: 4,
    low: 'log p ≤ −4: surprising',
    high: '0: certain',
  },
  kl: {
    valueOf: (a, i) => (a.ref_logprobs ? a.logprobs[i]! - a.ref_logprobs[i]! : null),
    full: 1,
    low: '≤ −1: less likely than under the reference model',
    high: '≥ +1: more likely than under the reference model',
  },
  entropy: {
    valueOf: (a, i) => a.entropies?.[i] ?? null,
    full: 2,
    low: '0: certain',
    high: '≥ 2 nats: uncertain',
  },
};

interface TokensProps {
  by: By;
  arrays: SegmentArrays | null;
  stage: string;
  traced: RecordedPair;
}

/** Returns the notice about a part of a completion without arrays, and the setting that would store arrays, if any. */
export const notKept = (part: string, traced: RecordedPair): string =>
  `Log-probabilities of this ${part} were not stored.${traced.kind === 'trained' && traced.kept !== null ? ' Set trace.arrays in run.yaml.' : ''}`;

/**
 * Strip of tokens. Only the strip is a tab stop, because it has many tokens. The description below the strip is about
 * the token that the user selects by arrow keys or pointer.
 */
export function Tokens({ by, arrays, stage, traced }: TokensProps) {
  const [at, setAt] = useState(0);
  if (!arrays) return <p class="quiet">{notKept(stage, traced)}</p>;
  const { valueOf, full, low, high } = SCALES[by];
  if (valueOf(arrays, 0) === null)
    return (
      <p class="quiet">
        {by === 'entropy'
          ? 'The engine of this run does not return entropies.'
          : 'No reference model: β is 0.'}
      </p>
    );
  const last = arrays.tokens.length - 1;
  const current = Math.min(at, last);
  const step = (to: number) => setAt(Math.max(0, Math.min(last, to)));
  return (
    <div class="tokens">
      <div
        class="strip-of-tokens"
        role="slider"
        tabIndex={0}
        aria-label={`Tokens of the ${stage}`}
        aria-valuemin={1}
        aria-valuemax={last + 1}
        aria-valuenow={current + 1}
        aria-valuetext={readout(arrays, current)}
        onKeyDown={(event) => {
          const to = { ArrowLeft: current - 1, ArrowRight: current + 1, Home: 0, End: last }[event.key];
          if (to === undefined) return;
          event.preventDefault();
          step(to);
        }}
      >
        {arrays.tokens.slice(0, SHOWN).map((token, i) => {
          const value = valueOf(arrays, i) ?? 0;
          const strength = Math.max(-1, Math.min(1, value / full));
          return (
            <span
              class={`token ${strength < 0 ? 'less' : 'more'}${i === current ? ' here' : ''}`}
              style={{ '--strength': Math.abs(strength) }}
              onPointerEnter={() => setAt(i)}
            >
              {textOf(arrays, i, token)}
            </span>
          );
        })}
      </div>
      <p class="readout">{readout(arrays, current)}</p>
      <p class="legend flow">
        <span class="token less" style={{ '--strength': 1 }} /> {by === 'entropy' ? '' : low}
        <span class="token more" style={{ '--strength': 1 }} /> {high}
      </p>
    </div>
  );
}

/** Maximum number of displayed tokens. More tokens would block the page. */
const SHOWN = 4096;

const textOf = ({ texts }: SegmentArrays, i: number, token: number) =>
  texts ? visible(texts[i] ?? '') || '∅' : `${token} `;

function readout(arrays: SegmentArrays, i: number): string {
  const token = arrays.tokens[i];
  if (token === undefined) return 'No tokens.';
  const [lp, ref] = [arrays.logprobs[i] ?? 0, arrays.ref_logprobs?.[i]];
  const text = arrays.texts ? ` “${textOf(arrays, i, token).trim()}”` : '';
  return [
    `Token ${i + 1} of ${arrays.tokens.length}:${text} id ${token}`,
    `log p ${signed(lp)} (${percentText(Math.exp(lp))})`,
    ...(ref === undefined ? [] : [`reference model ${signed(ref)}`, `difference ${signed(lp - ref)}`]),
    ...(arrays.entropies ? [`entropy ${fixed(arrays.entropies[i] ?? 0, 3)}`] : []),
  ].join(' · ');
}
