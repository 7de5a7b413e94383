/** The codicons in use, by their names in VS Code, with their characters in the font. */
export const ICONS = {
  'arrow-swap': '\uebcb',
  copy: '\uebcc',
  diff: '\ueae1',
  'graph-line': '\uebe2',
  'list-tree': '\ueb86',
  note: '\ueb26',
  rename: '\uec61',
  table: '\uebb7',
  trash: '\uea81',
  close: '\uea76',
  'chevron-down': '\ueab4',
  'chevron-up': '\ueab7',
  'settings-gear': '\ueb51',
  'zoom-out': '\ueb82',
  question: '\ueb32',
  'surround-with': '\uec24',
  'type-hierarchy-sub': '\uebba',
  'whole-word': '\ueb7e',
} as const;
export type IconName = keyof typeof ICONS;
