import { join } from 'node:path';
import { writeAtomically } from '../../lab/files/atomic.ts';
import { ROWS } from './write.ts';

export const HARNESSES = ['inspect', 'lmms-eval', 'vlmevalkit'] as const;
export type Harness = (typeof HARNESSES)[number];

interface Task {
  /** A name that Python, YAML and shells take. */
  name: string;
  maxTokens: number;
}

/** The files, beside the questions, by which a harness finds a task. The code stands in the Python package. */
const FILES: Record<Harness, (task: Task) => Record<string, string>> = {
  inspect: ({ name, maxTokens }) => ({
    [`${name}.py`]: `"""Both views of every row, for Inspect: inspect eval ${name}.py --model …"""

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
    aggregation: mean
    higher_is_better: true
  - metric: both_right
    aggregation: !function ${name}.both_right
    higher_is_better: true
  - metric: consistent_wrong
    aggregation: !function ${name}.consistent_wrong
    higher_is_better: false
metadata:
  - version: 1.0
`,
    [`${name}.py`]: `"""What ${name}.yaml names."""

from pathlib import Path

from chirality.harness.lmms_eval import BothViews, both_right, consistent_wrong

views = BothViews(Path(__file__).parent)
messages, pictures, text, judge = views.messages, views.pictures, views.text, views.judge

__all__ = ["both_right", "consistent_wrong", "judge", "messages", "pictures", "text"]
`,
  }),
  vlmevalkit: ({ name }) => ({
    [`${name}.py`]: `"""Both views of every row, for VLMEvalKit: python ${name}.py VLMEvalKit/run.py --model …"""

from pathlib import Path

from chirality.harness.vlmevalkit import main

if __name__ == "__main__":
    main(Path(__file__).resolve().parent, "${name}")
`,
  }),
};

export async function harnessFiles(to: Harness, folder: string, task: Task): Promise<void> {
  for (const [name, text] of Object.entries(FILES[to](task)))
    await writeAtomically(join(folder, name), (file) => file.writeFile(text), { follow: false });
}
