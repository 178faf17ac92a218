import { english, toPhrase, type Phrase } from '../../base/phrase.ts';
import { html } from '../html.ts';
import type { Content, Html } from '../html.ts';
import { japanese } from '../japanese.ts';
import { inBoth } from '../texts.ts';
import type { Language, Text } from '../texts.ts';

/** Every sentence about experiments and sweeps, once per language. */
const catalogue = {
  experiments: { en: () => 'Experiments: what edits caused', ja: () => '実験: 編集が引き起こしたこと' },
  sweeps: { en: () => 'Sweeps: when and how strongly', ja: () => 'スイープ: いつ、どの強さで' },
  howToRead: {
    en: () => 'Every number is a mean over the seeds, paired with the unedited picture of the same seed; in brackets its 95 % bootstrap interval, n the pictures behind it. A single picture has no interval. Controls stand beside it, over their draws and seeds: an effect is the concept\'s own only where it leaves its controls behind.',
    ja: () => '数値はすべてシードの平均で、同じシードの編集なしの画像と対にしています。括弧内は 95 % ブートストラップ区間、n は元になった画像の数です。画像が 1 枚だけなら区間はありません。隣に対照(抽選とシードの平均)を示します。対照を超えて初めて、その概念自身の効果と言えます。',
  },
  notRun: { en: (names) => `Not run yet: ${names}.`, ja: (names) => `未実行: ${names}。` },
  unreadable: { en: (fault) => `What is stored cannot be read: ${fault}.`, ja: (fault) => `保存された結果を読めません: ${fault}。` },
  stale: { en: () => 'The spec asks something else by now; this is what was measured before.', ja: () => '仕様はその後変わりました。これは以前の測定結果です。' },
  noEdit: { en: () => 'No edit is in force at any step: these runs are the unedited ones.', ja: () => 'どのステップでも編集は効いていません。編集なしの実行と同じです。' },
  editsOf: { en: (name) => `Varies the experiment “${name}”:`, ja: (name) => `実験「${name}」を変化させます:` },
  inShort: {
    en: (name, measure, value, interval) => `${name}: ${measure} ${value}${interval}`,
    ja: (name, measure, value, interval) => `${name}: ${measure} ${value}${interval}`,
  },
  inShortUnedited: { en: (value) => `, unedited ${value}`, ja: (value) => `、編集なし ${value}` },
  inShortControl: { en: (value) => `, random concept ${value}`, ja: (value) => `、無作為な概念 ${value}` },
  unedited: { en: () => 'unedited', ja: () => '編集なし' },
  edited: { en: () => 'edit', ja: () => '編集' },
  gain: { en: () => 'gain', ja: () => '増減' },
  identity: { en: () => 'identity', ja: () => '恒等' },
  'random-concept': { en: () => 'random concept', ja: () => '無作為な概念' },
  'shuffled-region': { en: () => 'shuffled region', ja: () => '領域シャッフル' },
  effect: { en: () => 'Effect', ja: () => '効果' },
  inside: { en: () => 'Inside the region', ja: () => '領域の内側' },
  outside: { en: () => 'Outside the region: harm', ja: () => '領域の外側(害)' },
  whole: { en: () => 'Whole picture: how much changed', ja: () => '画像全体: 変化の大きさ' },
  health: { en: () => 'Health of the network', ja: () => 'ネットワークの健全性' },
  measure: { en: () => 'measure', ja: () => '測定' },
  noMeasures: { en: () => 'Nothing is measured: name measures under "measure".', ja: () => '測定がありません。"measure" に測定名を書いてください。' },
  nothing: { en: () => 'no value', ja: () => '値なし' },
  passed: { en: () => 'holds', ja: () => '成立' },
  failed: { en: () => 'fails', ja: () => '不成立' },
  identityHolds: { en: () => 'Identity: the splice with nothing to do leaves the prediction as it is, bit for bit.', ja: () => '恒等: 何もしない差し込みは予測をビット単位で変えません。' },
  identityBroken: { en: () => 'Identity: the splice alone changes the prediction. Trust no number here.', ja: () => '恒等: 差し込みだけで予測が変わります。ここの数値は信用できません。' },
  identityCells: { en: (holding, checked) => `Identity: bit for bit the same in ${holding} of ${checked} variants checked.`, ja: (holding, checked) => `恒等: 確認した ${checked} 個の変種のうち ${holding} 個でビット単位で同じ。` },
  withoutControl: { en: (reason) => `: left out, ${reason}`, ja: (reason) => `: なし(${reason})` },
  without: { en: () => 'Control', ja: () => '対照' },
  faultOf: { en: (seed, fault) => `Seed ${seed} failed: ${fault}`, ja: (seed, fault) => `シード ${seed} は失敗: ${fault}` },
  faultAt: { en: (place, seed, fault) => `${place}, seed ${seed} failed: ${fault}`, ja: (place, seed, fault) => `${place}、シード ${seed} は失敗: ${fault}` },
  expectations: { en: (passed, all) => `${passed} of ${all} expectations hold in its variants.`, ja: (passed, all) => `変種の期待 ${all} 件中 ${passed} 件が成立。` },
  cost: {
    en: (calls, naive, share) => `Cost: ${calls} U-Net calls; run one by one it would be ${naive} (${share}).`,
    ja: (calls, naive, share) => `費用: U-Net 呼び出し ${calls} 回。1 つずつ実行すれば ${naive} 回(${share})。`,
  },
  seed: { en: (seed) => `seed ${seed}`, ja: (seed) => `シード ${seed}` },
  gone: { en: () => 'no picture', ja: () => '画像なし' },
  plots: { en: () => 'The same, drawn', ja: () => '同じ数値の図' },
  legendPlot: {
    en: () => 'Full dot: edit; hollow: what it is held against; line: 95 % interval; ticks: single seeds; shade: what was expected.',
    ja: () => '黒丸: 編集。白丸: 比べる相手。線: 95 % 区間。目盛: 各シード。網掛け: 期待の範囲。',
  },
  mapOf: { en: (measure) => `Effect: gain of ${measure} against unedited`, ja: (measure) => `効果: 編集なしに対する ${measure} の増減` },
  mapOfComparison: { en: (measure) => `Effect: ${measure}`, ja: (measure) => `効果: ${measure}` },
  mapOfHarm: { en: (measure) => `Harm: ${measure}`, ja: (measure) => `害: ${measure}` },
  mapOfChange: { en: (measure) => `Change of the whole picture: ${measure}`, ja: (measure) => `画像全体の変化: ${measure}` },
  mapOfStrain: { en: (measure) => `Strain on the network: ${measure}`, ja: (measure) => `ネットワークの負荷: ${measure}` },
  mapHint: {
    en: (seed) => `Pictures of seed ${seed}; below each the mean over all seeds with its interval, then its controls (their intervals stand in the table).`,
    ja: (seed) => `画像はシード ${seed}。下に全シードの平均と区間、続いて対照(その区間は表に)。`,
  },
  slice: { en: (place) => `With ${place}:`, ja: (place) => `${place} のとき:` },
  moreSlices: { en: (n) => `${n} more slices stand in the table alone.`, ja: (n) => `他の ${n} 枚は表のみに示します。` },
  tableOf: { en: () => 'All variants', ja: () => 'すべての変種' },
  more: { en: (n) => `${n} more`, ja: (n) => `他 ${n} 個` },
  beyond: { en: (n) => `${n} more variants: see sweep.json.`, ja: (n) => `他の変種 ${n} 個は sweep.json にあります。` },
  efficiency: { en: () => 'What each window achieves', ja: () => '期間ごとの成果' },
  window: { en: () => 'window', ja: () => '期間' },
  greatest: { en: () => 'greatest gain', ja: () => '最大の増加' },
  reachedAt: { en: () => 'reached at', ja: () => '条件' },
  harmThere: { en: (measure) => `${measure} there`, ja: (measure) => `そこでの ${measure}` },
  perHarm: { en: (measure) => `gain per ${measure}`, ja: (measure) => `${measure} あたりの増加` },
  perCall: { en: () => 'gain per added U-Net call', ja: () => '追加の U-Net 1 回あたりの増加' },
  efficiencyHint: {
    en: () => 'Added calls: those of a run beyond the unedited one, from the first step in force to the end. * is the best of its column.',
    ja: () => '追加の呼び出しは、最初に効くステップから最後までのものです。* は列の中で最良です。',
  },
} satisfies Record<string, Record<Language, Text>>;

