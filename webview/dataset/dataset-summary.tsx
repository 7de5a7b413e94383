import { oneLine } from '../../src/base/escape.ts';
import { percentText, percentsText, several, thousands } from '../../src/base/format.ts';
import { taskLabel } from '../../src/base/labels.ts';
import { auditEnds, auditTexts } from '../../src/core/metrics/shortcuts.ts';
import type {
  DataFilter,
  DataSummary,
  Facet,
  SideBalance,
} from '../../src/panels/dataset/dataset.contract.ts';
import type { DataModel } from './dataset-model.ts';
import { Heads } from '../ui/parts.tsx';
import { mirrorsIn } from './dataset-steps.tsx';

interface SummaryProps {
  summary: DataSummary;
  /** Selected bars; null while the file is being read: the bars still change, so the user cannot select them yet. */
  chosen: DataFilter['chosen'] | null;
  model: DataModel;
}

export function Summary({ summary, chosen, model }: SummaryProps) {
  const { rows, bad, pictures, duplicates, mirrors, sides, facets, audit, usable } = summary;
  const decided = mirrors.mirrored + mirrors.unchanged;
  const missing = usable?.usable.missing ?? 0;
  const isFlat = ({ bars, ofAll }: Facet) => bars.length === 1 && !ofAll;
  const flat = facets.filter(isFlat);
  const facts = [
    several(rows, 'row'),
    mirrorsIn(summary) > 0 && several(decided, 'mirror'),
    several(pictures - missing, 'image'),
    missing > 0 && `${thousands(missing)}\u00a0missing`,
    // The check of rows and images, shown above the rows, counts all unusable rows.
    bad > 0 && !usable && `${thousands(bad)}\u00a0unusable`,
    duplicates > 0 && `${thousands(duplicates)}\u00a0repeated`,
  ];
  return (
    <>
      {/* Hide the facts until rows have been counted. */}
      {facets.length > 0 && <p class="facts">{facts.filter(Boolean).join(', ')}</p>}
      {sides && <Balance sides={sides} />}
      <AuditTable audit={audit} rowCount={rows - bad} />
      {facets
        .filter((facet) => !isFlat(facet))
        .map((facet) => (
          <Bars
            facet={facet}
            rows={rows}
            disabled={chosen === null}
            chosen={chosen?.[facet.title]}
            choose={(code) => {
              const { [facet.title]: before, ...others } = chosen ?? {};
              model.filter({ chosen: before === code ? others : { ...others, [facet.title]: code } });
            }}
          />
        ))}
      {flat.length > 0 && <Flat facets={flat} rows={rows} />}
    </>
  );
}

/** Returns whether one side has more answers than chance explains: over two standard deviations of a fair coin. */
const isLeaning = ({ left, right }: SideBalance) => (left - right) ** 2 > 4 * (left + right);

/** Shares of left and right answers. In a dataset that prefers one side, guesses without an image are often right. */
function Balance({ sides: { original, mirror } }: { sides: NonNullable<DataSummary['sides']> }) {
  const { left, right } = original;
  const all = left + right;
  const most = left > right ? 'left' : 'right';
  const rest = Math.min(left, right);
  return (
    <section>
      <h2>Sides</h2>
      {mirror && <p class="quiet">Originals</p>}
      <SidesBar sides={original} />
      {isLeaning(original) ? (
        <>
          <p class="leaning">
            {`${rest === 0 ? 'All' : `${thousands(all - rest)} of`} ${thousands(all)} side answers are`}{' '}
            <em>{most}</em>.
          </p>
          <p>
            {`A model that always answers ${most} is correct on these rows without the image.`}
            {mirror === null && ' Mirrors balance the sides.'}
          </p>
        </>
      ) : (
        <p>{sidesText(original)}</p>
      )}
      {mirror && (
        <>
          <p class="quiet">Mirrors</p>
          <SidesBar sides={mirror} />
          <p>{sidesText(mirror)}</p>
        </>
      )}
    </section>
  );
}

