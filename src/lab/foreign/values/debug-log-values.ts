import type { LoggedRow } from './logged-row.ts';

// Log to which the reward functions of R1-V and VLM-R1 append with DEBUG_MODE=true. The log has blocks under headings
// with a time. All processes write to the file without a lock, so blocks can be interleaved.

/** Matches a heading: time (day, hour, minute, second, microsecond), and reward, which the log of formats lacks. */
const HEADING = /^-{13} (\d\d-\d\d-\d\d-\d\d-\d{6}) (?:Accuracy reward: (\S+)|Format reward) -{13}$/;

interface DebugLog {
  rows: LoggedRow[];
  /** Whether blocks contain the question and the image path, as in VLM-R1. */
  hasQuestions: boolean;
  /** Number of interleaved or incomplete blocks, and line of the first such block. */
  damaged: number;
  firstDamaged: number | null;
}

/** Whether a text begins like a debug log. */
export const isDebugLog = (text: string): boolean => HEADING.test(text.slice(0, text.indexOf('\n')));

/**
 * Reads a debug log, except an incomplete last block.
 * @param formats text of the log of formats in the same folder. Empty without such a log
 */
export function readDebugLog(text: string, formats: string): DebugLog {
  const formatOf = readFormats(formats);
  const rows: LoggedRow[] = [];
  let [hasQuestions, damaged] = [false, 0];
  let firstDamaged: number | null = null;
  const blocks = blocksOf(text);
  blocks.forEach(({ line, time, reward, lines, isLast }) => {
    const contents = lines.flatMap((each, i) => (each.startsWith('Content: ') ? [i] : []));
    const end = lines.findLastIndex((each) => each.startsWith('Solution: '));
    const [from] = contents;
    if (reward === null || contents.length !== 1 || from === undefined || end < from) {
      // The block is still being written.
      if (isLast && contents.length < 2 && end < 0) return;
      damaged += 1;
      firstDamaged ??= line;
      return;
    }
    const head = fieldsOf(lines.slice(0, from));
    hasQuestions ||= head.problem !== undefined;
    const completion = lines.slice(from, end).join('\n').slice('Content: '.length);
    const solution = lines.slice(end).join('\n').slice('Solution: '.length).trimEnd();
    const format = formatOf(completion);
    const pictures = picturesOf(head.image_path);
    rows.push({
      // Adds images to the prompt, because one question can be about several images.
      prompt: [
        {
          role: 'user',
          content: [
            ...pictures.map((path) => ({ type: 'image', path })),
            { type: 'text', text: head.problem ?? '' },
          ],
        },
      ],
      completion,
      columns: { accuracy: reward, ...(format !== undefined && { format }) },
      advantage: null,
      reward: null,
      images: pictures,
      // In R1-V, the blocks of one call have the same time. In VLM-R1, each block has its own time.
      group: head.problem === undefined ? `${time} ${solution}` : null,
      reference: solution,
    });
  });
  return { rows, hasQuestions, damaged, firstDamaged };
}

interface Block {
  /** Line number of the heading, from 1. */
  line: number;
  time: string;
  reward: number | null;
  lines: string[];
  isLast: boolean;
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  // A last line without line break is still being written.
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  lines.pop();
  lines.forEach((each, i) => {
    const heading = HEADING.exec(each.replace(/\r$/, ''));
    if (!heading) return void blocks.at(-1)?.lines.push(each);
    const reward = heading[2] === undefined ? NaN : Number(heading[2]);
    blocks.push({
      line: i + 1,
      time: heading[1]!,
      reward: Number.isFinite(reward) ? reward : null,
      lines: [],
      isLast: false,
    });
  });
  const last = blocks.at(-1);
  if (last) last.isLast = true;
  return blocks;
}

/** Returns the fields before the completion, by name. A problem can have several lines. */
function fieldsOf(lines: readonly string[]): { image_path?: string; problem?: string } {
  const fields: Record<string, string> = {};
  let name: string | null = null;
  for (const line of lines) {
    const [, field, value] = /^(image_path|problem|accu_reward_method): ?(.*)$/.exec(line) ?? [];
    if (field !== undefined && !Object.hasOwn(fields, field)) fields[(name = field)] = value!;
    else if (name !== null) fields[name] += `\n${line}`;
  }
  return fields;
}

/** Returns the paths in a list as Python prints it, or a single path. */
function picturesOf(text: string | undefined): string[] {
  if (text === undefined || text === '' || text === 'None') return [];
  if (!text.startsWith('[')) return [text];
  return [...text.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)].map(([, single, double]) =>
    (single ?? double!).replace(/\\(.)/g, '$1'),
  );
}

/** Returns a function for a completion's format reward (0, 1, or undefined). Equal completions are read in order. */
function readFormats(text: string): (completion: string) => number | undefined {
  const formats = new Map<string, number[]>();
  for (const { lines } of blocksOf(text)) {
    let content: string[] | null = null;
    for (const line of lines) {
      const has = /^Has format: (True|False)$/.exec(line);
      if (has && content) {
        const key = content.join('\n');
        formats.set(key, [...(formats.get(key) ?? []), Number(has[1] === 'True')]);
        content = null;
      } else if (line.startsWith('Content: ')) content = [line.slice('Content: '.length)];
      else content?.push(line);
    }
  }
  return (completion) => formats.get(completion)?.shift();
}
