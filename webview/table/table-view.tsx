import { thousands } from '../../src/base/format.ts';
import { oneLine } from '../../src/base/escape.ts';
import { ENCODINGS } from '../../src/base/encodings.ts';
import type { Channel } from '../../src/base/channel.ts';
import type {
  ChosenField,
  TableHost,
  TablePreview,
  TableRow,
  TableState,
} from '../../src/panels/table/table.contract.ts';
import { Button, Dropdown, ProgressRing } from '../ui/controls.tsx';
import { Message, Problem } from '../ui/message-line.tsx';
import { Thumbnail } from '../ui/thumbnail.tsx';

interface TableViewProps {
  state: TableState;
  host: Channel<TableHost>;
}

/** Table that becomes a dataset: the role of each column, and a preview of the first rows. */
export function TableView({ state, host }: TableViewProps) {
  const { name, more, preview, problem, working } = state;
  const missing = preview && preview.rows.every((row) => row.problem !== null);
  return (
    <>
      <header>
        <h1>
          Use {preview?.join ? `${fileName(preview.inputs[0]!)} with ${fileName(preview.join)}` : name}
          {more > 0 && !preview?.join && ` and ${more} more`} as a dataset
        </h1>
        {working !== null && (
          <p class="working" role="status">
            <ProgressRing label="Creating dataset" /> {working}
          </p>
        )}
        <Button
          primary
          disabled={!preview || missing || working !== null}
          onClick={() => host.notify('convert', null)}
        >
          Use as Dataset
        </Button>
      </header>
      <Problem why={problem} />
      {preview ? (
        <main>
          <Columns preview={preview} host={host} />
          <Rows preview={preview} host={host} />
        </main>
      ) : (
        !problem && <Message text="Reading…" />
      )}
    </>
  );
}

const fileName = (path: string): string => path.replace(/^.*[\\/]/, '');

const LABELS: Record<ChosenField, string> = {
  question: 'Question',
  answer: 'Answer',
  images: 'Image',
  choices: 'Choices',
};

/** Formats whose columns have the names of Chirality's fields. */
const PLAIN = ['table', 'qa'];

function Columns({
  preview: { columns, choice, format, encoding },
  host,
}: { preview: TablePreview } & Pick<TableViewProps, 'host'>) {
  if (format && !PLAIN.includes(format.name))
    return (
      <section>
        <p class="place">
          Recognised as {format.about}.{' '}
          {columns.length > 0 && (
            <Button
              onClick={() => host.notify('choose', { field: 'question', column: choice.question ?? null })}
            >
              Choose Columns Instead
            </Button>
          )}
        </p>
      </section>
    );
  const used = usedIn(choice);
  const others = columns.filter(({ name }) => !used.has(name));
  return (
    <section aria-label="Columns">
      <div class="fields">
        {(Object.keys(LABELS) as ChosenField[]).map((field) => (
          <Dropdown
            key={field}
            label={LABELS[field]}
            value={choice[field] ?? ''}
            options={[
              ['', 'none'],
              // Several columns together can contain the choices.
              ...(choice[field]?.includes('+') && !columns.some(({ name }) => name === choice[field])
                ? [[choice[field], choice[field].split('+').join(', ')] as const]
                : []),
              ...columns.map(
                ({ name, example }) =>
                  [name, oneLine(example === '' ? name : `${name}: ${example}`, 60)] as const,
              ),
            ]}
            set={(column) => host.notify('choose', { field, column: column === '' ? null : column })}
          />
        ))}
        {encoding && (
          <Dropdown
            label="Encoding"
            value={encoding}
            options={[...new Set<string>([encoding, ...ENCODINGS])].map((name) => [name, name] as const)}
            set={(name) => host.notify('encode', { encoding: name as (typeof ENCODINGS)[number] })}
          />
        )}
      </div>
      {others.length > 0 && (
        <p class="quiet">
          Columns stored under meta in each row: {oneLine(others.map(({ name }) => name).join(', '), 300)}.
        </p>
      )}
    </section>
  );
}

