import { readdir, realpath } from 'node:fs/promises';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { findChromium } from '../../tools/vscode/browser.ts';

/** glibc's `RTLD_NODELETE`: the library stays although it is no module of Node. */
const keepLoaded = 0x1000;

/**
 * The Vulkan driver that Chromium brings along, SwiftShader, which computes on the CPU: with it WebGPU works on a machine without a GPU. From here on this process finds it.
 * @returns variables with which a child finds it, too; undefined where there is none: it is for Linux. @throws Error where Chromium is missing and cannot be installed
 */
export async function softwareVulkan(): Promise<Record<string, string> | undefined> {
  if (process.platform !== 'linux') return undefined;
  const folder = await driverFolder(await realpath(await findChromium()));
  if (folder === undefined) return undefined;
  const variables = { VK_ICD_FILENAMES: join(folder, 'vk_swiftshader_icd.json'), LD_LIBRARY_PATH: [folder, process.env.LD_LIBRARY_PATH].filter((path) => path !== undefined).join(delimiter) };
  process.env.VK_ICD_FILENAMES = variables.VK_ICD_FILENAMES;
  try {
    // The loader looks for libraries where LD_LIBRARY_PATH said when the process started; one that is loaded already is found by its name.
    process.dlopen({ exports: {} }, join(folder, 'libvulkan.so.1'), constants.dlopen.RTLD_NOW | keepLoaded);
  } catch (error) {
    if (!(error as Error).message.includes('did not self-register')) throw error;
  }
  return variables;
}

/** Debian starts Chromium by a script elsewhere; others put it beside its libraries. */
async function driverFolder(chromium: string): Promise<string | undefined> {
  for (const folder of [dirname(chromium), '/usr/lib/chromium', '/usr/lib/chromium-browser']) {
    const names = await readdir(folder).catch((): string[] => []);
    if (['libvk_swiftshader.so', 'vk_swiftshader_icd.json', 'libvulkan.so.1'].every((name) => names.includes(name))) return folder;
  }
  return undefined;
}
