import { type Mapping, type Row, otherColumns } from './mapping.ts';
import { dialogue, messageList, shownIn, type Message } from './messages.ts';
import { MIRROR } from '../../../rows/view-list.ts';

/**
 * Reads rows for reinforcement learning: a prompt without a reply, and the reference answer for computing rewards.
 * Datasets from `chirality convert --to` are read back as two rows per pair.
 */
function promptSample(
  row: Row,
  id: string,
  prompt: unknown,
  reference: unknown,
  used: readonly string[],
): Row {
  const isText = typeof prompt === 'string' && !/^\s*\[\s*\{/.test(prompt);
  const messages: Message[] = isText ? [{ role: 'user', text: prompt }] : messageList(prompt);
  while (messages.at(-1)?.role === 'assistant') messages.pop();
  const answer = answerIn(typeof reference === 'string' ? reference : JSON.stringify(reference));
  const { turns, system } = dialogue([...messages, { role: 'assistant', text: answer }]);
  const { question } = turns.at(-1)!;
  const info = row.extra_info as Row | null | undefined;
  const [pair, view] = [row.pair ?? info?.pair, row.view ?? info?.view];
  const isMirror = view === MIRROR;
  const meta = {
    ...otherColumns(row, [...used, 'id', 'answers', 'images', 'videos', 'pair', 'view', 'extra_info']),
    ...(system && { system }),
    ...(view != null && { pair, view }),
  };
  return {
    id: typeof pair === 'string' ? `${pair}${isMirror ? '/mirror' : ''}` : (row.id ?? id),
    question,
    answer,
    answers: row.answers ?? info?.answers,
    ...shownIn(prompt, row),
    ...(Object.keys(meta).length > 0 && { meta }),
  };
}

/** Extracts the answer from a reference answer in tags, as in VLM-R1: `<answer> yes </answer>`. */
const answerIn = (reference: string): string =>
  (/<answer>(.*?)<\/answer>/s.exec(reference)?.[1] ?? reference).trim();

/** Returns the mapping of rows whose first two columns contain the prompt and the reference answer. */
const rowsOf = (name: string, about: string, columns: readonly [string, string, ...string[]]): Mapping => ({
  name,
  about,
  columns,
  sample: (row, id) => promptSample(row, id, row[columns[0]], row[columns[1]], columns.slice(0, 2)),
});

export const TRAINERS: readonly Mapping[] = [
  rowsOf('trl', 'GRPO rows of TRL: prompt, solution, images', ['prompt', 'solution']),
  {
    name: 'verl',
    about: 'rows of verl: prompt, reward_model, images',
    columns: ['prompt', 'reward_model'],
    sample: (row, id) =>
      promptSample(row, id, row.prompt, (row.reward_model as Row | null)?.ground_truth ?? '', [
        'prompt',
        'reward_model',
        'data_source',
        'ability',
      ]),
  },
  rowsOf('ms-swift', 'GRPO rows of ms-swift: messages, solution, images', ['messages', 'solution']),
  rowsOf('easyr1', 'rows of EasyR1: problem, answer, images', ['problem', 'answer', 'images']),
];