function Rows({
  preview: { rows, columns, cells, choice, format, references, imageFolder },
  host,
}: { preview: TablePreview } & Pick<TableViewProps, 'host'>) {
  const needed = !format && (['question', 'answer'] as const).filter((field) => choice[field] === undefined);
  const lost = rows.some(({ images }) => images.some((image) => 'problem' in image));
  return (
    <section aria-label="First rows">
      <h2>{rows.length === 1 ? 'First row' : `First ${rows.length} rows`}</h2>
      {needed && needed.length > 0 ? (
        <>
          <p>
            {references.length > 0 &&
              `Reference answers can be in ${oneLine(references.join(' or '), 100)}. These columns differ, so one of the columns might contain model answers. `}
            {`Select the column of the ${needed.join(' and of the ')}.`}
          </p>
          <Cells
            columns={columns}
            cells={cells}
            likely={references}
            used={[...usedIn(choice)]}
            choose={(column) => host.notify('choose', { field: needed[0]!, column })}
            field={needed[0]!}
          />
        </>
      ) : (
        <ul class="rows">
          {rows.map((row, i) => (
            <Card key={i} row={row} host={host} />
          ))}
        </ul>
      )}
      {rows.some(({ labels, question }) => labels.length > 0 && question === '') && (
        <p>Boxes become rows without questions. Write the questions, or run chirality graph compose.</p>
      )}
      {(choice.images !== undefined || rows.some(({ labels }) => labels.length > 0) || lost) && (
        <p class={lost ? 'place' : 'place quiet'}>
          {lost ? 'Images not found. ' : `Image folder: ${FOLDERS[imageFolder] ?? imageFolder}. `}
          <Button onClick={() => host.notify('findPictures', null)}>Choose Image Folder…</Button>
        </p>
      )}
    </section>
  );
}

/** Descriptions of image folders whose path relative to the table has no name. */
const FOLDERS: Readonly<Record<string, string>> = {
  '': 'the folder of the table',
  '..': 'the parent folder of the table',
};

/** Returns the columns that the user has assigned to the parts of a row. */
const usedIn = (choice: TablePreview['choice']): ReadonlySet<string> =>
  new Set(Object.values(choice).flatMap((column) => [column, ...column.split('+')]));

/**
 * First rows of the table. Each column's head selects the part for the column. @param likely columns to show first
 * @param used columns assigned to other parts
 */
function Cells({
  columns,
  cells,
  likely,
  used,
  field,
  choose,
}: Pick<TablePreview, 'columns' | 'cells'> & {
  likely: readonly string[];
  used: readonly string[];
  field: ChosenField;
  choose: (column: string) => void;
}) {
  const places = columns.map((_, i) => i);
  const isLikely = (i: number) => likely.includes(columns[i]!.name);
  const order = [...places.filter(isLikely), ...places.filter((i) => !isLikely(i))];
  return (
    <div class="cells">
      <table>
        <thead>
          <tr>
            {order.map((i) => (
              <th scope="col" key={i}>
                {used.includes(columns[i]!.name) ? (
                  oneLine(columns[i]!.name, 30)
                ) : (
                  <Button onClick={() => choose(columns[i]!.name)} title={`Use as ${field}`}>
                    {oneLine(columns[i]!.name, 30)}
                  </Button>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cells.map((row, line) => (
            <tr key={line}>
              {order.map((i) => (
                <td key={i} dir="auto">
                  {oneLine(row[i] ?? '', 60)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Card({
  row: { question, answer, choices, labels, images, frames, problem },
  host,
}: { row: TableRow } & Pick<TableViewProps, 'host'>) {
  if (problem !== null) return <li class="card stack problem">{problem}</li>;
  return (
    <li class="card stack">
      <div class="picture">
        {images.map((image, i) => (
          <Thumbnail key={i} image={image} frames={frames} load={(ref) => host.call('image', { ref })} />
        ))}
        {images.length === 0 && <span class="quiet">No image</span>}
      </div>
      <p class="question" dir="auto">
        {oneLine(question, 400)}
      </p>
      {choices.length > 0 && (
        <p class="quiet" dir="auto">
          {oneLine(choices.join(' · '), 200)}
        </p>
      )}
      <p class="answer" dir="auto">
        {oneLine(answer, 200)}
      </p>
      {labels.length > 0 && (
        <p class="quiet" dir="auto">
          {labels.length === 1 ? '1 object' : `${thousands(labels.length)} objects`}:{' '}
          {oneLine([...new Set(labels)].join(', '), 200)}
        </p>
      )}
    </li>
  );
}
