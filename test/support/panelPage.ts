import type { PanelData, ToPanel } from '../../webview/protocol.ts';

/** What a page makes of the messages that fill it: the last data with all that followed it. */
export function panelPage(messages: readonly ToPanel[]): PanelData {
  const start = messages.findLastIndex(({ type }) => type === 'data');
  const first = messages.at(start);
  if (first?.type !== 'data') throw new Error('no data came');
  const { data } = first;
  const runs = data.runs.map((run) => ({
    ...run, previews: [...run.previews], filled: [...run.filled],
    codes: run.codes.map(({ indices, values }, site) => {
      const { height, width, k } = data.sites[site];
      const length = data.steps.length * height * width * k;
      return indices.length > 0 ? { indices, values } : { indices: new Int32Array(length), values: new Float32Array(length) };
    }),
  }));
  let { state, stale } = data;
  for (const message of messages.slice(start + 1)) {
    if (message.type === 'image') runs[message.run] = { ...runs[message.run], image: message.image, folder: message.folder };
    if (message.type === 'state') ({ state, stale } = message);
    if (message.type !== 'step') continue;
    const run = runs[message.run];
    run.previews[message.column] = message.preview;
    run.filled[message.column] = true;
    for (const [site, { indices, values }] of message.codes.entries()) {
      run.codes[site].indices.set(indices, message.column * indices.length);
      run.codes[site].values.set(values, message.column * values.length);
    }
  }
  return { ...data, runs, state, stale };
}
