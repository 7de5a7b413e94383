import { useEffect, useRef } from 'preact/hooks';
import { consensusOf, decisionsOf } from '../../src/core/annotation/decisions.ts';
import { conflictsOf } from '../../src/core/annotation/merge-rows.ts';
import { decisionChanges, settleChanges } from './sample-changes.ts';
import { attemptsOf, isOfAgent, reviewState, shownState } from '../../src/core/annotation/review.ts';
import { oneLine } from '../../src/base/escape.ts';
import { several } from '../../src/base/format.ts';
import { WAITING } from '../../src/core/annotation/waiting.ts';
import { olderText } from '../../src/rows/sample/judged.ts';
import { isCopy, objectionsTo } from '../../src/rows/sample/variant.ts';
import { viewOf } from '../../src/rows/view-list.ts';
import { checkFault, checkText } from '../../src/base/labels.ts';
import type { RewriteAttempt, Sample, Variant } from '../../src/rows/sample/sample.ts';
import { Button } from '../ui/controls.tsx';
import { problemsOf, Warning } from './field.tsx';
import { CHECK_SIGNS } from '../ui/parts.tsx';
import { wordDiff } from '../../src/base/word-diff.ts';
import { ChangedLegend, MarkedText, UntrustedText } from '../ui/untrusted-text.tsx';
import { isAcceptedBy, isFinished, nameOf, objectsOf, signOf, type Usable } from './annotate-panel-state.ts';
import { usePage } from './annotate-model.ts';

