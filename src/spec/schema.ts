import * as Type from 'typebox';
import type { Static, TSchema } from 'typebox';
import { recordOf } from '../base/recordOf.ts';
import { schedulerNames, schedulerTexts } from './schedulerNames.ts';

/**
 * Format 1 of `*.dmi.json`. This one source yields the TypeScript types (`Static`), the JSON Schema for completion
 * (`jsonSchema.ts`) and the validator (`validate.ts`). Every part carries its description in English and, as `x-ja`, in Japanese.
 */

const strict = { additionalProperties: false } as const;

function text(en: string, ja: string): { description: string; 'x-ja': string } {
  return { description: en, 'x-ja': ja };
}

/** One of a few words. */
function words<const W extends string>(names: readonly W[], options: object = {}) {
  return Type.Unsafe<W>({ type: 'string', enum: [...names], ...options });
}

/** Descriptions of an object's keys; JSON Schema knows them as `propertyNames`. */
function keys(en: string, ja: string): { propertyNames: object } {
  return { propertyNames: text(en, ja) };
}

/** An object whose keys are names that people choose. */
function named<S extends TSchema>(item: S, options: object) {
  return recordOf(item, {
    pattern: '^[^_./\\\\\\s\\u0000-\\u001f][^/\\\\\\u0000-\\u001f]{0,79}$', ...strict, maxProperties: 1000,
    ...keys('A name of up to 80 characters: no slash, and no dot, space or underscore at its start.', '80 文字までの名前。スラッシュは不可、先頭のドット・空白・下線は不可。'),
    ...options,
  });
}

const path = { minLength: 1, maxLength: 1024, pattern: '^[^\\u0000]+$' } as const;
const step = { minimum: 0, maximum: 999 } as const;
const coordinate = Type.Number({ minimum: 0, maximum: 1 });
const time = { minimum: 0, maximum: 1 } as const;
/** Wide enough for the paper's strengths (4000), narrow enough that float32 activations stay finite. */
const amount = { minimum: -1e6, maximum: 1e6 } as const;

const Branch = words(['cond', 'uncond', 'both'], text(
  'Half of classifier-free guidance: with the prompt, without it, or both.', '分類器なしガイダンスのどちら側か: プロンプトあり、なし、両方。'));

const ConceptName = Type.Union([
  Type.Integer({ minimum: 0, maximum: 1e7, ...text('Number of a concept: a latent of the SAE.', '概念の番号(SAE の潜在変数)。') }),
  Type.String({ minLength: 1, maxLength: 200, ...text('Label: every concept that bears it.', 'ラベル: それを持つすべての概念。') }),
]);

const measurePattern = '^(?:(?:presence|iou|centre):[^\\u0000-\\u001f]{1,100}|clip|(?:(?:inside|outside)\\.)?(?:perceptual|ssim|mse)|ood)$';
const measureText = text(
  'presence:NOUN, iou:NOUN or centre:NOUN; clip; perceptual, ssim or mse, also as inside. and outside. the region; ood.',
  'presence:名詞、iou:名詞、centre:名詞、clip、perceptual・ssim・mse(領域の内側 inside. と外側 outside. も可)、ood。');
const Measure = Type.String({ pattern: measurePattern, ...measureText });
const Bounds = Type.Object({
  min: Type.Optional(Type.Number({ ...amount, ...text('Least accepted value.', '許容される最小値。') })),
  max: Type.Optional(Type.Number({ ...amount, ...text('Greatest accepted value.', '許容される最大値。') })),
}, { ...strict, minProperties: 1 });

function boundsByMeasure(options: object) {
  return recordOf(Bounds, {
    pattern: measurePattern, ...strict, maxProperties: 100, propertyNames: measureText, ...options,
  });
}

/** Places that have a name, in image coordinates. */
export const regionNames = [
  'everywhere', 'left', 'right', 'top', 'bottom', 'center', 'top-left', 'top-right', 'bottom-left', 'bottom-right',
] as const;

