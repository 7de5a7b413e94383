import { parsePrompt, type PromptFile } from './prompt-file.ts';

/** A prompt that asks for a verdict of 0 or 1. */
export type JudgePrompt = PromptFile<'question' | 'pred' | 'gt'>;

export const parseJudgePrompt = (name: string, file: string) =>
  parsePrompt<'question' | 'pred' | 'gt'>(name, file, ['question', 'pred', 'gt'], [['pred', 'gt']]);
