import { printable } from '../../base/printable.ts';
import type {
  MirrorVariant,
  PolarityVariant,
  RewriteAttempt,
  Sample,
  Variant,
} from '../../rows/sample/sample.ts';
import { checkFault } from '../../base/labels.ts';
import { conflictsOf } from './merge-rows.ts';
import { judgedOf, olderText } from '../../rows/sample/judged.ts';
import { readLabel, type LabelDoubt } from '../../rows/sample/label-review.ts';
import { applyVariant, isCopy, isTrusted, isUnwritten, objectionsTo } from '../../rows/sample/variant.ts';
import { contradictionIn } from '../../rows/views/check-row.ts';
import { checkVariant } from '../../rows/views/view.ts';
import { ORIGINAL, viewOf, type VariantName } from '../../rows/view-list.ts';
import {
  consensusOf,
  decisionsOf,
  judgementsOf,
  pinned,
  reviewBy,
  textsOf,
  type Consensus,
  type Judgement,
  type ReviewedTexts,
  type ReviewState,
} from './decisions.ts';

/** Source of the reviewed text, unchanged by later edits. `verified`: a language model with two requests. */
export type Route = Variant['route'] | 'verified';

export interface ReviewItem {
  id: string;
  /** Name of the variant. The key is `form` because other programs read these entries. */
  form: VariantName;
  /** `none`: the row has no such variant. */
  status: Variant['status'] | 'none';
  /** `none`: the variant needs no review. */
  state: ReviewState | 'none';
  route: Route;
  rules: string[];
  /** Names of the failed checks of the variant. */
  failed: string[];
  /** The text that an earlier decision was made on, if the row or its variant has changed since. */
  older: ReturnType<typeof olderText>;
  /** Failed checks that a person overruled by accepting the text. */
  although: string[];
  category: NonNullable<Variant['category']> | 'none';
  /** Prompts used for the rewrite, and whether the completion of each prompt equals the current text. */
  prompts: { name: string; same: boolean }[];
  /** Decision of each person on the row. */
  people: Judgement[];
  consensus: Consensus;
  /** True if merged files differ in the row and nobody has settled the conflict. */
  conflict: boolean;
  /** Agent that proposed the pending text, and its reason. */
  proposal?: { by: string; note?: string };
}

/**
 * `although` lists the failed checks that an acceptance overrules (`objectionsTo`). `reopen` withdraws the person's own
 * decision: the row returns to the queue, or is trusted again if it was trusted before any decision. `settle` selects
 * whose decision counts when people disagree; all decisions stay in the row.
 */
export type Decision = { note?: string } & (
  | { kind: 'accept'; although?: readonly string[] }
  | { kind: 'discard' | 'reopen' }
  | { kind: 'edit'; texts: ReviewedTexts }
  | { kind: 'settle'; for: string }
);

/** Person and time (ISO 8601) of a decision. */
export interface Reviewer {
  by?: string;
  at: string;
}

/**
 * Returns a row's stored variant with current checks. If a decision was made on an older text, the stored checks also
 * belong to that text, so the checks run again.
 */
export function variantNow(sample: Sample, variantName: VariantName): Variant | undefined {
  const variant: Variant | undefined = sample.variants?.[variantName];
  return variant && olderText(sample, variant)
    ? { ...variant, checks: checkVariant(sample, variantName, variant) }
    : variant;
}

/** Returns the row's entry in the review queue; null if the row has no such variant. */
export function reviewItem(sample: Sample, variantName: VariantName): ReviewItem | null {
  const variant = variantNow(sample, variantName);
  if (!variant) return null;
  const attempts = attemptsOf(variant);
  const checks = Object.entries(variant.checks ?? {});
  return {
    ...bareItem(sample, variantName),
    status: variant.status,
    state: reviewState(sample, variantName, variant) ?? 'none',
    route: routeOf(variant, attempts) ?? 'human',
    rules: Array.isArray(variant.rules) ? variant.rules.map(String) : [],
    failed: checks.filter(([, result]) => result !== 'pass').map(([name]) => name),
    older: olderText(sample, variant),
    although: overruled(sample, variant),
    category: typeof variant.category === 'string' ? variant.category : 'none',
    prompts: attempts.map((attempt) => ({ name: attempt.prompt, same: isText(variant, attempt) })),
    people: judgementsOf(variant),
    consensus: consensusOf(variant),
    ...proposalOf(variant),
  };
}

