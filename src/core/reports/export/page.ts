import { htmlText } from '../../escape.ts';

/**
 * Writes one HTML file that loads nothing and runs no script, under its title as heading.
 * @param page `body` is markup, `title` is text; with `pictures`, the body may show pictures from data: URLs
 */
export function htmlPage({
  title,
  style,
  body,
  pictures = false,
}: {
  title: string;
  style: string;
  body: string;
  pictures?: boolean;
}): string {
  const policy = `default-src 'none'; ${pictures ? 'img-src data:; ' : ''}style-src 'unsafe-inline'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${htmlText(title)}</title>
<style>html { background: Canvas; color: CanvasText; }${style}</style>
</head>
<body>
<main>
<h1>${htmlText(title)}</h1>
${body}
</main>
</body>
</html>
`;
}
