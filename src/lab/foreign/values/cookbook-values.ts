import { isRecord } from '../../../base/json.ts';
import { numberOf, type LoggedRow } from './logged-row.ts';
import { figuresIn, type Figures, type Told } from './metric-names.ts';

/** Chirality's names for metrics of tinker-cookbook that have the same definition. */
const OURS: Readonly<Record<string, string>> = {
  'env/all/reward/total': 'reward',
  'optim/lr': 'learning_rate',
  'optim/entropy': 'entropy',
  'time/total': 'step_time',
};
/** Matches names of counts in environments. All other metrics are means of the environment's scores. */
const COUNTED = /^(?:total_.*|.*_per_(?:turn|episode))$/;

/** Returns the metrics of a line, under Chirality's names where the definitions are the same. */
export function cookbookFigures(line: Readonly<Record<string, unknown>>, told: Told): Figures {
  const isOneTurn = line['env/all/turns_per_episode'] === 1;
  return figuresIn(line, told, (name) => {
    const scored = /^env\/all\/([^/]+)$/.exec(name)?.[1];
    const phase = /^time\/(.+)$/.exec(name)?.[1];
    return Object.hasOwn(OURS, name)
      ? OURS[name]!
      : name === 'env/all/ac_tokens_per_turn' && isOneTurn
        ? 'completions/mean_length'
        : name.startsWith('env/all/by_group/')
          ? name.slice('env/all/'.length)
          : scored !== undefined && !COUNTED.test(scored)
            ? `rewards/${scored}/mean`
            : phase !== undefined
              ? `timing_s/${phase}`
              : name;
  });
}

/** A trajectory in the rollout summaries, without its texts. */
interface Trajectory {
  group: number;
  reward: number | null;
  /** Scores of the environment. If the trajectory has several turns, scores of the last turn. */
  metrics: Record<string, number>;
}

/** Reads a line of the summaries. Null for a line in another form. */
export function trajectoryOf(line: Readonly<Record<string, unknown>>): Trajectory | null {
  const { group_idx: group, total_reward: reward, steps } = line;
  if (!Number.isSafeInteger(group) || !Array.isArray(steps)) return null;
  const metrics: Record<string, number> = {};
  for (const step of steps)
    for (const [name, value] of Object.entries(
      isRecord(step) && isRecord(step.metrics) ? step.metrics : {},
    )) {
      const number = numberOf(value);
      if (number !== null) metrics[name] = number;
    }
  return { group: group as number, reward: numberOf(reward), metrics };
}

/** A completion in the log tree: its messages, and the table of its reward as strings. */
interface TreeRow {
  prompt: unknown;
  completion: unknown;
  table: Record<string, string>;
}

/**
 * Returns the completions of each group in a log tree. Section "Group Rollout" contains Prompt, Policy Response and
 * Reward for each completion of the group, in the order of the completions.
 */
export function treeGroups(tree: unknown): TreeRow[][] {
  const groups: TreeRow[][] = [];
  visit(tree, 0, (section, title) => {
    if (title !== 'Group Rollout') return true;
    const rows: TreeRow[] = [];
    let prompt: unknown = null;
    visit(section, 0, (part, name) => {
      if (name === 'Group Rollout') return true;
      if (name === 'Prompt') prompt = messagesIn(part);
      else if (name === 'Policy Response') rows.push({ prompt, completion: messagesIn(part), table: {} });
      else if (name === 'Reward') Object.assign(rows.at(-1)?.table ?? {}, tableIn(part));
      return false;
    });
    groups.push(rows);
    return false;
  });
  return groups;
}

type Node = Record<string, unknown> & { children: unknown[] };
const isNode = (value: unknown): value is Node => isRecord(value) && Array.isArray(value.children);
/** Maximum depth of a log tree. */
const MAX_DEPTH = 60;

/** Calls `enter` for sections with titles, from the outside in. Visits inner sections only if `enter` returns true. */
function visit(node: unknown, depth: number, enter: (section: Node, title: string) => boolean): void {
  if (depth > MAX_DEPTH) return;
  if (!isNode(node)) {
    if (isRecord(node) && 'root' in node) visit(node.root, depth + 1, enter);
    return;
  }
  if (node.tag === 'section' && !enter(node, titleOf(node))) return;
  for (const child of node.children) visit(child, depth + 1, enter);
}

