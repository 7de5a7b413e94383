import { sum } from '../../../base/numbers.ts';
import { basename } from 'node:path';
import { isRecord } from '../../../base/json.ts';
import { idText, questionOf } from '../values/logged-row.ts';
import type { SourceRow } from '../../../core/evaluation/source-evaluation.ts';
import type { RunFolder } from '../foreign-folder.ts';
import { NOTHING, type Logged } from '../foreign-reader.ts';
import { answered, rightOf } from './content-parts.ts';
import { ORIGINAL } from '../../../rows/view-list.ts';

/** Name of the folder of an evaluation. Each file in the folder is an evaluation set. */
export const STEP_FOLDER = /^global_step_(\d+)_evals$/;
export const DUMPED = /^(?!aggregated_results\.)[^/]+\.jsonl$/;
const TURN_END = /<\|(?:im_end|endoftext|eot_id)\|>\s*$/;

/** Reads `dumped_evals/global_step_N_evals` of SkyRL, which does not store completions from training. */
export async function readSkyRl(folder: RunFolder): Promise<Logged | null> {
  const dumps = folder.matching(DUMPED);
  const step = dumps[0] && STEP_FOLDER.exec(basename(dumps[0].full.slice(0, -dumps[0].path.length - 1)))?.[1];
  if (step === undefined) return null;
  const rows: SourceRow[] = [];
  for (const file of dumps) {
    const lines = await folder.lines(file);
    const usable = lines.filter(({ value }) => 'input_prompt' in value && 'output_response' in value);
    rows.push(...rowsOf(basename(file.path, '.jsonl'), usable));
  }
  return {
    ...NOTHING,
    kind: 'skyrl',
    roles: { evaluation: dumps },
    missing: [
      { field: 'images', why: 'SkyRL does not store images.' },
      {
        field: 'id',
        why: 'SkyRL does not store ids. Equal prompts and reference answers count as one question.',
      },
    ],
    evaluation: { model: null, step: Number(step), rows, figures: [] },
  };
}

/** Returns rows. Lines with equal prompt and reference answer belong to one question, named after its first line. */
function rowsOf(
  set: string,
  lines: readonly { value: Record<string, unknown>; line: number }[],
): SourceRow[] {
  const questions = new Map<string, { id: string; answers: number }>();
  return lines.map(({ value, line }) => {
    const {
      input_prompt: prompt,
      output_response: output,
      score,
      stop_reason: stop,
      env_extras: extras,
    } = value;
    const spec = isRecord(extras) && isRecord(extras.reward_spec) ? extras.reward_spec.ground_truth : null;
    const reference = spec == null ? null : (idText(spec) ?? JSON.stringify(spec));
    const key = JSON.stringify([prompt, reference]);
    const question = questions.get(key) ?? { id: String(line), answers: 0 };
    questions.set(key, question);
    const scores = Array.isArray(score) ? score.filter((each) => typeof each === 'number') : [score];
    // Sums scores that are stored per token.
    const total = scores.every((each) => typeof each === 'number') ? sum(scores) : null;
    return {
      id: question.id,
      set,
      view: ORIGINAL,
      completion_index: question.answers++,
      question: questionOf(plainPrompt(prompt)),
      answer: reference,
      images: [],
      segments: answered(
        typeof output === 'string' ? output.replace(TURN_END, '') : '',
        stop === 'stop' ? 'end' : stop === 'length' ? 'length' : null,
      ),
      right: rightOf(total),
      score: { by_source: { score, data_source: value.data_source, env_class: value.env_class } },
    };
  });
}

/** Replaces turn marks in a prompt by lines, as trainers that decode without special tokens write prompts. */
const plainPrompt = (prompt: unknown): unknown =>
  typeof prompt === 'string' ? prompt.replace(/<\|im_start\|>/g, '\n') : prompt;