/** Returns the agent that proposed a text without a decision, with its reason. */
function proposalOf({ review }: Variant): Pick<ReviewItem, 'proposal'> {
  if (review?.state !== 'pending' || typeof review.by !== 'string') return {};
  return { proposal: { by: review.by, ...(typeof review.note === 'string' && { note: review.note }) } };
}

/** Returns the queue entry of a row without the variant, or of an unreadable row (null). */
export const bareItem = (sample: Sample | null, variantName: VariantName): ReviewItem => ({
  id: sample?.id ?? '',
  form: variantName,
  status: 'none',
  state: 'none',
  route: 'human',
  rules: [],
  failed: [],
  older: null,
  although: [],
  category: 'none',
  prompts: [],
  people: [],
  consensus: 'none',
  conflict: sample !== null && conflictsOf(sample).length > 0,
});

/** Returns the queue entry of a row without the variant that has a merge conflict; null if the row has no conflict. */
export function conflictItem(sample: Sample, variantName: VariantName): ReviewItem | null {
  const item = bareItem(sample, variantName);
  return item.conflict ? item : null;
}

/**
 * Returns the state of a variant's review; undefined if the variant needs no review. Pending variants: variants sent to
 * review, deferred variants without a rewrite, variants with a decision on an older text, and accepted opposite
 * questions that repeat the original, which other programs can write.
 */
export function reviewState(
  sample: Sample,
  variantName: VariantName,
  variant: Variant,
): ReviewState | undefined {
  const state = variant.review?.state;
  if (!state) return variant.status === 'needs_llm' ? 'pending' : undefined;
  if (olderText(sample, variant)) return 'pending';
  return state !== 'discarded' && isUnwritten(sample, variantName, variant) ? 'pending' : state;
}

/**
 * Returns the state for display: the state of the review if there is one, otherwise the status of the variant. `older`:
 * the decision was made on an older text; `overruled`: a person accepted the variant despite a check.
 */
export function shownState(sample: Sample, variantName: VariantName, variant: Variant): string {
  if (olderText(sample, variant)) return 'older';
  const state = reviewState(sample, variantName, variant);
  if (state === 'pending') return state;
  return overruled(sample, variant).length > 0 ? 'overruled' : (state ?? variant.status);
}

/** Whether a variant differs from its original only in the reasoning, which the panels fold. */
export const isReasoningOnly = (sample: Sample, variant: Variant): boolean =>
  isCopy(sample, variant) && (variant.reasoning ?? sample.reasoning) !== sample.reasoning;

/** Returns the failed checks that the acceptance of a variant overruled. */
function overruled(sample: Sample, variant: Variant): string[] {
  const state = variant.review?.state;
  return state === 'accepted' || state === 'edited' ? objectionsTo(sample, variant) : [];
}

/** Whether an author name belongs to an agent. */
export const isOfAgent = (name: string): boolean => name.startsWith('agent:');

function routeOf({ route, review }: Variant, attempts: readonly RewriteAttempt[]): Route | undefined {
  // An agent's proposal is never `verified`, even after earlier requests to a language model.
  const isVerified = attempts.length > 1 && !isOfAgent(attempts.at(-1)!.prompt);
  if (attempts.length > 0) return isVerified ? 'verified' : 'llm';
  return review?.state === 'edited' ? 'rules' : route;
}

