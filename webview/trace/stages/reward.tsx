import { isTruncated, signed } from '../../../src/core/reports/export/words.ts';
import { valueOf } from '../../../src/core/run-data/what-if/settings.ts';
import { Said } from '../../ui/said.tsx';
import { Changed } from '../completion.tsx';
import type { TrainedStageProps } from './props.ts';
import { fixed } from '../../../src/core/decimals.ts';

/** Equation 1, part by part: value, weight, and why; the penalty of the coupling (equations 3–4) comes off the semantic part. */
export function RewardStage({ model, traced, chosen, after }: TrainedStageProps) {
  const { config, changes } = model.state;
  const completion = traced.views[chosen.view]!.group[chosen.completion]!;
  const now = after?.views[chosen.view]!.group[chosen.completion];
  const weight = (part: string): number | null => {
    const setting = model.settings.find(({ name }) => name === part);
    if (!config || !setting) return null;
    return Number((after && changes[part]) ?? valueOf(config, setting));
  };
  const { penalty } = now ?? completion;
  const share = (value: number, part: string) => {
    const w = weight(part);
    return w === null ? '' : signed(value * w);
  };
  return (
    <>
      <table>
        <thead>
          <tr>
            <th scope="col">Part</th>
            <th scope="col">Value</th>
            <th scope="col">Weight</th>
            <th scope="col">Adds</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(completion.rewards).map(([part, { value, why }]) => (
            <tr>
              <th scope="row">{part}</th>
              <td class="n">{fixed(value, 3)}</td>
              <td class="n">{weight(part)}</td>
              <td class="n">{share(value, part)}</td>
              <td>
                <Said text={why} />
              </td>
            </tr>
          ))}
          {penalty > 0 && (
            <tr>
              <th scope="row">penalty</th>
              <td class="n">−{penalty.toFixed(3)}</td>
              <td class="n">{weight('semantic')}</td>
              <td class="n">{share(-penalty, 'semantic')}</td>
              <td>The view did better than the other one, and this completion lies above δ.</td>
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
              {penalty > 0 &&
                `${((now ?? completion).reward + lost(weight, penalty)).toFixed(3)} before the penalty`}
            </td>
          </tr>
        </tfoot>
      </table>
      {isTruncated(completion) && (
        <p class="quiet">It was cut off: loss.truncated says what becomes of it.</p>
      )}
    </>
  );
}

const lost = (weight: (part: string) => number | null, penalty: number) =>
  (weight('semantic') ?? 0) * penalty;
