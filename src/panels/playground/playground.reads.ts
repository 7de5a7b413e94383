import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { mirrorToAsk } from '../../rows/views/view.ts';
import { sampleToKeep, withQuestion, type KeptAnswers } from '../../core/annotation/kept-sample.ts';
import { modelFolderSchema } from '../../core/config/engine-config.ts';
import { problemText } from '../../core/config/config-source.ts';
import { loadStrategy } from '../../core/config/strategy-file.ts';
import { parseRecord } from '../../base/record.ts';
import type { PlayQuestion, PlayStrategy } from './playground.contract.ts';
import type { MirrorVariant, Sample } from '../../rows/sample/sample.ts';
import { isTrusted } from '../../rows/sample/variant.ts';
import { appendSample } from '../../lab/datasets/append-sample.ts';
import { ImageFiles } from '../../lab/datasets/image-files.ts';
import { RowFile } from '../../lab/datasets/row-file.ts';
import { readRunConfig } from '../../lab/runs/make-run.ts';
import { familyOfFolder } from '../../lab/runs/model-family.ts';
import { idOf } from '../../core/annotation/edit-row.ts';
import type { ImageFolders } from '../data-rows.reads.ts';
import { readText } from '../../lab/files/regular.ts';
import { ifMissing, unlessUnreadable, whyUnreadable } from '../../lab/files/disk-error.ts';

/** Question to save as a row. */
type Kept = Asked & {
  path: string;
  /** Id of the new row. */
  id: string;
  asked: readonly KeptAnswers[];
  /** Location of the images that the row refers to. */
  place: ImageFolders;
  /** Data root of the data file to which the question is appended. */
  root: string;
};

type Asked = { row: Sample; question: PlayQuestion };

const SUFFIX = '.strategy.yaml';

/** Calls of the service that only the Playground uses. */
export const playgroundService = {
  questionOf,
  /** Returns the built-in strategies (in `folder`) and the user's. @param args.files strategy files of the workspace */
  async strategies({ folder, files }: { folder: string; files: { path: string; label: string }[] }) {
    const names = (await readdir(folder)).filter((file) => file.endsWith(SUFFIX)).sort();
    const ofUser = files.map(({ path, label }) => strategyOf(path, { name: path, label, isOfUser: true }));
    const given = names.map((file) => {
      const name = basename(file, SUFFIX);
      return strategyOf(join(folder, file), { name, label: name, isOfUser: false });
    });
    return Promise.all([...given, ...ofUser]);
  },
  /**
   * Appends a question about a row's image, with the models' answers, unless the last row is the same question.
   * @returns the line of the new row
   */
  async keepQuestion({ path, id, row, question, asked, place, root }: Kept): Promise<number> {
    const line = await lineOfLast(path, id);
    if (line !== null) return line;
    const { sample, mirror } = questionOf({ row, question });
    const kept = sampleToKeep({ ...sample, id }, isTrusted(mirror) ? mirror : null, asked);
    const images = new ImageFiles(place.folder, place.root);
    try {
      return await appendSample(path, kept, { images, root });
    } finally {
      await images.close();
    }
  },
  /** Returns the model family (core/seen/families.ts) of a checkpoint, run or model folder; null if unknown. */
  familyIn: ({ path }: { path: string }) => familyOfFolder(path),
  /** Returns whether a checkpoint, a run or a model folder uses a GPU if one is available. */
  async wantsGpu({ path }: { path: string }): Promise<boolean> {
    for (const dir of [path, dirname(dirname(path))]) {
      const config = await readRunConfig(dir).catch(unlessUnreadable(null));
      if (config) return config.engine.kind === 'torch' && config.engine.device !== 'cpu';
    }
    const file = join(path, 'config.json');
    const text = await readText(file).catch(ifMissing('{}'));
    return parseRecord(modelFolderSchema, text, { file }).model_type !== undefined;
  },
};

/** Returns a row with another question, and the mirror of the new row. The row can be an image alone, without an id. */
function questionOf({ row, question }: Asked): { sample: Sample; mirror: MirrorVariant } {
  const sample = withQuestion({ ...row, id: row.id || 'asked' }, question);
  return { sample, mirror: mirrorToAsk(sample) };
}

/** Returns the line of a file's last row if that row has this id; otherwise null. */
async function lineOfLast(path: string, id: string): Promise<number | null> {
  const file = await RowFile.open(path).catch(ifMissing(null));
  if (!file) return null;
  const last = file.count - 1;
  try {
    return last >= 0 && idOf(await file.text(last)) === id ? file.line(last) : null;
  } finally {
    await file.close();
  }
}

/** Reads a strategy file. Returns an unusable strategy for a file with mistakes. */
async function strategyOf(
  path: string,
  named: Pick<PlayStrategy, 'name' | 'label' | 'isOfUser'>,
): Promise<PlayStrategy> {
  const unusable = (problem: string): PlayStrategy => ({ ...named, about: '', blind: false, problem });
  const text = await readText(path).catch((error: unknown) => ({ unread: whyUnreadable(error) }));
  if (typeof text !== 'string') return unusable(`${named.label}: ${text.unread}`);
  const { strategy, problems } = loadStrategy(text, named.label);
  if (!strategy) return unusable(problemText(problems[0]!));
  const stages = Object.values(strategy.stages);
  const blind = stages.every(({ images, exemplars }) => images === 'none' && !exemplars);
  return { ...named, about: strategy.about, blind };
}
