import { composed, inverseOf, isSymmetry, namesOf, SYMMETRIES, type Symmetry } from './symmetry.ts';
import {
  beforeTurn,
  readResample,
  readSequence,
  turnsRound,
  writeResample,
  writeSequence,
  type Resample,
  type Sequence,
} from './view-parts.ts';

/**
 * Views: transforms of a row's image, text, boxes and graph together. Each view is an entry of this table, with its
 * rewrite in views/view.ts; a view that is only a symmetry is a line of symmetry.ts. An id can join several views with
 * `+`, applied from left to right, in a normal form (docs/views.md).
 */
export const VIEWS = [
  turn('original'),
  turn('mirror'),
  { ...another('text', 'polarity', 'Opposite', 'opposite questions'), variant: 'polarity', mayRepeat: false },
  {
    ...another('pixels', 'mirror/keep', 'Mirror, same question', 'mirrors with the same question'),
    pixels: 'mirror',
    mayRepeat: false,
  },
  ...SYMMETRIES.slice(2).map(turn),
  another('sequence', 'reverse', 'Reversed', 'reversed sequences'),
  another('sequence', 'exchange', 'Exchanged', 'exchanged images'),
  another('sequence', 'repeat', 'Repeated', 'repeated sequences'),
  another('sequence', 'every', 'Thinned', 'thinned sequences'),
  another('sequence', 'shuffle', 'Shuffled', 'shuffled sequences'),
  another('text', 'anchored', 'Anchored', 'anchored questions'),
  another('text', 'converse', 'Converse', 'converse questions'),
  another('text', 'exchange-names', 'Names exchanged', 'exchanged names'),
  another('text', 'permute-options', 'Options permuted', 'permuted options'),
  another('text', 'extend-options', 'Options extended', 'extended options'),
  another('text', 'imagine', 'Imagined', 'imagined orbits'),
] as const satisfies readonly ViewEntry[];

interface ViewEntry {
  id: ViewId;
  label: string;
  /** Name of the view's rows in a sentence. */
  plural: string;
  /** Content that the view changes: the whole image, the scene, the order of images, or only the wording. */
  kind: 'pixels' | 'scene' | 'sequence' | 'text';
  /** Transform that an engine or panel applies to the decoded image. */
  pixels: PixelView;
  /** Location of the rewrite, as a key under the record's `variants`. Null for the row itself. */
  variant: string | null;
  /** Whether the view's text can equal the original's. For an opposite, training on a copy would be a contradiction. */
  mayRepeat: boolean;
}

/** Parsed view id: an entry of the table, an entry with a parameter, or several joined views. */
export interface View extends ViewEntry {
  /** Joined views, from left to right; for most views, only the view itself. */
  parts: readonly ViewPart[];
  /** Whether a part of the view requires the row's world. */
  isDrawn: boolean;
  /** Whether the view has its own list of images, because it renders the scene again or reorders images. */
  hasOwnPictures: boolean;
  /** Whether the view's rewrite has its own key under `variants`. */
  hasOwnKey: boolean;
  /** Transform of the pixels that undoes `pixels`. */
  inverse: PixelView;
  /** Whether the view changes the pixels only by the mirror. */
  isMirrored: boolean;
  /** Whether the view shows the same images as the original, each once, in another order. */
  isReordered: boolean;
  /** Whether the view only transforms or reorders the images, so that every question of the original applies. */
  turnsPictures: boolean;
  /** Whether the view shows other images, or the same images in another order, as the mirror of a rig does. */
  showsOther: (images: readonly unknown[], original: readonly unknown[]) => boolean;
  /** Operations that compute new pixels, in order. They precede the symmetry; most views have none. */
  resamples: readonly Resample[];
}

export interface ViewPart {
  id: ViewId;
  kind: View['kind'];
  /** Entry of the part in the table; undefined for views of scenes and of new pixels. */
  entry?: ViewEntry;
  /** Text after the entry's id, such as "1" in permute-options:1. */
  parameter: string;
  resample?: Resample;
  order?: Sequence;
}

function turn<Id extends Symmetry>(id: Id) {
  const variant = { original: null, mirror: id }[id as string];
  return {
    id,
    ...namesOf(id),
    kind: 'pixels',
    // Use the symmetry's normal name, because engines have one name for each transform.
    pixels: composed('original', id),
    variant: variant === undefined ? `views/${id}` : variant,
    mayRepeat: true,
  } as const;
}

