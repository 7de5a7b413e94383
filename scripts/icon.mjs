// Draws media/icon.png, which registries show: the walkthrough's sign in white on the banner's colour.
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import sharp from 'sharp';

const { galleryBanner } = JSON.parse(readFileSync('package.json', 'utf8'));
const sign = readFileSync('media/walkthrough/icon.svg', 'utf8').replaceAll('#1a85ff', '#ffffff');
const ground = `<svg width="256" height="256"><rect width="256" height="256" rx="40" fill="${galleryBanner.color}"/></svg>`;
const drawn = await sharp(Buffer.from(sign), { density: 72 * 3 })
  .resize(192)
  .png()
  .toBuffer();
await sharp(Buffer.from(ground))
  .composite([{ input: drawn, gravity: 'centre' }])
  .png({ palette: true })
  .toFile('media/icon.png');
