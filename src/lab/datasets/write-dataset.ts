import type { FileHandle } from 'node:fs/promises';
import { wholeQuestion } from '../../rows/read/move-options.ts';
import { withoutFrames } from '../../rows/sample/clip.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { DataError } from './data-error.ts';
import { openDataFile, type OutputFormat } from './data-file.ts';
import { ParquetSamples } from './parquet/write-parquet.ts';
import { laterTurns, type Turn } from './dialogue-turns.ts';

/** A dataset that is being written. `commit` creates the final file, and `discard` deletes the temporary file. */
export interface DatasetWriter {
  write(sample: Sample): Promise<void>;
  commit(): Promise<void>;
  discard(): Promise<void>;
}

interface RowWriter {
  write(sample: Sample): Promise<void>;
  end(): Promise<void>;
}

/** Opens a dataset for writing. @param path path of the file, or an asynchronous function that writes text */
export async function openWriter(
  path: string | ((text: string) => Promise<void>),
  format: OutputFormat,
): Promise<DatasetWriter> {
  if (typeof path !== 'string') {
    if (format === 'parquet')
      throw new DataError('output', 'A parquet table requires an output file.', { fix: 'Add -o FILE.' });
    const rows = textRows(format, path);
    return { write: rows.write, commit: rows.end, discard: () => Promise.resolve() };
  }
  const { file, commit, discard } = await openDataFile(path);
  const rows = format === 'parquet' ? new ParquetSamples(file) : textRows(format, appendTo(file));
  return {
    write: (sample) => rows.write(sample),
    commit: async () => {
      await rows.end();
      await commit();
    },
    discard,
  };
}

const appendTo = (file: FileHandle) => async (text: string) => {
  await file.writeFile(text);
};

/** Collects the lines or list elements of rows, and writes them in larger pieces. */
function textRows(format: 'qa' | 'llava', append: (text: string) => Promise<void>): RowWriter {
  let pending = format === 'llava' ? '[' : '';
  let separator = '\n';
  return {
    async write(sample) {
      if (format === 'qa') pending += `${JSON.stringify(withoutFrames(sample))}\n`;
      else {
        pending += separator + JSON.stringify(llavaRow(sample));
        separator = ',\n';
      }
      if (pending.length < 1 << 18) return;
      const text = pending;
      pending = '';
      await append(text);
    },
    end: () => append(format === 'llava' ? `${pending}\n]\n` : pending),
  };
}

const reply = ({ answer, reasoning }: Turn): string =>
  reasoning === undefined ? answer : `<think>${reasoning}</think>\n<answer>${answer}</answer>`;

/**
 * Converts a row to an entry of a LLaVA conversation file, the reverse of mappings/messages.ts. LLaVA can refer only to
 * image files. Parquet cells and all further fields are stored under `chirality`.
 */
function llavaRow(sample: Sample): Record<string, unknown> {
  const { id, question, answer, reasoning, images, meta, ...rest } = sample;
  const paths = images.flatMap((image) => (typeof image === 'string' ? [image] : []));
  const allPaths = paths.length === images.length;
  const later = laterTurns(sample);
  const otherMeta = Object.entries(meta ?? {}).filter(([key]) => key !== 'turns' || later.length === 0);
  const kept = {
    ...rest,
    ...(!allPaths && { images }),
    ...(otherMeta.length > 0 && { meta: Object.fromEntries(otherMeta) }),
  };
  const placeholders = question.includes('<image>') ? '' : '<image>\n'.repeat(images.length);
  const first = {
    question: placeholders + wholeQuestion(sample),
    answer,
    ...(reasoning !== undefined && { reasoning }),
  };
  return {
    id,
    ...(allPaths && paths.length === 1 && { image: paths[0] }),
    ...(allPaths && paths.length > 1 && { images: paths }),
    conversations: [first, ...later].flatMap((turn) => [
      { from: 'human', value: turn.question },
      { from: 'gpt', value: reply(turn) },
    ]),
    ...(Object.keys(kept).length > 0 && { chirality: kept }),
  };
}
