import { join } from 'node:path';
import { duration } from '../../core/labels.ts';
import { printable } from '../../core/printable.ts';
import type { Encoder } from '../../lab/encoders/encoder.ts';
import type { Judge } from '../../lab/evaluation/judge.ts';
import { contentHash, evaluate, type Evaluation } from '../../lab/recipes/evaluate.ts';
import type { OwnPrograms } from '../../lab/own/open.ts';
import { JobError } from '../errors.ts';
import { note } from '../print.ts';
import { Progress } from '../progress.ts';
import type { Target } from './target.ts';

/** Asks a target everything that its folder does not hold yet, with a line of progress. @returns its folder too */
export async function runTargetEvaluation(
  target: Target,
  more: {
    judge?: (Judge & { signal: AbortSignal }) | undefined;
    encoder?: Encoder | undefined;
    metrics?: OwnPrograms | undefined;
    /** Shows no progress: the caller does. */
    quiet?: boolean;
  } = {},
): Promise<Evaluation & { out: string }> {
  const { about, sets, root, views, strategy, sampling, limit, growing } = target;
  const out = join(target.folder, await evaluationId(target));
  const { quiet = false, ...others } = more;
  const asking = { sets, root, views, strategy, sampling, limit, growing, about };
  const plan = { ...asking, ...others, signal: more.judge?.signal };
  let progress: Progress | undefined;
  let label = '';
  try {
    const evaluation = await evaluate(
      target.open,
      out,
      plan,
      (done, total, what) => {
        if (quiet) return;
        if (label !== what) progress?.end();
        if (label !== what || !progress) progress = new Progress((label = what), total, target.cost);
        progress.update(done);
      },
      ({ tried, seconds, atMost }) =>
        note(
          `At most about ${duration(Math.ceil(atMost))}: ${tried} questions took ${seconds.toFixed(1)} s.`,
        ),
    );
    return { ...evaluation, out };
  } finally {
    progress?.end();
  }
}

/** @throws JobError if questions got no answer or answers no verdict */
export function reportMissing({ failed, unjudged, reason }: Evaluation): void {
  const missing = [
    ...(failed > 0
      ? [`${failed} questions got no answer and count as wrong.`, ...(reason ? [printable(reason, 500)] : [])]
      : []),
    ...(unjudged > 0 ? [`${unjudged} answers got no verdict.`] : []),
  ];
  if (missing.length > 0) throw new JobError(missing.join(' '), { fix: 'The same command asks them again.' });
}

/** The evaluation's name, with the hash of everything that determines it, so that the same request finds it again. */
async function evaluationId({ name, asTrained, ...plan }: Target): Promise<string> {
  if (asTrained) return name;
  const hash = (await contentHash(plan)).slice(0, 8);
  return [name, plan.strategy.name, ...Object.keys(plan.sets), hash].join('-').replace(/[^\w.-]+/g, '_');
}
