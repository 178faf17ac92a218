import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { HubServer, pipelineRepository, type HubRepository } from '../../support/hubServer.ts';
import { eventually } from '../support/eventually.ts';
import { runMocha } from '../support/runMocha.ts';
import { inWorkspace, openSpec, smallSpec } from '../support/workspace.ts';

/** Answers to what the window asks, in the order in which it asks; people are not there. */
interface Answers {
  input?: string | undefined;
  /** Part of the label of the choice that is taken. */
  pick?: string | readonly string[];
  /** Part of the button that is pressed, by words of the message. */
  buttons?: Readonly<Record<string, string>>;
}

const said: { message: string; detail: string; modal: boolean; buttons: readonly string[] }[] = [];
const askedFor: vscode.InputBoxOptions[] = [];
const offered: { title: string; labels: readonly string[] }[] = [];
let answers: Answers = {};

/** `DMI: Download Model` against a hub on loopback; what the window asks is answered here. */
export function run(): Promise<void> {
  return runMocha('downloading', () => {
    let hub: HubServer;
    const { showInputBox, showQuickPick, showInformationMessage, showErrorMessage } = vscode.window;

    before(async () => {
      hub = await HubServer.start();
      hub.repositories['org/tiny'] = pipelineRepository();
      hub.repositories['org/private'] = { ...pipelineRepository(), token: 'hf_of_the_test' };
      hub.repositories['org/torch'] = { files: { 'model_index.json': '{}', 'unet/diffusion_pytorch_model.safetensors': 'x' } };
      hub.repositories['org/branched'] = { files: { 'model_index.json': '{}', 'unet/diffusion_pytorch_model.safetensors': 'x' }, branches: ['main', 'onnx'] };
      const scenes = join(vscode.extensions.getExtension('dmi-lens.dmi-lens')?.extensionPath ?? '', 'models/scenes');
      const weights = (site: string): HubRepository['files'] => Object.fromEntries(['cfg.json', 'sae_weights.safetensors'].map((file) => [`layers/${site}/${file}`, readFileSync(join(scenes, 'saes', site, file))]));
      hub.repositories['org/many'] = { files: { 'README.md': 'about', ...weights('mid_block.attentions.0'), ...weights('up_blocks.0.attentions.0') } };
      hub.repositories['org/saes'] = { files: { 'unet.up_blocks.1.attentions.1/sae.safetensors': 'x', 'unet.up_blocks.1.attentions.1/cfg.json': '{}' } };
      Object.assign(process.env, { HF_ENDPOINT: hub.endpoint, HF_TOKEN: '', HUGGING_FACE_HUB_TOKEN: '', HF_TOKEN_PATH: inWorkspace('no-token') });
      const message = (...[text, ...rest]: unknown[]): Promise<string | undefined> => {
        const options = rest.find((one): one is vscode.MessageOptions => typeof one === 'object');
        const buttons = rest.filter((one): one is string => typeof one === 'string');
        said.push({ message: String(text), detail: options?.detail ?? '', modal: options?.modal ?? false, buttons });
        const wanted = Object.entries(answers.buttons ?? {}).find(([words]) => String(text).includes(words))?.[1];
        return Promise.resolve(wanted === undefined ? undefined : buttons.find((button) => button.includes(wanted)));
      };
      Object.assign(vscode.window, {
        showInputBox: (options: vscode.InputBoxOptions) => {
          askedFor.push(options);
          return Promise.resolve(answers.input);
        },
        showQuickPick: (items: readonly vscode.QuickPickItem[], { title = '', canPickMany = false }: vscode.QuickPickOptions) => {
          offered.push({ title, labels: items.map(({ label, description = '' }) => `${label} ${description}`) });
          const wanted = [answers.pick ?? ''].flat();
          const picked = items.filter(({ label }) => wanted.some((words) => label.includes(words)));
          return Promise.resolve(canPickMany ? picked : picked.at(0));
        },
        showInformationMessage: message,
        showErrorMessage: message,
      });
    });
    beforeEach(() => {
      answers = {};
      said.length = 0;
      askedFor.length = 0;
      offered.length = 0;
    });
    after(async () => {
      Object.assign(vscode.window, { showInputBox, showQuickPick, showInformationMessage, showErrorMessage });
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      await hub.stop();
    });

    it('fetches nothing before its size was shown and confirmed', async () => {
      answers = { input: 'org/tiny', pick: 'models/tiny' };
      await vscode.commands.executeCommand('dmi.downloadModel');
      const [confirmation] = said;
      assert.equal(confirmation.message, 'Download org/tiny?');
      assert.equal(confirmation.modal, true);
      assert.match(confirmation.detail, /^A pipeline, 14 files, 510 kB, of commit [0-9a-f]{12}\nfrom 127\.0\.0\.1:\d+\ninto .*models.tiny$/);
      assert.deepEqual(confirmation.buttons, ['Download 510 kB']);
      assert.equal(existsSync(inWorkspace('models')), false);
      assert.deepEqual(hub.requests.filter(({ url }) => url.includes('/resolve/')), []);
    });

    it('says at once what is no name, and takes the address of a page', async () => {
      await vscode.commands.executeCommand('dmi.downloadModel');
      const check = askedFor[0].validateInput?.bind(askedFor[0]);
      assert.equal(check?.('org/tiny'), undefined);
      assert.equal(check?.(`${hub.endpoint}/org/tiny/tree/onnx`), undefined);
      assert.match(JSON.stringify(check?.('../x')), /Write owner\/name/);
    });

    it('fetches a pipeline, and writes a spec with it', async () => {
      answers = { input: 'org/tiny', pick: 'models/tiny', buttons: { 'Download org/tiny?': 'Download', 'is right': 'New Spec' } };
      await vscode.commands.executeCommand('dmi.downloadModel');
      assert.equal(readFileSync(inWorkspace('models/tiny/unet/config.json'), 'utf8'), '{"in_channels":4,"sample_size":8}');
      assert.equal(existsSync(inWorkspace('models/tiny.partial')), false);
      assert.match(said.at(-1)?.message ?? '', /^tiny: downloaded, and every checksum is right\.$/);
      const document = await eventually('the spec', () => vscode.window.activeTextEditor?.document, (one) => one?.fileName.endsWith('tiny.dmi.json') === true);
      assert.match(document.getText(), /"model": "models\/tiny"/);
      assert.match(document.getText(), /"steps": 20,\s+"guidanceScale": 7\.5/);
      // Git passes the folder over, the list of models does not
      assert.deepEqual((await vscode.workspace.findFiles('**/model_index.json')).map(({ fsPath }) => fsPath), [inWorkspace('models/tiny/model_index.json')]);
    });

    it('fetches nothing twice', async () => {
      hub.requests.length = 0;
      answers = { input: 'org/tiny', pick: 'models/tiny' };
      await vscode.commands.executeCommand('dmi.downloadModel');
      assert.deepEqual(said.map(({ message }) => message), ['tiny: there already, and every checksum is right.']);
      assert.deepEqual(hub.requests.filter(({ url }) => url.includes('/resolve/')), []);
    });

    it('fetches SAEs, and tells how a spec names them', async () => {
      answers = { input: 'org/saes', pick: 'saes/saes', buttons: { 'Download org/saes?': 'Download', 'is right': 'Copy' } };
      await vscode.commands.executeCommand('dmi.downloadModel');
      assert.deepEqual(readdirSync(inWorkspace('saes/saes')).sort(), ['.gitignore', 'dmi-pull.json', 'unet.up_blocks.1.attentions.1']);
      assert.equal(await vscode.env.clipboard.readText(), '"saes": ["saes/saes"]');
    });

    it('lets people choose among SAEs, puts them into a spec and finds out what they were trained on', async () => {
      const site = 'mid_block.attentions.0';
      const editor = await openSpec('receiving.dmi.json', smallSpec({}, { saes: [] }));
      answers = { input: 'org/many', pick: [`layers/${site}`, 'saes/many', 'receiving.dmi.json', 'update of'], buttons: { 'Download org/many?': 'Download', 'is right': 'Use in' } };
      await vscode.commands.executeCommand('dmi.downloadModel');
      assert.deepEqual(offered.map(({ title }) => title), ['Which SAEs of org/many?', 'Where to?', 'In which spec?', `What was ${site} trained on?`]);
      assert.match(offered[0].labels.join(), /^layers\/mid_block\.attentions\.0 \d+ kB,layers\/up_blocks\.0\.attentions\.0 \d+ kB$/);
      const folder = inWorkspace('saes/many/layers', site);
      assert.deepEqual(readdirSync(folder).sort(), ['.gitignore', 'README.md', 'cfg.json', 'dmi-pull.json', 'dmi-sae.json', 'sae_weights.safetensors']);
      assert.deepEqual((JSON.parse(editor.document.getText()) as { saes: string[] }).saes, [`saes/many/layers/${site}`]);
      assert.equal((JSON.parse(readFileSync(join(folder, 'dmi-sae.json'), 'utf8')) as { site: string }).site, site);

      // another one later, beside it; by the address of its folder
      answers = { input: `${hub.endpoint}/org/many/tree/main/layers/up_blocks.0.attentions.0`, pick: 'saes/many/layers/up', buttons: { 'Download org/many?': 'Download' } };
      await vscode.commands.executeCommand('dmi.downloadModel');
      assert.deepEqual(readdirSync(inWorkspace('saes/many/layers')).sort(), [site, 'up_blocks.0.attentions.0']);
    }).timeout(180_000);

    it('leads on where there are no ONNX files: to a branch, or to an export', async () => {
      answers = { input: 'org/torch', buttons: { 'org/torch': 'Copy Command' } };
      await vscode.commands.executeCommand('dmi.downloadModel');
      assert.equal(await vscode.env.clipboard.readText(), 'optimum-cli export onnx --model org/torch models/torch');
      hub.requests.length = 0;
      answers = { input: 'org/branched', buttons: { 'org/branched': 'Look at Branch onnx' } };
      // here that branch holds the same
      const end = vscode.commands.executeCommand('dmi.downloadModel');
      await eventually('the branch is looked at', () => hub.requests.some(({ url }) => url.endsWith('/revision/onnx')), (looked) => looked);
      answers = {};
      await end;
    });

    it('asks for a token where one is needed, keeps it in the store of secrets, and goes on', async () => {
      hub.requests.length = 0;
      answers = { input: 'org/private', pick: 'models/private' };
      await vscode.commands.executeCommand('dmi.downloadModel');
      assert.match(said[0].message, /^org\/private: does not exist, or is not public\. Check the name\./);
      assert.deepEqual(said[0].buttons, ['Set Hub Token', 'Open Page']);
      said.length = 0;

      answers = { input: 'hf_of_the_test' };
      await vscode.commands.executeCommand('dmi.setHubToken');
      assert.equal(askedFor.at(-1)?.password, true);
      answers = { input: 'org/private', pick: 'models/private', buttons: { 'Download org/private?': 'Download' } };
      await vscode.commands.executeCommand('dmi.downloadModel');
      assert.match(said.find(({ modal }) => modal)?.detail ?? '', /\nwith the token of this editor$/);
      assert.equal(existsSync(inWorkspace('models/private/unet/model.onnx_data')), true);
      assert.deepEqual(hub.requests.filter(({ server, headers }) => server === 'storage' && headers.authorization !== undefined), []);
      assert.doesNotMatch(JSON.stringify(said), /hf_of_the_test/);

      answers = { input: '' };
      await vscode.commands.executeCommand('dmi.setHubToken');
      assert.match(said.at(-1)?.message ?? '', /removed/);
    });

    it('says what went wrong, and what to do', async () => {
      hub.meddle = ({ url }, response) => url.includes('/resolve/') && url.includes('unet/model.onnx_data') && Boolean(response.writeHead(200).end(Buffer.alloc(300_000, 'tampered')));
      hub.repositories['org/bad'] = pipelineRepository();
      answers = { input: 'org/bad', pick: 'models/bad', buttons: { 'Download org/bad?': 'Download' } };
      await vscode.commands.executeCommand('dmi.downloadModel');
      assert.match(said.at(-1)?.message ?? '', /^org\/bad: what arrived as "unet\/model\.onnx_data" is not what the hub lists .* Pull again;/);
      assert.equal(existsSync(inWorkspace('models/bad')), false);
      hub.meddle = () => false;
    });
  });
}
