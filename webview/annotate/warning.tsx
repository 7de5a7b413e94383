import type { Problem } from '../../src/core/problem.ts';
import { oneLine } from '../../src/core/escape.ts';

/** Fields of the card that show their own problems. */
const FIELDS = ['question', 'answer', 'reasoning', 'choices', 'task', 'boxes', 'scene_graph', 'variants'];

const fieldOf = (path = ''): string => path.split(/[.[]/)[0]!;

export const hasField = (path: string | undefined): boolean => FIELDS.includes(fieldOf(path));

export const problemsOf = (problems: readonly Problem[], ...fields: string[]): Problem[] =>
  problems.filter(({ path }) => fields.includes(fieldOf(path)));

/** Problems of a field, shown on the line of its name so that nothing moves; the tooltip has the full text. */
export function Warning({ problems }: { problems: readonly Problem[] }) {
  if (problems.length === 0) return null;
  const texts = problems.map(({ message, fix }) => oneLine(`${message} ${fix ?? ''}`, 500));
  return (
    <span class="warning" role="status" title={texts.join('\n')}>
      <span aria-hidden="true">⚠</span> {texts.join(' ')}
    </span>
  );
}
