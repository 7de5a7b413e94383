import { basename, dirname } from 'node:path';
import { several } from '../../../base/format.ts';
import { isRecord } from '../../../base/json.ts';
import { groupBy } from '../../../core/evaluation/scored-row.ts';
import { readRange } from '../../files/regular.ts';
import { jsonLines, parsePythonJson } from '../containers/python-json.ts';
import type { FolderFile } from '../foreign-files.ts';
import type { RunFolder } from '../foreign-folder.ts';
import { trainerCurves } from './trl.ts';
import { Curves, type Logged, NOTHING, batchIn, joinCurves } from '../foreign-reader.ts';
import { type LoggedRow, numberOf } from '../values/logged-row.ts';

const ROLLOUTS = /(?:^|\/)(\d+)\.jsonl$/;
/** Maximum length of a file's first line, in bytes. */
const FIRST_BYTES = 2 ** 20;

/** Reads a folder of verl: completions by step in `<step>.jsonl`, curves in the file log. */
export async function readVerl(folder: RunFolder): Promise<Logged | null> {
  const rollouts: FolderFile[] = [];
  const logs: FolderFile[] = [];
  for (const file of folder.matching(/\.jsonl$/)) {
    const line = await folder.tried(firstLine, file);
    if (!line) continue;
    if (ROLLOUTS.test(file.path) && ['input', 'output', 'score', 'step'].every((name) => name in line))
      rollouts.push(file);
    else if (Object.keys(line).length === 2 && Number.isSafeInteger(line.step) && isRecord(line.data))
      logs.push(file);
  }
  if (rollouts.length === 0 && logs.length === 0) return null;
  const log = new Curves();
  for (const file of logs)
    for (const { value } of await folder.lines(file))
      if (Number.isSafeInteger(value.step) && isRecord(value.data))
        log.add(value.step as number, value.data, file);
  const trained = rollouts.filter((file) => !isValidation(file));
  const curves = await trainerCurves(folder);
  return {
    ...NOTHING,
    ...joinCurves(curves, log),
    kind: 'verl',
    roles: {
      completions: trained,
      evaluation: rollouts.filter(isValidation),
      metrics: [...logs, ...curves.events, curves.state],
    },
    batches: rollouts.map(batchOf).sort((a, b) => a.step - b.step),
    missing: [
      { field: 'trace.advantage', why: 'verl does not store advantages.' },
      { field: 'trace.images', why: 'verl does not store images.' },
      trained.length === 0 && {
        field: 'trace',
        why: 'verl stores completions only with trainer.rollout_data_dir.',
      },
    ],
    notes: [
      trained.length < rollouts.length &&
        `Marked the completions of ${several(rollouts.length - trained.length, 'validation file')} as evaluation.`,
    ],
  };
}

/** Whether the folder of a file is named after validation. It can be the run's folder. */
const isValidation = ({ full }: FolderFile): boolean => /^val/i.test(basename(dirname(full)));

const batchOf = (file: FolderFile) =>
  batchIn(file, Number(ROLLOUTS.exec(file.path)![1]), isValidation(file) ? 'evaluation' : null, (problems) =>
    rolloutRows(file, problems),
  );

/** Reads rows and sorts them by group. */
async function rolloutRows(file: FolderFile, problems: string[] = []): Promise<LoggedRow[]> {
  const lines = await jsonLines(file, problems);
  const rows = lines.map(({ value: line }) => {
    const { input, output, gts, score, uid } = line;
    const reference = typeof gts === 'string' ? gts : gts == null ? null : JSON.stringify(gts);
    // `uid` contains group, session and output. Older versions of verl have no `uid`, and reorder their rows.
    const group =
      typeof uid === 'string' ? uid.replace(/_[^_]*_[^_]*$/, '') : JSON.stringify([input, reference]);
    return {
      prompt: input,
      completion: output,
      columns: line,
      advantage: null,
      reward: numberOf(score),
      group,
      reference,
      images: [],
    };
  });
  return [...groupBy(rows, ({ group }) => group).values()].flat();
}

async function firstLine({ full }: FolderFile): Promise<Record<string, unknown> | null> {
  const [line] = (await readRange(full, 0, FIRST_BYTES)).toString('utf8').split('\n', 1);
  const value = parsePythonJson(line!);
  return isRecord(value) ? value : null;
}
