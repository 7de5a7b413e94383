import { z } from 'zod';
import { isImageRef, type ImageRef } from './sample.ts';

/** Apart from the type, since panels show samples and carry no zod. */
export const imageRefSchema = z.custom<ImageRef>(isImageRef, 'a path or a reference to an image');
