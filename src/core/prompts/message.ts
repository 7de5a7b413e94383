import type { PixelView } from '../../rows/view-list.ts';

/** An image that the engine already stores (`Sampler.putImage`), and the transform of the image. */
export interface ImagePart {
  /** SHA-256 of the image file, as 64 hexadecimal digits. */
  image: string;
  view: PixelView;
  /** Timestamp of a frame in its clip, in seconds. Frames of one clip are consecutive. */
  at_s?: number;
}

/** Text or image in a message. The model reads the parts in order. */
export type MessagePart = string | ImagePart;

export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: MessagePart[];
}

/** Prompt of a model: messages in order. If the last message is the assistant's, the completion continues it. */
export type Prompt = Message[];

/**
 * Reason why a completion ended. `end`: the model ended its turn. `stop`: the model wrote a stop string. `length`: the
 * completion reached `max_tokens`. `failed`: an endpoint returned no answer after all retries (the text is empty).
 */
export const STOP_REASONS = ['end', 'stop', 'length', 'failed'] as const;
export type StopReason = (typeof STOP_REASONS)[number];

/** Returns the images of a prompt, in reading order. */
export function imagesOf(prompt: Prompt): ImagePart[] {
  return prompt.flatMap(({ content }) => content.filter((part) => typeof part !== 'string'));
}
