import { fixed } from '../../src/base/format.ts';
import type { AcuityView, Trial } from '../../src/panels/acuity/acuity.contract.ts';
import type { PointAnswers } from '../../src/core/reports/document.ts';
import { isAcuityAxis, levelInWords } from '../../src/core/worlds/acuity/acuity-axes.ts';
import { Button } from '../ui/controls.tsx';
import { Thumbnail } from '../ui/thumbnail.tsx';
import type { AcuityModel, AcuityPanelState } from './acuity-model.ts';
import { inEnglish } from '../../src/core/worlds/questions/in-english.ts';

interface TrialsProps {
  opened: NonNullable<AcuityPanelState['opened']>;
  view: AcuityView;
  model: AcuityModel;
}

const WORDS: Record<Trial['verdict'], string> = {
  right: '✓ correct',
  wrong: '✗ wrong',
  unread: 'unparsed',
  none: 'no reference answer',
  told: 'reference answer:',
};

/** Returns the condition that the scenes of a point have in common, such as "true difference 4 % of the width". */
function placeOf(axis: string, { x, cell }: PointAnswers): string {
  if (cell) return `column ${cell[0] + 1}, row ${cell[1] + 1}`;
  if (x === undefined) return '';
  if (isAcuityAxis(axis)) return `true difference ${levelInWords(axis, x)}`;
  if (axis === 'metres') return `true distance ${fixed(Math.exp(x), 1)} m`;
  return x === 0 || Math.abs(x) === 180
    ? `turn by ${Math.abs(x)}°`
    : `turn by ${Math.abs(x)}° to the ${x < 0 ? 'left' : 'right'}`;
}

/** Answers behind a point of a curve. A click on an answer opens its row with the mirror. */
export function Trials({ opened: { point, trials }, view: { results, axis }, model }: TrialsProps) {
  const { host } = model;
  const result = results.find(({ key }) => key === point.key);
  if (!result || axis === null) return null;
  const right = trials?.filter(({ verdict }) => verdict === 'right').length;
  const isJudged = trials?.some(({ verdict }) => verdict === 'right' || verdict === 'wrong');
  return (
    <section class="trials" aria-label="Answers at this point">
      <div class="heading">
        <h2>{[result.model, point.view, placeOf(axis, point)].filter(Boolean).join(', ')}</h2>
        <span class="quiet" role="status">
          {trials === null
            ? 'Reading…'
            : isJudged
              ? `${right} of ${trials.length} correct`
              : `${trials.length} answers`}
        </span>
        <Button icon="close" title="Close" onClick={() => model.update({ opened: null })} />
      </div>
      <ul>
        {trials?.map((trial) => (
          <li key={trial.line}>
            <button
              type="button"
              class={`trial ${trial.verdict}`}
              title="Show row and mirror"
              onClick={() => host.notify('openRow', { key: point.key, line: trial.line })}
            >
              <span class={trial.images.length > 1 ? 'picture ends' : 'picture'}>
                {trial.images.map((image, i) => (
                  <Thumbnail
                    key={i}
                    image={image}
                    load={(ref) => host.call('image', { rows: result.rows, ref })}
                  />
                ))}
              </span>
              <span class="question">{inEnglish(trial.question)}</span>
              <span class="answer">{trial.answer.slice(0, 200) || '(empty)'}</span>
              <span class="quiet">
                {WORDS[trial.verdict]}
                {trial.verdict === 'wrong' && `, reference answer: ${trial.reference}`}
                {trial.verdict === 'told' && ` ${trial.reference}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
