import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import manifest from '../../../package.json';
import english from '../../../package.nls.json';
import japanese from '../../../package.nls.ja.json';
import { commands, contextKeys, schemaScheme, settings, settingsSection, specPattern, views } from '../../../src/editor/ids.ts';

const { contributes } = manifest;
const text = JSON.stringify(manifest);
const keys = [...text.matchAll(/%([\w.]+)%/g)].map(([, key = '']) => key);

describe('manifest', () => {
  it('has the commands of ids.ts, and no others', () => {
    expect(contributes.commands.map(({ command }) => command).sort()).toEqual(Object.values(commands).sort());
  });

  it('names only commands that it has, in menus, keys, walkthrough and welcome texts', () => {
    const own = new Set<string>(Object.values(commands));
    const used = [...`${text}${JSON.stringify(english)}${JSON.stringify(japanese)}`.matchAll(/(?:"command":"|command:|onCommand:)(dmi\.\w+)/g)].map(([, command = '']) => command);
    expect(used.length).toBeGreaterThan(30);
    expect(used.filter((command) => !own.has(command))).toEqual([]);
  });

  it('has the views, the custom editor and the panel of ids.ts', () => {
    expect(contributes.views.dmi.map(({ id }) => id)).toEqual([views.runs]);
    expect(contributes.viewsContainers.activitybar.map(({ id }) => id)).toEqual(Object.keys(contributes.views));
    expect(contributes.customEditors).toMatchObject([{ viewType: views.run, selector: [{ filenamePattern: '**/.dmi/runs/*/run.json' }], priority: 'default' }]);
    expect([...manifest.activationEvents].sort()).toEqual([`onFileSystem:${schemaScheme}`, ...[views.compare, views.sweep, views.timeline].map((view) => `onWebviewPanel:${view}`), `workspaceContains:${specPattern}`]);
    expect(contributes.jsonValidation).toEqual([{ fileMatch: '*.dmi.json', url: `${schemaScheme}://schema/spec.json` }]);
  });

  it('has the settings of ids.ts, and no others', () => {
    expect(Object.keys(contributes.configuration.properties).sort()).toEqual(Object.values(settings).map((key) => `${settingsSection}.${key}`).sort());
  });

  it('lets no folder without trust say which program runs', () => {
    const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    expect(supported).toBe('limited');
    expect(restrictedConfigurations).toContain(`${settingsSection}.${settings.nodePath}`);
    const known = Object.keys(contributes.configuration.properties);
    expect(restrictedConfigurations.filter((key) => !known.includes(key))).toEqual([]);
  });

  it('asks for context keys that somebody sets', () => {
    const asked = new Set([...text.matchAll(/\bdmi\.(?:busy|\w*Busy|is\w+|has\w+)\b/g)].map(([key]) => key));
    expect([...asked]).toEqual(Object.values(contextKeys));
  });

  it('has every text in English and Japanese, and none that nothing names', () => {
    expect(Object.keys(english).sort()).toEqual([...new Set(keys)].sort());
    expect(Object.keys(japanese).sort()).toEqual(Object.keys(english).sort());
  });

  it('leads to files that are there', () => {
    const media = [english, japanese].flatMap((texts) => Object.entries(texts).filter(([key]) => key.endsWith('.media')).map(([, file]) => file));
    const files = [manifest.icon, ...contributes.viewsContainers.activitybar.map(({ icon }) => icon), ...media, `${manifest.l10n}/bundle.l10n.ja.json`];
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
    expect(media).toHaveLength(10);
  });

  it('has an icon of 128 x 128', () => {
    const png = readFileSync(manifest.icon);
    expect([png.toString('latin1', 1, 4), png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual(['PNG', 128, 128]);
  });

  it('leads its first steps to a trace, and on to a model of one\'s own', () => {
    const [{ steps }] = contributes.walkthroughs;
    expect(steps).toHaveLength(5);
    expect(steps.at(-2)?.completionEvents).toEqual([`onCommand:${commands.runTrace}`]);
    expect(steps.at(-1)?.completionEvents).toContain(`onCommand:${commands.downloadModel}`);
    expect(english['walkthrough.trace.description']).toContain(`(command:${commands.runTrace})`);
  });
});
