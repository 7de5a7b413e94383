/** Common encodings of tables, by their WHATWG labels, UTF-8 first. */
export const ENCODINGS = [
  'utf-8',
  'windows-1252',
  'iso-8859-2',
  'windows-1250',
  'windows-1251',
  'windows-1254',
  'macintosh',
  'utf-16le',
  'gb18030',
  'big5',
  'shift_jis',
  'euc-kr',
] as const;