export const Region = Type.Union([
  words(regionNames, text('A named part of the picture.', '画面の名前付きの部分。')),
  Type.Object({
    box: Type.Tuple([coordinate, coordinate, coordinate, coordinate], text('[left, top, right, bottom].', '[左, 上, 右, 下]。')),
  }, strict),
  Type.Object({
    polygon: Type.Array(Type.Tuple([coordinate, coordinate]), {
      minItems: 3, maxItems: 1000, ...text('Corners [x, y] in order.', '頂点 [x, y] を順に。'),
    }),
  }, strict),
  Type.Object({
    mask: Type.String({ ...path, ...text('A PNG beside this file; white is inside.', 'このファイルと同じ場所の PNG。白が内側。') }),
  }, strict),
  Type.Object({
    concept: ConceptName,
    above: Type.Optional(Type.Number({
      ...time, default: 0.1, ...text('Cut of the min-max normalised map; 0.1 where left out.', '最小最大正規化した地図のしきい値。省略時 0.1。'),
    })),
  }, strict),
], text(
  'Where: image coordinates in [0,1], origin top left.', '場所: 画像座標 [0,1]、原点は左上。'));

const windowNames = ['early', 'middle', 'late', 'all'] as const;

export const Window = Type.Union([
  words(windowNames, text('early: t in [0.6,1]; middle: [0.2,0.6]; late: [0,0.2].', 'early: t が [0.6,1]、middle: [0.2,0.6]、late: [0,0.2]。')),
  Type.Object({
    from: Type.Number({ ...time, ...text('Diffusion time at the start: 1 is noise.', '開始の拡散時刻。1 がノイズ。') }),
    to: Type.Number({ ...time, ...text('Diffusion time at the end: 0 is the image.', '終了の拡散時刻。0 が画像。') }),
  }, strict),
  Type.Object({
    steps: Type.Tuple([Type.Integer(step), Type.Integer(step)], text('First and last step, both included.', '最初と最後のステップ(両端を含む)。')),
  }, strict),
], text('When: a stretch of diffusion time, closed at both ends.', 'いつ: 拡散時刻の区間(両端を含む)。'));

const Edit = Type.Object({
  site: Type.String({ minLength: 1, maxLength: 200, ...text('Place in the network, e.g. mid_block.attentions.0.', 'ネットワーク内の位置。例: mid_block.attentions.0。') }),
  concept: Type.Union([
    ConceptName,
    Type.Array(ConceptName, { minItems: 1, maxItems: 256, uniqueItems: true }),
  ], text('A number, a label, or a list of either.', '番号、ラベル、またはそのリスト。')),
  add: Type.Optional(Type.Number({ ...amount, ...text('Add this much of the concept, in `unit`.', '概念をこの量だけ加える(単位は unit)。') })),
  scale: Type.Optional(Type.Number({ ...amount, ...text('Multiply the concept: 0 removes, -1 inverts.', '概念を乗算する: 0 で除去、-1 で反転。') })),
  set: Type.Optional(Type.Number({ ...amount, ...text('Set the concept to this value, in `unit`.', '概念をこの値にする(単位は unit)。') })),
  ablate: Type.Optional(Type.Literal(true, text('Remove the concept.', '概念を除去する。'))),
  unit: Type.Optional(words(['raw', 'mean', 'norm', 'share'], {
    default: 'mean', ...text(
      'raw: 1; mean: mean activation where active; norm: length of z at the cell; share: that over its sum. mean where left out.',
      'raw: 1、mean: 活動時の平均、norm: そのセルの z の長さ、share: その総和に対する割合。省略時 mean。'),
  })),
  where: Type.Optional(Region),
  elsewhere: Type.Optional(words(['keep', 'ablate'], {
    default: 'keep', ...text('What happens outside `where`; keep where left out.', 'where の外側の扱い。省略時 keep。'),
  })),
  during: Type.Optional(Window),
  branch: Type.Optional(words(['cond', 'uncond', 'both', 'contrast'], {
    default: 'cond', ...text('contrast: add to cond, subtract from uncond; cond where left out.', 'contrast: cond に加え uncond から引く。省略時 cond。'),
  })),
}, {
  ...strict,
  oneOf: ['add', 'scale', 'set', 'ablate'].map((key) => ({ required: [key] })),
  ...text('One change at one site; exactly one of add, scale, set, ablate.', '一か所での一つの変更。add・scale・set・ablate のうち一つだけ。'),
});

