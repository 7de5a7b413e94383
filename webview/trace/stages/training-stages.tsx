import { assessmentOf } from '../../../src/core/config/derived.ts';
import { fixed, signed, thousands } from '../../../src/base/format.ts';
import { mean } from '../../../src/base/numbers.ts';
import { keptText } from '../../../src/core/pairs/pair-words.ts';
import { spreadOf } from '../../../src/core/rewards/advantages.ts';
import { isTruncated } from '../../../src/core/rewards/rollout.ts';
import type { SegmentArrays, TrainedPair } from '../../../src/core/run-data/trace.ts';
import { withChanges } from '../../../src/core/run-data/what-if-settings.ts';
import { Changed } from '../completion-card.tsx';
import type { StageProps } from './answering.tsx';
import { notKept } from '../completion-tokens.tsx';
import { Facts, Heads } from '../../ui/parts.tsx';
import { UntrustedText } from '../../ui/untrusted-text.tsx';

/** Properties of the stages that exist only in training. */
export interface TrainedStageProps extends StageProps {
  traced: TrainedPair;
}

/**
 * Equation 1, part by part: value, weight, and reason. A view penalty (equations 3–4, or the joint reward) or a bonus
 * (R56, R57) of the coupling belongs to the reward part that couples the views.
 */
export function RewardStage({ model, traced, chosen, after }: TrainedStageProps) {
  const { changes } = model.state;
  const completion = traced.views[chosen.view]!.group[chosen.completion]!;
  const now = after?.views[chosen.view]!.group[chosen.completion];
  const weight = (part: string): number | null => {
    const setting = model.settings.find(({ name }) => name === part);
    return setting ? Number((after && changes[part]) ?? setting.inRun) : null;
  };
  const { penalty } = now ?? completion;
  const { signal = 'semantic' } = traced;
  const share = (value: number, part: string) => {
    const w = weight(part);
    return w === null ? '' : signed(value * w);
  };
  return (
    <>
      <table>
        <Heads columns={['Part', 'Value', 'Weight', 'Adds', 'Why']} />
        <tbody>
          {Object.entries(completion.rewards).map(([part, { value, why }]) => (
            <tr>
              <th scope="row">{part}</th>
              <td class="n">{fixed(value, 3)}</td>
              <td class="n">{weight(part)}</td>
              <td class="n">{share(value, part)}</td>
              <td>
                <UntrustedText text={why ?? ''} />
              </td>
            </tr>
          ))}
          {penalty !== null && penalty !== 0 && (
            <tr>
              <th scope="row">{penalty > 0 ? 'penalty' : 'coupling'}</th>
              <td class="n">{signed(-penalty, 3)}</td>
              <td class="n">{weight(signal)}</td>
              <td class="n">{share(-penalty, signal)}</td>
              <td>{couplingReason(after ?? traced, chosen.view)}</td>
            </tr>
          )}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">reward</th>
            <td />
            <td />
            <td class="n">
              <Changed before={fixed(completion.reward, 3)} after={now && fixed(now.reward, 3)} />
            </td>
            <td>
              {penalty !== null &&
                penalty !== 0 &&
                `${fixed(((now ?? completion).reward ?? 0) + (weight(signal) ?? 0) * penalty, 3)} before ${penalty > 0 ? 'penalty' : 'coupling'}`}
            </td>
          </tr>
        </tfoot>
      </table>
      {isTruncated(completion) && (
        <p class="quiet">Truncated completion: loss.truncated in run.yaml defines the treatment.</p>
      )}
    </>
  );
}

/** Returns the reason for a view penalty or a bonus of the coupling. */
function couplingReason({ joint, behaving, bonus }: TrainedPair, view: number): string {
  if (joint !== undefined)
    return 'This completion and its counterpart in the other view disagree or are not both correct.';
  if (behaving !== undefined)
    return view === 0
      ? 'The completion is correct and earns the share of counterfactual completions that respond as expected.'
      : 'The completion responds as expected and earns the share of correct completions for the original.';
  if (bonus !== undefined) return 'The completion is correct, and shuffled frames score no higher.';
  return 'This view scored better than the other view, and the reward of this completion is above δ.';
}

