import { fixed } from '../../../src/core/labels.ts';
import type { RewardPart } from '../../../src/core/rewards/parts.ts';
import { Heads } from '../../ui/columns.tsx';
import { UntrustedText } from '../../ui/untrusted-text.tsx';

/** What metrics of one's own say of an answer of an evaluation. */
export function MetricsStage({ metrics }: { metrics: Record<string, RewardPart> }) {
  return (
    <table>
      <Heads of={['Metric', 'Value', 'Why']} />
      <tbody>
        {Object.entries(metrics).map(([name, { value, why }]) => (
          <tr>
            <th scope="row">{name}</th>
            <td class="n">{fixed(value, 3)}</td>
            <td>
              <UntrustedText text={why} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