export const Experiment = Type.Object({
  why: Type.Optional(Type.String({ maxLength: 2000, ...text('The question this answers.', 'この実験が答える問い。') })),
  edits: Type.Array(Edit, { minItems: 1, maxItems: 64, ...text('What is changed; edits at one site sum.', '変更の内容。同じ場所の変更は足し合わされる。') }),
  controls: Type.Optional(Type.Array(words(['identity', 'random-concept', 'shuffled-region']), {
    maxItems: 3, uniqueItems: true, ...text('Runs to compare with.', '比較のための実行。'),
  })),
  measure: Type.Optional(Type.Array(Measure, {
    maxItems: 100, uniqueItems: true, ...text('What is measured on the pictures.', '画像で何を測るか。'),
  })),
  expect: Type.Optional(boundsByMeasure(text('Bounds that the measures must keep.', '測定値が守るべき範囲。'))),
}, { ...strict, ...text('Edits that are made together, and how to judge them.', '同時に行う変更と、その評価。') });

const experimentName = Type.String({ minLength: 1, maxLength: 80, ...text('Name of an experiment in this file.', 'このファイル内の実験の名前。') });
const pointer = '^(?:/(?:[^~/]|~[01])*)+$';
const pointerKeys = keys('A JSON pointer into the experiment, e.g. /edits/0/add.', '実験内の JSON ポインター。例: /edits/0/add。');

const Sweep = Type.Object({
  of: experimentName,
  vary: recordOf(Type.Array(Type.Unknown(), { minItems: 1, maxItems: 256 }), {
    pattern: pointer, ...strict, minProperties: 1, maxProperties: 8, ...pointerKeys,
    ...text('JSON pointers into the experiment, each with its values.', '実験内の JSON ポインターと、その値の一覧。'),
  }),
}, strict);

const Range = Type.Object({
  from: Type.Number(amount),
  to: Type.Number(amount),
  log: Type.Optional(Type.Boolean({ default: false, ...text('Search on a logarithmic scale.', '対数目盛で探す。') })),
}, strict);

const Search = Type.Object({
  of: experimentName,
  over: recordOf(Range, {
    pattern: pointer, ...strict, minProperties: 1, maxProperties: 8, ...pointerKeys,
    ...text('JSON pointers into the experiment, each with its range.', '実験内の JSON ポインターと、その範囲。'),
  }),
  maximize: Measure,
  subjectTo: Type.Optional(boundsByMeasure(text('Limits, e.g. on harm.', '制約。例えば副作用の上限。'))),
  budget: Type.Optional(Type.Object({
    runs: Type.Integer({ minimum: 1, maximum: 100_000, ...text('Most runs to spend.', '実行回数の上限。') }),
  }, strict)),
}, strict);

const Study = Type.Object({
  kind: words(['composition'], text('composition: the layout predicted at each step.', 'composition: 各ステップで予測される構図。')),
  prompts: Type.String({ ...path, ...text('A text file beside this one, a prompt per line.', 'このファイルと同じ場所の、一行一プロンプトのテキスト。') }),
  seeds: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 1, ...text('Seeds per prompt.', 'プロンプトごとのシード数。') })),
}, strict);

/** What a sample is where the spec leaves it out. */
export const sampleDefaults = { negativePrompt: '', seeds: [0], steps: 30, guidanceScale: 5 };

