import { isRecord } from '../../../base/json.ts';
import { idText, numberOf, type SampledTokens } from './logged-row.ts';

/** Actions of one agent in an episode, as verifiers 0.4 and prime-rl write them. */
export interface EpisodeTrace {
  agent: string;
  isTrainable: boolean;
  /** Messages before the first message that the model sampled. */
  prompt: unknown[];
  /** Sampled messages on the path to the last leaf of the message tree. */
  completion: unknown[];
  /** Rewards and their weights by name. Missing rewards are absent. */
  rewards: Record<string, { score: number; weight: number }>;
  /** Sum of score × weight over all rewards. Null without rewards. */
  reward: number | null;
  /** Advantage of the sampled tokens if the advantage is equal for all tokens. Otherwise null. */
  advantage: number | null;
  /** Sampled tokens. Null unless every sampled message has stored tokens. */
  sampled: SampledTokens | null;
  metrics: Record<string, unknown>;
  stopCondition: string | null;
  version: string | null;
}

/** An episode, which is a line of `traces.jsonl`. */
export interface Episode {
  isOk: boolean;
  group: string | null;
  env: string | null;
  /** Id of the row in the task, or the row's index if the row has no id. */
  id: string | null;
  reference: string | null;
  traces: EpisodeTrace[];
}

/** Reads an episode. Null for a line in another form. */
export function episodeOf(line: Record<string, unknown>): Episode | null {
  const { env, task, traces, group } = line;
  if (!isRecord(env) || !isRecord(task) || !Array.isArray(traces)) return null;
  const data = isRecord(task.data) ? task.data : {};
  const { answer } = data;
  return {
    isOk: line.ok !== false,
    group: isRecord(group) ? idText(group.id) : null,
    env: idText(env.name) ?? idText(env.id),
    id: idText(task.key) ?? idText(data.idx),
    reference: answer == null || answer === '' ? null : (idText(answer) ?? JSON.stringify(answer)),
    traces: traces.filter(isRecord).map(traceOf),
  };
}

function traceOf(trace: Record<string, unknown>): EpisodeTrace {
  const agent = isRecord(trace.agent) ? trace.agent : {};
  const verifiers = isRecord(trace.verifiers) ? trace.verifiers : {};
  const path = lastPath(Array.isArray(trace.nodes) ? trace.nodes : []);
  const first = path.findIndex(({ sampled }) => sampled === true);
  const sampled = path.filter((node) => node.sampled === true);
  const rewards = Object.fromEntries(
    Object.entries(isRecord(trace.rewards) ? trace.rewards : {}).flatMap(([name, given]) => {
      const score = isRecord(given) ? numberOf(given.score) : null;
      return score === null ? [] : [[name, { score, weight: numberOf((given as Given).weight) ?? 1 }]];
    }),
  );
  const parts = Object.values(rewards);
  return {
    agent: idText(agent.name) ?? 'agent',
    isTrainable: agent.trainable === true,
    prompt: path.slice(0, first < 0 ? path.length : first).map(({ message }) => message),
    completion: sampled.map(({ message }) => message),
    rewards,
    reward: parts.length === 0 ? null : parts.reduce((sum, { score, weight }) => sum + score * weight, 0),
    advantage: onlyOne(sampled.flatMap(({ advantages }) => (Array.isArray(advantages) ? advantages : []))),
    sampled: tokensOf(sampled),
    metrics: isRecord(trace.metrics) ? trace.metrics : {},
    stopCondition: idText(trace.stop_condition),
    version: idText(verifiers.version),
  };
}
type Given = Record<string, unknown>;

/** Returns the nodes on the path to the last leaf. The path begins at a node that no parent precedes. */
function lastPath(nodes: readonly unknown[]): Record<string, unknown>[] {
  const path: Record<string, unknown>[] = [];
  for (let index: unknown = nodes.length - 1; typeof index === 'number';) {
    const node = nodes[index];
    if (!isRecord(node)) break;
    path.unshift(node);
    index = typeof node.parent === 'number' && node.parent < index ? node.parent : null;
  }
  return path;
}

/** Returns the sampled tokens of nodes. Tokens that `mask` excludes come from the environment. */
function tokensOf(nodes: readonly Record<string, unknown>[]): SampledTokens | null {
  const all: SampledTokens = { tokens: [], logprobs: [] };
  for (const { token_ids: ids, logprobs, mask } of nodes) {
    if (![ids, logprobs, mask].every(Array.isArray)) return null;
    const [tokens, values, masks] = [ids, logprobs, mask] as unknown[][];
    if (tokens!.length !== values!.length || tokens!.length !== masks!.length) return null;
    for (const [i, value] of values!.entries()) {
      if (masks![i] !== true) continue;
      if (!Number.isInteger(tokens![i]) || numberOf(value) === null) return null;
      all.tokens.push(tokens![i] as number);
      all.logprobs.push(value as number);
    }
  }
  return all.tokens.length === 0 ? null : all;
}

function onlyOne(values: readonly unknown[]): number | null {
  const value = numberOf(values[0]);
  return values.every((each) => each === value) ? value : null;
}
