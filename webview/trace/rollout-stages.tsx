import type { ComponentChildren } from 'preact';
import { oneLine } from '../../src/base/escape.ts';
import { UNKNOWN, fixed, signed } from '../../src/base/format.ts';
import { textsOf } from '../../src/core/pairs/pair-texts.ts';
import type { RewardPart } from '../../src/core/rewards/rewards.ts';
import { AnswerStage, GraphStage, InputStage, MetricsStage, type StageProps } from './stages/answering.tsx';
import { GroupStage, RewardStage, type TrainedStageProps, UpdateStage } from './stages/training-stages.tsx';

interface Stage {
  id: string;
  label: string;
  result: string;
  /** Reason why the result of the stage is unknown; undefined for a known result. */
  why?: string | undefined;
  body: ComponentChildren;
}

/** Stages of a rollout. The button of each stage shows its result, and opens the stage. */
export function Rollout(props: StageProps) {
  const { model, opened, chosen } = props;
  const { traced } = opened.pair;
  const completion = traced.views[chosen.view]!.group[chosen.completion]!;
  const { answer } = textsOf(completion);
  const stages: Stage[] = [
    {
      id: 'input',
      label: 'Image and question',
      result: traced.views[chosen.view]!.view,
      body: <InputStage {...props} />,
    },
    {
      id: 'graph',
      label: 'Scene graph',
      body: <GraphStage {...props} />,
      result: completion.segments.length > 1 ? 'sampled' : 'not sampled',
    },
    {
      id: 'answer',
      label: 'Answer',
      body: <AnswerStage {...props} />,
      result: answer === null ? 'none' : oneLine(answer, 24),
    },
    ...('metrics' in completion && completion.metrics ? [metricsStage(completion.metrics)] : []),
    ...(traced.kind === 'trained' ? trainedStages({ ...props, traced }) : []),
  ];
  const at = Math.max(
    0,
    stages.findIndex(({ id }) => id === model.state.stage),
  );
  const { body, id } = stages[at]!;
  const open = (to: number) => {
    const stage = stages[(to + stages.length) % stages.length]!;
    model.update({ stage: stage.id });
    requestAnimationFrame(() => document.getElementById(`stage-${stage.id}`)?.focus());
  };
  return (
    <>
      <div
        class="pipeline"
        role="tablist"
        aria-label="Stages of this completion"
        onKeyDown={(event) => {
          const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
          if (!by) return;
          event.preventDefault();
          open(at + by);
        }}
      >
        {stages.map((stage, i) => (
          <button
            type="button"
            role="tab"
            id={`stage-${stage.id}`}
            aria-selected={i === at}
            aria-controls="stage"
            tabIndex={i === at ? 0 : -1}
            onClick={() => model.update({ stage: stage.id })}
          >
            <span class="label">{stage.label}</span>
            <bdi class="result" title={stage.result === UNKNOWN ? stage.why : undefined}>
              {stage.result}
            </bdi>
          </button>
        ))}
      </div>
      <div class="stage-body stack" role="tabpanel" id="stage" aria-labelledby={`stage-${id}`}>
        {body}
      </div>
    </>
  );
}

function metricsStage(metrics: Record<string, RewardPart>): Stage {
  const [first, ...more] = Object.entries(metrics).map(([name, { value }]) => `${name} ${fixed(value, 2)}`);
  const result = more.length > 0 ? `${first!} …` : (first ?? UNKNOWN);
  return { id: 'metrics', label: 'Metrics', result, body: <MetricsStage metrics={metrics} /> };
}

function trainedStages(props: TrainedStageProps): Stage[] {
  const { list } = props.model.state;
  const why = (field: string) => list?.missing?.[field];
  const { kept, views } = props.after ?? props.traced;
  const { reward, advantage } = views[props.chosen.view]!.group[props.chosen.completion]!;
  const fate = kept === null ? UNKNOWN : kept ? 'used for training' : 'dropped';
  return [
    {
      id: 'reward',
      label: 'Reward',
      result: fixed(reward, 3),
      why: why('reward'),
      body: <RewardStage {...props} />,
    },
    {
      id: 'group',
      label: 'Group',
      result: signed(advantage, 2),
      why: why('advantage'),
      body: <GroupStage {...props} />,
    },
    { id: 'update', label: 'Update', result: fate, why: why('kept'), body: <UpdateStage {...props} /> },
  ];
}