const titleOf = ({ children }: Node): string => {
  const [heading] = children;
  return isNode(heading) && /^h\d$/.test(String(heading.tag)) ? textIn(heading, 0) : '';
};

const textIn = (node: unknown, depth: number): string =>
  typeof node === 'string'
    ? node
    : isNode(node) && depth < MAX_DEPTH
      ? node.children.map((child) => textIn(child, depth + 1)).join('')
      : '';

/** Yields all nodes below a node of a log tree, in order. */
function* below(node: unknown, depth = 0): Generator<Node> {
  if (!isNode(node) || depth > MAX_DEPTH) return;
  yield node;
  for (const child of node.children) yield* below(child, depth + 1);
}

function messagesIn(section: Node): unknown {
  for (const { data } of below(section))
    if (isRecord(data) && data.type === 'conversation' && Array.isArray(data.messages)) return data.messages;
  return textIn({ ...section, children: section.children.slice(1) }, 0);
}

function tableIn(section: Node): Record<string, string> {
  const table: Record<string, string> = {};
  for (const node of below(section)) {
    const cells = node.tag === 'tr' ? node.children.filter((cell) => isNode(cell) && cell.tag === 'td') : [];
    if (cells.length === 2) table[textIn(cells[0], 0)] = textIn(cells[1], 0);
  }
  return table;
}

/** Parses a table cell: a number, True as 1, or False as 0. Null for any other text. */
const cellNumber = (text: string | undefined): number | null =>
  text === 'True'
    ? 1
    : text === 'False'
      ? 0
      : text === undefined || text.trim() === ''
        ? null
        : numberOf(Number(text));

/**
 * Returns the rows of an iteration. A group in the tree matches the group in the summaries with the same number only if
 * their rewards agree. Groups without a match in the tree have no texts.
 */
export function iterationRows(
  trajectories: readonly Trajectory[],
  groups: readonly TreeRow[][],
): LoggedRow[] {
  const numbers = new Set([...trajectories.map(({ group }) => group), ...groups.keys()]);
  return [...numbers]
    .sort((a, b) => a - b)
    .flatMap((number) => {
      const ofGroup = trajectories.filter(({ group }) => group === number);
      const tree = groups[number] ?? [];
      const matched = tree.length === ofGroup.length ? match(tree, ofGroup) : null;
      if (tree.length > 0 && (matched || ofGroup.length === 0))
        return tree.map((row, i) => rowOf(number, matched?.[i] ?? null, row));
      return ofGroup.map((trajectory) => rowOf(number, trajectory, null));
    });
}

/**
 * Returns a trajectory with equal reward (to three digits) and scores for each tree row. Null if a row has no match.
 */
function match(tree: readonly TreeRow[], known: readonly Trajectory[]): Trajectory[] | null {
  const left = [...known];
  const matches: Trajectory[] = [];
  for (const { table } of tree) {
    const at = left.findIndex(
      ({ reward, metrics }) =>
        // eslint-disable-next-line no-restricted-syntax -- As the cookbook's table has it.
        reward?.toFixed(3) === table.reward &&
        Object.entries(metrics).every(([name, value]) => {
          const cell = cellNumber(table[name]);
          return cell === null || Math.abs(cell - value) < 1e-3;
        }),
    );
    if (at < 0) return null;
    matches.push(...left.splice(at, 1));
  }
  return matches;
}

function rowOf(group: number, trajectory: Trajectory | null, row: TreeRow | null): LoggedRow {
  const { reward, ...cells } = row?.table ?? {};
  const reference = Object.entries(cells).find(([name]) => name.startsWith('reference'))?.[1] ?? null;
  const numbers = Object.entries(cells).flatMap(([name, text]) => {
    const value = cellNumber(text);
    return value === null || name.startsWith('reference') ? [] : [[name, value] as const];
  });
  return {
    prompt: row?.prompt ?? '',
    completion: row?.completion ?? '',
    images: [],
    columns: trajectory?.metrics ?? Object.fromEntries(numbers),
    advantage: null,
    reward: trajectory ? trajectory.reward : cellNumber(reward),
    group: String(group),
    reference,
  };
}
