import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { runTool } from './runTool.ts';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];
const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** A headless Chromium: that of the variable CHROMIUM, or of the system; on a bare Debian it is installed first. @throws Error with what to do */
export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await findChromium(), headless: true, args: flags });
}

/** Its path. @throws Error as `openBrowser` */
export async function findChromium(): Promise<string> {
  const find = () => process.env.CHROMIUM ?? places.find((place) => existsSync(place));
  if (find() === undefined && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    process.stderr.write('Installing Chromium for the tests ...\n');
    await runTool('apt-get', ['update', '-q'], '/');
    await runTool('apt-get', ['install', '-q', '-y', '--no-install-recommends', 'chromium'], '/');
  }
  const found = find();
  if (found === undefined) throw new Error('no Chromium found: install it (Debian: apt-get install chromium), or set CHROMIUM to its path');
  return found;
}
