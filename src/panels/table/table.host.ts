import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { ColumnChoice } from '../../rows/sample/column-choice.ts';
import {
  tableCalls,
  tableMemory,
  type TableHost,
  type TableMemory,
  type TablePage,
  type TableState,
} from './table.contract.ts';
import { imageFolders, nameOf, pictureOf, freePath } from '../host/data-files.host.ts';
import { pickFolder } from '../host/quick-picks.host.ts';
import { ProgramError, type Program } from '../host/cli-program.host.ts';
import { reportErrors, withProgress } from '../host/report-errors.host.ts';
import { tellMade } from '../host/usable-files.host.ts';
import { FAULT_KINDS } from '../../base/row-faults.ts';
import type { Service } from '../service.host.ts';
import { HostedPanel, PanelSet, type KeyedPanel, type PanelContext, type Seat } from '../panel-set.host.ts';

/** Files with the same columns, such as the parts of one table. */
type Subject = Pick<TableMemory, 'uris'>;

interface Tools {
  service: Service;
  program: Program;
}

/** Panels that convert the user's own tables to datasets, with one panel per file. */
export const tablePanels = (context: PanelContext, tools: Tools) =>
  new PanelSet<TablePanel, Subject, TableMemory>(context, {
    viewType: 'chirality.table',
    memory: tableMemory,
    keyOf: ({ uris }) => uris.join('\n'),
    make: (seat, { uris }) => new TablePanel(seat, tools, uris),
  });

const usableSchema = z.object({
  rows: z.int(),
  usable: z.int(),
  faults: z.array(
    z.object({
      kind: z.enum(FAULT_KINDS),
      count: z.int(),
      rows: z.array(z.object({ place: z.string(), message: z.string() })),
    }),
  ),
});

/** Fields that the panel uses from the output of `convert --json`. */
const convertedSchema = z.object({ usable: usableSchema });

/** Shows the first rows of a table as dataset rows, and creates the dataset when the user confirms the columns. */
export class TablePanel extends HostedPanel<TablePage> implements KeyedPanel<Subject> {
  private readonly files: readonly vscode.Uri[];
  private state: TableState;
  /** Columns that the user selected; null for guessed columns. */
  private choice: ColumnChoice | null = null;
  /** Encoding that the user selected; null for the detected encoding. */
  private encoding: string | null = null;
  /** Image folder that the user selected; null for the detected folder. */
  private images: string | null = null;
  private settle: (uri: vscode.Uri | undefined) => void = () => undefined;
  /** Dataset created from the table; undefined if the user closed the panel first. */
  readonly made = new Promise<vscode.Uri | undefined>((resolve) => (this.settle = resolve));

  constructor(
    seat: Seat<TableMemory>,
    private readonly tools: Tools,
    private readonly uris: string[],
  ) {
    super(seat, 'table', tableCalls);
    this.files = uris.map((uri) => vscode.Uri.parse(uri));
    const name = nameOf(this.first);
    this.panel.title = `Use ${name}`;
    this.state = { uris, name, more: uris.length - 1, preview: null, problem: null, working: null };
    void this.read();
  }

  get key(): string {
    return this.uris.join('\n');
  }

  /** Whether all of the first rows lack a question, as in label files. */
  get isUnasked(): boolean {
    const { rows = [] } = this.state.preview ?? {};
    return rows.length > 0 && rows.every(({ question, problem }) => question === '' && problem === null);
  }

  override dispose(): void {
    super.dispose();
    this.settle(undefined);
  }

  private get first(): vscode.Uri {
    return this.files[0]!;
  }

  protected readonly host: TableHost = {
    ready: () => this.tell({}),
    choose: ({ field, column }) => {
      const others = Object.entries(this.state.preview?.choice ?? {}).filter(
        ([other, used]) => other !== field && used !== column,
      );
      this.choice = { ...Object.fromEntries(others), ...(column !== null && { [field]: column }) };
      void this.read();
    },
    encode: ({ encoding }) => {
      this.encoding = encoding;
      void this.read();
    },
    findPictures: () => void this.findPictures(),
    image: ({ ref }) => pictureOf(this.tools.service, this.first, ref),
    convert: () => void reportErrors('Cannot create the dataset', () => this.convert()),
  };

  private tell(change: Partial<TableState>): void {
    this.state = { ...this.state, ...change };
    this.page.notify('show', this.state);
  }

  private async read(): Promise<void> {
    const { choice, images, encoding } = this;
    const place = imageFolders(this.first);
    try {
      if (!place) throw new Error('Cannot use a file that is not on disk as a dataset.');
      const args = { paths: this.files.map(({ fsPath }) => fsPath), choice, images, encoding, place };
      const preview = await this.tools.service.call('previewTable', args);
      // Drop this result if the user has changed a selection, because another read has started.
      if (choice === this.choice && images === this.images && encoding === this.encoding)
        this.tell({ preview, problem: null });
    } catch (error) {
      this.tell({ problem: (error as Error).message });
    }
  }

  private async findPictures(): Promise<void> {
    const folder = await pickFolder('Select the Image Folder', {
      defaultUri: vscode.Uri.joinPath(this.first, '..'),
    });
    if (!folder) return;
    this.images = folder.fsPath;
    await this.read();
  }

  private async convert(): Promise<void> {
    const { preview } = this.state;
    if (!preview || this.state.working !== null) return;
    const target = beside(this.first.fsPath);
    const { inputs, join: other } = preview;
    const folder = dirname(inputs[0]!);
    const words = ['convert', ...inputs, '-o', target, '--json'];
    if (other !== null) words.push('--join', other);
    if (preview.rules !== '') words.push('--map', preview.rules);
    if (this.encoding !== null) words.push('--encoding', this.encoding);
    if (preview.imageFolder !== '') words.push('--image-folder', join(folder, preview.imageFolder));
    // Images that the table contains as base64 text must be extracted into files next to the rows.
    const isInside = preview.rows.some(({ images }) => String(images[0]?.ref).startsWith('data:'));
    if (isInside) words.push('--extract-images', target.replace(/\.qa\.jsonl$/, '-images'));
    this.tell({ working: '', problem: null });
    try {
      const { usable } = await withProgress(`Creating ${basename(target)}`, ({ signal, onLine }) =>
        this.tools.program.answer(convertedSchema, words, {
          cwd: folder,
          signal,
          onLine: (line) => {
            onLine(line);
            this.tell({ working: line });
          },
        }),
      );
      const made = vscode.Uri.file(target);
      // The panel of the new dataset shows the number of rows, so report only faults.
      if (usable.faults.length > 0)
        void tellMade(
          this.tools,
          made,
          usable,
          inputs.length === 1 && other === null ? vscode.Uri.file(inputs[0]!) : undefined,
        );
      this.settle(made);
      this.panel.dispose();
    } catch (error) {
      // Show the program's messages in the panel, because they can be too long for a notification.
      if (!(error instanceof ProgramError)) throw error;
      this.tell({ problem: error.message });
    } finally {
      this.state = { ...this.state, working: null };
      this.tell({});
    }
  }
}

/** Returns a new path for a dataset next to a table: for `cups.csv`, `cups.qa.jsonl` or `cups-2.qa.jsonl`. */
function beside(table: string): string {
  const stem = join(dirname(table), basename(table).replace(/\.[^.]+$/, ''));
  return freePath((number) => `${stem}${number}.qa.jsonl`);
}
