import { TraceList } from './list/trace-list.tsx';
import { sourceOf, type TraceModel } from './model.ts';

/** The list of the run's pairs, served by the host. */
export function ListPane({ model }: { model: TraceModel }) {
  const { place, query, list, reading, listError, id, options } = model.state;
  return (
    <div class="list">
      <TraceList
        {...{ query, list, reading, error: listError, selected: id, columns: options.columns }}
        evaluation={place!.source !== undefined}
        source={{
          rows: (list, from, count) =>
            model.host.call('traceRows', { ...sourceOf(model.state.place!), list, from, count }),
          place: (list, id) => model.host.call('tracePlace', { ...sourceOf(model.state.place!), list, id }),
        }}
        onQuery={(query) => void model.search(query)}
        onOpen={(id) => void model.open(id)}
        onEnter={() => document.querySelector<HTMLElement>('.answer-text')?.focus()}
        onColumns={(columns) => model.choose({ columns })}
      />
    </div>
  );
}
