import { useEffect, useState } from 'preact/hooks';
import { percents } from '../../src/base/format.ts';
import { oneLine } from '../../src/base/escape.ts';
import { reviewProgress, WAITING } from '../../src/core/annotation/waiting.ts';
import type { ReviewQueue } from '../../src/panels/annotate/annotate.contract.ts';
import { VARIANT_NAMES, viewOf, type VariantName } from '../../src/rows/view-list.ts';
import { Button, Dropdown } from '../ui/controls.tsx';
import { Heads } from '../ui/parts.tsx';
import { UNUSABLE } from '../ui/unusable-rows.tsx';
import { Problem } from '../ui/message-line.tsx';
import { nameOf, type AnnotatePanelState } from './annotate-panel-state.ts';
import { usePage } from './annotate-model.ts';

type Preset = readonly [name: string, filter: string];
const presets = (...own: Preset[]): Preset[] => [
  ['All rows', ''],
  ['Pending review', WAITING],
  ['No review needed', 'state = none'],
  ['Language model rewrites', 'route in (llm, verified)'],
  ...own,
  ['Discarded', 'state = discarded'],
  ['Disagreements', 'people = disagree or merge = conflict'],
  ['Likely label errors', 'label = suspect'],
  ['Unusable', UNUSABLE],
];
const PRESETS: Record<VariantName, readonly Preset[]> = {
  mirror: presets(
    ['Left–right rows', 'category = left_right'],
    ['Boxes', 'category = box'],
    ['Unaffected rows', 'category = unaffected'],
  ),
  polarity: presets(
    ['Rule rewrites', 'route = rules and status = flipped'],
    ['Missing answer', 'status = needs_info'],
  ),
};

/** Filter of the list, progress of the review, and current precision of each source. */
export function Queue() {
  const { panel, actions } = usePage();
  const { queue, variant, searching, filterProblem: problem } = panel;
  const [filter, setFilter] = useState(panel.filter);
  useEffect(() => setFilter(panel.filter), [panel.filter]);
  const presets = PRESETS[variant];
  const isPreset = presets.some(([, preset]) => preset === filter);
  const { decided, pending, none } = countsOf(queue);
  return (
    <div class="queue stack">
      <div class="variants" role="group" aria-label="Variant under review">
        {VARIANT_NAMES.map((name) => (
          <Button
            aria-pressed={variant === name}
            aria-keyshortcuts="p"
            title="Switch (p)"
            onClick={() => variant !== name && actions.switchVariant()}
          >
            {viewOf(name).label}
          </Button>
        ))}
      </div>
      <Dropdown
        label="Listed rows"
        labelUnseen
        options={[
          ...presets.map(([name, preset]) => [preset, name] as const),
          ...(isPreset ? [] : [['own', 'Custom filter'] as const]),
        ]}
        value={isPreset ? filter : 'own'}
        set={(wanted) => actions.filter(wanted)}
      />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          actions.filter(filter);
        }}
      >
        <input
          class="input filter"
          aria-label="Filter"
          aria-invalid={problem !== null}
          placeholder="state = pending and check contains …"
          value={filter}
          spellcheck={false}
          onInput={({ currentTarget }) => setFilter(currentTarget.value)}
        />
      </form>
      <Problem why={problem} />
      {queue && decided + pending + none > 0 && <Progress queue={queue} />}
      {searching !== null && <progress aria-label="Searching" max={1} value={searching} />}
      {queue?.rows?.length === 0 && <p class="quiet">{whyEmpty(queue, panel)}</p>}
    </div>
  );
}

/** Returns the numbers of rows in the queue: decided, waiting for a decision, and without need of a review. */
function countsOf(queue: ReviewQueue | null) {
  const { accepted = 0, edited = 0, discarded = 0, pending = 0, none = 0 } = queue?.counts ?? {};
  return { accepted, edited, discarded, decided: accepted + edited + discarded, pending, none };
}

/** Returns the reason why the list has no rows. */
export function whyEmpty(queue: ReviewQueue, { filter, variant }: AnnotatePanelState): string {
  const { decided, pending, none } = countsOf(queue);
  if (decided + pending + none === 0 && !/fault|label/.test(filter))
    return `No row in this file has a stored ${nameOf(variant)}. Filters apply to stored variants only.`;
  return filter === WAITING ? 'No rows wait for review.' : 'No rows match this filter.';
}

/** Progress of the review, precision of each source, and agreement of people. */
function Progress({ queue }: { queue: ReviewQueue }) {
  const { accepted, edited, discarded, decided, pending, none } = countsOf(queue);
  const { precision, agreement } = queue;
  return (
    <details>
      <summary>{reviewProgress(decided, pending, none)}</summary>
      <p class="quiet">{`${accepted} accepted, ${edited} edited, ${discarded} discarded`}</p>
      <table hidden={precision.length === 0}>
        <Heads columns={['Source', 'Correct', '95% interval']} />
        <tbody>
          {precision.map(({ kind, name, deferred, right, n, interval }) => (
            <tr>
              <th scope="row">
                <span class="quiet">{kind}</span> {oneLine(name, 60)}
                {deferred && <span class="quiet"> (deferred)</span>}
              </th>
              <td>
                {right}/{n}
              </td>
              <td>{percents(interval)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {agreement.map((text) => (
        <p class="quiet">{text}</p>
      ))}
    </details>
  );
}