/** Completion among the completions with the same mean: a comparison of rewards, and the resulting advantage. */
export function GroupStage({ model, traced, chosen, after }: TrainedStageProps) {
  const { config, changes } = model.state;
  const { views } = after ?? traced;
  if (!config) return <p class="quiet">Unknown advantage normalisation.</p>;
  const { advantages: convention } = assessmentOf(withChanges(config, after ? changes : {}, model.settings));
  const shared =
    convention.scope === 'pair' ? views.flatMap(({ group }) => group) : views[chosen.view]!.group;
  const chosenCompletion = views[chosen.view]!.group[chosen.completion]!;
  const rewards = shared.flatMap(({ reward }) => reward ?? []);
  const [low, high] = [Math.min(...rewards), Math.max(...rewards)];
  const middle = mean(rewards)!;
  const spread = spreadOf(rewards, convention.ddof);
  const placeOf = (reward: number) => `${high === low ? 50 : (100 * (reward - low)) / (high - low)}%`;
  const top = `(${fixed(chosenCompletion.reward, 3)} − ${fixed(middle, 3)})`;
  const formula = {
    set: `${top} / (${fixed(spread, 3)} + ${convention.epsilon})`,
    batch: `${top} / (std of the whole step + ${convention.epsilon})`,
    none: top,
  }[convention.scale];
  return (
    <>
      <div class="strip" aria-hidden="true">
        <span class="mean" style={{ '--at': placeOf(middle) }} />
        {shared.map(
          (completion) =>
            completion.reward !== null && (
              <span
                class={`dot ${completion.right === null ? '' : completion.right ? 'right' : 'wrong'}${completion === chosenCompletion ? ' own' : ''}`}
                style={{ '--at': placeOf(completion.reward) }}
              />
            ),
        )}
      </div>
      <p class="strip-ends quiet">
        <span>{fixed(low, 3)}</span>
        <span>{`rewards of ${convention.scope === 'pair' ? 'both views' : 'this view'} (line: mean)`}</span>
        <span>{fixed(high, 3)}</span>
      </p>
      <p>
        {spread === 0 ? (
          'All rewards are equal, so all advantages are 0.'
        ) : (
          <>
            Advantage = {formula} = <strong>{signed(chosenCompletion.advantage)}</strong>
          </>
        )}
      </p>
    </>
  );
}

/** Maximum absolute value of an advantage that counts as zero effect. */
const STILL = 1e-3;

/** Effect of the completion on the step: whether weights changed, in which direction, and relative to which mean. */
export function UpdateStage({ model, opened, traced, chosen, after }: TrainedStageProps) {
  const pair = after ?? traced;
  const { advantage } = pair.views[chosen.view]!.group[chosen.completion]!;
  const { config } = model.state;
  const arrays = (opened.pair.arrays[chosen.view]?.[chosen.completion] ?? []).filter((a) => a !== null);
  const pull =
    pair.kept === false
      ? 'none (dropped pair)'
      : advantage === null
        ? 'unknown'
        : Math.abs(advantage) <= STILL
          ? 'none (advantage 0)'
          : advantage > 0
            ? '↑ more likely'
            : '↓ less likely';
  const tokens = arrays.reduce((n, { tokens }) => n + tokens.length, 0);
  return (
    <>
      <p>{keptText(pair)}</p>
      <Facts
        facts={[
          ['Update', pull],
          ['Tokens', tokens > 0 && thousands(tokens)],
          ['Mean log p', arrays.length > 0 && fixed(mean(arrays.flatMap(({ logprobs }) => logprobs)), 3)],
          ['KL to the reference model', kl(arrays)],
          ['β (KL coefficient)', config?.loss.beta],
          [
            'Loss aggregation',
            config &&
              `${config.loss.aggregation}, clipped at ${config.loss.clip_low} and ${config.loss.clip_high}`,
          ],
        ]}
      />
      {arrays.length === 0 && <p class="quiet">{notKept('completion', opened.pair.traced)}</p>}
    </>
  );
}

/** Returns the mean k3 per token, computed as in the loss; null without stored arrays. */
function kl(arrays: readonly SegmentArrays[]): string | null {
  const gaps = arrays.flatMap(({ logprobs, ref_logprobs }) =>
    (ref_logprobs ?? []).map((reference, i) => reference - logprobs[i]!),
  );
  if (gaps.length === 0) return null;
  return `${fixed(mean(gaps.map((gap) => Math.exp(gap) - gap - 1)), 4)} per token (k3)`;
}
