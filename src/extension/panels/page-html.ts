/**
 * The document of a webview: nothing but our own bundle runs in it, and pictures come as bytes (blob:), never by
 * address. What the page begins with is data of an element.
 */
export function pageHtml(page: {
  script: string;
  style: string;
  cspSource: string;
  nonce: string;
  memory: unknown;
}): string {
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${page.nonce}'`,
    `style-src ${page.cspSource}`,
    `font-src ${page.cspSource}`,
    `img-src blob:`,
  ].join('; ');
  const memory = JSON.stringify(page.memory).replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${page.style}">
<title>Chirality</title>
</head>
<body>
<div id="app" data-memory="${memory}"></div>
<script nonce="${page.nonce}" src="${page.script}"></script>
</body>
</html>`;
}
