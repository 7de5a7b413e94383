import { dirname } from 'node:path/posix';
import { isNatural, isRecord } from '../../../base/json.ts';
import { readSample } from '../values/generations.ts';
import { metricName } from '../values/metric-names.ts';
import { EventFile } from '../containers/event-file.ts';
import { parsePythonJson } from '../containers/python-json.ts';
import type { FolderFile } from '../foreign-files.ts';
import type { RunFolder } from '../foreign-folder.ts';
import {
  batchIn,
  Curves,
  NOTHING,
  type Batch,
  type Logged,
  type Settings,
  grpoSettings,
} from '../foreign-reader.ts';
import { byNumber } from '../../files/folders.ts';

const EVENT_FILE = /(?:^|\/)events\.out\.tfevents\.[^/]+$/;

interface Known {
  reader: EventFile;
  version: string;
  points: Map<string, Map<number, number | null>>;
  first: Map<string, number>;
  texts: Map<string, Map<number, string>>;
}

/** Reads curves and texts of TensorBoard's event files. Reads each file from the end of the last call. */
class EventFiles {
  private readonly known = new Map<string, Known>();

  async look(eventFiles: FolderFile[], problems: string[]) {
    const texts = new Map<string, Map<number, string>>();
    const curves = new Map<string, Map<number, number | null>>();
    const figures = new Curves();
    // Sorts files by the time in their names, because the folders of a resumed run belong together.
    const time = ({ path }: FolderFile) => /tfevents\.(\d+)/.exec(path)?.[1] ?? '';
    for (const file of eventFiles.sort((a, b) => byNumber(time(a) + a.path, time(b) + b.path))) {
      const events = await this.read(file, problems);
      if (!events) continue;
      for (const [tag, byStep] of events.texts)
        texts.set(tag, new Map([...(texts.get(tag) ?? []), ...byStep]));
      for (const [tag, points] of events.points) {
        const curve = curves.get(tag) ?? new Map<number, number | null>();
        // A resumed run replaces the curve from its first step after the resume, as in TensorBoard.
        for (const step of curve.keys()) if (step >= events.first.get(tag)!) curve.delete(step);
        for (const [step, value] of points) curve.set(step, value);
        curves.set(tag, curve);
        figures.told(file)(metricName(tag), tag);
      }
    }
    for (const [tag, curve] of curves)
      for (const [step, value] of curve) figures.merge(step, { [metricName(tag)]: value });
    const { metrics, names } = figures;
    return { metrics, names, files: eventFiles, texts, settings: settingsIn(texts, eventFiles[0]) };
  }

  private async read(file: FolderFile, problems: string[]): Promise<Known | null> {
    let events = this.known.get(file.full);
    if (!events) {
      const reader = new EventFile(file.full, file.path);
      events = { reader, version: '', points: new Map(), first: new Map(), texts: new Map() };
      this.known.set(file.full, events);
    }
    if (events.version !== file.version) {
      try {
        for (const { tag, step, value, text } of await events.reader.read()) {
          if (!isNatural(step)) continue;
          if (text !== null) events.texts.set(tag, (events.texts.get(tag) ?? new Map()).set(step, text));
          else {
            if (!events.points.has(tag)) events.points.set(tag, new Map());
            events.points.get(tag)!.set(step, value);
            events.first.set(tag, Math.min(step, events.first.get(tag) ?? Infinity));
          }
        }
        events.version = file.version;
      } catch (error) {
        problems.push(`Cannot read ${file.path}: ${(error as Error).message}`);
      }
    }
    if (events.reader.problem !== null) problems.push(events.reader.problem);
    return events;
  }
}

export const eventCurves = (folder: RunFolder) =>
  folder.kept.one(EventFiles).look(folder.matching(EVENT_FILE), folder.problems);

/** Reads the settings of a Hugging Face trainer, which writes its arguments as text. */
function settingsIn(
  texts: ReadonlyMap<string, ReadonlyMap<number, string>>,
  file: FolderFile | undefined,
): Settings | null {
  const text = [...(texts.get('args/text_summary')?.values() ?? [])].at(-1);
  if (text === undefined || !file) return null;
  try {
    const args = parsePythonJson(text);
    return isRecord(args) ? grpoSettings(args, `${dirname(file.path)}: args`) : null;
  } catch {
    return null;
  }
}

/** Tag of the single completion per step that OpenRLHF logs. */
const SAMPLES = 'train/generated_samples';

/** Reads a folder with only event files. */
export async function readTensorBoard(folder: RunFolder): Promise<Logged | null> {
  const { files: eventFiles, texts, ...found } = await eventCurves(folder);
  const [file] = eventFiles;
  if (!file) return null;
  const batches = [...(texts.get(SAMPLES) ?? [])].flatMap(([step, text]): Batch[] => {
    const rows = readSample(text);
    if (!rows) return [];
    const batch = batchIn(file, step, null, rows);
    return [{ ...batch, name: `${SAMPLES} of step ${step}`, version: `${text.length}` }];
  });
  return {
    ...NOTHING,
    ...found,
    kind: 'tensorboard',
    batches: batches.sort((a, b) => a.step - b.step),
    roles: { metrics: eventFiles },
    missing:
      batches.length === 0
        ? [{ field: 'trace', why: 'Event files contain curves but no completions.' }]
        : [
            {
              field: 'trace.question',
              why: 'OpenRLHF stores one text per step, including the prompt, but no groups.',
            },
          ],
  };
}
