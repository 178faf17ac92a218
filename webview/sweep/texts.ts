import { commonEn, commonJa } from '../kit/texts.ts';
import type { Language } from '../kit/texts.ts';

/** Every text of the panel, once per language. */
const en = {
  ...commonEn,
  empty: 'This sweep has not run yet.',
  emptyNext: 'Run it: every variant of the experiment then stands here as a picture, with its effect and its harm.',
  run: 'Run sweep',
  of: (name: string) => `varies ${name}`,
  cost: (calls: number, naive: number) => `${calls} of ${naive} U-Net calls, the rest shared`,
  seeds: 'Pictures of seed', effect: 'Effect', harm: 'Against', rows: 'Down', columns: 'Across',
  effectTitle: (measure: string) => `Effect: gain of ${measure} against unedited`, comparisonTitle: (measure: string) => `Effect: ${measure}`,
  harmTitles: { harm: (measure: string) => `Harm: ${measure}`, change: (measure: string) => `Change of the whole picture: ${measure}`, strain: (measure: string) => `Strain on the network: ${measure}` },
  harmWords: { harm: 'harm', change: 'change', strain: 'strain' },
  cell: (place: string, effect: string) => `${place}: effect ${effect}`, andHarm: (word: string, harm: string) => `, ${word} ${harm}`,
  noPicture: 'no picture',
  failedIn: (n: number) => (n === 1 ? '1 run failed' : `${n} runs failed`),
  atValue: (axis: string, value: string) => `${axis} ${value}`,
  nothing: 'no value', withInterval: (value: string, low: string, high: string, n: number) => `${value} (${low} to ${high}, n\u00a0${n})`,
  keys: 'Arrow keys choose a variant, Enter compares it step by step.',
  chosen: 'Chosen variant', unedited: 'unedited', edited: 'edit', open: 'Compare step by step',
  trades: (word: string) => `Effect against ${word}`, front: (word: string) => `Pareto front: most effect for its ${word}`, tradesHint: 'dot: mean · whiskers: 95 % interval, bootstrap over seeds',
  tradesSpoken: (title: string, best: string) => `${title}. On the Pareto front: ${best}`, noTrades: 'No variant has both measures.',
  noHarm: 'Nothing here measures what an effect costs: name outside.perceptual, ssim or ood under "measure".',
  efficiency: (axis: string) => `What each ${axis} achieves`, efficiencyOfWindows: 'What each window achieves',
  greatest: 'greatest effect', reachedAt: 'reached at', there: (measure: string) => `${measure} there`, perHarm: (measure: string) => `effect per ${measure}`, perCall: 'effect per U-Net call', perCallHint: 'U-Net calls of a run beyond the unedited one: from the first step in force to the end',
  noEfficiency: 'Efficiency is told of effects: presence, iou, centre, clip.',
  picture: (place: string) => `Picture of ${place}`, uneditedPicture: 'Unedited picture',
  window: (name: string) => name, gainOf: (measure: string) => `gain of ${measure}`,
};

const windowsJa: Readonly<Record<string, string>> = { early: '序盤', middle: '中盤', late: '終盤', all: '全体' };

const ja: typeof en = {
  ...commonJa,
  empty: 'このスイープはまだ実行されていません。',
  emptyNext: '実行すると、実験のすべての変種が効果と害を添えた画像としてここに並びます。',
  run: 'スイープを実行',
  of: (name) => `対象: ${name}`,
  cost: (calls, naive) => `U-Net 呼び出し ${naive} 回中 ${calls} 回(残りは共有)`,
  seeds: '画像のシード', effect: '効果', harm: '比べるもの', rows: '縦', columns: '横',
  effectTitle: (measure) => `効果: 編集なしに対する ${measure} の増加`, comparisonTitle: (measure) => `効果: ${measure}`,
  harmTitles: { harm: (measure) => `害: ${measure}`, change: (measure) => `画像全体の変化: ${measure}`, strain: (measure) => `ネットワークの負荷: ${measure}` },
  harmWords: { harm: '害', change: '変化', strain: '負荷' },
  cell: (place, effect) => `${place}: 効果 ${effect}`, andHarm: (word, harm) => `、${word} ${harm}`,
  noPicture: '画像なし',
  failedIn: (n) => `${n} 回の実行が失敗`,
  atValue: (axis, value) => `${axis} ${value}`,
  nothing: '値なし', withInterval: (value, low, high, n) => `${value}(${low}〜${high}、n\u00a0${n})`,
  keys: '矢印キーで変種を選び、Enter でステップごとに比較します。',
  chosen: '選んだ変種', unedited: '編集なし', edited: '編集', open: 'ステップごとに比較',
  trades: (word) => `効果と${word}`, front: (word) => `パレート前線: ${word}に対して最大の効果`, tradesHint: '点: 平均 · 線: 95 % 区間(シードのブートストラップ)',
  tradesSpoken: (title, best) => `${title}。パレート前線: ${best}`, noTrades: '両方の測定を持つ変種がありません。',
  noHarm: '効果の代償を測る測定がありません。"measure" に outside.perceptual、ssim、ood などを書いてください。',
  efficiency: (axis) => `${axis} ごとの成果`, efficiencyOfWindows: '期間ごとの成果',
  greatest: '最大の効果', reachedAt: '条件', there: (measure) => `そこでの ${measure}`, perHarm: (measure) => `${measure} あたりの効果`, perCall: 'U-Net 1 回あたりの効果', perCallHint: '編集なしの実行に加わる U-Net 呼び出し: 最初に効くステップから最後まで',
  noEfficiency: '効率は効果(presence、iou、centre、clip)についてのみ示します。',
  picture: (place) => `${place} の画像`, uneditedPicture: '編集なしの画像',
  window: (name) => (Object.hasOwn(windowsJa, name) ? windowsJa[name] : name), gainOf: (measure) => `${measure} の増加`,
};

export type SweepTexts = typeof en;

export function textsOf(language: Language): SweepTexts {
  return language === 'ja' ? ja : en;
}
