import * as z from 'zod';
import { describeIssues } from './issues.ts';
import { parseYaml, place, type ConfigProblem } from './config-source.ts';

const prompt = () => z.string().min(1);

const Exemplars = z.strictObject({
  /** Name of a built-in set, or a `*.qa.jsonl` file relative to the strategy. */
  set: z.string().min(1),
  /** Templates of an exemplar's question and answer. */
  user: prompt(),
  assistant: prompt(),
  /** Exemplars as turns of a conversation, or as one text in place of {exemplars} in the stage's user prompt. */
  as: z.enum(['turns', 'text']).default('turns'),
});

const Stage = z.strictObject({
  system: prompt().optional(),
  user: prompt(),
  /** Whether the row's images are shown: in place of {images}, otherwise before the prompt. */
  images: z.enum(['shown', 'none']).default('shown'),
  /** `shown`: the choices follow the question unless the prompt contains them elsewhere. */
  options: z.enum(['shown', 'none']).default('shown'),
  exemplars: Exemplars.optional(),
  /** Set if the stage's text contains a scene graph, whose JSON a later stage gets. */
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
  /** Caution for readers of its results, printed after an evaluation. */
  caution: z.string().min(1).optional(),
  /** Rows with another number of images are skipped. */
  row_images: z.int().min(1).optional(),
  /** Position of the answer in a text without tags: anywhere, or on its last line (R32). */
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

/** A prompting strategy as written in its file, with prompts and exemplars by name. */
export type StrategyFile = z.infer<typeof StrategyFile>;

/** Reads a prompting strategy. All mistakes are reported, each with line and column. */
export function loadStrategy(
  text: string,
  file: string,
): { strategy: StrategyFile; problems: [] } | { strategy: null; problems: ConfigProblem[] } {
  const { source, tree, problems } = parseYaml(text, file);
  if (problems.length > 0) return { strategy: null, problems };
  const result = StrategyFile.safeParse(tree, { reportInput: true });
  if (result.success) return { strategy: result.data, problems: [] };
  const mistakes = describeIssues(result.error.issues, StrategyFile);
  return { strategy: null, problems: mistakes.map((problem) => place([source], problem)) };
}
