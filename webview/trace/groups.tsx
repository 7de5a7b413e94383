import type { ComponentChildren } from 'preact';
import { endsText, fixed } from '../../src/base/format.ts';
import { mean } from '../../src/base/numbers.ts';
import { deviation } from '../../src/core/rewards/advantages.ts';
import type { Completion, TracedCompletion, TrainedPair } from '../../src/core/run-data/trace.ts';
import { signChanges } from '../../src/core/run-data/what-if.ts';
import { type ViewId, viewOf } from '../../src/rows/view-list.ts';
import type { DrawnClaims } from './trace-claims.ts';
import { CompletionCard } from './completion-card.tsx';
import type { TraceModel } from './trace-model.ts';
import type { ChosenCompletion, ShownPair } from './trace-panel-state.ts';

interface GroupsProps {
  model: TraceModel;
  opened: ShownPair;
  after: TrainedPair | null;
  chosen: ChosenCompletion | null;
  drawn: readonly (DrawnClaims | null)[];
  /** Receives the completion under the pointer or with the focus. The page then draws its claims. */
  point: (completion: ChosenCompletion | null) => void;
}

/** Groups of completions of both views, side by side. */
export function Groups({ model, opened, after, chosen, drawn, point }: GroupsProps) {
  const { traced } = opened.pair;
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
              const here = { view: v, completion: g };
              return (
                <div
                  class="slot"
                  style={{ '--row': g + 2, '--column': column + 1 }}
                  onPointerEnter={() => point(here)}
                  onPointerLeave={() => point(null)}
                  onFocusIn={() => point(here)}
                  onFocusOut={() => point(null)}
                >
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
                    chosen={chosen?.view === v && chosen.completion === g}
                    drawn={drawn[v]?.completion === g}
                    words={model.state.options.words}
                    choose={() => model.update({ chosen: here })}
                  />
                </div>
              );
            })}
          </Column>
        );
      })}
    </section>
  );
}

/** List in reading order. The items share a grid with the second column, so that rows are aligned. */
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
  /** Group with its rewards, if the run trained on it. The next field has the rewards under other settings. */
  earned: readonly TracedCompletion[] | undefined;
  after: readonly TracedCompletion[] | undefined;
}) {
  const { view, group, earned, after } = props;
  const rewardsOf = (completions: readonly TracedCompletion[]) =>
    completions.flatMap(({ reward }) => reward ?? []);
  const figures = (completions: readonly TracedCompletion[]) => {
    const rewards = rewardsOf(completions);
    if (rewards.length === 0) return 'reward unknown';
    const unknown = completions.length - rewards.length;
    return `reward ${fixed(mean(rewards), 3)} ± ${fixed(deviation(rewards, 1), 3)}${unknown > 0 ? `, ${unknown} unknown` : ''}`;
  };
  const isChanged = earned && after && figures(after) !== figures(earned);
  // Both deviations do not fit beside one another; the tooltip has them.
  const means = (all: readonly (readonly TracedCompletion[])[]) =>
    all.map((completions) => fixed(mean(rewardsOf(completions)), 3)).join(' ⇒ ');
  const count = (which: boolean | null) => group.filter((completion) => completion.right === which).length;
  const [surely, open] = [count(true), count(null)];
  const right =
    open === group.length
      ? `${group.length} completions, not scored`
      : `${endsText([surely, surely + open], String)} of ${group.length} correct${open > 0 ? `, ${open} not scored` : ''}`;
  return (
    <div class="group-head">
      <h3>{viewOf(view).label}</h3>
      <span
        class="quiet"
        title={`Mean and standard deviation${isChanged ? `: ${figures(earned)} ⇒ ${figures(after)}` : ''}`}
      >
        {right}
        {earned && ` · ${isChanged ? `reward ${means([earned, after])}` : figures(earned)}`}
      </span>
      {earned && (
        <span class="earned figure-names">
          <span class="reward">reward</span>
          <span class="advantage">
            <span class="track" />
            <span class="value">advantage</span>
          </span>
        </span>
      )}
    </div>
  );
}