function another<Kind extends ViewEntry['kind'], Id extends string>(
  kind: Kind,
  id: Id,
  label: string,
  plural: string,
) {
  return {
    id,
    label,
    plural,
    kind,
    pixels: 'original',
    variant: `views/${id}`,
    mayRepeat: true,
  } as const;
}

/** Id of a view in normal form: an entry of the table, an entry with a parameter, or several joined with `+`. */
export type ViewId = string;

/** Part of a view that engines apply: the transform of the pixels. */
export type PixelView = Symmetry;

/** Example parameters for help texts, for each view with a parameter. */
const EXAMPLES: Record<string, string> = {
  repeat: '2',
  every: '2',
  shuffle: '1',
  'permute-options': '1',
  imagine: 'orbit:90',
};

/** Ids of the views in the table, in order, for help texts. */
export const VIEW_IDS: readonly ViewId[] = VIEWS.map(({ id }) =>
  Object.hasOwn(EXAMPLES, id) ? `${id}:${EXAMPLES[id]}` : id,
);

/** Views of a pair in training, in the order of every array indexed by view. The second view is the partner. */
export const PAIR = ['original', 'mirror'] as const satisfies readonly ViewId[];
export type PairView = (typeof PAIR)[number];
export const [ORIGINAL, MIRROR] = PAIR;
export const POLARITY = 'polarity';
/** View with the mirrored image and the original question, so that the answer flips. Ids cannot join this view. */
export const MIRROR_KEEP = 'mirror/keep';

/** Views whose rewrite has its own key under `variants`. Rewrites of other views are under `variants.views`. */
export const VARIANT_NAMES = [MIRROR, POLARITY] as const;
export type VariantName = (typeof VARIANT_NAMES)[number];

/** Returns whether a view's rewrite has its own key under `variants`. */
export const isVariantName = (id: ViewId): id is VariantName =>
  (VARIANT_NAMES as readonly ViewId[]).includes(id);

/** Returns the view of a row; by default the original. */
export const viewOfRow = ({ view }: { view?: ViewId }): ViewId => view ?? ORIGINAL;

const BY_ID: ReadonlyMap<string, ViewEntry> = new Map(VIEWS.map((view) => [view.id, view]));

const NUMBER = /^-?\d+(?:\.\d+)?$/;
/**
 * Patterns of the parameters of views that move the camera or the objects of a world (docs/views.md). Only rows with a
 * world have such views.
 */
const SCENE: Record<string, RegExp> = {
  orbit: NUMBER,
  dolly: NUMBER,
  truck: NUMBER,
  rise: NUMBER,
  zoom: NUMBER,
  turn: NUMBER,
  'depth-mirror': /^$/,
  take: /^[\p{L}\p{N}_ -]+$/u,
  swap: /^[\p{L}\p{N}_ -]+,[\p{L}\p{N}_ -]+$/u,
  without: /^[\p{L}\p{N}_ -]+$/u,
  relight: /^\d{1,9}$/,
  repaint: /^\d{1,9}$/,
};

/** Patterns of the parameters of views that change the wording. */
const PARAMETERS: Record<string, RegExp> = {
  'permute-options': /^[1-9]\d{0,8}$/,
  imagine: /^orbit:(?:[1-9]|[1-9]\d|[12]\d\d|3[0-5]\d)$/,
};

type Part =
  | { kind: 'scene'; name: string; value: string }
  | { kind: 'pixels'; symmetry: Symmetry; view?: ViewEntry }
  | { kind: 'resample'; resample: Resample }
  | { kind: 'sequence'; sequence: Sequence; view: ViewEntry }
  | { kind: 'text'; id: string; view: ViewEntry };

function partOf(text: string): Part | null {
  if (text === MIRROR_KEEP) return { kind: 'pixels', symmetry: 'mirror', view: BY_ID.get(text)! };
  if (isSymmetry(text)) return { kind: 'pixels', symmetry: text };
  const resample = readResample(text);
  if (resample) return { kind: 'resample', resample };
  const order = readSequence(text);
  if (order) return { kind: 'sequence', sequence: order, view: BY_ID.get(order.op)! };
  const [name, value = ''] = text.split(/:(.*)/s) as [string, string?];
  if (Object.hasOwn(SCENE, name) && SCENE[name]!.test(value)) return { kind: 'scene', name, value };
  const view = BY_ID.get(name);
  if (view?.kind !== 'text') return null;
  const form = PARAMETERS[name];
  return (form ? form.test(value) : text === name) ? { kind: 'text', id: text, view } : null;
}

