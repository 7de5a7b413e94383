import { parsePrompt } from './prompt-file.ts';

/** A prompt that asks a row's question: `fillPrompt` fills it. */
export const parseAnswerPrompt = (name: string, file: string) =>
  parsePrompt<'question' | 'choices'>(name, file, ['question', 'choices'], [['question']]);
