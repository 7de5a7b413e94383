import { z } from 'zod';
import { describeIssue } from './issues.ts';
import { parseYaml, place, type ConfigProblem } from './source.ts';

const prompt = () => z.string().min(1);

const Exemplars = z.strictObject({
  /** The name of a set that comes with the program, or a `*.qa.jsonl` file relative to the strategy. */
  set: z.string().min(1),
  /** How an exemplar's question and its answer read. */
  user: prompt(),
  assistant: prompt(),
  /** Turns of a conversation, or one text that stands where the stage's user prompt has {exemplars}. */
  as: z.enum(['turns', 'text']).default('turns'),
});

const Stage = z.strictObject({
  system: prompt().optional(),
  user: prompt(),
  /** The row's pictures; `shown`: where the prompt has {images}, else before it. */
  images: z.enum(['shown', 'none']).default('shown'),
  /** `shown`: the choices follow the question where the prompt shows them nowhere else. */
  options: z.enum(['shown', 'none']).default('shown'),
  exemplars: Exemplars.optional(),
  /** The text holds a scene graph: a later stage is shown its JSON. */
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
  /** Rows with another number of pictures are skipped. */
  row_images: z.int().min(1).optional(),
  /** Where the answer stands in a text without tags: anywhere, or on its last line (R32). */
  extract: z.enum(['whole', 'last_line']).default('whole'),
  stages: z
    .record(
      z.string().regex(/^[a-z]\w*$/, { error: 'a stage is named by small letters, digits and _' }),
      Stage,
    )
    .refine((stages) => Object.keys(stages).length > 0, { error: 'needs a stage' }),
});

/** A strategy as its file has it: prompts and exemplars by name. */
export type StrategyFile = z.infer<typeof StrategyFile>;

/** Reads a strategy. All mistakes are reported, each with line and column. */
export function loadStrategy(
  text: string,
  file: string,
): { strategy: StrategyFile; problems: [] } | { strategy: null; problems: ConfigProblem[] } {
  const { source, tree, problems } = parseYaml(text, file);
  if (problems.length > 0) return { strategy: null, problems };
  const result = StrategyFile.safeParse(tree, { reportInput: true });
  if (result.success) return { strategy: result.data, problems: [] };
  const found = result.error.issues.flatMap((issue) => describeIssue(issue, StrategyFile));
  return { strategy: null, problems: found.map((problem) => place([source], problem)) };
}
