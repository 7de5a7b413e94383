/** What an engine may or may not honour, in words for error messages. */
export const FEATURES = {
  'system-message': 'system messages',
  'several-turns': 'prompts of several turns',
  'assistant-prefix': 'a completion that continues a given beginning',
  image: 'images',
  'several-images': 'several images in one prompt',
  temperature: 'a temperature other than 1 and 0',
  'top-p': 'top-p below 1',
  stop: 'stop texts',
  seed: 'seeds',
  'exact-resume': 'resuming with exactly the numbers of a run that never stopped',
} as const;

export type Feature = keyof typeof FEATURES;
