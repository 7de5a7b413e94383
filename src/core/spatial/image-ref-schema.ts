import { z } from 'zod';
import { isImageRef, type ImageRef } from './sample.ts';

/** In a file separate from the type, because panels show samples but do not bundle zod. */
export const imageRefSchema = z.custom<ImageRef>(isImageRef, 'a path or a reference to an image');