const isText = (variant: Variant, { question, answer, reasoning, choices }: RewriteAttempt): boolean =>
  question === variant.question &&
  answer === variant.answer &&
  (reasoning === undefined || reasoning === variant.reasoning) &&
  (choices === undefined || JSON.stringify(choices) === JSON.stringify(variant.choices));

/** Returns the rewrites of a variant by models. Skips malformed entries, because people edit files. */
export function attemptsOf(variant: Variant): RewriteAttempt[] {
  const attempts: unknown = (variant.llm as { attempts?: unknown } | undefined)?.attempts;
  if (!Array.isArray(attempts)) return [];
  return (attempts as (Partial<RewriteAttempt> | null)[])
    .filter((attempt) => typeof attempt?.prompt === 'string')
    .map((attempt) => ({
      ...attempt!,
      prompt: attempt!.prompt!,
      raw: typeof attempt!.raw === 'string' ? attempt!.raw : '',
      checks: attempt!.checks ?? {},
    }));
}

/**
 * Returns the row after a decision. The status remains the one that the program set. An edit replaces texts, runs the
 * checks again and makes a reviewer the author: whoever accepts the text later, it counts as edited. An edit without
 * changes is an acceptance. An edit that fails a check, or equals the original for an opposite question, stays pending.
 * Other people's decisions stay (docs/annotate.md).
 * @throws Error if there is nothing to decide or to accept, an answer is false in the row's own scene graph, or the
 * decision overrules a check that it does not list.
 */
export function decide(sample: Sample, variantName: VariantName, decision: Decision, who: Reviewer): Sample {
  const variant = variantNow(sample, variantName);
  if (!variant) throw new Error(`Row "${sample.id}" has no ${variantName} to review.`);
  if (decision.kind === 'settle') return settle(sample, variantName, decision.for, who, decision.note);
  const edited = decision.kind === 'edit' ? edit(sample, variantName, variant, decision.texts) : variant;
  if (
    decision.kind !== 'discard' &&
    decision.kind !== 'reopen' &&
    (!edited.question.trim() || !edited.answer.trim())
  )
    throw new Error(
      `The ${variantName} of row "${sample.id}" lacks a question or an answer. Edit or discard it.`,
    );
  const unwritten = isUnwritten(sample, variantName, edited);
  if (unwritten && edited === variant && (decision.kind === 'accept' || decision.kind === 'edit'))
    throw new Error(`The opposite question of row "${sample.id}" repeats the original. Edit or discard it.`);
  if (decision.kind === 'accept' || decision.kind === 'edit') {
    const seen = applyVariant(sample, edited);
    // A variant can lack its own `meta`. The row's `meta` describes the original image only.
    const meta = viewOf(variantName).pixels === ORIGINAL ? seen.meta : edited.meta;
    const contradiction = contradictionIn(sample, variantName, seen, meta);
    if (contradiction) throw new Error(`${contradiction} Correct one of them in row "${sample.id}".`);
  }
  const objections = objectionsTo(sample, edited);
  const although = decision.kind === 'accept' ? (decision.although ?? []) : [];
  const against = objections.filter((name) => !although.includes(name));
  const isEdit = decision.kind === 'edit' && edited !== variant;
  if ((decision.kind === 'accept' || decision.kind === 'edit') && !isEdit && against.length > 0)
    throw new Error(
      `Cannot accept the ${variantName} of row "${sample.id}": ${against.map(checkFault).join('; ')}. Edit the ${variantName}, or accept it despite the failed checks (${against.join(', ')}).`,
    );
  const { by, at } = who;
  const others = decisionsOf(variant).filter((verdict) => (verdict.by ?? '') !== (by ?? ''));
  const kept = edited === variant ? others : pinned(others, variant);
  if (decision.kind === 'reopen' && decisionsOf(variant).length > 0 && kept.length === 0) {
    const before = { ...variant };
    delete before.review;
    // A program's text that was trusted before any decision is trusted again.
    if (variant.route !== 'human' && isTrusted(before)) return withVariant(sample, variantName, before);
  }
  if (decision.kind === 'reopen' || (decision.kind === 'edit' && (unwritten || against.length > 0))) {
    const review = { state: 'pending', ...(kept.length > 0 && { decisions: kept }) } as const;
    return withVariant(sample, variantName, { ...edited, review });
  }
  // To accept a reviewer's text, in whatever state, confirms a correction of the program's text.
  const isWritten =
    edited !== variant || (variant.route === 'human' && (variant.review?.state ?? 'accepted') !== 'accepted');
  const state = decision.kind === 'discard' ? 'discarded' : isWritten ? 'edited' : 'accepted';
  const mine = {
    ...(by && { by }),
    at,
    state,
    ...(decision.note && { why: decision.note }),
    judged: judgedOf(sample, edited),
    ...(objections.length > 0 && state !== 'discarded' && { although: objections }),
  } as const;
  return withVariant(sample, variantName, { ...edited, review: reviewBy([...kept, mine], edited) });
}

