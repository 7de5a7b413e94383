import { visible } from '../../src/base/escape.ts';
import type { PlayQuestion } from '../../src/panels/playground/playground.contract.ts';
import { choiceIndex } from '../../src/rows/sample/choices.ts';
import type { MirrorVariant } from '../../src/rows/sample/sample.ts';
import { Checkbox, TextArea, TextField } from '../ui/controls.tsx';
import { wordDiff } from '../../src/base/word-diff.ts';
import { ChangedLegend, MarkedText } from '../ui/untrusted-text.tsx';
import { Cell } from '../ui/pair.tsx';
import { isAskable, type PlaygroundModel } from './playground-model.ts';
import { MIRROR, ORIGINAL } from '../../src/rows/view-list.ts';
import { inEnglish } from '../../src/core/worlds/questions/in-english.ts';

/** Question as the user typed it, next to the rules' mirror. */
export function Question({ model }: { model: PlaygroundModel }) {
  const { question, mirror, mirrored } = model.state;
  return (
    <section class="question pair" aria-label="Question">
      <Cell view={ORIGINAL}>
        <TextArea
          label="Question"
          id="question"
          rows={3}
          value={question.question}
          placeholder="Is the cup left of the plate?"
          onInput={(text) => model.edit({ question: text })}
        />
        <InEnglish question={question.question} />
        <div class="fields">
          <TextField
            label="Reference answer"
            hint="(optional)"
            id="answer"
            value={question.answer}
            onInput={(answer) => model.edit({ answer })}
          />
          <TextField
            label="Choices"
            hint="(optional, separated by ;)"
            value={question.choices.join('; ')}
            placeholder="left; right"
            onChange={(text) => model.edit({ choices: listOf(text) })}
          />
        </div>
        <p id="not-a-choice" class="warning" role="status">
          {isNoChoice(question) && 'The reference answer is not one of the choices.'}
        </p>
      </Cell>
      <Cell view={MIRROR}>
        <Checkbox checked={mirrored} set={(checked) => model.update({ mirrored: checked })}>
          Also ask about the mirrored image
        </Checkbox>
        <div class={`mirrored-question stack${mirrored ? '' : ' off'}`} aria-live="polite">
          <Mirrored original={question.question} answer={question.answer} mirror={mirror} />
        </div>
      </Cell>
    </section>
  );
}

/** A compact question in English; nothing for other questions. */
function InEnglish({ question }: { question: string }) {
  const english = inEnglish(question);
  return english === question ? null : <p class="quiet">In English: {visible(english)}</p>;
}

function Mirrored(props: { original: string; answer: string; mirror: MirrorVariant | null }) {
  const { original, answer, mirror } = props;
  if (!mirror) return <p class="quiet">The mirrored question appears in this field.</p>;
  if (!isAskable(mirror))
    return (
      <>
        <p>
          <span class="badge needs_llm">
            <span aria-hidden="true">?</span> not mirrored
          </span>{' '}
          Models answer only the original.
        </p>
        <p class="quiet">{visible(mirror.reason ?? 'The rules abstain.')}</p>
      </>
    );
  const choices = mirror.choices?.map(visible).join(' · ');
  const parts = wordDiff(visible(original), visible(mirror.question)).after;
  return (
    <>
      <MarkedText parts={parts} />
      <InEnglish question={mirror.question} />
      <ChangedLegend parts={parts} />
      {choices && <p class="quiet">Mirror choices: {choices}</p>}
      {answer !== '' && (
        <p>
          <span class="quiet">Reference answer:</span>{' '}
          {mirror.answer === '' ? <i>not mirrored by the rules</i> : <bdi>{visible(mirror.answer)}</bdi>}
        </p>
      )}
    </>
  );
}

/** Returns whether the reference answer matches no choice by text or letter, so that no model's answer can be right. */
const isNoChoice = ({ answer, choices }: PlayQuestion): boolean =>
  answer.trim() !== '' && choices.length > 0 && choiceIndex(answer, choices) === null;

const listOf = (text: string): string[] =>
  text
    .split(';')
    .map((choice) => choice.trim())
    .filter(Boolean);
