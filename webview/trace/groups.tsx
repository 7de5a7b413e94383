import type { ComponentChildren } from 'preact';
import { fixed } from '../../src/core/labels.ts';
import { average, deviation } from '../../src/core/grpo/advantages.ts';
import type { Completion, TracedCompletion, TrainedPair } from '../../src/core/run-data/trace.ts';
import { signChanges } from '../../src/core/what-if/recompute.ts';
import { CompletionCard } from './completion.tsx';
import type { TraceModel } from './model.ts';
import type { ShownPair } from './panel-state.ts';
import { Rollout } from './rollout.tsx';
import { viewOf, type ViewId } from '../../src/core/view-list.ts';

interface Props {
  model: TraceModel;
  opened: ShownPair;
  after: TrainedPair | null;
}

/** The groups of both views side by side; below the chosen completion, its stages. */
export function Groups({ model, opened, after }: Props) {
  const { traced } = opened.pair;
  const wanted = model.state.chosen;
  // The completion chosen in another pair may not exist in this one.
  const known = wanted && traced.views[wanted.view]?.group[wanted.completion] ? wanted : null;
  const chosen = known ?? (model.tried ? null : { view: 0, completion: 0 });
  const order = traced.views.map((_, v) => v);
  if (model.state.swapped) order.reverse();
  const trained = traced.kind === 'trained' ? traced : null;
  const signs = trained && after ? signChanges(trained, after) : null;
  const sizes = [trained, after]
    .flatMap((pair) => pair?.views ?? [])
    .flatMap(({ group }) => group.flatMap(({ advantage }) => Math.abs(advantage ?? 0)));
  const scale = Math.max(1e-9, ...sizes);
  return (
    <section class={`groups${traced.views.length === 1 ? ' single' : ''}`} aria-label="Completions">
      {order.map((v, column) => {
        const { view, group } = traced.views[v]!;
        return (
          <Column key={view} view={view} column={column}>
            <GroupHead
              {...{ view, group }}
              earned={trained?.views[v]!.group}
              after={after?.views[v]!.group}
            />
            {group.map((completion, g) => {
              const isChosen = chosen?.view === v && chosen.completion === g;
              // Row 1 contains the headings; the details are below the row of their completion.
              const row = g + 2 + (chosen && g > chosen.completion ? 1 : 0);
              return (
                <>
                  <div class="slot" style={{ '--row': row, '--column': column + 1 }}>
                    <CompletionCard
                      completion={completion}
                      earned={
                        trained && {
                          before: trained.views[v]!.group[g]!,
                          scale,
                          after: after?.views[v]!.group[g] ?? null,
                        }
                      }
                      sign={signs?.[v]?.[g] ?? null}
                      name={`${viewOf(view).label}, completion ${g + 1}`}
                      chosen={isChosen}
                      words={model.state.options.words}
                      choose={() => model.update({ chosen: { view: v, completion: g } })}
                    />
                  </div>
                  {isChosen && (
                    <div class="detail" style={{ '--row': row + 1 }}>
                      <Rollout model={model} opened={opened} chosen={chosen} after={after} />
                    </div>
                  )}
                </>
              );
            })}
          </Column>
        );
      })}
    </section>
  );
}

/** A list in reading order, whose items are placed in a grid with the other column, so that rows are level. */
function Column(props: { view: ViewId; column: number; children: ComponentChildren }) {
  return (
    <div class="column" role="group" aria-label={viewOf(props.view).label}>
      {props.children}
    </div>
  );
}

function GroupHead(props: {
  view: ViewId;
  group: readonly Completion[];
  /** The group with its rewards, if it was trained on, and below, the rewards under other settings. */
  earned: readonly TracedCompletion[] | undefined;
  after: readonly TracedCompletion[] | undefined;
}) {
  const { view, group, earned, after } = props;
  const figures = (of: readonly TracedCompletion[]) => {
    const rewards = of.flatMap(({ reward }) => reward ?? []);
    if (rewards.length === 0) return 'reward not known';
    const unknown = of.length - rewards.length;
    return `reward ${fixed(average(rewards), 3)} ± ${deviation(rewards, 1).toFixed(3)}${unknown > 0 ? `, ${unknown} not known` : ''}`;
  };
  const judged = group.flatMap((completion) => completion.right ?? []);
  const right =
    judged.length === 0
      ? `${group.length} completions, not judged`
      : `${judged.filter(Boolean).length} of ${judged.length} right${judged.length < group.length ? `, ${group.length - judged.length} not judged` : ''}`;
  return (
    <div class="group-head">
      <h3>{viewOf(view).label}</h3>
      <span class="quiet" title="Mean and standard deviation">
        {right}
        {earned && ` · ${figures(earned)}`}
        {earned &&
          after &&
          figures(after) !== figures(earned) &&
          ` ⇒ ${figures(after).replace('reward ', '')}`}
      </span>
    </div>
  );
}
