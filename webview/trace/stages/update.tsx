import { average } from '../../../src/core/grpo/advantages.ts';
import { fateText } from '../../../src/core/reports/export/words.ts';
import type { SegmentArrays } from '../../../src/core/run-data/trace.ts';
import { Facts } from '../facts.tsx';
import type { TrainedStageProps } from './props.ts';

/** Below this, a completion pulls nowhere. */
const STILL = 1e-3;

/** What the step did with the completion: whether it pulled on the weights, which way, and against what. */
export function UpdateStage({ model, opened, traced, chosen, after }: TrainedStageProps) {
  const pair = after ?? traced;
  const { advantage } = pair.views[chosen.view]!.group[chosen.completion]!;
  const { config } = model.state;
  const arrays = (opened.pair.arrays[chosen.view]?.[chosen.completion] ?? []).filter((a) => a !== null);
  const pull = !pair.kept
    ? 'none: the pair was dropped'
    : Math.abs(advantage) <= STILL
      ? 'none: its advantage is 0'
      : advantage > 0
        ? '↑ made more likely'
        : '↓ made less likely';
  const tokens = arrays.reduce((n, { tokens }) => n + tokens.length, 0);
  return (
    <>
      <p>{fateText(pair)}</p>
      <Facts
        facts={[
          ['Pull', pull],
          ['Tokens', tokens > 0 && tokens.toLocaleString('en')],
          ['Mean log p', arrays.length > 0 && average(arrays.flatMap(({ logprobs }) => logprobs)).toFixed(3)],
          ['KL to the reference', kl(arrays)],
          ['β, weight of that KL', config?.loss.beta],
          [
            'Averaged',
            config &&
              `${config.loss.aggregation}, clipped at ${config.loss.clip_low} and ${config.loss.clip_high}`,
          ],
        ]}
      />
      {arrays.length === 0 && (
        <p class="quiet">
          Log-probabilities were not kept of this completion: trace.arrays in run.yaml says of which.
        </p>
      )}
    </>
  );
}

/** Mean k3 per token, as the loss has it. */
function kl(arrays: readonly SegmentArrays[]): string | null {
  const gaps = arrays.flatMap(({ logprobs, ref_logprobs }) =>
    (ref_logprobs ?? []).map((reference, i) => reference - logprobs[i]!),
  );
  if (gaps.length === 0) return null;
  return `${average(gaps.map((gap) => Math.exp(gap) - gap - 1)).toFixed(4)} per token (k3)`;
}
