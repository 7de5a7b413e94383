import type {
  MirrorVariant,
  PolarityVariant,
  ReviewState,
  RewriteAttempt,
  Sample,
  Variant,
} from '../spatial/sample.ts';
import { isUnwritten } from '../spatial/variant.ts';
import { checkVariant } from '../spatial/views/view.ts';
import type { VariantName } from '../spatial/views/list.ts';

/** Who wrote what came to review: an edit does not change that. `verified`: a model, asked twice. */
export type Route = Variant['route'] | 'verified';

/** A row as the review queue lists it. */
export interface ReviewItem {
  id: string;
  form: VariantName;
  status: Variant['status'];
  /** `none`: nobody was asked to look. */
  state: ReviewState | 'none';
  route: Route;
  rules: string[];
  /** Checks that did not pass. */
  failed: string[];
  category: NonNullable<Variant['category']> | 'none';
  /** Prompts whose answer is the present text, and those whose answer is not. */
  prompts: { name: string; same: boolean }[];
}

export type ReviewedTexts = Partial<Pick<Variant, 'question' | 'answer' | 'reasoning' | 'choices'>>;

/** `reopen` puts a decided row back into the queue. */
export type Decision = { note?: string } & (
  { kind: 'accept' | 'discard' | 'reopen' } | { kind: 'edit'; texts: ReviewedTexts }
);

/** Who decided, and when (ISO 8601). */
export interface Reviewer {
  by?: string;
  at: string;
}

/** The row's entry in the queue; null where it has no such form. */
export function reviewItem(sample: Sample, form: VariantName): ReviewItem | null {
  const variant: Variant | undefined = sample.variants?.[form];
  if (!variant) return null;
  const attempts = attemptsOf(variant);
  const checks = Object.entries(variant.checks ?? {});
  return {
    id: sample.id,
    form,
    status: variant.status,
    state: reviewState(sample, form, variant) ?? 'none',
    route: routeOf(variant, attempts.length),
    rules: Array.isArray(variant.rules) ? variant.rules.map(String) : [],
    failed: checks.filter(([, result]) => result !== 'pass').map(([name]) => name),
    category: typeof variant.category === 'string' ? variant.category : 'none',
    prompts: attempts.map((attempt) => ({ name: attempt.prompt, same: isText(variant, attempt) })),
  };
}

/**
 * What was decided about a form. An opposite that repeats the original waits whatever its file says: earlier versions
 * let it be accepted.
 */
export function reviewState(sample: Sample, form: VariantName, variant: Variant): ReviewState | undefined {
  const state = variant.review?.state;
  return state && state !== 'discarded' && isUnwritten(sample, form, variant) ? 'pending' : state;
}

function routeOf({ route, review }: Variant, attempts: number): Route {
  if (attempts > 0) return attempts > 1 ? 'verified' : 'llm';
  return review?.state === 'edited' ? 'rules' : route;
}

const isText = (variant: Variant, { question, answer, reasoning, choices }: RewriteAttempt): boolean =>
  question === variant.question &&
  answer === variant.answer &&
  (reasoning === undefined || reasoning === variant.reasoning) &&
  (choices === undefined || JSON.stringify(choices) === JSON.stringify(variant.choices));

/** What a model said, as far as the file tells it: people edit files. */
export function attemptsOf(variant: Variant): RewriteAttempt[] {
  const attempts: unknown = (variant.llm as { attempts?: unknown } | undefined)?.attempts;
  if (!Array.isArray(attempts)) return [];
  return (attempts as (Partial<RewriteAttempt> | null)[])
    .filter((attempt) => typeof attempt?.prompt === 'string')
    .map((attempt) => ({
      ...attempt!,
      prompt: attempt!.prompt!,
      raw: String(attempt!.raw ?? ''),
      checks: attempt!.checks ?? {},
    }));
}

/**
 * The row after a decision. The status keeps saying what the program made of it; an edit replaces texts, runs the
 * checks again and makes a person the author. An edit that changes nothing is an acceptance; one that gives an
 * opposite the original's texts leaves it to be reviewed.
 * @throws where there is nothing to decide about, or nothing to accept.
 */
export function decide(sample: Sample, form: VariantName, decision: Decision, who: Reviewer): Sample {
  const variant: Variant | undefined = sample.variants?.[form];
  if (!variant) throw new Error(`The row "${sample.id}" has no ${form} to review.`);
  const edited = decision.kind === 'edit' ? edit(sample, form, variant, decision.texts) : variant;
  if (
    decision.kind !== 'discard' &&
    decision.kind !== 'reopen' &&
    (!edited.question.trim() || !edited.answer.trim())
  )
    throw new Error(
      `The ${form} of row "${sample.id}" lacks a question or an answer: edit it, or discard it.`,
    );
  const unwritten = isUnwritten(sample, form, edited);
  if (unwritten && edited === variant && (decision.kind === 'accept' || decision.kind === 'edit'))
    throw new Error(
      `The opposite of row "${sample.id}" is not written yet, it repeats the original: edit it, or discard it.`,
    );
  const state: ReviewState = (
    {
      accept: 'accepted',
      discard: 'discarded',
      reopen: 'pending',
      edit: unwritten ? 'pending' : edited === variant ? 'accepted' : 'edited',
    } as const
  )[decision.kind];
  const { by, at } = who;
  const review =
    state === 'pending'
      ? { state }
      : { state, ...(by && { by }), at, ...(decision.note && { note: decision.note }) };
  return withVariant(sample, form, { ...edited, review });
}

function edit(sample: Sample, form: VariantName, variant: Variant, texts: ReviewedTexts): Variant {
  const names = Object.keys(texts) as (keyof ReviewedTexts)[];
  if (names.every((name) => JSON.stringify(texts[name]) === JSON.stringify(variant[name]))) return variant;
  const written: Variant = { ...variant, ...texts, route: 'human' };
  return { ...written, checks: checkVariant(sample, form, written) };
}

/** The sample with another variant. */
export const withVariant = (sample: Sample, form: VariantName, variant: Variant): Sample => ({
  ...sample,
  variants: { ...sample.variants, [form]: variant as MirrorVariant & PolarityVariant },
});
