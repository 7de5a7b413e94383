/** What an agent may do. Who starts the server says it, where no agent and no file of a workspace can. */
export const LEVELS = ['read', 'propose'] as const;
export type Level = (typeof LEVELS)[number];
