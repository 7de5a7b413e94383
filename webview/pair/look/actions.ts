import type { LookState, PairModel } from '../pair-panel-state.ts';
import { firstLayer, modesOf, firstChoice } from '../../ui/look-controls.tsx';

/** Returns the state of the attention analysis of a row before its start. */
const newLook = (uri: string, line: number): LookState => ({
  uri,
  line,
  doing: 'Starting',
  failed: null,
  look: null,
  earlier: null,
  queries: [],
  ...firstChoice(null),
});

/** Returns the actions of the attention analysis. At most one call to the host is in progress at a time. */
export function lookActions(model: PairModel) {
  let underWay: AbortController | null = null;

  const change = (changes: Partial<LookState>) => {
    const { look } = model.state;
    if (look) model.update({ look: { ...look, ...changes } });
  };

  const cancel = () => {
    underWay?.abort();
    underWay = null;
    change({ doing: null });
  };

  const close = () => {
    cancel();
    model.update({ look: null });
  };

  const start = async (how: { queries: string[]; query?: string; choose: boolean }) => {
    const { state, look } = model.state;
    if (state?.kind !== 'row' || !state.row.sample) return;
    underWay?.abort();
    const stop = (underWay = new AbortController());
    const { uri, line } = state;
    const before = look ?? newLook(uri, line);
    model.update({ look: { ...before, doing: 'Starting', failed: null } });
    const mine = (changes: Partial<LookState>) => {
      if (underWay === stop) change(changes);
    };
    try {
      const { queries, choose } = how;
      const onProgress = (doing: string) => mine({ doing: doing.charAt(0).toUpperCase() + doing.slice(1) });
      const seen = await model.host.call(
        'look',
        { uri, line, queries, choose },
        { signal: stop.signal, onProgress },
      );
      if (underWay !== stop) return;
      if (!seen && !before.look) return close();
      mine({
        doing: null,
        ...(seen && {
          look: seen,
          earlier: before.look && before.look.model !== seen.model ? before.look : before.earlier,
          queries,
          query: how.query ?? shownQuery(before, seen.views[0]!.queries),
          layer: before.look ? Math.min(before.layer, seen.layers.length - 1) : firstLayer(seen),
        }),
      });
    } catch (error) {
      mine({ doing: null, failed: (error as Error).message });
    }
  };

  return {
    change,
    cancel,
    close,
    /** Opens or closes the attention analysis. */
    toggle: () => (model.state.look ? close() : void start({ queries: [], choose: false })),
    ask: (queries: string[], query: string) => void start({ queries, query, choose: false }),
    chooseModel: () => void start({ queries: model.state.look?.queries ?? [], choose: true }),
    /** Changes the layer by a number of layers, at most to the first or the last layer. */
    moveLayer: (by: number) => {
      const { look } = model.state;
      const layers = look?.look?.layers.length ?? 0;
      if (look && layers > 0) change({ layer: Math.min(Math.max(look.layer + by, 0), layers - 1) });
    },
    /** Selects the next head; after the last head, selects the mean. */
    nextHead: () => {
      const { look } = model.state;
      const heads = look?.look?.heads ?? 0;
      if (!look || heads === 0) return;
      const next = typeof look.head === 'number' ? look.head + 1 : 0;
      change({ head: next < heads ? next : 'mean' });
    },
    nextMode: () => {
      const { look } = model.state;
      if (!look?.look) return;
      const modes = modesOf(look.look).map(([mode]) => mode);
      change({ mode: modes[(modes.indexOf(look.mode) + 1) % modes.length]! });
    },
  };
}

export type LookActions = ReturnType<typeof lookActions>;

/** Returns the displayed query if the new result also contains it; otherwise the first query of the result. */
const shownQuery = ({ query }: LookState, queries: readonly { name: string }[]): string =>
  queries.some(({ name }) => name === query) ? query : queries[0]!.name;
