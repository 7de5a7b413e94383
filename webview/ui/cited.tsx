import { useId } from 'preact/hooks';
import papers from '../../docs/papers.md';
import { citedIn, parseReadings, type Reading } from '../../src/base/readings.ts';

const meanings = parseReadings(papers);

/** Text whose references to implementation choices and paper items the user can open, and with `commands` as code. */
export function Cited({ text }: { text: string }) {
  return (
    <>
      {citedIn(text).map((part, i) => {
        const reading = i % 2 === 1 ? meanings.get(part) : undefined;
        return reading ? <Citation key={i} reading={reading} /> : <Coded key={i} text={part} />;
      })}
    </>
  );
}

/** Text in which `commands` are code. */
const Coded = ({ text }: { text: string }) => (
  <>{text.split(/`([^`]+)`/).map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part))}</>
);

function Citation({ reading: { id, open, ours, missing } }: { reading: Reading }) {
  const popover = useId();
  return (
    <>
      <button type="button" class="link" title={`${open} ${ours}`} popovertarget={popover}>
        {id}
      </button>
      <span
        id={popover}
        popover
        class="reading"
        role="note"
        aria-label={`${id.startsWith('R') ? 'Implementation choice' : 'Item'} ${id}`}
      >
        <strong>
          {id}: {open}
        </strong>
        <span>{ours}</span>
        {missing && <span>Not implemented: {missing}</span>}
      </span>
    </>
  );
}
