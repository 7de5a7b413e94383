import { useId } from 'preact/hooks';
import markdown from '../../docs/readings.md';
import { citedIn, parseReadings, type Reading } from '../../src/core/readings.ts';
import './cited.css';

const readings = parseReadings(markdown);

/** A text in which every reading that it cites can be opened, by pointer or keyboard. */
export function Cited({ text }: { text: string }) {
  return (
    <>
      {citedIn(text).map((part, i) => {
        const reading = i % 2 === 1 ? readings.get(part) : undefined;
        return reading ? <Citation key={i} reading={reading} /> : part;
      })}
    </>
  );
}

function Citation({ reading: { id, open, ours } }: { reading: Reading }) {
  const popover = useId();
  return (
    <>
      <button type="button" class="citation" title={`${open} ${ours}`} popovertarget={popover}>
        {id}
      </button>
      <span id={popover} popover class="reading" role="note" aria-label={`Reading ${id}`}>
        <strong>
          {id}: {open}
        </strong>
        <span>{ours}</span>
      </span>
    </>
  );
}
