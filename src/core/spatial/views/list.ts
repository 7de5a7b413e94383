/**
 * The views: transforms of a row's picture, text, boxes and graph together. This list is the only place that names
 * them; a view is a row here, with its rewrite in view.ts.
 */
export const VIEWS = [
  {
    id: 'original',
    label: 'Original',
    plural: 'originals',
    kind: 'pixels',
    pixels: 'original',
    variant: null,
    mayRepeat: true,
  },
  {
    id: 'mirror',
    label: 'Mirror',
    plural: 'mirrors',
    kind: 'pixels',
    pixels: 'mirror',
    variant: 'mirror',
    mayRepeat: true,
  },
  {
    id: 'polarity',
    label: 'Opposite',
    plural: 'polarity flips',
    kind: 'text',
    pixels: 'original',
    variant: 'polarity',
    mayRepeat: false,
  },
] as const satisfies readonly View[];

interface View {
  id: string;
  /** As a heading. */
  label: string;
  /** Rows of it, in a sentence. */
  plural: string;
  /** What it changes: the picture and everything in it, or only the wording. */
  kind: 'pixels' | 'text';
  /** What an engine and a panel do with the decoded picture; `mirror` reverses its columns. */
  pixels: 'original' | 'mirror';
  /** Its key under `variants` of the record, where the rewrite is stored; null for the row itself. */
  variant: string | null;
  /** Whether its text may be that of the original. An opposite that repeats it would teach a contradiction. */
  mayRepeat: boolean;
}

export type ViewId = (typeof VIEWS)[number]['id'];

/** A view as engines know it: what they do with the pixels. */
export type PixelView = (typeof VIEWS)[number]['pixels'];

/** A view that rewrites, by the name of its rewrite under `variants`. */
export type VariantName = NonNullable<(typeof VIEWS)[number]['variant']>;

export const VIEW_IDS: readonly ViewId[] = VIEWS.map(({ id }) => id);
export const PIXEL_VIEWS: readonly PixelView[] = [...new Set(VIEWS.map(({ pixels }) => pixels))];
export const VARIANT_NAMES = VIEWS.flatMap(({ variant }) => variant ?? []);

/** The two views of a pair, in the order of every array that is indexed by view; the second is the partner. */
export const PAIR = ['original', 'mirror'] as const satisfies readonly ViewId[];
export type PairView = (typeof PAIR)[number];

const BY_ID: ReadonlyMap<string, (typeof VIEWS)[number]> = new Map(VIEWS.map((view) => [view.id, view]));

export const viewOf = (id: ViewId): (typeof VIEWS)[number] => BY_ID.get(id)!;

export const isViewId = (id: unknown): id is ViewId => typeof id === 'string' && BY_ID.has(id);

/** What is wrong with an id that names no view. */
export const unknownView = (id: unknown): string =>
  `Unknown view ${JSON.stringify(id)}: use ${VIEW_IDS.slice(0, -1).join(', ')} or ${VIEW_IDS.at(-1)}.`;

/** Whether its picture is drawn with the columns from right to left. */
export const isMirrored = (view: ViewId): boolean => viewOf(view).pixels === 'mirror';

/** Rows of a view, as tables and charts call them; `both`: those that are right in both views of a pair. */
export const viewLabel = (id: string): string =>
  id === 'both' ? 'both views right' : (BY_ID.get(id)?.plural ?? id);
