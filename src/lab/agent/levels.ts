/** Permissions of an agent. Only the person who starts the server can set them; agents and workspace files cannot. */
export const LEVELS = ['read', 'propose'] as const;
export type Level = (typeof LEVELS)[number];