const SidesBar = ({ sides: { left, right } }: { sides: SideBalance }) => (
  <div class="balance" aria-hidden="true">
    <i style={{ '--share': left }} />
    <i style={{ '--share': right }} />
  </div>
);

const sidesText = ({ left, right }: SideBalance): string =>
  `${thousands(left)} left, ${thousands(right)} right, of ${several(left + right, 'side answer')}.`;

/** Facets with one value. Rows without the value, such as answers without a side, can be most of the file. */
function Flat({ facets, rows }: { facets: readonly Facet[]; rows: number }) {
  return (
    <details>
      <summary>One value: {facets.map(({ title }) => title.toLowerCase()).join(', ')}</summary>
      <dl>
        {facets.map(({ title, bars: [bar] }) => (
          <div key={title}>
            <dt class="quiet">{title}</dt>
            <dd>
              {oneLine(bar!.label, 80)}, {thousands(bar!.count)} of {several(rows, 'row')}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

interface BarsProps {
  facet: Facet;
  rows: number;
  disabled: boolean;
  chosen: number | undefined;
  choose: (code: number) => void;
}

/** Minimum length of a sentence, in characters, which gets a line above its bar. */
const LONG = 40;

/** Number of rows for each value, as bars. Clicking a bar filters the rows by the bar's value. */
function Bars({ facet: { title, ofAll, bars }, rows, disabled, chosen, choose }: BarsProps) {
  const total = ofAll ? rows : bars.reduce((sum, { count }) => sum + count, 0);
  const most = ofAll ? rows : Math.max(...bars.map(({ count }) => count));
  return (
    <section>
      <h2>
        {title} <span class="quiet">{`of ${several(total, 'row')}`}</span>
      </h2>
      <ul class={bars.some(({ label }) => label.length > LONG) ? 'bars long' : 'bars'}>
        {bars.map(({ label, count, code }) => (
          <li key={label}>
            <button
              type="button"
              aria-disabled={disabled}
              aria-pressed={chosen === code}
              title={oneLine(label, 200)}
              onClick={() => !disabled && choose(code)}
            >
              <span class="label">{oneLine(label, 200) || '(empty)'}</span>
              <span class="bar" aria-hidden="true" style={{ '--share': count / most }} />
              <span class="number">{thousands(count)}</span>
              <span class="number quiet">{percentText(count / total)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Below this number of rows, a share of lucky guesses says nothing about the words: one row more moves it 5 points. */
const ENOUGH = 20;

/** Accuracy of guesses from the words alone, and whether mirrors prevent these guesses. */
function AuditTable({ audit, rowCount }: { audit: DataSummary['audit']; rowCount: number }) {
  const [all] = audit?.parts ?? [];
  if (!audit || !all) return null;
  const { short, meaning } = auditTexts(all[1], audit.rows);
  if (all[1].rows < ENOUGH) {
    const few = `Too few rows to estimate how many questions the words alone answer: this needs ${ENOUGH} rows.`;
    return (
      <section>
        <h2>Shortcuts</h2>
        <p>{all[1].rows === 0 ? meaning : few}</p>
      </section>
    );
  }
  const parts = audit.parts.filter(([, part]) => part.rows >= ENOUGH);
  return (
    <section>
      <h2>Shortcuts</h2>
      <p>{short}</p>
      <details>
        <summary>Explanation</summary>
        <p>{meaning}</p>
      </details>
      <table>
        <Heads columns={['Correct without image', 'Rows', 'Originals', 'Mirrors', 'Both views']} />
        <tbody>
          {parts.map(([name, part]) => (
            <tr key={name}>
              <th scope="row">
                {taskLabel(name)}
                {name === 'distance' && ', within a factor of two'}
              </th>
              <td>{thousands(part.rows)}</td>
              {(['original', 'mirror', 'both'] as const).map((share) => (
                <td key={share}>{percentsText(auditEnds(part, share))}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {audit.rows < rowCount && (
        <p class="quiet">{`Based on ${thousands(audit.rows)} randomly sampled rows.`}</p>
      )}
    </section>
  );
}