/** Selects one person's decision. @throws Error if people do not disagree, or if `name` has not decided. */
function settle(
  sample: Sample,
  variantName: VariantName,
  name: string,
  { by, at }: Reviewer,
  note?: string,
): Sample {
  const variant: Variant = sample.variants![variantName]!;
  const decisions = decisionsOf(variant);
  const chosen = decisions.find((decision) => (decision.by ?? '') === name);
  if (!chosen) {
    const named = decisions.map(({ by: person }) => printable(person ?? 'the unnamed reviewer', 100));
    throw new Error(
      `${name || 'The unnamed reviewer'} has not decided on the ${variantName} of row "${sample.id}". ${named.length === 0 ? 'Accept, edit or discard it.' : `Choose from ${named.join(', ')}.`}`,
    );
  }
  if (!['disagree', 'settled'].includes(consensusOf(variant)))
    throw new Error(`Reviewers do not disagree about the ${variantName} of row "${sample.id}".`);
  const texts = chosen.state === 'discarded' ? {} : (chosen.texts ?? {});
  const edited = edit(sample, variantName, variant, texts);
  const verdicts = edited === variant ? decisions : pinned(decisions, variant);
  const review = {
    state: chosen.state,
    ...(by && { by }),
    at,
    ...(note && { note }),
    judged: judgedOf(sample, edited),
    decisions: verdicts.map(({ texts: pin, ...decision }) =>
      pin && JSON.stringify(pin) !== JSON.stringify(textsOf(edited)) ? { ...decision, texts: pin } : decision,
    ),
  };
  return withVariant(sample, variantName, { ...edited, review });
}

function edit(sample: Sample, variantName: VariantName, variant: Variant, texts: ReviewedTexts): Variant {
  const names = Object.keys(texts) as (keyof ReviewedTexts)[];
  if (names.every((name) => JSON.stringify(texts[name]) === JSON.stringify(variant[name]))) return variant;
  const written: Variant = { ...variant, ...texts, route: 'human' };
  return { ...written, checks: checkVariant(sample, variantName, written) };
}

export const withVariant = (sample: Sample, variantName: VariantName, variant: Variant): Sample => ({
  ...sample,
  variants: { ...sample.variants, [variantName]: variant as MirrorVariant & PolarityVariant },
});

/** Returns the row's `label_review` after the row is sent to review. */
export const doubted = (sample: Sample, doubt: LabelDoubt = {}) => ({
  given: sample.answer,
  verdicts: [],
  ...readLabel(sample).review,
  doubt,
});

/** Returns the row's `label_review` after a person confirms its current answer. */
export function confirmed(sample: Sample, { by, at }: { by?: string; at: string }) {
  const review = readLabel(sample).review ?? { given: sample.answer, verdicts: [] };
  const { question, answer } = sample;
  return { ...review, verdicts: [...review.verdicts, { ...(by && { by }), at, question, answer }] };
}
