import { textsOf } from '../../../src/core/reports/export/pair-facts.ts';
import { graphOf } from '../../../src/core/spatial/scene-graph/read.ts';
import { Relations, WrittenGraph } from '../../ui/graph-text.tsx';
import type { StageProps } from './props.ts';
import { isMirrored } from '../../../src/core/spatial/views/list.ts';

/** The graph of a two-stage rollout, as it was understood and as it was written; beside it, that of the data. */
export function GraphStage({ opened, chosen }: StageProps) {
  const { view, group } = opened.pair.traced.views[chosen.view]!;
  const { graph: text } = textsOf(group[chosen.completion]!);
  const row = opened.row?.row;
  const own = graphOf((isMirrored(view) ? row?.mirror : row?.sample) ?? {});
  return (
    <>
      {text === null ? (
        <p class="quiet">This rollout has one stage: the model was not asked for a graph.</p>
      ) : (
        <>
          <h4>Sampled</h4>
          <WrittenGraph text={text} />
        </>
      )}
      {own && (
        <>
          <h4>Of the data</h4>
          <Relations graph={own} />
        </>
      )}
    </>
  );
}
