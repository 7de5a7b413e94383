import { fixed, thousands } from '../../../src/base/format.ts';
import { visible } from '../../../src/base/escape.ts';
import { viewOf } from '../../../src/rows/view-list.ts';
import { textsOf } from '../../../src/core/pairs/pair-texts.ts';
import { graphIn, graphOf } from '../../../src/rows/scene-graph/read-graph.ts';
import type { RewardPart } from '../../../src/core/rewards/rewards.ts';
import { Button } from '../../ui/controls.tsx';
import { Facts, Heads, CorrectOrWrong } from '../../ui/parts.tsx';
import { UntrustedText } from '../../ui/untrusted-text.tsx';
import { Relations, WrittenGraph } from '../../ui/graph-text.tsx';
import { markWords, WordLegend } from '../completion-card.tsx';
import { Tokens } from '../completion-tokens.tsx';
import type { Completion, TrainedPair } from '../../../src/core/run-data/trace.ts';
import type { TraceModel } from '../trace-model.ts';
import type { ChosenCompletion, ShownPair } from '../trace-panel-state.ts';

export interface StageProps {
  model: TraceModel;
  opened: ShownPair;
  chosen: ChosenCompletion;
  /** Pair under other settings; null without other settings. */
  after: TrainedPair | null;
}

/** Input that the model received, and the reference answer from the dataset. */
export function InputStage({ model, opened, chosen }: StageProps) {
  const { traced } = opened.pair;
  const { view, question, answer, images } = traced.views[chosen.view]!;
  const { row } = opened;
  const sample = row?.row.sample;
  const { isMirrored } = viewOf(view);
  const reasoning = isMirrored ? (row?.row.mirror?.reasoning ?? sample?.reasoning) : sample?.reasoning;
  return (
    <>
      <Facts
        facts={[
          ['View', isMirrored ? `${view} (the engine flips the decoded image)` : view],
          ['Images', images.length],
          ['Question', <UntrustedText text={question} />],
          ['Reference answer', answer === null ? 'unknown' : <UntrustedText text={answer} />],
          ['Reasoning', reasoning && <UntrustedText text={reasoning} />],
          ['Task', sample?.task && visible(sample.task)],
          ['Mirror', row?.row.mirror && `${row.row.mirror.status}, written by ${row.row.mirror.route}`],
        ]}
      />
      {row && (
        <Button onClick={() => model.host.notify('openRow', { path: row.path, line: row.line })}>
          {`Go to Line ${thousands(row.line)} of the Data File`}
        </Button>
      )}
    </>
  );
}

/** Scene graph of a two-stage rollout, as parsed and as written, next to the graph in the dataset. */
export function GraphStage({ opened, chosen }: StageProps) {
  const { view, group } = opened.pair.traced.views[chosen.view]!;
  const { graph: text } = textsOf(group[chosen.completion]!);
  const row = opened.row?.row;
  const rowGraph = graphOf((viewOf(view).isMirrored ? row?.mirror : row?.sample) ?? {});
  return (
    <>
      {text === null ? (
        <p class="quiet">Single-stage rollout without a scene graph.</p>
      ) : (
        <>
          <h4>Sampled</h4>
          <WrittenGraph text={text} {...graphIn(text)} />
        </>
      )}
      {rowGraph && (
        <>
          <h4>Dataset</h4>
          <Relations graph={rowGraph} />
        </>
      )}
    </>
  );
}

/** Answer of the model: reasoning and answer separately, then the text as written, then its tokens. */
export function AnswerStage({ model, opened, chosen }: StageProps) {
  const { options } = model.state;
  const completion = opened.pair.traced.views[chosen.view]!.group[chosen.completion]!;
  const { thought, raw, answer, readFromText } = textsOf(completion);
  const arrays = opened.pair.arrays[chosen.view]?.[chosen.completion] ?? [];
  const marks = options.words ? { mark: markWords } : {};
  return (
    <>
      <Facts
        facts={[
          [
            'Thought',
            thought === '' ? <i class="quiet">none</i> : <UntrustedText text={thought} {...marks} />,
          ],
          [
            'Answer',
            <>
              {answer === null ? (
                <i class="quiet">{completion.right === null ? 'unreadable' : 'no answer'}</i>
              ) : (
                <strong>
                  <UntrustedText text={answer} />
                </strong>
              )}{' '}
              <CorrectOrWrong right={completion.right} />
            </>,
          ],
          [
            'Extraction',
            readFromText && (
              <>
                <i>{readFromText.label}.</i> <span class="quiet">{readFromText.why}</span>
              </>
            ),
          ],
          ['End', stopText(completion)],
        ]}
      />
      {options.words && <WordLegend text={thought} />}
      {options.tokens !== 'none' &&
        completion.segments.map((segment, s) => (
          <Tokens
            by={options.tokens as Exclude<typeof options.tokens, 'none'>}
            arrays={arrays[s] ?? null}
            stage={segment.stage}
            traced={opened.pair.traced}
          />
        ))}
      <details>
        <summary>Raw completion</summary>
        <UntrustedText text={raw} {...marks} />
      </details>
    </>
  );
}

/** User's custom metrics for an answer in an evaluation. */
export function MetricsStage({ metrics }: { metrics: Record<string, RewardPart> }) {
  return (
    <table>
      <Heads columns={['Metric', 'Value', 'Reason']} />
      <tbody>
        {Object.entries(metrics).map(([name, { value, why }]) => (
          <tr>
            <th scope="row">{name}</th>
            <td class="n">{fixed(value, 3)}</td>
            <td>
              <UntrustedText text={why} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const STOP_WORDS: Record<NonNullable<Completion['segments'][number]['stop_reason']>, string> = {
  end: 'end-of-sequence token',
  stop: 'stop sequence',
  length: 'truncated at the token limit',
  failed: 'failed',
};

/** Returns the reason why a completion ended. An unknown reason is unchanged. */
function stopText({ segments }: Pick<Completion, 'segments'>): string {
  const reason = segments.at(-1)?.stop_reason ?? null;
  if (reason === null) return 'unknown';
  return STOP_WORDS[reason] ?? reason;
}
