/** Displayed labels for ids in files and commands: metrics, tasks, answer locations, checks, and rewrite states. */

/** Labels of metrics in results.json, independent of the task. `pass@4` has no label. */
export const METRIC_LABELS: Readonly<Record<string, string>> = {
  accuracy: 'accuracy',
  success: 'success',
  completed: 'answers that state a length',
  smape: 'sMAPE',
  in_range_50_100: '50–100% of reference answer',
  in_range_100_150: '100–150% of reference answer',
  in_range_150_200: '150–200% of reference answer',
  within_50_200: '50–200% of reference answer',
  within_10: 'within 10% of reference answer',
  mra: 'mean relative accuracy',
  judge: 'accuracy by LLM judge',
  judge_failed: 'answers undecided by LLM judge',
  close_call: 'wrong answers off by one',
  miou: 'mean IoU',
  acc75: 'IoU of 0.75 or more',
  inside_share: 'points inside the region',
  found: 'completions with a scene graph',
  valid_json: 'scene graphs in valid JSON',
  objects: 'objects per scene graph',
  relations: 'relations per scene graph',
  ok: 'completions with a rewrite',
  verified: 'rewrites without failed checks',
  format_ok: 'format adherence',
  extracted: 'answers in required tags',
  credit: 'partial credit',
  answer_words: 'answer length, words',
  reference_words: 'reference answer length, words',
  reasoning_words: 'words such as “because”',
  bleu1: 'BLEU-1',
  bleu2: 'BLEU-2',
  corpus_bleu1: 'corpus BLEU-1',
  corpus_bleu2: 'corpus BLEU-2',
  sbert: 'SBERT',
  count: 'Count',
  relation: 'Relation',
  depth: 'Depth',
  distance: 'Distance',
  total_macro: 'total, mean over tasks',
  total_micro: 'total, mean over rows',
  total_official: 'total, official weighting',
  original: 'accuracy on originals',
  mirror: 'accuracy on mirrors',
  consistent: 'pair accuracy',
  view_gap: 'view gap',
  only_original: 'only the original correct',
  only_mirror: 'only the mirror correct',
  neither: 'neither view correct',
  first_right: 'accuracy in the first view',
  second_right: 'accuracy in the second view',
  agreement: 'agreement',
  consistent_wrong: 'agreement on wrong answers',
  label_free_agreement: 'label-free agreement',
  inconsistent: 'disagreement',
  update: 'answer changes where the reference answer changes',
  stability: 'answer unchanged where the reference answer is unchanged',
  update_by_letter: 'letter changes where the correct letter changes',
  stability_by_letter: 'letter unchanged where the correct letter is unchanged',
  graph_right: 'scene graphs that imply the reference answer',
  error_format: 'errors: unparsed answer or scene graph',
  error_graph: 'errors: wrong scene graph',
  error_answer: 'errors despite correct scene graph',
  right_without_graph: 'correct despite wrong scene graph',
  id: 'accuracy on original questions',
  ood: 'accuracy on opposite questions',
  gap: 'accuracy change on opposite questions',
  both_right: 'correct on both questions',
  inversion: 'answer unchanged although the reference answer changed',
  entropy: 'answer entropy, bits',
  reference_entropy: 'reference answer entropy, bits',
  top_share: 'most frequent answer',
  reference_top_share: 'most frequent reference answer',
  given: 'answered',
  reference: 'reference',
};

/** Labels of scoring tasks, and of other values that a metric's `task` can have. */
export const TASK_LABELS: Readonly<Record<string, string>> = {
  format: 'format',
  distance: 'distance',
  area: 'area',
  yesno: 'yes or no',
  mcq: 'choice',
  count: 'count',
  bbox: 'box',
  point: 'point',
  open: 'open',
  judge: 'judge',
  scenegraph: 'scene graph',
  flipjson: 'rewrite',
  number: 'number',
  side: 'side',
  choice: 'choice named in the question',
  name: 'name',
  untyped: 'free text',
  text: 'texts',
  'cv-bench': 'CV-Bench',
  views: 'views',
  all: 'all',
  attribution: 'error causes',
  answers: 'answer distribution',
  polarity: 'opposite questions',
  question_type: 'question type',
  relation: 'relation',
  kind: 'spatial or general',
};

