import { html } from './html.ts';
import type { Content, Html } from './html.ts';

/** Languages of a report; both stand in the page, and one is shown. */
export type Language = 'en' | 'ja';

/** A sentence, its values put in. */
export type Text = (...values: string[]) => string;

/** Every sentence of the report, once per language. */
const catalogue = {
  title: { en: () => 'What the network knew, and when', ja: () => 'ネットワークは何を、いつ知っていたか' },
  settings: {
    en: (model, scheduler, steps, guidance, seeds) => `${model} · ${scheduler}, ${steps === '1' ? '1 step' : `${steps} steps`}, guidance ${guidance} · ${seeds === '1' ? '1 seed' : `${seeds} seeds`}`,
    ja: (model, scheduler, steps, guidance, seeds) => `${model} · ${scheduler}、${steps} ステップ、ガイダンス ${guidance} · シード ${seeds} 個`,
  },
  negative: { en: (prompt) => `away from: ${prompt}`, ja: (prompt) => `避けるもの: ${prompt}` },
  seed: { en: (seed) => `seed ${seed}`, ja: (seed) => `シード ${seed}` },
  halfSettled: {
    en: (step, steps, t, n) => `By step ${step} of ${steps} (t ${t}), half of the ${n} concepts below that end with a place of their own had found it.`,
    ja: (step, steps, t, n) => `${steps} ステップ中 ${step}(t ${t})までに、下に挙げた概念のうち最後に固有の場所を持つ ${n} 個の半数が、その場所を見つけていました。`,
  },
  firstLast: {
    en: (first, firstStep, last, lastStep) => `First to appear: ${first} (step ${firstStep}). Last: ${last} (step ${lastStep}).`,
    ja: (first, firstStep, last, lastStep) => `最初に現れたもの: ${first}(ステップ ${firstStep})。最後: ${last}(ステップ ${lastStep})。`,
  },
  extent: {
    en: (shown, sites, runs) => `${shown} concepts at ${sites === '1' ? 'one place' : `${sites} places`} of the network, over ${runs === '1' ? 'one run' : `${runs} runs`}.`,
    ja: (shown, sites, runs) => `ネットワークの ${sites} か所、${runs} 回の生成、概念 ${shown} 個。`,
  },
  early: { en: () => 'early', ja: () => '序盤' },
  middle: { en: () => 'middle', ja: () => '中盤' },
  late: { en: () => 'late', ja: () => '終盤' },
  noise: { en: () => 't 1 · noise', ja: () => 't 1 · ノイズ' },
  image: { en: () => 'image · t 0', ja: () => '画像 · t 0' },
  pictures: { en: () => 'The picture the network has in mind, step by step', ja: () => 'ネットワークが思い描く画像(ステップごと)' },
  otherSeeds: { en: () => 'Other seeds', ja: () => '他のシード' },
  where: { en: () => 'When and where', ja: () => 'いつ、どこに' },
  whereHint: {
    en: (seed) => `Colour lies where the concept is active (seed ${seed}); above each row, its strength over the steps.`,
    ja: (seed) => `色のある所で概念が活動しています(シード ${seed})。各行の曲線は強さの推移です。`,
  },
  sites: { en: () => 'All concepts, site by site', ja: () => 'すべての概念(位置別)' },
  siteFacts: {
    en: (cells, n, active) => `${cells} cells · ${active} of ${n} concepts active`,
    ja: (cells, n, active) => `${cells} セル · 概念 ${n} 個中 ${active} 個が活動`,
  },
  uncond: { en: () => 'without the prompt', ja: () => 'プロンプトなし' },
  more: { en: (n) => `${n} more`, ja: (n) => `他 ${n} 個` },
  contextFree: { en: () => 'same in every picture', ja: () => 'どの画像でも同じ' },
  nothing: { en: () => 'No concept is shown here: "top" is 0 and none is asked for.', ja: () => '"top" が 0 で、指定された概念もないため、表示する概念がありません。' },
  onset: { en: () => 'appears', ja: () => '出現' },
  peak: { en: () => 'peak', ja: () => '最大' },
  settle: { en: () => 'settles', ja: () => '場所確定' },
  strength: { en: () => 'strength', ja: () => '強さ' },
  unitStep: { en: () => 'step', ja: () => 'ステップ' },
  unitShare: { en: () => 'picture', ja: () => '画像比' },
  band: { en: () => '95 % over seeds', ja: () => 'シード間の 95 %' },
  legendStrength: {
    en: () => 'strength: share of the picture filled at the usual activation',
    ja: () => '強さ: 普段の活性で画像を満たす割合',
  },
  howTo: { en: () => 'How this was measured', ja: () => '測定方法' },
  howGamma: {
    en: () => 'γ is the mean over the cells of a concept\'s activation z, as the SAE reads it from what the block adds to the residual stream. Strength is γ divided by the concept\'s mean activation where it is active. A curve is scaled to its own maximum; the strip under it has one scale for the whole page.',
    ja: () => 'γ は、ブロックが残差に加えた量を SAE で読んだ概念の活性 z の、全セルにわたる平均です。強さは γ を、その概念が活動しているときの平均で割ったものです。曲線はそれぞれの最大値に合わせ、下の帯はページ全体で同じ目盛です。',
  },
  howMarks: {
    en: () => 'Appears: first step with γ at 10 % of its maximum or more. Peak: step of the greatest γ. Settles (finds its place): first step from which the map, min-max normalised and cut at 0.1, keeps an IoU of 0.5 or more with the last one. Over several seeds: the median, and in brackets the range.',
    ja: () => '出現: γ が最大値の 10 % 以上になる最初のステップ。最大: γ が最大のステップ。場所確定: 最小最大正規化して 0.1 で切った地図が、それ以降ずっと最後の地図と IoU 0.5 以上になる最初のステップ。複数シードでは中央値と、括弧内に範囲を示します。',
  },
  howBand: {
    en: (n) => `Bands: 95 % percentile bootstrap of the mean over ${n} seeds, 400 draws.`,
    ja: (n) => `帯: ${n} シードの平均に対する 95 % パーセンタイル・ブートストラップ(400 回)。`,
  },
  howPreview: {
    en: () => 'A picture at a step is the finished image as the network predicts it at that step.',
    ja: () => '各ステップの画像は、その時点でネットワークが予測する完成画像です。',
  },
  provenance: { en: () => 'Where it comes from', ja: () => '由来' },
  spec: { en: () => 'spec', ja: () => '仕様ファイル' },
  model: { en: () => 'model', ja: () => 'モデル' },
  sae: { en: (site) => `SAE of ${site}`, ja: (site) => `${site} の SAE` },
  run: { en: (seed) => `run, seed ${seed}`, ja: (seed) => `実行、シード ${seed}` },
  engine: { en: () => 'engine', ja: () => 'エンジン' },
  computedBy: { en: () => 'computed by', ja: () => '計算' },
} satisfies Record<string, Record<Language, Text>>;

/** A key of the catalogue. */
export type TextKey = keyof typeof catalogue;

/** A text in both languages; the page shows one of them. */
export function say(key: TextKey, ...values: (string | number)[]): Html {
  const { en, ja }: Record<Language, Text> = catalogue[key];
  const words = values.map(String);
  return inBoth(en(...words), ja(...words));
}

/** The same in both languages, one of them shown. */
export function inBoth(en: Content, ja: Content): Html {
  return html`<span lang="en">${en}</span><span lang="ja">${ja}</span>`;
}
