/** Permissions of an agent. Only the person who starts the server can set them, not an agent or a workspace file. */
export const LEVELS = ['read', 'propose'] as const;
export type Level = (typeof LEVELS)[number];