/** Labels of kinds of questions whose name in files covers only one of two opposites. */
const KIND_LABELS: Readonly<Record<string, string>> = { nearer: 'nearer or farther' };

/** Name of the section that compares two evaluations row by row, in sentences that link to the section. */
export const PAIRED_TEST = 'paired test of shared rows';

/** Labels of controls, which describe the input that the model gets or lacks. */
const CONTROL_LABELS: Readonly<Record<string, string>> = {
  blind: 'without the image',
  shuffled: 'shuffled names in scene graph',
  'first-frame': 'first frame only',
  'shuffled-frames': 'shuffled frames',
  'blank-frames': 'blank frames',
};

/** Labels of the phases of a step in `timings.jsonl` (docs/training.md). */
const PHASE_LABELS: Readonly<Record<string, string>> = {
  data: 'rows',
  gen: 'sampling',
  reward: 'rewards',
  ref: 'scoring by reference model',
  old: 'scoring by old policy',
  update: 'update',
  // GRPO saves traces in this phase, SFT the losses of its rows.
  trace: 'saving records',
};

/** Labels of facts about the rows of a run whose keys are unclear (`preflight` in the manifest). */
const PLAN_LABELS: Readonly<Record<string, string>> = {
  paired: 'rows trained in two views',
  longest_prompt: 'longest prompt, tokens',
  longest_target: 'longest target, tokens',
};

/** Labels of the locations where an answer was found. */
export const PATH_LABELS: Readonly<Record<string, string>> = {
  tags: 'in answer tags',
  loose_tags: 'in malformed answer tags',
  unclosed_answer: 'in an unclosed answer tag',
  unclosed_think: 'in an unclosed thinking block',
  before_think: 'before the thinking block',
  after_think: 'after the thinking block',
  whole: 'whole completion',
  none: 'no answer found',
};

/** Labels of the checks on rewrites (docs/rewriting-rules.md, docs/views.md, docs/annotate.md). */
export const CHECK_LABELS: Readonly<Record<string, string>> = {
  double_flip: 'flipping twice restores the original',
  pair_words_only: 'each changed word becomes its opposite',
  sides_swapped: 'exactly the side words change',
  side_changed: 'at least one side word changes',
  language_read: 'the language is supported',
  yes_no_kept: 'yes and no stay the same',
  options_kept: 'the correct choice stays the same',
  inverse_returns: 'undoing the change restores the original',
  margins: 'the difference is visible in both images',
  boxes_inside: 'boxes are inside the image',
  graph_agrees: 'the scene graph supports the answer',
  no_flip_mention: 'no mention of flipping',
  question_changed: 'the wording of the question changes',
  answer_in_choices: 'the answer is one of the choices',
  answer_determined: 'exactly one answer is correct',
  predicate_only: 'only the wording changes',
  answer_read: 'the answer could be parsed',
  attempts_agree: 'repeated answers are identical',
  rules_decide: 'the rules can decide the rewrite',
};

/** What is wrong if a check does not pass, by the same keys. */
export const CHECK_FAULTS: Readonly<Record<string, string>> = {
  double_flip: 'flipping twice does not restore the original',
  pair_words_only: 'a word changes, but not to its opposite',
  sides_swapped: 'a side word is unchanged, or another word changes',
  side_changed: 'the text has the same sides as the original',
  language_read: 'the language is not supported',
  yes_no_kept: 'yes and no are exchanged',
  options_kept: 'the correct choice changes',
  inverse_returns: 'undoing the change does not restore the original',
  margins: 'the difference is not visible in both images',
  boxes_inside: 'a box is outside the image',
  graph_agrees: 'the scene graph contradicts the answer',
  no_flip_mention: 'the text mentions flipping',
  question_changed: 'the wording of the question is unchanged',
  answer_in_choices: 'the answer is not one of the choices',
  answer_determined: 'no answer, or more than one, is correct',
  predicate_only: 'more than the wording changes',
  answer_read: 'the answer could not be parsed',
  attempts_agree: 'repeated answers differ',
  rules_decide: 'the rules cannot decide the rewrite',
};

