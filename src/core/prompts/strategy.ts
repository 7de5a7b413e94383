import { isClip } from '../../rows/sample/clip.ts';
import type { ImageRef, Sample } from '../../rows/sample/sample.ts';
import { fixed } from '../../base/format.ts';
import { graphOf } from '../../rows/scene-graph/read-graph.ts';
import { ORIGINAL, viewOf, type ViewId } from '../../rows/view-list.ts';
import { hasMotion, withFrames, type FrameControl } from './frame-controls.ts';
import { namesIn, type MissingGraph } from './describe-graph.ts';
import type { ImagePart, Message, MessagePart, Prompt } from './message.ts';
import { exemplarSlots, fill, rowSlots } from './template.ts';

/** Name of the prompting strategy that a run was trained with. */
export const AS_TRAINED = 'trained';

/** Whether a strategy is the strategy that the run was trained with, with or without a frame control. */
export const asksAsTrained = ({ name, frames }: Strategy): boolean =>
  name === AS_TRAINED || name === `${AS_TRAINED}-${frames}`;

/** Prompting strategy with one or several prompts. Each prompt can contain text generated earlier. */
export interface Strategy {
  name: string;
  /** Description of the strategy in one sentence, with the reference to the paper. */
  about: string;
  caution?: string | undefined;
  /** Required number of images in a row; rows with another number are skipped. Absent if any number is possible. */
  row_images?: number;
  /** Frames of clips that the prompt contains. If set, the strategy only applies to rows about a clip. */
  frames?: 'all' | FrameControl;
  /** Position of the answer in a text without tags: anywhere, or only on the last line (R32). */
  extract: 'whole' | 'last_line';
  /** Stages in order. The text of the last stage contains the answer. */
  stages: Stage[];
}

export interface Stage {
  /** Name of the stage, which is also the slot of its text in later stages. */
  name: string;
  system?: string;
  user: string;
  images: 'shown' | 'none';
  exemplars?: {
    as: 'turns' | 'text';
    user: string;
    assistant: string;
    /** Path of the exemplar file; image paths are relative to this file. */
    file: string;
    rows: Sample[];
  };
  /** Set if the text of the stage contains a scene graph: replacement of a missing graph (R26), and name shuffling. */
  graph?: { missing: MissingGraph; shuffled: boolean };
  /** `shown`: the choices follow the question, unless the prompt contains them at another position. */
  options: 'shown' | 'none';
  /** Maximum length of the stage's text in tokens; by default, the limit of the evaluation. */
  max_tokens?: number;
}

export interface RowToAsk {
  sample: Sample;
  view: ViewId;
  /** Hash of each image by its `refKey`; for an exemplar's image, this key includes the file. */
  hashes: ReadonlyMap<string, string>;
  /** Timestamps of the images if they are frames of a clip, and whether the model receives the frames as one video. */
  clip?: { times_s: readonly number[]; isVideo: boolean } | undefined;
}

/** Returns the key of an image: its reference and, for an exemplar, the exemplar's file. */
export const refKey = (image: ImageRef, file?: string): string => JSON.stringify([image, file]);

/** Whether all stages omit the options of a row. */
export const hidesOptions = ({ stages }: Pick<Strategy, 'stages'>): boolean =>
  stages.every(({ options, user }) => options === 'none' && !/\{(?:choices|lettered)\}/.test(user));

/** Builds the prompt of a stage. @param written texts of earlier stages, by the name of the stage. */
export function stagePrompt(stage: Stage, row: RowToAsk, written: Readonly<Record<string, string>>): Prompt {
  const { sample } = row;
  const view = viewOf(row.view).pixels;
  const part = (image: ImageRef): ImagePart => ({ image: row.hashes.get(refKey(image)) ?? '', view });
  const turns = (stage.exemplars?.rows ?? []).map((exemplar) => {
    const { user, assistant, file } = stage.exemplars!;
    // Exemplars are the same in both views, because only the row is mirrored.
    const images = exemplar.images.map((image): ImagePart => {
      return { image: row.hashes.get(refKey(image, file)) ?? '', view: ORIGINAL };
    });
    return {
      asked: contentOf(user, exemplarSlots(exemplar, user), { images }, true),
      said: fill(assistant, exemplarSlots(exemplar, assistant)),
    };
  });
  const asText = stage.exemplars?.as === 'text';
  const pictures: Pictures = {
    images: row.clip ? framesOf(sample.images.map(part), row.clip) : sample.images.map(part),
    depth_map: [sample.depth_map].flatMap((image) => (image === undefined ? [] : part(image))),
    exemplars: asText ? turns.flatMap(({ asked, said }) => [...asked, `\n${said}\n\n`]) : [],
  };
  const shown = stage.options === 'none' ? { question: sample.question } : undefined;
  const slots = Object.assign(rowSlots(sample, stage.user), shown, written);
  const user = contentOf(stage.user, slots, pictures, stage.images === 'shown');
  return [
    ...(stage.system === undefined ? [] : [message('system', [stage.system])]),
    ...(asText
      ? []
      : turns.flatMap(({ asked, said }) => [message('user', asked), message('assistant', [said])])),
    message('user', user),
  ];
}

