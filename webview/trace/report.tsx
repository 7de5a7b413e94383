import { EFFECT_WORDS } from '../../src/core/reports/export/words.ts';
import { EFFECTS } from '../../src/core/grpo/advantages.ts';
import type { BeforeAfter, WhatIfReport } from '../../src/core/run-data/what-if/report.ts';

/** How a whole run's advantages would differ. */
export function Report({ report, outdated }: { report: WhatIfReport; outdated: boolean }) {
  const { signs, groups, kept, coupled, effects, penalised, completions, pairs, steps } = report;
  const all = { before: groups, after: groups };
  const rows: [string, string, BeforeAfter, BeforeAfter][] = [
    ['Groups trained on', '', kept, all],
    ...EFFECTS.map((effect): [string, string, BeforeAfter, BeforeAfter] => [
      `Effect ${effect}`,
      EFFECT_WORDS[effect],
      effects[effect],
      coupled,
    ]),
    ['Original penalised', '', penalised.original, coupled],
    ['Mirror penalised', '', penalised.mirror, coupled],
  ];
  return (
    <div class={`report${outdated ? ' outdated' : ''}`} role="status">
      {outdated && <p class="quiet">Of other settings than those above.</p>}
      <p>
        Of {completions.toLocaleString('en')} advantages ({pairs.toLocaleString('en')} pairs in {steps} traced
        steps): <strong>{share(signs.reversed, completions)} reversed</strong>,{' '}
        {share(signs.silenced, completions)} silenced, {share(signs.woken, completions)} woken.
      </p>
      <table>
        <thead>
          <tr>
            <td />
            <th scope="col">Run</th>
            <th scope="col">What if</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, title, count, of]) => (
            <tr>
              <th scope="row" title={title}>
                {name}
              </th>
              <td class="n">{share(count.before, of.before)}</td>
              <td class="n">{share(count.after, of.after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const share = (n: number, of: number) =>
  `${n.toLocaleString('en')} (${of === 0 ? 0 : ((100 * n) / of).toFixed(1)} %)`;