/** Labels of the states of a rewrite (docs/rewriting-rules.md, docs/annotate.md). */
const STATE_LABELS: Readonly<Record<string, string>> = {
  flipped: 'changed',
  invariant: 'unchanged',
  needs_llm: 'deferred',
  needs_info: 'reference answer missing',
  discard: 'discarded',
  not_applicable: 'impossible',
  pending: 'pending review',
  accepted: 'accepted',
  edited: 'edited and accepted',
  discarded: 'discarded',
  // States of a mirror in the Dataset panel. The rows of both are the mirrors that the panel counts.
  mirrored: 'text changed',
  unchanged: 'text unchanged',
  older: 'outdated decision: review again',
  overruled: 'accepted despite a check',
};

/** Labels of the authors of a rewrite. `verified`: a language model that was prompted twice. */
const ROUTE_LABELS: Readonly<Record<string, string>> = {
  rules: 'rules',
  llm: 'language model',
  verified: 'language model, verified',
  human: 'reviewer',
};

const labelIn = (labels: Readonly<Record<string, string>>, id: string): string =>
  Object.hasOwn(labels, id) ? labels[id]! : id;

/** Returns the label of a metric id. For example, `count_pass@4` becomes the label of `count` with "pass@4". */
export const metricLabel = (id: string): string => {
  const [, task, pass] = /^(\w+)_(pass@\d+)$/.exec(id) ?? [];
  return task === undefined ? labelIn(METRIC_LABELS, id) : `${labelIn(METRIC_LABELS, task)}, ${pass}`;
};
export const taskLabel = (id: string): string => labelIn(TASK_LABELS, id);
export const kindLabel = (id: string): string => labelIn(KIND_LABELS, id);
export const pathLabel = (id: string): string => labelIn(PATH_LABELS, id);
export const controlLabel = (id: string): string => labelIn(CONTROL_LABELS, id);
export const phaseLabel = (id: string): string => labelIn(PHASE_LABELS, id);
export const planLabel = (id: string): string => labelIn(PLAN_LABELS, id).replaceAll('_', ' ');
export const checkLabel = (id: string): string => labelIn(CHECK_LABELS, id);
export const checkFault = (id: string): string => labelIn(CHECK_FAULTS, id);
/** Returns the sentence for a failed or undecided check of a rewrite. */
export const failedCheck = (id: string): string => `Failed check: ${checkFault(id)}.`;
export const routeLabel = (id: string): string => labelIn(ROUTE_LABELS, id);
/** Returns what a check of a rewrite found, and who must check what the rules could not decide. */
export const checkText = (id: string, result: 'pass' | 'fail' | 'undecidable'): string =>
  result === 'pass'
    ? checkLabel(id)
    : result === 'fail'
      ? failedCheck(id)
      : `The rules cannot decide this, so check it yourself: ${checkLabel(id)}.`;
export const stateLabel = (id: string): string => labelIn(STATE_LABELS, id);

/** Returns the label of a metric in results.json, with the metric's slice or counted answer, if any. */
export function figureLabel({ slice, metric, answer }: Figure): string {
  if (slice) {
    const kind = kindLabel(slice.value);
    return metric === 'accuracy' ? kind : `${kind}: ${metricLabel(metric)}`;
  }
  return answer === undefined ? metricLabel(metric) : `${metricLabel(metric)} ${answer}`;
}

interface Figure {
  slice?: { field: string; value: string } | undefined;
  metric: string;
  answer?: string | undefined;
}

/**
 * Returns the name of a run's pair accuracy. The name of the value in training differs, because one page shows both.
 * @param source.evaluation null for training
 */
export const pairAccuracy = ({ evaluation }: { evaluation: string | null }): string =>
  evaluation === null ? 'rollout pair accuracy' : 'pair accuracy';

/** Returns which training steps pair metrics average: "mean of the last 10 steps". */
export const stepsText = (steps: number): string =>
  steps === 1 ? 'last step' : `mean of the last ${steps} steps`;

/** Returns the averaged steps in parentheses, to append to a value; empty for an evaluation. */
export const spanText = ({ steps }: { steps?: number | undefined }): string =>
  steps === undefined ? '' : ` (${stepsText(steps)})`;
