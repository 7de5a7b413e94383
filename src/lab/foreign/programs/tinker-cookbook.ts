import { several } from '../../../base/format.ts';
import { isNatural, isRecord } from '../../../base/json.ts';
import { eachJsonLine, jsonLines } from '../containers/python-json.ts';
import { type FolderFile, jsonOf } from '../foreign-files.ts';
import type { RunFolder } from '../foreign-folder.ts';
import {
  type Batch,
  Curves,
  type Logged,
  NOTHING,
  batchIn,
  groupsOf,
  joinCurves,
} from '../foreign-reader.ts';
import { cookbookFigures, iterationRows, trajectoryOf, treeGroups } from '../values/cookbook-values.ts';

/** Matches the rollouts of an iteration: values of all rollouts, and texts of the first groups. */
export const SUMMARIES = /^iteration_(\d+)\/train_rollout_summaries\.jsonl$/;
const TREE = /^iteration_(\d+)\/train_logtree\.json$/;
const EVALUATION = /^iteration_\d+\/eval_.*_rollout_summaries\.jsonl$/;

/** Reads a run of tinker-cookbook: `metrics.jsonl`, `config.json`, and one folder per iteration. */
export async function readTinkerCookbook(folder: RunFolder): Promise<Logged | null> {
  const [logFile, configFile] = [folder.named('metrics.jsonl'), folder.named('config.json')];
  if (!logFile || !configFile) return null;
  const lines = await folder.tried(jsonLines, logFile);
  const iterations = new Map<number, { summaries?: FolderFile; tree?: FolderFile }>();
  for (const each of folder.files)
    for (const [name, pattern] of [
      ['summaries', SUMMARIES],
      ['tree', TREE],
    ] as const) {
      const step = pattern.exec(each.path)?.[1];
      if (step !== undefined) iterations.set(Number(step), { ...iterations.get(Number(step)), [name]: each });
    }
  const isItsOwn = lines?.some(({ value }) =>
    Object.keys(value).some((name) => /^(?:env|optim|progress)\//.test(name)),
  );
  if (!lines || (!isItsOwn && iterations.size === 0)) return null;
  const config = await folder.tried(jsonOf, configFile);
  const curves = new Curves();
  for (const { value } of lines)
    if (isNatural(value.step)) curves.merge(value.step, cookbookFigures(value, curves.told(logFile)));
  const evaluations = folder.matching(EVALUATION).length;
  const builder = isRecord(config) && isRecord(config.dataset_builder) ? config.dataset_builder : {};
  const size = isRecord(config) ? (config.group_size ?? builder.group_size) : null;
  const all = [...iterations].sort(([a], [b]) => a - b);
  return {
    ...NOTHING,
    kind: 'tinker-cookbook',
    ...joinCurves(curves),
    roles: {
      metrics: [logFile],
      config: [configFile],
      completions: all.flatMap(([, { summaries, tree }]) => [summaries, tree]),
    },
    batches: all.map(batchOf),
    settings: groupsOf(size, configFile.path),
    missing: [
      { field: 'trace.advantage', why: 'tinker-cookbook does not store advantages.' },
      { field: 'trace.images', why: 'tinker-cookbook does not store images.' },
      {
        field: 'trace.text',
        why: 'tinker-cookbook stores texts only for the first groups of an iteration (num_groups_to_log).',
      },
    ],
    notes: [
      evaluations > 0 && `Excluded ${several(evaluations, 'evaluation file')} from the training completions.`,
    ],
  };
}

function batchOf([step, { summaries, tree }]: [
  number,
  { summaries?: FolderFile; tree?: FolderFile },
]): Batch {
  const rows = async (problems: string[] = []) => {
    const trajectories = [];
    if (summaries)
      for await (const { value, line } of eachJsonLine(summaries, problems)) {
        const trajectory = trajectoryOf(value);
        if (trajectory) trajectories.push(trajectory);
        else problems.push(`Cannot read ${summaries.path}:${line}: the line is not a rollout.`);
      }
    return iterationRows(trajectories, tree ? treeGroups(await readTree(tree, problems)) : []);
  };
  const version = [summaries, tree].map((each) => each?.version).join(' ');
  return { ...batchIn((summaries ?? tree)!, step, null, rows), version };
}

/** Reads the log tree. Null for an incomplete tree, which is still being written. */
async function readTree(file: FolderFile, problems: string[]): Promise<unknown> {
  try {
    return await jsonOf(file);
  } catch (error) {
    problems.push(`Cannot read ${file.path}, which might still be in use: ${(error as Error).message}.`);
    return null;
  }
}
