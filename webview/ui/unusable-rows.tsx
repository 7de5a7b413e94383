import type { ComponentChildren } from 'preact';
import { faultText, lacksImages, placesText, usableText } from '../../src/base/row-faults.ts';
import type { Mending, UsableFile } from '../../src/panels/annotate/annotate.contract.ts';
import { Button } from './controls.tsx';

/** Filter of the annotation editor that matches unusable rows. */
export const UNUSABLE = 'not fault = none';

interface UnusableRowsProps {
  file: UsableFile;
  before?: ComponentChildren;
  /** Whether to list the lines of the rows. */
  places?: boolean;
  readOnly?: boolean;
  /** Shows the rows that match a filter of the annotation editor. */
  show: (filter: string) => void;
  mend: (how: Mending) => void;
}

/** Counts of unusable rows by kind of fault, with remedies. A click on a kind shows its rows. */
export function UnusableRows({ file, before, places, readOnly = false, show, mend }: UnusableRowsProps) {
  const { usable, isUtf8 } = file;
  const [head] = usableText(usable).split(': ');
  return (
    <section class="usable" aria-label="Unusable rows" role="status">
      <span>
        {before}
        {head}:
      </span>
      {usable.faults.map((fault) => (
        <button
          type="button"
          class="link"
          key={fault.kind}
          title={fault.rows[0]?.message}
          onClick={() => show(`fault = ${fault.kind}`)}
        >
          {faultText(fault)}
          {places && ` (${placesText(fault)})`}
        </button>
      ))}
      <span class="tools">
        {lacksImages(usable) && (
          <Button
            primary={usable.usable === 0}
            disabled={readOnly}
            title="Save rows with images from another folder to a file next to this one"
            onClick={() => mend('locate')}
          >
            Locate Images…
          </Button>
        )}
        {!isUtf8 && (
          <Button disabled={readOnly} onClick={() => mend('encode')}>
            Fix Encoding
          </Button>
        )}
        {usable.usable > 0 && (
          <Button
            disabled={readOnly}
            title="Save usable rows to a file next to this one"
            onClick={() => mend('exclude')}
          >
            Exclude Unusable Rows
          </Button>
        )}
        <Button onClick={() => show(UNUSABLE)}>Show Unusable Rows</Button>
      </span>
    </section>
  );
}
