import { saePlaces } from './saeFiles.ts';

/** Components that are networks; those after the third are only in some pipelines. */
const required = ['unet', 'text_encoder', 'vae_decoder'] as const;
const networks: readonly string[] = [...required, 'text_encoder_2'];
const texts: readonly string[] = ['scheduler', 'tokenizer', 'tokenizer_2'];

/** Weights of other libraries, pictures and pages, which stand beside the ONNX files in many repositories. All else beside an `.onnx` may be its external data, which has any name. */
const foreign = /\.(?:bin|safetensors|msgpack|h5|ckpt|pt|pth|tflite|ot|mlmodel|xml|gguf|ort|engine|plan|png|jpe?g|webp|gif|svg|md|html|py|ipynb|zip|tar|gz|csv|parquet)$|^(?:readme|license)/i;

/** Some repositories keep the ONNX networks in a folder beside those of other libraries, and share the rest. */
const onnxFolder = 'onnx/';

/** Folders (`''` or `a/b/`) that hold a pipeline: `model_index.json` and an ONNX U-Net, perhaps in `onnx/`. */
export function pipelineRoots(paths: readonly string[]): string[] {
  const all = new Set(paths);
  return indexRoots(paths).filter((root) => all.has(`${root}unet/model.onnx`) || (all.has(`${root}${onnxFolder}unet/model.onnx`) && !all.has(`${root}${onnxFolder}model_index.json`)));
}

/** The files of a pipeline where they are read: those in `onnx/` a folder higher, and what they stand for is left out. @param files `to` relative to the pipeline's root */
export function withoutOnnxFolder<T extends { readonly to: string }>(files: readonly T[]): T[] {
  const places = new Set(files.map(({ to }) => to));
  if (places.has('unet/model.onnx') || !places.has(`${onnxFolder}unet/model.onnx`)) return [...files];
  const above = (to: string): string => (to.startsWith(onnxFolder) ? to.slice(onnxFolder.length) : to);
  return files.filter(({ to }) => to.startsWith(onnxFolder) || !places.has(`${onnxFolder}${to}`)).map((file) => ({ ...file, to: above(file.to) }));
}

/** Folders that hold a `model_index.json`, whatever the networks are. */
export function indexRoots(paths: readonly string[]): string[] {
  return paths.filter((path) => path === 'model_index.json' || path.endsWith('/model_index.json')).map((path) => path.slice(0, -'model_index.json'.length)).sort();
}

/** What every pipeline needs and this one lacks. @param paths relative to its root */
export function missingParts(paths: readonly string[]): string[] {
  const all = new Set(paths);
  const second = paths.some((path) => path.startsWith('text_encoder_2/'));
  return [
    ...[...required, ...(second ? ['text_encoder_2'] : [])].map((network) => `${network}/model.onnx`).filter((path) => !all.has(path)),
    ...['tokenizer', ...(second ? ['tokenizer_2'] : []), 'scheduler'].map((folder) => `${folder}/`).filter((folder) => !paths.some((path) => path.startsWith(folder))),
  ];
}

/** Of a pipeline's files those that are read here, its own SAEs and judge among them. @param paths relative to its root */
export function pipelineFiles(paths: readonly string[]): string[] {
  const models = paths.filter((path) => path.endsWith('.onnx'));
  const saes = new Set(saePlaces(paths.filter((path) => path.startsWith('saes/')), false).map(({ path }) => path));
  return paths.filter((path) => {
    const [top, ...rest] = path.split('/');
    if (rest.length === 0) return isOwnText(top);
    if (top === 'saes') return saes.has(path);
    if (top === 'judge') return !foreign.test(rest[rest.length - 1]);
    if (rest.length > 1) return false;
    const [name] = rest;
    if (texts.includes(top)) return /\.(?:json|txt|model)$/.test(name);
    if (top === 'vae') return name === 'config.json';
    if (!networks.includes(top) || foreign.test(name)) return false;
    if (name.endsWith('.onnx')) return name === 'model.onnx';
    const owner = models.find((model) => path.startsWith(model)); // `model_fp16.onnx_data`
    return owner === undefined || owner === `${top}/model.onnx`;
  });
}

/** What stands at the top of a repository and is worth having: what it is, under which terms, and notes of ours. */
export function isOwnText(name: string): boolean {
  return name === 'model_index.json' || /^(?:licen[cs]e|notice|use.?policy)[^/]*$|^readme\.md$/i.test(name) || /^dmi-(?!pull\.)[\w-]+\.json$/.test(name);
}
