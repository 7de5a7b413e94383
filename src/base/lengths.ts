/** Length of each unit in metres. */
export const LENGTHS = {
  m: 1,
  cm: 0.01,
  mm: 0.001,
  km: 1000,
  in: 0.0254,
  ft: 0.3048,
  yd: 0.9144,
  mile: 1609.344,
} as const;
export type LengthUnit = keyof typeof LENGTHS;

const ABBREVIATIONS: Readonly<Record<LengthUnit, string>> = {
  m: 'm',
  cm: 'cm cms',
  mm: 'mm mms',
  km: 'km kms',
  in: 'in ins',
  ft: 'ft fts',
  yd: 'yd yds',
  mile: 'mi',
};
const SPELLINGS: Readonly<Record<LengthUnit, string>> = {
  m: 'meter meters metre metres',
  cm: 'centimeter centimeters centimetre centimetres',
  mm: 'millimeter millimeters millimetre millimetres',
  km: 'kilometer kilometers kilometre kilometres',
  in: 'inch inches',
  ft: 'foot feet',
  yd: 'yard yards',
  mile: 'mile miles',
};

const index = (table: Readonly<Record<LengthUnit, string>>): [string, LengthUnit][] =>
  Object.entries(table).flatMap(([unit, names]) =>
    names.split(' ').map((name): [string, LengthUnit] => [name, unit as LengthUnit]),
  );
const spelledOut = new Map(index(SPELLINGS));
const all = new Map([...index(ABBREVIATIONS), ...spelledOut]);

/** Returns the unit that a word or abbreviation stands for, ignoring case. Null for other texts. */
export function lengthUnit(name: string): LengthUnit | null {
  return all.get(name.toLowerCase()) ?? null;
}

/** Returns whether a text is the full name of a unit ("foot", not "ft"). */
export const isUnitName = (name: string): boolean => spelledOut.has(name);

/** Converts a length to metres. Returns null if the unit is unknown. */
export function metres({ n, unit }: { n: number; unit: string }): number | null {
  const named = lengthUnit(unit);
  return named && n * LENGTHS[named];
}
