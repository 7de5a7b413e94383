import { basename, dirname } from 'node:path';
import { isRecord } from '../../../core/json.ts';
import { counted } from '../../../core/reports/cells.ts';
import { numberOf, type LoggedRow } from '../../../core/foreign/logged-row.ts';
import type { Figures } from '../../../core/foreign/metric-names.ts';
import { openFile } from '../../files/regular.ts';
import { parsePythonJson } from '../containers/python-json.ts';
import {
  mergeFigures,
  orUnread,
  Remembered,
  toldIn,
  type Batch,
  type FolderFile,
  type ForeignReader,
  type Logged,
} from '../reader.ts';
import { EventFiles } from './event-files.ts';
import { jsonLines } from './json-lines.ts';
import { figuresOf, TrainerState } from './trainer-state.ts';
import { joinFigures } from './trl.ts';

const ROLLOUTS = /(?:^|\/)(\d+)\.jsonl$/;
/** How long a first line may be, in bytes. */
const FIRST_BYTES = 2 ** 20;

/** Reads a folder of verl: completions by step in `<step>.jsonl`, curves in the file log. */
export class Verl implements ForeignReader {
  private readonly first = new Remembered(firstLine);
  private readonly log = new Remembered((file) => jsonLines(file));
  private readonly events = new EventFiles();
  private readonly state = new TrainerState();

  async look(files: readonly FolderFile[], unread: string[]): Promise<Logged | null> {
    const problems: string[] = [];
    const notes: string[] = [];
    const rollouts: FolderFile[] = [];
    const logs: FolderFile[] = [];
    for (const file of files.filter(({ path }) => path.endsWith('.jsonl'))) {
      const line = await this.first.of(file).catch(orUnread(file, unread));
      if (!line) continue;
      if (ROLLOUTS.test(file.path) && ['input', 'output', 'score', 'step'].every((name) => name in line))
        rollouts.push(file);
      else if (Object.keys(line).length === 2 && Number.isSafeInteger(line.step) && isRecord(line.data))
        logs.push(file);
    }
    if (rollouts.length === 0 && logs.length === 0) return null;
    const metrics = new Map<number, Figures>();
    const names = new Map<string, string>();
    for (const file of logs) {
      const { lines, problems: broken } = await this.log.of(file);
      problems.push(...broken);
      for (const { value } of lines)
        if (Number.isSafeInteger(value.step) && isRecord(value.data))
          mergeFigures(metrics, value.step as number, figuresOf(value.data, toldIn(names, file)));
    }
    const trained = rollouts.filter((file) => !isValidation(file));
    if (trained.length < rollouts.length)
      notes.push(
        `${counted(rollouts.length - trained.length, 'file')} of validation: completions are marked as those of an evaluation.`,
      );
    const events = await this.events.look(files, problems);
    const state = await this.state.look(files, problems);
    return {
      kind: 'verl',
      version: null,
      roles: {
        completions: trained,
        evaluation: rollouts.filter(isValidation),
        metrics: [...logs, ...events.files, state.file],
      },
      metrics: joinFigures([events.metrics, state.metrics, metrics]),
      names: new Map([...events.names, ...state.names, ...names]),
      batches: rollouts.map(batchOf).sort((a, b) => a.step - b.step),
      settings: null,
      missing: [
        { field: 'trace.advantage', why: 'verl does not write advantages.' },
        { field: 'trace.images', why: 'verl keeps no pictures.' },
        ...(trained.length === 0
          ? [{ field: 'trace', why: 'verl writes completions only with trainer.rollout_data_dir.' }]
          : []),
      ],
      notes,
      problems,
    };
  }
}

/** Files in a folder named after validation, which may be the one that is read. */
const isValidation = ({ full }: FolderFile): boolean => /^val/i.test(basename(dirname(full)));

const batchOf = (file: FolderFile): Batch => ({
  step: Number(ROLLOUTS.exec(file.path)![1]),
  ...(isValidation(file) && { of: 'evaluation' }),
  path: file.full,
  name: file.path,
  version: file.version,
  rows: (problems) => rolloutRows(file, problems),
});

/** Reads rows and puts those of one group together. */
async function rolloutRows(file: FolderFile, problems: string[] = []): Promise<LoggedRow[]> {
  const groups = new Map<string, LoggedRow[]>();
  const { lines, problems: broken } = await jsonLines(file);
  problems.push(...broken);
  for (const { value: line } of lines) {
    const { input, output, gts, score, uid } = line;
    const reference = typeof gts === 'string' ? gts : gts == null ? null : JSON.stringify(gts);
    // `uid` is group, session and output; older versions have no `uid`, and reorder their rows.
    const group =
      typeof uid === 'string' ? uid.replace(/_[^_]*_[^_]*$/, '') : JSON.stringify([input, reference]);
    const row: LoggedRow = {
      prompt: input,
      completion: output,
      columns: line,
      advantage: null,
      reward: numberOf(score),
      group,
      reference,
      images: [],
    };
    groups.set(group, [...(groups.get(group) ?? []), row]);
  }
  return [...groups.values()].flat();
}

async function firstLine({ full }: FolderFile): Promise<Record<string, unknown> | null> {
  const file = await openFile(full);
  try {
    const buffer = Buffer.alloc(FIRST_BYTES);
    const { bytesRead } = await file.read(buffer, 0, FIRST_BYTES, 0);
    const end = buffer.subarray(0, bytesRead).indexOf(10);
    const value = parsePythonJson(buffer.subarray(0, end < 0 ? bytesRead : end).toString('utf8'));
    return isRecord(value) ? value : null;
  } finally {
    await file.close();
  }
}
