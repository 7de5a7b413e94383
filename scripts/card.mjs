/**
 * The card of a pair as one page, which loads nothing: its script and its styles stand in it.
 * @param {import('esbuild').OutputFile[]} files of its bundle
 */
export function cardPage(files) {
  const text = (/** @type {string} */ ending) => files.find(({ path }) => path.endsWith(ending))?.text ?? '';
  const script = text('.js').replaceAll('</script', '<\\/script');
  const style = text('.css').replaceAll('</style', '<\\/style');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Pair</title><style>${style}</style></head><body class="vscode-light"><script>${script}</script></body></html>\n`;
}
