import type { PixelView } from '../../rows/view-list.ts';

/** An image that the engine already has (`Sampler.putImage`), with its transform. */
export interface ImagePart {
  /** SHA-256 of the image's file, as 64 hexadecimal digits. */
  image: string;
  view: PixelView;
  /** Time of a frame of a clip, in seconds. Frames of one clip are consecutive. */
  at_s?: number;
}

/** Text or an image, in the order in which the model reads them. */
export type MessagePart = string | ImagePart;

export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: MessagePart[];
}

/**
 * Prompt of a model: messages in order. If the last one is the assistant's, it is a prefix that the completion
 * continues.
 */
export type Prompt = Message[];

/**
 * Reason why a completion ended. `end`: the model ended its turn. `stop`: a stop string. `length`: maxTokens reached.
 * `failed`: an endpoint returned no answer after all retries (the text is empty).
 */
export const STOP_REASONS = ['end', 'stop', 'length', 'failed'] as const;
export type StopReason = (typeof STOP_REASONS)[number];

/** Returns the images of a prompt, in reading order. */
export function imagesOf(prompt: Prompt): ImagePart[] {
  return prompt.flatMap(({ content }) => content.filter((part) => typeof part !== 'string'));
}
