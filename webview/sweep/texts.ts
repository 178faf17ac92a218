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
  seeds: 'Pictures of seed', effect: 'Effect', harm: 'Harm', rows: 'Down', columns: 'Across',
  effectTitle: (measure: string) => `Effect: gain of ${measure} against unedited`, harmTitle: (measure: string) => `Harm: ${measure}`,
  cell: (place: string, effect: string, harm: string) => `${place}: effect ${effect}, harm ${harm}`,
  failedIn: (n: number) => (n === 1 ? '1 run failed' : `${n} runs failed`),
  atValue: (axis: string, value: string) => `${axis} ${value}`,
  nothing: 'no value', withInterval: (value: string, low: string, high: string, n: number) => `${value} (${low} to ${high}, n\u00a0${n})`,
  keys: 'Arrow keys choose a variant, Enter compares it step by step.',
  chosen: 'Chosen variant', unedited: 'unedited', edited: 'edit', open: 'Compare step by step',
  trades: 'Effect against harm', front: 'Pareto front: most effect for its harm', tradesHint: 'dot: mean · whiskers: 95 % interval, bootstrap over seeds',
  tradesSpoken: (best: string) => `Effect against harm. On the Pareto front: ${best}`, noTrades: 'No variant has both measures.',
  efficiency: (axis: string) => `What each ${axis} achieves`,
  greatest: 'greatest effect', reachedAt: 'reached at', harmThere: 'harm there', perHarm: 'effect per harm', perCall: 'effect per U-Net call', perCallHint: 'U-Net calls of a run beyond the unedited one: from the first step in force to the end',
  noEfficiency: 'Efficiency is told of effects: presence, iou, centre, clip.',
  picture: (place: string) => `Picture of ${place}`, uneditedPicture: 'Unedited picture',
  window: (name: string) => name, windowName: 'window', gainOf: (measure: string) => `gain of ${measure}`,
};

const windowsJa: Readonly<Record<string, string>> = { early: '序盤', middle: '中盤', late: '終盤', all: '全体' };

const ja: typeof en = {
  ...commonJa,
  empty: 'このスイープはまだ実行されていません。',
  emptyNext: '実行すると、実験のすべての変種が効果と害を添えた画像としてここに並びます。',
  run: 'スイープを実行',
  of: (name) => `対象: ${name}`,
  cost: (calls, naive) => `U-Net 呼び出し ${naive} 回中 ${calls} 回(残りは共有)`,
  seeds: '画像のシード', effect: '効果', harm: '害', rows: '縦', columns: '横',
  effectTitle: (measure) => `効果: 編集なしに対する ${measure} の増加`, harmTitle: (measure) => `害: ${measure}`,
  cell: (place, effect, harm) => `${place}: 効果 ${effect}、害 ${harm}`,
  failedIn: (n) => `${n} 回の実行が失敗`,
  atValue: (axis, value) => `${axis} ${value}`,
  nothing: '値なし', withInterval: (value, low, high, n) => `${value}(${low}〜${high}、n\u00a0${n})`,
  keys: '矢印キーで変種を選び、Enter でステップごとに比較します。',
  chosen: '選んだ変種', unedited: '編集なし', edited: '編集', open: 'ステップごとに比較',
  trades: '効果と害', front: 'パレート前線: 害に対して最大の効果', tradesHint: '点: 平均 · 線: 95 % 区間(シードのブートストラップ)',
  tradesSpoken: (best) => `効果と害。パレート前線: ${best}`, noTrades: '両方の測定を持つ変種がありません。',
  efficiency: (axis) => `${axis} ごとの成果`,
  greatest: '最大の効果', reachedAt: '条件', harmThere: 'その害', perHarm: '害あたりの効果', perCall: 'U-Net 1 回あたりの効果', perCallHint: '編集なしの実行に加わる U-Net 呼び出し: 最初に効くステップから最後まで',
  noEfficiency: '効率は効果(presence、iou、centre、clip)についてのみ示します。',
  picture: (place) => `${place} の画像`, uneditedPicture: '編集なしの画像',
  window: (name) => (name in windowsJa ? windowsJa[name] : name), windowName: '期間', gainOf: (measure) => `${measure} の増加`,
};

export type SweepTexts = typeof en;

export function textsOf(language: Language): SweepTexts {
  return language === 'ja' ? ja : en;
}
