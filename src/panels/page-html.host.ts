/**
 * Hash of an empty style, the only allowed inline style: the UI toolkit tests the browser with an empty style element.
 */
const EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";

/**
 * Returns the HTML document of a webview. Only Chirality's bundle runs in the webview; the nonce also covers the
 * bundle's imports. Images arrive as bytes (blob:), never by URL. A data attribute contains the page's initial state.
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
    `style-src ${page.cspSource} ${EMPTY_STYLE}`,
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
<script type="module" nonce="${page.nonce}" src="${page.script}"></script>
</body>
</html>`;
}