/** Returns the angle in degrees, normalised to 0 ≤ angle < 360. */
const angle = (degrees: number): number => ((degrees % 360) + 360) % 360;

/** Returns the normal form of a view id, or a message with the problem. */
export function readViewId(text: string): { id: ViewId } | { problem: string } {
  const parts: Part[] = [];
  for (const name of text.trim().split('+')) {
    const part = partOf(name.trim());
    if (!part) return { problem: unknownView(name.trim()) };
    parts.push(part);
  }
  if (parts.some((part) => part.kind === 'pixels' && part.view)) {
    if (parts.length === 1) return { id: MIRROR_KEEP };
    return {
      problem: `"${text}": cannot combine ${MIRROR_KEEP} with other views, because ${MIRROR_KEEP} keeps the original question.`,
    };
  }
  let symmetry: Symmetry = 'original';
  let orbit = 0;
  let order = '';
  const scene: string[] = [];
  const resampled: string[] = [];
  const wordings: string[] = [];
  for (const part of parts) {
    if (part.kind !== 'text' && wordings.length > 0)
      return { problem: `"${text}" changes the wording before the image. Move ${wordings[0]} to the end.` };
    if (part.kind === 'text') wordings.push(part.id);
    else if (part.kind === 'pixels') symmetry = composed(symmetry, part.symmetry);
    else if (part.kind === 'sequence') {
      const next = writeSequence(part.sequence);
      const undoes = order === next && !('k' in part.sequence);
      if (order !== '' && !undoes)
        return { problem: `"${text}" orders the images twice. Use ${order} or ${next}.` };
      order = undoes ? '' : next;
    } else if (part.kind === 'resample') {
      const before = beforeTurn(part.resample, symmetry);
      if (!before) return { problem: `"${text}" turns the image before the pan. Move the pan to the front.` };
      if (before.op === 'pan' && resampled.some((other) => !/^(?:grey|light)/.test(other)))
        return { problem: `"${text}" cuts or scales the image before the pan. Move the pan to the front.` };
      resampled.push(writeResample(before));
    } else {
      const orbits = part.name === 'orbit' || part.name === 'depth-mirror';
      if (resampled.length > 0)
        return { problem: `"${text}" changes the image before the scene view. Put the scene view first.` };
      if (symmetry !== 'original' && !(orbits && symmetry === 'mirror'))
        return { problem: `"${text}" turns the image before ${part.name}. Move ${part.name} to the front.` };
      if (!orbits) scene.push(part.value === '' ? part.name : `${part.name}:${part.value}`);
      else {
        const turns = part.name === 'orbit' ? Number(part.value) : 180;
        orbit = angle(orbit + (symmetry === 'mirror' ? -turns : turns));
        if (part.name === 'depth-mirror') symmetry = composed(symmetry, 'mirror');
      }
    }
  }
  if (wordings.length > 1)
    return { problem: `"${text}" changes the wording twice. Use one of ${wordings.join(', ')}.` };
  if (wordings[0]?.startsWith('imagine:') && parts.length > 1)
    return {
      problem: `"${text}": ${wordings[0]} cannot be combined, because its question is about the original image.`,
    };
  if (parts.length > 1 && parts.some((part) => part.kind === 'scene' && part.name === 'take'))
    return {
      problem: `"${text}": take cannot be combined with other views, because take moves the camera into an object.`,
    };
  const depth = orbit === 180 && symmetry === 'mirror' && scene.length + resampled.length === 0;
  const id = [
    ...(depth ? ['depth-mirror'] : orbit === 0 ? [] : [`orbit:${orbit}`]),
    ...scene,
    ...resampled,
    ...(symmetry === 'original' || depth ? [] : [symmetry]),
    ...(order === '' ? [] : [order]),
    ...wordings,
  ].join('+');
  if (id !== '') return { id };
  return parts.length === 1 ? { id: 'original' } : { problem: `"${text}" is the same as the original.` };
}

const made = new Map<ViewId, View>();

function areReordered(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length < 2 || one.length !== other.length) return false;
  const [keys, others] = [one, other].map((images) => images.map((image) => JSON.stringify(image)));
  return keys!.join() !== others!.join() && keys!.sort().join() === others!.sort().join();
}

