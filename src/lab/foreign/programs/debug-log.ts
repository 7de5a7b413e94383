import { several } from '../../../base/format.ts';
import { type FolderFile, textOf } from '../foreign-files.ts';
import type { RunFolder } from '../foreign-folder.ts';
import { trainerCurves } from './trl.ts';
import { type Logged, NOTHING, batchIn } from '../foreign-reader.ts';
import { isDebugLog, readDebugLog } from '../values/debug-log-values.ts';

/** Names of logs that the projects' own scripts write. Any other `*.txt` is read if the user passes its path. */
export const DEBUG_LOG = /^(?:debug_log[^/]*|vllm_run)\.txt$/;
export const formatLog = (path: string): string => path.replace(/\.txt$/, '_format.txt');

/** Reads the debug logs of R1-V and VLM-R1, with the curves of the trainer. */
export async function readDebugLogs(folder: RunFolder): Promise<Logged | null> {
  const isAlone = folder.files.length <= 2;
  const texts: { file: FolderFile; text: string; formats: FolderFile | undefined }[] = [];
  for (const file of folder.matching(/^[^/]+\.txt$/)) {
    if (!isAlone && !DEBUG_LOG.test(file.path)) continue;
    const text = await folder.tried(textOf, file);
    if (text === null || !isDebugLog(text) || / Format reward -{13}$/m.test(text.slice(0, 100))) continue;
    texts.push({ file, text, formats: folder.named(formatLog(file.path)) });
  }
  if (texts.length === 0) return null;
  const logs = [];
  for (const { file, text, formats } of texts) {
    const log = readDebugLog(text, formats ? await folder.of(textOf, formats).catch(() => '') : '');
    if (log.firstDamaged !== null)
      folder.problems.push(
        `${file.path}: ${several(log.damaged, 'block')} unreadable, because processes wrote at the same time. The first block starts on line ${log.firstDamaged}.`,
      );
    logs.push(log);
  }
  const { state, events, ...curves } = await trainerCurves(folder);
  const used = texts.flatMap(({ file, formats }) => (formats ? [file, formats] : [file]));
  const hasQuestions = logs.some((log) => log.hasQuestions);
  const rows = logs.flatMap((log) => log.rows);
  const name = texts.map(({ file }) => file.path).join(', ');
  const version = used.map((file) => file.version).join(' ');
  return {
    ...NOTHING,
    ...curves,
    kind: hasQuestions ? 'vlm-r1' : 'r1-v',
    roles: { completions: used, metrics: [state, ...events] },
    batches: rows.length === 0 ? [] : [{ ...batchIn(texts[0]!.file, 0, null, rows), name, version }],
    isSpreadOfGroups: true,
    missing: [
      {
        field: 'trace.step',
        why: 'The log contains no steps, so Chirality lists all completions under step 0.',
      },
      { field: 'trace.advantage', why: 'The log contains no advantages.' },
      !hasQuestions && { field: 'trace.images', why: 'R1-V does not log questions or images.' },
    ],
    notes: [
      hasQuestions &&
        'The log contains no groups. Consecutive completions with the same image and question form a group.',
    ],
  };
}
