import { isNatural, isRecord } from '../../../base/json.ts';
import { numberOf, type LoggedRow } from './logged-row.ts';

/** Returns a row with only texts and total reward. The row is its own group, named after the row's number. */
const single = (
  { prompt = '', completion, reference = null, reward, columns = {} }: Single,
  place: number,
): LoggedRow => ({
  prompt,
  completion,
  columns,
  advantage: null,
  reward: numberOf(reward),
  group: String(place),
  reference,
  images: [],
});

interface Single {
  prompt?: unknown;
  completion: unknown;
  reference?: string | null;
  reward: unknown;
  columns?: Readonly<Record<string, unknown>>;
}

/** Matches the end of a record: the score's line, an empty line, and the next record or the end of the file. */
const RECORD_END = /^\[score\] (.*)\n\n(?=\[prompt\] |(?![^]))/gm;

/**
 * Reads EasyR1's log of validation samples. Completions can contain lines that resemble fields: `[output]` is the first
 * such line of a record, and `[ground_truth]` the last. An incomplete last record is omitted.
 * @returns the samples in order, and the number of unreadable records
 */
export function readGenerations(text: string): { rows: LoggedRow[]; damaged: number } {
  const rows: LoggedRow[] = [];
  let [from, damaged] = [0, 0];
  for (const end of text.matchAll(RECORD_END)) {
    const record = text.slice(from, end.index);
    from = end.index + end[0].length;
    const [output, truth] = [record.indexOf('\n[output] '), record.lastIndexOf('\n[ground_truth] ')];
    if (!record.startsWith('[prompt] ') || output < 0 || truth <= output) damaged += 1;
    else
      rows.push(
        single(
          {
            prompt: record.slice('[prompt] '.length, output),
            completion: record.slice(output + '\n[output] '.length, truth),
            reference: record.slice(truth + '\n[ground_truth] '.length, -1),
            reward: Number(end[1]),
          },
          rows.length,
        ),
      );
  }
  return { rows, damaged };
}

/**
 * Reads a table that grows with the steps, as SkyRL (`trajectory`), OpenRLHF (`text`), verl and EasyR1 (`output_1`, …)
 * log such tables to wandb. Null for any other table.
 */
export function readGrowingTable(
  key: string,
  columns: readonly string[],
  data: readonly (readonly unknown[])[],
): { phase: 'evaluation' | null; steps: Map<number, LoggedRow[]> } | null {
  const rowsOf = rowReader(columns);
  if (!rowsOf) return null;
  const steps = new Map<number, LoggedRow[]>();
  for (const cells of data) {
    const row = Object.fromEntries(columns.map((name, i) => [name, cells[i]]));
    const step = row.step ?? row.global_step;
    if (!isNatural(step)) continue;
    const rows = steps.get(step) ?? [];
    for (const each of rowsOf(row)) rows.push(single(each, rows.length));
    steps.set(step, rows);
  }
  return { phase: /^(?:val|eval|test)/i.test(key) ? 'evaluation' : null, steps };
}

type Cells = Readonly<Record<string, unknown>>;

function rowReader(columns: readonly string[]): ((row: Cells) => Single[]) | null {
  const has = (...names: string[]) => names.every((name) => columns.includes(name));
  if (has('step', 'reward', 'trajectory'))
    return (row) => [{ ...trajectory(row), reward: row.reward, columns: { num_turns: row.num_turns } }];
  if (has('global_step', 'text', 'reward')) return ({ text, reward }) => [{ completion: text, reward }];
  if (has('step', 'input_1', 'output_1'))
    return (row) =>
      columns.flatMap((name) => {
        const n = /^output_(\d+)$/.exec(name)?.[1];
        // A validation with fewer samples has empty cells.
        if (n === undefined || row[name] == null) return [];
        const label = row[`label_${n}`];
        return {
          prompt: row[`input_${n}`],
          completion: row[name],
          reward: row[`score_${n}`],
          reference: typeof label === 'string' ? label : null,
        };
      });
  return null;
}

const ROLE = /(?:^|\n\n)\[([A-Z/]+)\]\n/g;

/** Splits the text of a conversation before the model's first turn. The last `num_turns` turns are the model's. */
function trajectory({ trajectory: text, num_turns: turns }: Cells): Pick<Single, 'prompt' | 'completion'> {
  if (typeof text !== 'string') return { completion: text };
  const marks = [...text.matchAll(ROLE)];
  const match = marks
    .filter(([, role]) => role === 'ASSISTANT')
    .at(isNatural(turns) && turns > 0 ? -turns : -1);
  if (!match) return { completion: text };
  const prompt = marks.filter((mark) => mark.index < match.index && mark[1] === 'USER').at(-1);
  const end = marks.find((mark) => prompt && mark.index > prompt.index)?.index;
  return {
    prompt: prompt ? text.slice(prompt.index + prompt[0].length, end) : text.slice(0, match.index),
    completion: text.slice(match.index + match[0].length),
  };
}

/** Reads the sample that OpenRLHF writes to TensorBoard as a text. Null for any other text. */
export function readSample(text: string): LoggedRow[] | null {
  const parts = /^Sample:(?:\\n|\n)([^]*)(?:\\n|\n){2}Reward: (\S+)\s*$/.exec(text);
  return parts && [single({ completion: parts[1], reward: Number(parts[2]) }, 0)];
}

/** Reads a conversation that trackio stores with its score. The last assistant message is the model's turn. */
export function readConversation(messages: unknown, metadata: unknown, place: number): LoggedRow | null {
  if (!Array.isArray(messages) || !messages.every(isRecord)) return null;
  const last = messages.findLastIndex(({ role }) => role === 'assistant');
  if (last < 0) return null;
  const columns = isRecord(metadata) ? metadata : {};
  const reward = columns.score ?? columns.reward;
  return single(
    { prompt: messages.slice(0, last), completion: messages.slice(last), reward, columns },
    place,
  );
}