/** Returns the view with an id. @throws if the id is invalid */
export function viewOf(id: ViewId): View {
  const before = made.get(id);
  if (before) return before;
  if (!isViewId(id)) throw new RangeError(unknownView(id));
  const parts = id.split('+').map(viewPart);
  const single = parts.length === 1 ? parts[0]!.entry : undefined;
  const has = (kind: View['kind']) => parts.some((part) => part.kind === kind);
  const hasOwnPictures = has('scene') || has('sequence');
  const pixels = parts.find(({ kind, entry }) => kind === 'pixels' && entry)?.entry?.pixels ?? 'original';
  const view: View = {
    id,
    label: parts.map(labelOf).join(' + '),
    plural: single ? (single.id === id ? single.plural : `${single.plural} (${id})`) : id,
    kind: (['scene', 'pixels', 'sequence'] as const).find(has) ?? 'text',
    pixels,
    hasOwnKey: isVariantName(id),
    inverse: inverseOf(pixels),
    isMirrored: pixels === 'mirror',
    isReordered: parts.length === 1 && turnsRound(parts[0]!.order),
    turnsPictures: parts.every(
      (part) =>
        turnsRound(part.order) || (part.kind === 'pixels' && part.entry && part.entry.id !== MIRROR_KEEP),
    ),
    variant: single?.id === id ? single.variant : `views/${id}`,
    mayRepeat: parts.every(({ entry }) => entry?.mayRepeat !== false),
    parts,
    isDrawn: parts.some(({ kind, entry }) => kind === 'scene' || entry?.id === 'imagine'),
    hasOwnPictures,
    showsOther: (images, original) => hasOwnPictures || areReordered(images, original),
    resamples: parts.flatMap(({ resample }) => resample ?? []),
  };
  if (made.size < 1000) made.set(id, view);
  return view;
}

function viewPart(id: string): ViewPart {
  const part = partOf(id)!;
  if (part.kind === 'scene') return { id, kind: 'scene', parameter: part.value };
  if (part.kind === 'resample') return { id, kind: 'pixels', parameter: '', resample: part.resample };
  const entry = part.view ?? BY_ID.get(id)!;
  const parameter = id.slice(entry.id.length + 1);
  return { id, kind: part.kind, entry, parameter, ...(part.kind === 'sequence' && { order: part.sequence }) };
}

const labelOf = ({ id, entry, parameter }: ViewPart): string =>
  entry ? [entry.label, parameter].filter(Boolean).join(' ') : id;

/** Returns whether a value is the id of a view in normal form. */
export function isViewId(id: unknown): id is ViewId {
  if (typeof id !== 'string') return false;
  if (BY_ID.has(id) && !Object.hasOwn(EXAMPLES, id)) return true;
  const read = id.length < 200 ? readViewId(id) : null;
  return read !== null && 'id' in read && read.id === id;
}

/** Returns an error message about an unknown view id. */
export const unknownView = (id: unknown): string =>
  `Unknown view ${JSON.stringify(id)}. Use ${VIEW_IDS.join(', ')}, or a scene view such as orbit:90.`;

/** Returns the ids without duplicates, in the order of the table. Joined views come last. */
export function sortedViews(ids: Iterable<ViewId>): ViewId[] {
  const place = (id: ViewId) => {
    const at = VIEWS.findIndex(
      (view) => view.id === id || (Object.hasOwn(EXAMPLES, view.id) && id.startsWith(`${view.id}:`)),
    );
    return at < 0 ? VIEWS.length : at;
  };
  return [...new Set(ids)].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}

/** Returns the name of a view's rows in tables and charts. `both` stands for pairs with both views correct. */
export const viewLabel = (id: string): string =>
  id === 'both' ? 'both views correct' : isViewId(id) ? viewOf(id).plural : id;

/** View with the images of a clip in reverse order. */
export const REVERSE = 'reverse';

/**
 * Returns whether a view is a control. A control keeps question and answer although its images might no longer show the
 * answer, so it cannot be a partner.
 */
export const isControl = (view: ViewId): boolean =>
  isViewId(view) && viewOf(view).parts.some(({ order }) => order?.op === 'shuffle');

/** Returns the original's partner among the evaluated views: the mirror, or else the first view that maps answers. */
export const partnerAmong = (views: Iterable<ViewId>): ViewId | undefined =>
  sortedViews(views).find((view) => view !== ORIGINAL && view !== POLARITY && !isControl(view));