const windows: Readonly<Record<string, string>> = { early: '序盤', middle: '中盤', late: '終盤', all: '全体' };

/** A value of an axis; windows by name are told in either language. */
export function axisValue({ values, isWindow }: { readonly values: readonly string[]; readonly isWindow: boolean }, index: number): Html {
  const value = values[index];
  return isWindow && Object.hasOwn(windows, value) ? inBoth(value, windows[value]) : html`${value}`;
}

/** `during early, add 4`. @param at which value of each axis */
export function placeOf(axes: readonly { readonly name: string; readonly values: readonly string[]; readonly isWindow: boolean }[], at: readonly number[]): Content {
  return listed(', ', axes.map((axis, index) => html`${axis.name} ${axisValue(axis, at[index])}`));
}

/** Contents with something between them. */
export function listed(between: string, contents: readonly Html[]): Content {
  return contents.map((content, index) => (index === 0 ? content : html`${between}${content}`));
}

/** A key of the catalogue. */
export type StudyTextKey = keyof typeof catalogue;

/** A text in both languages; the page shows one of them. */
export function tell(key: StudyTextKey, ...values: (string | number | Phrase)[]): Html {
  const { en, ja }: Record<Language, Text> = catalogue[key];
  const words = (inLanguage: (sentence: Phrase) => string): string[] => values.map((value) => (typeof value === 'object' ? inLanguage(value) : String(value)));
  return inBoth(en(...words(english)), ja(...words(japanese)));
}

/** A sentence of an outcome in both languages. @param text the same in English: all there is in outcomes of earlier versions */
export function tellPhrase(sentence: Phrase | undefined, text: string): Html {
  const told = sentence ?? toPhrase(text);
  return inBoth(english(told), japanese(told));
}
