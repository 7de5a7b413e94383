/** Codicons that the panels use, by their names in VS Code, with the codicons' characters in the font. */
export const ICONS = {
  'arrow-swap': '\uebcb',
  play: '\ueb2c',
  'debug-pause': '\uead1',
  eye: '\uea70',
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
  'chevron-left': '\ueab5',
  'chevron-right': '\ueab6',
  'zoom-out': '\ueb82',
  question: '\ueb32',
  terminal: '\uea85',
  output: '\ueb9d',
  'git-compare': '\ueafd',
  'repo-forked': '\uea63',
  pin: '\ueb2b',
  pinned: '\ueba0',
  'screen-full': '\ueb4c',
  'screen-normal': '\ueb4d',
  info: '\uea74',
  'clear-all': '\ueabf',
  'surround-with': '\uec24',
  'type-hierarchy-sub': '\uebba',
  'whole-word': '\ueb7e',
} as const;
export type IconName = keyof typeof ICONS;

/** Codicon. Text next to the codicon must contain its meaning. */
export const Icon = ({ name }: { name: IconName }) => (
  <i class="codicon" aria-hidden="true">
    {ICONS[name]}
  </i>
);
