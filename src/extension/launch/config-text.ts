/** What a new run config reads: paths relative to it. */
export interface ConfigData {
  train: string;
  /** Sets to evaluate on, by name. */
  eval: Record<string, string>;
}

/** A preset as `chirality presets --json` lists it. */
export interface Preset {
  name: string;
  about: string;
  recipe: string;
  /** Of its adapter; null where all weights train. */
  rank: number | null;
}

/** A config of one's own: the preset's text, every value in it there to be changed, with the data after its heading. */
export function configText(preset: string, data: ConfigData): string {
  const lines = preset.split('\n');
  const heading = lines.findIndex((line) => !line.startsWith('#'));
  const sets = Object.entries(data.eval).map(([name, path]) => `    ${quoted(name)}: ${quoted(path)}`);
  const section = [
    'data:',
    `  train: ${quoted(data.train)}`,
    ...(sets.length > 0 ? ['  eval:', ...sets] : []),
  ];
  return [...lines.slice(0, heading), ...section, ...lines.slice(heading)].join('\n');
}

/** Plain where YAML reads it as the same text. */
const quoted = (text: string): string => (/^[A-Za-z_][\w./-]*$/.test(text) ? text : JSON.stringify(text));

/** The name of an evaluation set: its file's, or that of its folder where the file is called as the generators call it. */
export function setName(path: string): string {
  const parts = path.replace(/\.qa\.jsonl$/, '').split('/');
  return (parts.at(-1) === 'data' && parts.at(-2)) || parts.at(-1)!;
}

/** When to choose it, and what it costs. */
export function tradeOff({ recipe, rank }: Preset): string {
  const why =
    recipe === 'sft'
      ? 'SFT: for coverage, and where data are scarce'
      : 'GRPO: for precision, and answers that survive another wording';
  return rank === null
    ? why
    : `${why} · LoRA of rank ${rank}: weights to train, memory and time grow with the rank`;
}