/** Returns the frames of a clip, each after its timestamp unless the model gets one video with timestamps. */
function framesOf(
  images: readonly ImagePart[],
  { times_s: times, isVideo }: NonNullable<RowToAsk['clip']>,
): MessagePart[] {
  return images.flatMap((image, i) => {
    const frame = { ...image, at_s: times[i]! };
    return isVideo ? [frame] : [`Frame ${i + 1}, at ${fixed(times[i], 2)} s:\n`, frame, '\n'];
  });
}

const message = (role: Message['role'], content: MessagePart[]): Message => ({ role, content });

type Pictures = Record<string, readonly MessagePart[]>;

/**
 * Fills all slots of a text at once, and inserts images at their slots. If the text has no image slot, the row's images
 * precede the text.
 */
function contentOf(
  text: string,
  slots: Record<string, string>,
  pictures: Pictures,
  shown: boolean,
): MessagePart[] {
  const before = shown && !text.includes('{images}') ? (pictures.images ?? []) : [];
  const pieces = text
    .split(/(\{\w+\})/)
    .flatMap((piece): readonly MessagePart[] => pictures[slotIn(piece)] ?? [fill(piece, slots)]);
  return joined([...before, ...pieces]);
}

const slotIn = (piece: string): string => /^\{(\w+)\}$/.exec(piece)?.[1] ?? '';

function joined(parts: readonly MessagePart[]): MessagePart[] {
  const out: MessagePart[] = [];
  for (const part of parts) {
    const last = out.at(-1);
    if (typeof part === 'string' && typeof last === 'string') out[out.length - 1] = last + part;
    else if (part !== '') out.push(part);
  }
  return out;
}

/** Whether the prompt of a stage contains the row's own images. */
export const showsPictures = ({ images, user }: Pick<Stage, 'images' | 'user'>): boolean =>
  images === 'shown' || user.includes('{images}');

export function imagesShown(strategy: Strategy, sample: Sample): ImageRef[] {
  const uses = (slot: string) => strategy.stages.some(({ user }) => user.includes(`{${slot}}`));
  const depthMap = uses('depth_map') ? sample.depth_map : undefined;
  return [
    ...(strategy.stages.some(showsPictures) ? sample.images : []),
    ...(depthMap === undefined ? [] : [depthMap]),
  ];
}

export function exemplarImages({ stages }: Strategy): { file: string; image: ImageRef }[] {
  const all = stages.flatMap(({ exemplars }) =>
    (exemplars?.rows ?? []).flatMap(({ images }) =>
      images.map((image) => ({ file: exemplars!.file, image })),
    ),
  );
  return [...new Map(all.map((exemplar) => [refKey(exemplar.image, exemplar.file), exemplar])).values()];
}

/** Returns the reason why a strategy cannot be used for a row; null if it can be used. */
export function missingFor(strategy: Strategy, sample: Sample): string | null {
  const { stages, row_images, frames } = strategy;
  const uses = (slot: string) => stages.some(({ user }) => user.includes(`{${slot}}`));
  if (isClip(sample) && sample.images.length === 0 && strategy.stages.some(showsPictures))
    return 'it is about a clip whose frames are not known';
  if (frames !== undefined && !hasMotion(sample)) return 'it is not about a clip of two frames or more';
  if (row_images !== undefined && sample.images.length !== row_images)
    return `it does not have ${row_images} pictures`;
  if (uses('depth_map') && sample.depth_map === undefined) return 'it has no depth map';
  if (uses('row_graph') || uses('shuffled_graph') || uses('description')) {
    if ((graphOf(sample)?.objects.length ?? 0) === 0) return 'it has no scene graph';
  }
  if (uses('shuffled_graph') && namesIn(sample.scene_graph).length < 2)
    return 'its scene graph names fewer than two things';
  return null;
}

/** Returns a strategy that only applies to clips, with all frames or a frame control. */
export const withClips = (strategy: Strategy, frames: 'all' | FrameControl): Strategy => ({
  ...strategy,
  ...(frames !== 'all' && { name: `${strategy.name}-${frames}` }),
  frames,
});

export const asShown = (sample: Sample, { frames = 'all' }: Strategy): Sample =>
  frames === 'all' ? sample : withFrames(sample, frames);

/** Controls that remove the image, or shuffle a scene graph, to test whether these parts of a prompt matter. */
export const CONTROLS = ['blind', 'shuffled'] as const;
export type Control = (typeof CONTROLS)[number];

/**
 * Returns a strategy without its image (`blind`), or with object names shuffled in generated graphs before a later
 * stage reads them (`shuffled`); null if no later stage reads a graph.
 */
export function controlOf(strategy: Strategy, control: Control): Strategy | null {
  const { stages } = strategy;
  const name = `${strategy.name}-${control}`;
  if (control === 'blind') {
    const withoutPictures = (text: string) => text.replace(/\n?\{(?:images|depth_map)\}/g, '');
    return {
      ...strategy,
      name,
      stages: stages.map((stage) => ({ ...stage, images: 'none', user: withoutPictures(stage.user) })),
    };
  }
  if (!stages.slice(0, -1).some(({ graph }) => graph)) return null;
  return {
    ...strategy,
    name,
    stages: stages.map((stage) =>
      stage.graph ? { ...stage, graph: { ...stage.graph, shuffled: true } } : stage,
    ),
  };
}
