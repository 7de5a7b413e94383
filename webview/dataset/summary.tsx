import { oneLine } from '../../src/core/reports/export/visible.ts';
import type { DataFilter, DataSummary, Facet } from '../../src/core/protocol/data-panel.ts';
import { AuditTable } from './audit.tsx';
import { Heat } from './heat.tsx';
import { countOf, percent, type Actions } from './panel-state.ts';

interface Props {
  summary: DataSummary;
  filter: DataFilter;
  actions: Actions;
}

export function Summary({ summary, filter, actions }: Props) {
  const { rows, bad, pictures, duplicates, facets, boxes, audit } = summary;
  const facts = [
    countOf(rows, 'row'),
    countOf(pictures, 'picture'),
    bad > 0 && `${bad.toLocaleString('en')}\u00a0unusable`,
    duplicates > 0 && `${duplicates.toLocaleString('en')}\u00a0repeated`,
  ];
  return (
    <>
      <p class="facts">{facts.filter(Boolean).join(', ')}</p>
      <AuditTable audit={audit} of={rows - bad} />
      {facets.map((facet) => (
        <Bars
          facet={facet}
          rows={rows}
          chosen={filter.chosen[facet.title]}
          choose={(code) => {
            const { [facet.title]: before, ...others } = filter.chosen;
            actions.filter({ chosen: before === code ? others : { ...others, [facet.title]: code } });
          }}
        />
      ))}
      {boxes && <Heat map={boxes} />}
    </>
  );
}

interface BarsProps {
  facet: Facet;
  /** Of the file. */
  rows: number;
  chosen: number | undefined;
  choose: (code: number) => void;
}

/** How often each value occurs; a press shows only its rows. */
function Bars({ facet: { title, note, ofAll, bars }, rows, chosen, choose }: BarsProps) {
  const total = ofAll ? rows : bars.reduce((sum, { count }) => sum + count, 0);
  const most = ofAll ? rows : Math.max(...bars.map(({ count }) => count));
  return (
    <section>
      <h2>{title}</h2>
      {note && <p class="quiet">{note}</p>}
      <ul class="bars">
        {bars.map(({ label, count, code }) => (
          <li key={label}>
            <button
              type="button"
              aria-pressed={chosen === code}
              title={oneLine(label, 200)}
              onClick={() => choose(code)}
            >
              <span class="label">{oneLine(label, 80) || '(empty)'}</span>
              <span class="bar" aria-hidden="true" style={{ '--share': count / most }} />
              <span class="number">{count.toLocaleString('en')}</span>
              <span class="number quiet">{shareOf(count / total)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

const shareOf = (share: number) => (share > 0 && share < 0.005 ? '< 1 %' : percent(share));
