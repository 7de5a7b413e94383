import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { imagesShown, missingFor, refKey, type Strategy } from '../core/prompts/strategy.ts';
import { imageKey } from '../core/evaluation/scored-row.ts';
import { taskMessages } from '../core/prompts/trainer-rows.ts';
import { freeId } from '../base/item-names.ts';
import type { ImageRef, Sample } from '../rows/sample/sample.ts';
import { MIRROR, ORIGINAL } from '../rows/view-list.ts';
import { DataError } from '../lab/datasets/data-error.ts';
import { imageCodec } from '../lab/endpoint.ts';
import type { EvaluationSample } from '../lab/evaluation/evaluation-samples.ts';
import { writeAtomically } from '../lab/files/atomic.ts';
import { makeFolder } from '../lab/files/folders.ts';
import { writeLines } from './write-samples.ts';
import type { Harness } from './command-options.ts';

/** Counts of written questions, rows and pairs. `skipped`: numbers of questions that a harness cannot ask by reason. */
interface Written {
  questions: number;
  rows: number;
  pairs: number;
  skipped: Record<string, number>;
}

/** File of a task, with one question per line. */
export const ROWS = 'rows.jsonl';

/**
 * Writes the questions of an evaluation and their images into a folder, as an endpoint would receive them. Both views
 * of an image use the same image format, so that compression does not reveal the view.
 */
export async function writeTask(
  samples: readonly EvaluationSample[],
  strategy: Strategy,
  folder: string,
): Promise<Written> {
  const pictures = new TaskPictures(folder);
  const ids = new Set<string>();
  const pairs = new Map<string, Set<string>>();
  const skipped: Record<string, number> = {};
  const skip = (why: string) => (skipped[why] = (skipped[why] ?? 0) + 1);
  await makeFolder(join(folder, 'images'));
  async function* lines(): AsyncGenerator<string> {
    for (const shown of samples) {
      const { set, view, id, sample } = shown;
      const lack = missingFor(strategy, sample);
      if (lack !== null) {
        skip(lack);
        continue;
      }
      const files = await pictures.of(shown, strategy).catch((error: unknown) => {
        if (!(error instanceof DataError)) throw error;
        skip(error.message);
      });
      if (!files) continue;
      pairs.set(id, (pairs.get(id) ?? new Set()).add(view));
      const messages = taskMessages(strategy, { sample, view }, files);
      // Store rows as JSON strings, because tables need the same fields in all rows.
      const row = JSON.stringify(rowToScore(shown, files));
      const { question, answer } = sample;
      yield JSON.stringify({
        id: freeId(`${id} ${view}`, ids),
        set,
        pair: id,
        view,
        question,
        answer,
        messages,
        row,
      });
    }
  }
  await writeLines(join(folder, ROWS), lines());
  const both = [...pairs.values()].filter((views) => views.has(ORIGINAL) && views.has(MIRROR));
  return { questions: ids.size, rows: pairs.size, pairs: both.length, skipped };
}

/** Returns the fields that `chirality score` needs to score an answer. */
function rowToScore(
  { set, view, id, sample }: EvaluationSample,
  files: ReadonlyMap<string, string>,
): unknown {
  const kept: Partial<Sample> = { ...sample };
  for (const field of ['variants', 'reasoning', 'scene_graph', 'depth_map'] as const)
    Reflect.deleteProperty(kept, field);
  const images = sample.images.flatMap((image) => {
    const path = files.get(refKey(image));
    if (path === undefined) return [];
    return [typeof image === 'object' && image.w !== undefined ? { path, w: image.w, h: image.h } : path];
  });
  // Each view of an image has its own file. Standard errors need a key that both views of the image share.
  const picture = hashOf(imageKey({ id, images: sample.images }));
  return { ...kept, id, set, view, images, picture };
}

const hashOf = (data: string | Uint8Array): string =>
  createHash('sha256').update(data).digest('hex').slice(0, 16);

/** Images of a task: one file per view of an image. */
class TaskPictures {
  private readonly codec = imageCodec({ format: 'png', maxPixels: null });
  private readonly written = new Map<string, Promise<string>>();

  constructor(private readonly folder: string) {}

