import { splitFile } from './convert-counts.ts';
import type { RunConfig } from '../core/config/run-config.ts';
import { shareText, thousands } from '../base/format.ts';
import { openDataset } from '../lab/datasets/open-dataset.ts';
import { sharedRows } from '../lab/datasets/shared-rows.ts';
import { note, pathHere } from './print.ts';

/** Note to print before a run starts. */
interface StartNote {
  code: 'untrained' | 'few-rows' | 'no-set' | 'shared-rows';
  message: string;
  /** How to remedy the cause in a terminal. */
  fix?: string;
}

/** Prints notes on whether a run can learn, and on what its evaluation sets can show. */
export async function noteStart(config: RunConfig): Promise<void> {
  for (const { message, fix } of await startNotes(config)) note([message, fix].filter(Boolean).join(' '));
}

/** Returns notes with reasons against the start of a run, and with limits of its result. */
export const startNotes = async (config: RunConfig): Promise<StartNote[]> => [
  ...untrainedNotes(config),
  ...(await fewRowsNotes([config])),
  ...(await setNotes(config)),
];

/** Returns a note on GRPO for a new tiny model, which cannot improve. Tests can need such runs. */
export const untrainedNotes = ({ recipe, engine, init, steps }: RunConfig): StartNote[] =>
  recipe === 'grpo' && engine.kind === 'embedded' && init === undefined && steps > 0
    ? [
        {
          code: 'untrained',
          message:
            'GRPO cannot train a new tiny model, because its completions earn no reward. Set init to a checkpoint of an SFT run, for example with the preset demo-sft.',
        },
      ]
    : [];

/** Number of rows below which a training from scratch shows little. Messages recommend the 4,000 of the demo. */
const LEAST_FROM_SCRATCH = 1000;

/** Returns notes on SFT of new tiny models, for each training file with too few rows. */
export async function fewRowsNotes(configs: readonly RunConfig[]): Promise<StartNote[]> {
  const fresh = configs.filter(
    ({ recipe, engine, init, steps }) =>
      recipe === 'sft' && engine.kind === 'embedded' && init === undefined && steps > 0,
  );
  const notes: StartNote[] = [];
  for (const path of new Set(fresh.map(({ data }) => data.train))) {
    let rows = 0;
    for await (const { sample } of (await openDataset(path)).rows) {
      rows += Number(Boolean(sample));
      if (rows >= LEAST_FROM_SCRATCH) break;
    }
    const message = `${thousands(rows)} rows are too few to train a model from scratch, which takes about 4,000. Add synthetic scenes, or select a preset with a pretrained model.`;
    if (rows < LEAST_FROM_SCRATCH) notes.push({ code: 'few-rows', message });
  }
  return notes;
}

/** Returns notes on evaluation sets: a run without a set measures nothing; rows shared with training test memory. */
async function setNotes({ data }: RunConfig): Promise<StartNote[]> {
  const sets = Object.entries(data.eval);
  if (sets.length === 0) {
    const train = pathHere(data.train);
    const message =
      'The run has no evaluation set, so its report contains only training curves. Set data.eval.';
    const fix = `To split these rows into ${splitFile(train, 'train')} and ${splitFile(train, 'val')}, run chirality convert ${train} -o ${train} --split train=0.9,val=0.1.`;
    return [{ code: 'no-set', message, fix }];
  }
  const shares = await sharedRows(
    data.train,
    sets.map(([, path]) => path),
  );
  return sets.flatMap(([name, path], i): StartNote[] => {
    const share = shares[i];
    if (path === data.train)
      return [{ code: 'shared-rows', message: `${name}: the evaluation set is the training file.` }];
    return typeof share === 'number' && share > 0
      ? [
          {
            code: 'shared-rows',
            message: `${name}: ${shareText(share)} of its rows are also in the training data.`,
          },
        ]
      : [];
  });
}
