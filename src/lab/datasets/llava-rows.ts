import type { Sample } from '../../core/spatial/sample.ts';
import { laterTurns, type Turn } from '../../core/spatial/turns.ts';

const reply = ({ answer, reasoning }: Turn): string =>
  reasoning === undefined ? answer : `<think>${reasoning}</think>\n<answer>${answer}</answer>`;

/**
 * A sample as an entry of a LLaVA conversation file; the reverse of mappings/llava.ts. Images that are not files
 * (parquet cells) cannot be named there: they and every other field go under `chirality`.
 */
export function llavaRow(sample: Sample): Record<string, unknown> {
  const { id, question, answer, reasoning, images, meta, ...own } = sample;
  const paths = images.flatMap((image) => (typeof image === 'string' ? [image] : []));
  const allPaths = paths.length === images.length;
  const later = laterTurns(sample);
  const otherMeta = Object.entries(meta ?? {}).filter(([key]) => key !== 'turns' || later.length === 0);
  const kept = {
    ...own,
    ...(!allPaths && { images }),
    ...(otherMeta.length > 0 && { meta: Object.fromEntries(otherMeta) }),
  };
  const placeholders = question.includes('<image>') ? '' : '<image>\n'.repeat(images.length);
  const first = { question: placeholders + question, answer, ...(reasoning !== undefined && { reasoning }) };
  return {
    id,
    ...(allPaths && paths.length === 1 && { image: paths[0] }),
    ...(allPaths && paths.length > 1 && { images: paths }),
    conversations: [first, ...later].flatMap((turn) => [
      { from: 'human', value: turn.question },
      { from: 'gpt', value: reply(turn) },
    ]),
    ...(Object.keys(kept).length > 0 && { chirality: kept }),
  };
}