/** Returns the reason why the variant cannot be accepted, even despite failed checks; null if it can be. */
function refusalOf(usable: Usable): string | null {
  const although = objectionsTo(usable.sample, usable.variant);
  try {
    decisionChanges(usable, { kind: 'accept', although }, { at: '' });
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Returns a command that makes questions from the boxes of a file. The user runs the command in the file's folder. */
const composeCommand = (name: string): string => {
  const word = (text: string) => (/^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  return `chirality graph compose ${word(name)} -o ${word(name.replace(/(?:\.qa)?\.jsonl$/, '') + '.composed.qa.jsonl')}`;
};

export function Review({ usable }: { usable: Usable }) {
  const { panel, readOnly, actions } = usePage();
  const { sample, view, variant } = usable;
  const stored = sample.variants?.[view] !== undefined;
  const { sign, label } = signOf(view, stored ? shownState(sample, view, variant) : variant.status);
  const { reason, review, checks, rules } = variant;
  const agent = review?.state === 'pending' && review.by;
  const standing = agent ? `${label}, proposed by ${oneLine(agent, 80)}` : label;
  const refusal = refusalOf(usable);
  const objections = objectionsTo(sample, variant);
  const accepted = isAcceptedBy(panel.state!.reviewer, usable);
  const isNeedless = stored && reviewState(sample, view, variant) === undefined;
  const isLast = [undefined, panel.row].includes(actions.rowBeside(1));
  const placed = objectsOf(sample).filter(({ box, centroid }) => box ?? centroid);
  // A new row without texts does not count as a mistake.
  if (!isFinished(usable))
    return (
      <section class="review stack" aria-label={`Review ${nameOf(view)}`}>
        <p class="quiet">{`Add a question and an answer. The rules then write the ${nameOf(view)}.`}</p>
        {sample.question.trim() === '' && placed.length > 1 && (
          <p>
            To write questions about the boxes of all rows, run{' '}
            <code>{composeCommand(panel.state!.name)}</code>
          </p>
        )}
      </section>
    );
  const assumes = variant.assumes && ASSUMPTIONS[variant.assumes];
  return (
    <section class="review stack" aria-label={`Review ${nameOf(view)}`}>
      <p>
        <span aria-hidden="true">{sign}</span> {standing}
        {!stored && !refusal && (
          <span class="quiet">. The rules computed this text. Accept the text to save it.</span>
        )}{' '}
        <Warning
          problems={problemsOf(panel.open!.row.problems, 'variants').filter(({ code }) => !SAID.has(code))}
        />
        {review?.note && <span class="quiet"> · {oneLine(review.note, 500)}</span>}
      </p>
      <OlderText usable={usable} />
      {sign === '?' && viewOf(view).mayRepeat && !refusal && isCopy(sample, variant) && (
        <p>{`The ${nameOf(view)} repeats the original. Accept the ${nameOf(view)} only if no side changes.`}</p>
      )}
      {refusal && <p class="refused">{oneLine(refusal, 500)}</p>}
      {reason && !refusal?.startsWith(reason) && <p class="quiet">{oneLine(reason, 1000)}</p>}
      {assumes && <p class="quiet">{assumes}</p>}
      <Checks
        checks={checks ?? {}}
        rules={Array.isArray(rules) ? rules : []}
        isDecided={accepted}
        objections={objections}
      />
      <People usable={usable} />
      {panel.explaining ? (
        <Reason
          done={(note) => {
            actions.update({ explaining: false });
            if (note !== null) actions.decide(usable, { kind: 'discard', note });
          }}
        />
      ) : (
        <div class="tools">
          {accepted || objections.length === 0 || refusal !== null ? (
            <Button
              k="Enter"
              primary={!isNeedless}
              disabled={accepted ? isLast : readOnly || refusal !== null}
              onClick={() => actions.accept(usable)}
            >
              {accepted ? 'Next' : 'Accept'}
            </Button>
          ) : (
            <Button k="y" disabled={readOnly} onClick={() => actions.accept(usable, objections)}>
              Accept Anyway
            </Button>
          )}
          <Button
            k="w"
            disabled={readOnly}
            aria-pressed={panel.editingVariant}
            onClick={() => actions.update({ editingVariant: !panel.editingVariant })}
          >
            Edit
          </Button>
          <Button k="x" disabled={readOnly} onClick={() => actions.decide(usable, { kind: 'discard' })}>
            Discard
          </Button>
          <Button k="r" disabled={readOnly} onClick={() => actions.update({ explaining: true })}>
            Discard with Reason…
          </Button>
          {!accepted && (
            <Button k="Space" primary={isNeedless} disabled={isLast} onClick={() => actions.step(1)}>
              {isNeedless ? 'Next' : 'Skip'}
            </Button>
          )}
          {isNeedless && <span class="quiet">{`Needs no review: ${label}`}</span>}
        </div>
      )}
      {(accepted || isNeedless) && isLast && <End />}
    </section>
  );
}

/** What is left after the last listed row, and the way to it. */
function End() {
  const { panel, actions } = usePage();
  const waiting = panel.queue?.counts.pending;
  if (waiting === undefined) return null;
  return waiting > 0 ? (
    <div class="tools">
      <span>{`This is the last row of the list. Still pending: ${several(waiting, 'row')}.`}</span>
      <Button onClick={() => actions.filter(WAITING)}>Show Pending Rows</Button>
    </div>
  ) : (
    <div class="tools">
      <span>
        {panel.isFrozen
          ? 'No rows wait for review, and the dataset is frozen. Train a model on the rows.'
          : 'No rows wait for review. Freeze the dataset, which also saves the file.'}
      </span>
      {panel.isFrozen ? (
        <Button onClick={() => actions.host.notify('train', null)}>Train Model</Button>
      ) : (
        <Button onClick={() => actions.host.notify('freeze', null)}>Freeze Dataset</Button>
      )}
      <Button onClick={() => actions.host.notify('openDataSet', null)}>Open Dataset</Button>
    </div>
  );
}

/** Codes of the problems that the card shows in separate messages. */
const SAID: ReadonlySet<string> = new Set(['older-text', 'overruled']);

/** Row's text at the time of the decision, next to the row's current text. */
function OlderText({ usable: { sample, variant } }: { usable: Usable }) {
  const older = olderText(sample, variant);
  if (!older) return null;
  const texts = ({ question, answer }: Pick<Sample, 'question' | 'answer'>) => `${question}\n${answer}`;
  const { before, after } = wordDiff(texts(older), texts(sample));
  const { by = '' } = decisionsOf(variant).at(-1) ?? {};
  if (!after.some(({ changed }) => changed))
    return (
      <p>The row changed after the decision, but not its question and answer. Accept or discard again.</p>
    );
  return (
    <div class="attempts" role="group" aria-label="Decision on an older text">
      <section>
        <h2>{oneLine(by ? `Text reviewed by ${by}` : 'Reviewed text', 60)}</h2>
        <MarkedText parts={before} />
      </section>
      <section>
        <h2>
          Current text <ChangedLegend parts={after} />
        </h2>
        <MarkedText parts={after} />
      </section>
    </div>
  );
}

/** Decisions of several people. If the decisions differ, the user selects the valid decision. */
function People({ usable }: { usable: Usable }) {
  const { readOnly, actions } = usePage();
  const { sample, variant } = usable;
  const decisions = decisionsOf(variant);
  const consensus = consensusOf(variant);
  const conflicts = conflictsOf(sample);
  return (
    <>
      {consensus !== 'none' && (
        <ul class="people" aria-label="Decisions">
          {decisions.map(({ by = '', state, why, texts }) => (
            <li>
              <span>
                <strong>{oneLine(by || 'Unknown reviewer', 60)}</strong> {state}
                {texts?.answer !== undefined && (
                  <>{` on “${oneLine(`${texts.question ?? ''} ${texts.answer}`, 200)}”`}</>
                )}
                {why && <span class="quiet"> · {oneLine(why, 200)}</span>}
              </span>
              {consensus === 'disagree' && (
                <Button
                  disabled={readOnly}
                  onClick={() => actions.decide(usable, { kind: 'settle', for: by })}
                >
                  {`Use Decision of ${oneLine(by || 'unknown reviewer', 30)}`}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {conflicts.map((conflict) => (
        <div class="people" role="group" aria-label={`Conflict in ${oneLine(conflict.path.join('.'), 60)}`}>
          <p>{`⚠ Merge conflict in ${oneLine(conflict.path.join('.'), 60)}:`}</p>
          {conflict.values.map(({ from, value }) => (
            <Button
              disabled={readOnly}
              onClick={() => actions.change(settleChanges(sample, conflict, value), 'Resolve conflict')}
            >
              {oneLine(`${from}: ${JSON.stringify(value) ?? 'nothing'}`, 120)}
            </Button>
          ))}
        </div>
      ))}
    </>
  );
}

/** Texts for the assumptions of an opposite question (docs/rewriting-rules.md). */
const ASSUMPTIONS: Record<string, string> = {
  no_tie: 'Assumes that the relation is never a tie.',
  contrary: 'Assumes that either the relation or its opposite is true.',
};

function Reason({ done }: { done: (note: string | null) => void }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return (
    <form
      class="reason"
      onSubmit={(event) => {
        event.preventDefault();
        done(input.current!.value.trim());
      }}
      onKeyDown={(event) => event.key === 'Escape' && done(null)}
    >
      <input class="input" ref={input} aria-label="Reason for discarding" placeholder="Reason (optional)" />
      <Button k="Enter" type="submit">
        Discard
      </Button>
      <Button k="Escape" onClick={() => done(null)}>
        Cancel
      </Button>
    </form>
  );
}

/** Failed checks, and an expandable line with the passed checks and the names of rules. */
function Checks(props: {
  checks: Readonly<Variant['checks']>;
  rules?: readonly string[];
  /** Whether the user has accepted the text, and so has decided what the rules could not check. */
  isDecided?: boolean;
  /** Failed checks that object to the text. Checks of the rules' own words do not object to a reviewer's text. */
  objections?: readonly string[];
}) {
  const { checks, rules = [], isDecided = false, objections } = props;
  const all = Object.entries(checks);
  const passed = all.filter(([, result]) => result === 'pass');
  const failed = all.filter(([, result]) => result === 'fail' || (result === 'undecidable' && !isDecided));
  const differs = failed.filter(
    ([name, result]) => result === 'fail' && objections?.includes(name) === false,
  );
  return (
    <div>
      <CheckList checks={failed.filter((check) => !differs.includes(check))} label="Failed checks" />
      {differs.length > 0 && (
        <p class="quiet">Differs from the rules: {differs.map(([name]) => checkFault(name)).join('; ')}.</p>
      )}
      {passed.length > 0 && (
        <details>
          <summary>
            {CHECK_SIGNS.pass} {passed.length} {passed.length === 1 ? 'check passed' : 'checks passed'}
          </summary>
          <CheckList checks={passed} label="Passed checks" />
          {rules.length > 0 && <p class="quiet">Rules: {oneLine(rules.join(', '), 500)}</p>}
        </details>
      )}
    </div>
  );
}

function CheckList(props: { checks: [string, Variant['checks'][string]][]; label: string }) {
  const { checks, label } = props;
  if (checks.length === 0) return null;
  return (
    <ul class="checks" aria-label={label}>
      {checks.map(([name, result]) => (
        <li class={result === 'fail' ? 'wrong' : undefined} title={oneLine(name, 60)}>
          {CHECK_SIGNS[result]} {oneLine(checkText(name, result), 100)}
        </li>
      ))}
    </ul>
  );
}

/** Original next to a language model's rewrites, before and after verification. */
export function Attempts({ sample, variant }: Usable) {
  const attempts = attemptsOf(variant);
  if (attempts.length === 0) return null;
  const ofModels = attempts.filter(({ prompt }) => !isOfAgent(prompt)).length;
  const names = ofModels > 1 ? ['Before verification', 'After verification'] : ['Rewrite'];
  const headings = attempts.map(({ prompt }, i) => (isOfAgent(prompt) ? 'Written by an agent' : names[i]));
  let before = textOf(sample)!;
  return (
    <details>
      <summary>Language model rewrite{verdict(attempts)}</summary>
      <div class="attempts">
        <section>
          <h2>Original</h2>
          <MarkedText parts={[{ text: before, changed: false }]} />
        </section>
        {attempts.map((attempt, i) => {
          const text = textOf(attempt);
          const parts = text === null ? null : wordDiff(before, text).after;
          before = text ?? before;
          return (
            <section>
              <h2>
                {headings[i] ?? 'Second attempt'} <span class="quiet">{oneLine(attempt.prompt, 60)}</span>
              </h2>
              {parts ? <MarkedText parts={parts} /> : <UntrustedText text={attempt.error ?? attempt.raw} />}
              <Checks checks={attempt.checks} />
            </section>
          );
        })}
      </div>
      <p class="quiet">
        <mark>Underlined</mark> words differ from the text on the left.
      </p>
    </details>
  );
}

/** Returns the texts of an attempt; null if the answer was unparsed. */
const textOf = ({ question, answer }: Pick<RewriteAttempt, 'question' | 'answer'>): string | null =>
  question === undefined ? null : `${question}\n${answer ?? ''}`;

function verdict(attempts: readonly RewriteAttempt[]): string {
  const [first, last] = [textOf(attempts[0]!), textOf(attempts.at(-1)!)];
  if (attempts.length < 2 || first === null || last === null) return '';
  return first === last ? ' (unchanged by verification)' : ' (changed by verification)';
}