  /** Returns the files of a strategy's images, by their `refKey`. @throws DataError for an unreadable image */
  async of(shown: EvaluationSample, strategy: Strategy): Promise<Map<string, string>> {
    const files = new Map<string, string>();
    for (const image of imagesShown(strategy, shown.sample))
      files.set(refKey(image), await this.file(image, shown));
    return files;
  }

  private file(image: ImageRef, { view, images }: EvaluationSample): Promise<string> {
    const key = JSON.stringify([image, view]);
    const file = this.written.get(key) ?? this.write(image, view === MIRROR ? MIRROR : ORIGINAL, images);
    file.catch(() => undefined);
    this.written.set(key, file);
    return file;
  }

  private async write(
    image: ImageRef,
    view: typeof MIRROR | typeof ORIGINAL,
    images: EvaluationSample['images'],
  ): Promise<string> {
    const { bytes } = await this.codec.encode(await images.bytes(image), view);
    const name = `images/${hashOf(bytes)}.png`;
    await writeAtomically(join(this.folder, name), bytes, { follow: false });
    return name;
  }
}

interface Task {
  /** Task name that is valid in Python, YAML and shells. */
  name: string;
  maxTokens: number;
}

/** Requirements of a task, written for users of its folder. On PyPI, `chirality` is another program. */
const NEEDS = `It needs the Python package of Chirality (\`pip install ./python\` in a clone of its repository, not \`pip install
chirality\`), and the program \`chirality\` on the PATH, or named by CHIRALITY_PROGRAM.`;

/** Files, in addition to the questions, that define a task for a harness. The code is in the Python package. */
const FILES: Record<Harness, (task: Task) => Record<string, string>> = {
  inspect: ({ name, maxTokens }) => ({
    [`${name}.py`]: `"""Both views of every row, for Inspect: inspect eval ${name}.py --model …

${NEEDS}
"""

from pathlib import Path

from chirality.harness.inspect import both_views
from inspect_ai import Task, task


@task
def ${name}() -> Task:
    return both_views(Path(__file__).parent, max_tokens=${maxTokens})
`,
  }),
  'lmms-eval': ({ name, maxTokens }) => ({
    [`${name}.yaml`]: `# Both views of every row, for lmms-eval: lmms-eval --include_path . --tasks ${name} --model …
task: ${name}
dataset_path: json
dataset_kwargs:
  data_files:
    test: ${ROWS}
test_split: test
cluster_key: picture
score_key: counted
output_type: generate_until
doc_to_messages: !function ${name}.messages
doc_to_visual: !function ${name}.pictures
doc_to_text: !function ${name}.text
doc_to_target: answer
generation_kwargs:
  max_new_tokens: ${maxTokens}
  temperature: 0
  do_sample: false
process_results: !function ${name}.judge
metric_list:
  - metric: accuracy
    aggregation: !function ${name}.accuracy
    higher_is_better: true
  - metric: both_right
    aggregation: !function ${name}.both_right
    higher_is_better: true
  - metric: both_right_stderr
    aggregation: !function ${name}.both_right_stderr
    higher_is_better: false
  - metric: consistent_wrong
    aggregation: !function ${name}.consistent_wrong
    higher_is_better: false
metadata:
  - version: 1.0
`,
    [`${name}.py`]: `"""What ${name}.yaml names.

${NEEDS}
"""

from pathlib import Path

from chirality.harness.lmms_eval import BothViews, accuracy, both_right, both_right_stderr, consistent_wrong

views = BothViews(Path(__file__).parent)
messages, pictures, text, judge = views.messages, views.pictures, views.text, views.judge

__all__ = ["accuracy", "both_right", "both_right_stderr", "consistent_wrong", "judge", "messages", "pictures", "text"]
`,
  }),
  vlmevalkit: ({ name }) => ({
    [`${name}.py`]: `"""Both views of every row, for VLMEvalKit: python ${name}.py VLMEvalKit/run.py --model …

${NEEDS}
"""

from pathlib import Path

from chirality.harness.vlmevalkit import main

if __name__ == "__main__":
    main(Path(__file__).resolve().parent, "${name}")
`,
  }),
};

export async function harnessFiles(to: Harness, folder: string, task: Task): Promise<void> {
  for (const [name, text] of Object.entries(FILES[to](task)))
    await writeAtomically(join(folder, name), text, { follow: false });
}
