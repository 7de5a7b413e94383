import * as z from 'zod';
import { describeIssues } from './issues.ts';
import { parseYaml, place, type ConfigProblem } from './config-source.ts';

const prompt = () => z.string().min(1);

const Exemplars = z.strictObject({
  /** Name of a built-in set of exemplars, or path of a `*.qa.jsonl` file relative to the strategy file. */
  set: z.string().min(1),
  /** Prompt templates for the question and the answer of an exemplar. */
  user: prompt(),
  assistant: prompt(),
  /** Format of exemplars: turns of a conversation, or one text in place of {exemplars} in the user prompt. */
  as: z.enum(['turns', 'text']).default('turns'),
});

const Stage = z.strictObject({
  system: prompt().optional(),
  user: prompt(),
  /** Whether the prompt contains the row's images: at {images}, otherwise at the beginning of the prompt. */
  images: z.enum(['shown', 'none']).default('shown'),
  /** `shown`: the choices follow the question, unless the prompt contains them at another position. */
  options: z.enum(['shown', 'none']).default('shown'),
  exemplars: Exemplars.optional(),
  /** Set if the text that the stage generates contains a scene graph. A later stage gets the JSON of this graph. */
  graph: z
    .strictObject({
      missing: z.enum(['text', 'empty']).default('text'),
      shuffled: z.boolean().default(false),
    })
    .optional(),
  max_tokens: z.int().min(1).optional(),
});

export const StrategyFile = z.strictObject({
  about: z.string().min(1),
  /** Caution about the results of the strategy, printed after an evaluation. */
  caution: z.string().min(1).optional(),
  /** Required number of images in a row. Rows with another number of images are skipped. */
  row_images: z.int().min(1).optional(),
  /** Position of the answer in a text without tags: anywhere, or only on the last line (R32). */
  extract: z.enum(['whole', 'last_line']).default('whole'),
  stages: z
    .record(
      z
        .string()
        .regex(/^[a-z]\w*$/, { error: 'stage names must consist of lower-case letters, digits and _' }),
      Stage,
    )
    .refine((stages) => Object.keys(stages).length > 0, { error: 'must contain a stage' }),
});

/** A prompting strategy as written in its file, with prompts and exemplars referenced by name. */
export type StrategyFile = z.infer<typeof StrategyFile>;

/** Reads a prompting strategy. Reports all mistakes, each with line and column. */
export function loadStrategy(
  text: string,
  file: string,
): { strategy: StrategyFile; problems: [] } | { strategy: null; problems: ConfigProblem[] } {
  const { source, tree, problems } = parseYaml(text, file);
  if (problems.length > 0) return { strategy: null, problems };
  const result = StrategyFile.safeParse(tree, { reportInput: true });
  if (result.success) return { strategy: result.data, problems: [] };
  const mistakes = describeIssues(result.error.issues, StrategyFile, tree);
  return { strategy: null, problems: mistakes.map((problem) => place([source], problem)) };
}
