import { assessmentOf } from '../../../src/core/config/derived.ts';
import { signed } from '../../../src/core/reports/export/words.ts';
import { deviation } from '../../../src/core/grpo/advantages.ts';
import { withChanges } from '../../../src/core/run-data/what-if/settings.ts';
import type { TrainedStageProps } from './props.ts';
import { fixed } from '../../../src/core/decimals.ts';

/** The completion among those that share its mean: where its reward stands, and how the advantage follows. */
export function GroupStage({ model, traced, chosen, after }: TrainedStageProps) {
  const { config, changes } = model.state;
  const { views } = after ?? traced;
  if (!config) return <p class="quiet">The run's settings cannot be read.</p>;
  const { advantages: convention } = assessmentOf(withChanges(config, after ? changes : {}, model.settings));
  const shared =
    convention.scope === 'pair' ? views.flatMap(({ group }) => group) : views[chosen.view]!.group;
  const own = views[chosen.view]!.group[chosen.completion]!;
  const rewards = shared.map(({ reward }) => reward);
  const [low, high] = [Math.min(...rewards), Math.max(...rewards)];
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
  const spread = deviation(rewards, convention.ddof);
  const at = (reward: number) => `${high === low ? 50 : (100 * (reward - low)) / (high - low)}%`;
  const top = `(${fixed(own.reward, 3)} − ${fixed(mean, 3)})`;
  const formula = {
    set: `${top} / (${spread.toFixed(3)} + ${convention.epsilon})`,
    batch: `${top} / (the spread of the whole step + ${convention.epsilon})`,
    none: top,
  }[convention.scale];
  return (
    <>
      <div class="strip" aria-hidden="true">
        <span class="mean" style={{ '--at': at(mean) }} />
        {shared.map((completion) => (
          <span
            class={`dot ${completion.right ? 'right' : 'wrong'}${completion === own ? ' own' : ''}`}
            style={{ '--at': at(completion.reward) }}
          />
        ))}
      </div>
      <p class="strip-ends quiet">
        <span>{fixed(low, 3)}</span>
        <span>
          rewards of {convention.scope === 'pair' ? 'both views' : 'this view'}; the line is their mean
        </span>
        <span>{fixed(high, 3)}</span>
      </p>
      <p>
        {spread === 0 ? (
          'All rewards are equal: nobody has an advantage.'
        ) : (
          <>
            Advantage = {formula} = <strong>{signed(own.advantage)}</strong>
          </>
        )}
      </p>
    </>
  );
}
