import { faultText, usableText } from '../../src/base/row-faults.ts';
import { Button } from '../ui/controls.tsx';
import { UNUSABLE } from './queue.tsx';
import { usePage } from './annotate-model.ts';

/**
 * Which rows cannot be used, by what is wrong with them: each kind lists its rows. Rows that are still to be written
 * alone are no news.
 */
export function Usable() {
  const { panel, readOnly, actions } = usePage();
  const { usable, encoding } = panel.usable ?? {};
  if (!usable || usable.faults.every(({ kind }) => kind === 'unwritten')) return null;
  const [head] = usableText(usable).split(': ');
  return (
    <section class="usable" aria-label="Unusable rows" role="status">
      <span>
        {usable.rows < panel.state!.rows && 'At the start of the file, '}
        {head}:
      </span>
      {usable.faults.map((fault) => (
        <button
          type="button"
          class="link"
          key={fault.kind}
          title={fault.rows[0]?.message}
          onClick={() => actions.filter(`fault = ${fault.kind}`)}
        >
          {faultText(fault)}
        </button>
      ))}
      <span class="tools">
        {encoding != null && (
          <Button disabled={readOnly} onClick={() => actions.host.notify('fixEncoding', null)}>
            Fix Encoding
          </Button>
        )}
        {usable.usable > 0 && (
          <Button
            disabled={readOnly}
            title="Save usable rows to a file next to this one"
            onClick={() => actions.host.notify('leaveOut', null)}
          >
            Exclude Unusable Rows
          </Button>
        )}
        <Button onClick={() => actions.filter(UNUSABLE)}>Show Unusable Rows</Button>
      </span>
    </section>
  );
}
