import type { Problem } from '../../src/core/problem.ts';
import type { Host } from './panel-state.ts';

/** What is wrong with the row, and the way to the place where it is written. */
export function Problems(props: { problems: Problem[]; line: number; host: Host }) {
  const { problems, line, host } = props;
  if (problems.length === 0) return null;
  return (
    <section class="problems" aria-label="Problems of this row">
      <ul>
        {problems.map(({ severity, message, fix }) => (
          <li class={severity}>
            <span aria-hidden="true">{severity === 'error' ? '✕' : '!'}</span>
            <span>
              <span class="unseen">{severity}: </span>
              {message} {fix}
            </span>
          </li>
        ))}
      </ul>
      <button
        type="button"
        title="Go to the row in the editor (o)"
        onClick={() => host.notify('openRow', null)}
      >
        Go to line {line.toLocaleString('en')} <kbd aria-hidden="true">o</kbd>
      </button>
    </section>
  );
}
