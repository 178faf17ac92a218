import { readdir, realpath } from 'node:fs/promises';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { findChromium } from '../../tools/vscode/browser.ts';

/** glibc's `RTLD_NODELETE`: the library stays although it is no module of Node. */
const keepLoaded = 0x1000;

/** The manifest of another driver that tests of WebGPU run on, such as Mesa's lavapipe from version 25 on, which knows half precision: `lvp_icd.json`. The system's loader is used with it. */
const chosenDriver = process.env.DMI_VULKAN_DRIVER;

/**
 * The Vulkan driver that Chromium brings along, SwiftShader, which computes on the CPU: with it WebGPU works on a machine without a GPU. From here on this process finds it.
 * @returns variables with which a child finds it, too; undefined where it cannot be had, which is said on stderr
 */
export async function softwareVulkan(): Promise<Record<string, string> | undefined> {
  if (chosenDriver !== undefined) {
    process.env.VK_ICD_FILENAMES = chosenDriver;
    return { VK_ICD_FILENAMES: chosenDriver };
  }
  const folder = await findDriver().catch((error: unknown) => {
    process.stderr.write(`Tests of WebGPU are skipped: ${(error as Error).message}\n`);
    return undefined;
  });
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

/** Debian starts Chromium by a script elsewhere; others put it beside its libraries. @throws Error with what is missing */
async function findDriver(): Promise<string> {
  if (process.platform !== 'linux') throw new Error('the software driver is tested on Linux only');
  const chromium = await realpath(await findChromium());
  for (const folder of [dirname(chromium), '/usr/lib/chromium', '/usr/lib/chromium-browser']) {
    const names = await readdir(folder).catch((): string[] => []);
    if (['libvk_swiftshader.so', 'vk_swiftshader_icd.json', 'libvulkan.so.1'].every((name) => names.includes(name))) return folder;
  }
  throw new Error(`${chromium} comes without SwiftShader`);
}