const Sample = Type.Object({
  prompt: Type.String({ maxLength: 2000, ...text('What the picture should show.', '画像に描くもの。') }),
  negativePrompt: Type.Optional(Type.String({
    maxLength: 2000, default: sampleDefaults.negativePrompt, ...text('What guidance steers away from.', 'ガイダンスが避けるもの。'),
  })),
  seeds: Type.Optional(Type.Array(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), {
    minItems: 1, maxItems: 1000, uniqueItems: true, default: sampleDefaults.seeds,
    ...text('CPU seeds of torch.Generator: same seed, same noise as diffusers.', 'torch.Generator の CPU シード。diffusers と同じノイズになる。'),
  })),
  scheduler: Type.Optional(words(schedulerNames, {
    enumDescriptions: schedulerTexts.en, 'x-ja-enum': schedulerTexts.ja,
    ...text("The sampler; the pipeline's own where left out.", 'サンプラー。省略時はパイプライン自身のもの。'),
  })),
  steps: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: sampleDefaults.steps, ...text('Number of denoising steps; some samplers ask the network more often.', 'ノイズ除去のステップ数。サンプラーによっては、ネットワークを呼ぶ回数はこれより多い。') })),
  guidanceScale: Type.Optional(Type.Number({
    minimum: 0, maximum: 100, default: sampleDefaults.guidanceScale, ...text('Strength of classifier-free guidance; 1 or less: none.', '分類器なしガイダンスの強さ。1 以下なら無効。'),
  })),
  guidanceRescale: Type.Optional(Type.Number({
    minimum: 0, maximum: 1, default: 0,
    ...text('How far guidance is held to the spread of the prompted prediction; for v-prediction models, 0.7.', 'ガイダンス後の予測を、プロンプト付き予測の広がりにどこまで合わせるか。v 予測モデルでは 0.7。'),
  })),
}, { ...strict, ...text('What is generated.', '何を生成するか。') });

const Trace = Type.Object({
  sites: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
    minItems: 1, maxItems: 256, uniqueItems: true, ...text('Places to read; all that have an SAE where left out.', '読み取る位置。省略時は SAE のあるすべて。'),
  })),
  branch: Type.Optional(Branch),
  steps: Type.Optional(Type.Union([
    words(['all']),
    Type.Array(Type.Integer(step), { minItems: 1, maxItems: 1000, uniqueItems: true }),
  ], text('"all", or a list of steps counted from 0.', '"all"、または 0 から数えたステップのリスト。'))),
  concepts: Type.Optional(Type.Object({
    top: Type.Optional(Type.Integer({
      minimum: 0, maximum: 1000, default: 24, ...text('The strongest concepts per site to report.', '位置ごとに報告する上位の概念の数。'),
    })),
    always: Type.Optional(Type.Array(ConceptName, {
      maxItems: 256, uniqueItems: true, ...text('Concepts to report in any case.', '必ず報告する概念。'),
    })),
  }, { ...strict, ...text('Which concepts are reported.', 'どの概念を報告するか。') })),
}, { ...strict, ...text('What is read while it generates.', '生成中に何を読み取るか。') });

export const Spec = Type.Object({
  dmi: Type.Literal(1, text('Version of this format.', 'この形式の版。')),
  model: Type.String({
    ...path, ...text('builtin:scenes, or a folder relative to this file (diffusers layout, ONNX files).',
      'builtin:scenes、またはこのファイルからの相対フォルダー(diffusers 形式、ONNX)。'),
  }),
  saes: Type.Optional(Type.Array(Type.String(path), {
    minItems: 1, maxItems: 64, uniqueItems: true, ...text('Folders of SAEs; those beside the model where left out.', 'SAE のフォルダー。省略時はモデルの隣にあるもの。'),
  })),
  judge: Type.Optional(Type.String({ ...path, ...text("What measures images; the model's own where left out.", '画像を測るもの。省略時はモデル付属のもの。') })),
  sample: Sample,
  trace: Type.Optional(Trace),
  experiments: Type.Optional(named(Experiment, text('Interventions by name.', '名前付きの介入。'))),
  sweeps: Type.Optional(named(Sweep, text('An experiment over many values.', '多くの値での実験。'))),
  searches: Type.Optional(named(Search, text('The cheapest edit that reaches a goal.', '目標に届く最も安い変更を探す。'))),
  studies: Type.Optional(named(Study, text('Many runs and one answer.', '多くの実行から一つの答え。'))),
}, { ...strict, ...text('One question about one model.', '一つのモデルへの一つの問い。') });

/** A spec as it stands in the file: what is left out is absent. */
export type Spec = Static<typeof Spec>;
export type Region = Static<typeof Region>;
export type Window = Static<typeof Window>;
export type Edit = Static<typeof Edit>;
export type Experiment = Static<typeof Experiment>;
