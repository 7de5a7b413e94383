import { several } from '../../../base/format.ts';
import { isNatural, isRecord } from '../../../base/json.ts';
import { episodeOf, type Episode } from '../values/episode.ts';
import type { LoggedRow } from '../values/logged-row.ts';
import { primeFigures } from '../values/metric-names.ts';
import { printable } from '../../../base/printable.ts';
import { picturesIn } from '../evaluations/content-parts.ts';
import { eachJsonLine, type JsonLine } from '../containers/python-json.ts';
import { jsonOf, type FolderFile } from '../foreign-files.ts';
import type { Pictures, RunFolder } from '../foreign-folder.ts';
import { batchIn, Curves, NOTHING, type Batch, type Logged } from '../foreign-reader.ts';

/** Episodes of a step, from training or an evaluation: all episodes, or only the episodes that were used. */
export const ROLLOUT = /^rollouts\/step_(\d+)\/(train|eval)\/(?:effective|all)\/traces\.jsonl$/;
/** Metrics of later versions of prime-rl (source of September 2026), whose episodes are not supported yet. */
export const LATER = /^monitors\/file\/metrics\.jsonl$/;
const NOT_READ =
  'Cannot read episodes in monitors/file/traces. Only rollouts/step_N of prime-rl versions up to August 2026 are supported.';
const CONFIG = /^configs\/resolved\/[^/]+\.json$/;

/** Reads a run of prime-rl: the episodes of each step, and metrics, which two processes write to one file. */
export async function readPrimeRl(folder: RunFolder): Promise<Logged | null> {
  const steps = new Map<string, { step: number; phase: Batch['phase']; file: FolderFile }>();
  for (const file of folder.files) {
    const [, step, kind] = ROLLOUT.exec(file.path) ?? [];
    // Files are sorted by name, so `effective` replaces `all`.
    if (step !== undefined)
      steps.set(`${step} ${kind}`, {
        step: Number(step),
        phase: kind === 'eval' ? 'evaluation' : null,
        file,
      });
  }
  const later = folder.matching(LATER)[0];
  if (steps.size === 0 && !later) return null;
  const notes = new Set<string>();
  const log = folder.named('metrics.jsonl') ?? later;
  const { metrics, names } = log ? await curvesIn(folder, log, notes) : NOTHING;
  const configs = folder.matching(CONFIG);
  let groupSize: { value: number; from: string } | null = null;
  for (const file of configs) {
    const config = await folder.tried(jsonOf, file);
    const orchestrator = isRecord(config) && isRecord(config.orchestrator) ? config.orchestrator : {};
    if (Number.isSafeInteger(orchestrator.group_size))
      groupSize = { value: orchestrator.group_size as number, from: file.path };
  }
  const all = [...steps.values()].sort((a, b) => a.step - b.step);
  const weights: Weights = new Map();
  for (const { file } of new Set([...all.slice(0, 1), ...all.slice(-1)]))
    for (const [name, weight] of await folder.of(weightsIn, file).catch(() => [])) weights.set(name, weight);
  return {
    ...NOTHING,
    kind: 'prime-rl',
    roles: { metrics: [log], config: configs, completions: all.map(({ file }) => file) },
    metrics,
    names,
    batches: all.map(({ step, phase, file }) =>
      batchIn(file, step, phase, (problems) => rowsIn(file, folder.pictures, problems)),
    ),
    settings: {
      groupSize: groupSize?.value ?? null,
      evaluationGroupSize: null,
      convention: null,
      weights: Object.fromEntries(weights),
      from: groupSize?.from ?? 'traces.jsonl',
    },
    missing: steps.size === 0 ? [{ field: 'completions', why: NOT_READ }] : [],
    notes: [...notes],
  };
}

async function curvesIn(folder: RunFolder, log: FolderFile, notes: Set<string>): Promise<Curves> {
  const curves = new Curves();
  for (const { value } of await folder.lines(log)) {
    const { step } = value;
    if (!isNatural(step)) continue;
    const before = curves.metrics.get(step) ?? {};
    const figures = primeFigures(value, curves.told(log));
    for (const name of Object.keys(figures))
      if (Object.hasOwn(before, name) && before[name] !== figures[name])
        notes.add(`Two processes log ${printable(name, 80)}. Chirality shows only the first value.`);
    curves.merge(step, { ...figures, ...before });
  }
  return curves;
}

async function rowsIn(file: FolderFile, pictures: Pictures, problems: string[] = []): Promise<LoggedRow[]> {
  const groups = new Map<string, LoggedRow[]>();
  await readTraces(file, problems, (episode, t, line) => {
    const key = JSON.stringify([episode.group, episode.traces[t]!.agent]);
    const row = rowOf(file, episode, t, line, pictures);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  });
  return [...groups.values()].flat();
}

/** @param t index of the trace in the episode */
function rowOf(
  file: FolderFile,
  episode: Episode,
  t: number,
  { line, place }: JsonLine,
  pictures: Pictures,
): LoggedRow {
  const trace = episode.traces[t]!;
  const again = async () => episodeOf(await place.again())?.traces[t]?.prompt;
  const [, step, kind] = ROLLOUT.exec(file.path)!;
  const name = `${step}${kind === 'eval' ? '-eval' : ''}-${line}-${t}`;
  const images = picturesIn(trace.prompt, name, again, pictures);
  return {
    prompt: trace.prompt.map(withoutPictures),
    completion: trace.completion,
    columns: {
      ...Object.fromEntries(Object.entries(trace.rewards).map(([name, { score }]) => [name, score])),
      ...(episode.id !== null && { id: episode.id }),
    },
    advantage: trace.advantage,
    reward: trace.reward,
    group: episode.group === null ? null : JSON.stringify([episode.group, trace.agent]),
    reference: episode.reference,
    images,
    ...(trace.sampled && { sampled: trace.sampled }),
  };
}

/** Calls `take` for every trace of every episode that was used for training. */
async function readTraces(
  file: FolderFile,
  problems: string[],
  take: (episode: Episode, t: number, line: JsonLine) => void,
): Promise<void> {
  let failed = 0;
  const isEvaluation = ROLLOUT.exec(file.path)?.[2] === 'eval';
  for await (const line of eachJsonLine(file, problems)) {
    const episode = episodeOf(line.value);
    if (!episode) problems.push(`Cannot read ${file.path}:${line.line}: not a verifiers episode.`);
    else if (!episode.isOk) failed += 1;
    else
      episode.traces.forEach(({ isTrainable }, t) => {
        if (isTrainable || isEvaluation) take(episode, t, line);
      });
  }
  if (failed > 0) problems.push(`${file.path}: excluded ${several(failed, 'failed episode')}.`);
}

type Weights = Map<string, number>;

/** Maximum number of episodes per file that are read to find the weights of rewards. */
const LOOKED_AT = 200;

async function weightsIn(file: FolderFile): Promise<Weights> {
  const weights: Weights = new Map();
  let count = 0;
  for await (const { value } of eachJsonLine(file, [])) {
    const traces = episodeOf(value)?.traces ?? [];
    for (const { rewards, isTrainable } of traces)
      if (isTrainable) for (const [name, { weight }] of Object.entries(rewards)) weights.set(name, weight);
    if (++count === LOOKED_AT) break;
  }
  return weights;
}

/** Replaces images in a message by placeholders, because image bytes are large and remain in the file. */
function withoutPictures(message: unknown): unknown {
  if (!isRecord(message) || !Array.isArray(message.content)) return message;
  const content = (message.content as unknown[]).map((part) =>
    isRecord(part) && part.type === 'image_url' ? { type: 'image' } : part,
  );
  return { ...message, content };
}
