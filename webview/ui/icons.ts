/** The codicons in use, by their names in VS Code, with their characters in the font. */
export const ICONS = {
  'arrow-swap': '\uebcb',
  close: '\uea76',
  'chevron-down': '\ueab4',
  'chevron-up': '\ueab7',
  question: '\ueb32',
  'surround-with': '\uec24',
  'type-hierarchy-sub': '\uebba',
  'whole-word': '\ueb7e',
} as const;
export type IconName = keyof typeof ICONS;
