import { commonEn, commonJa } from '../kit/texts.ts';
import type { Language } from '../kit/texts.ts';
import type { LaneKind } from '../../src/report/studies/measurePlot.ts';
import type { MeasureGroup } from '../../src/report/studies/measureGroups.ts';

const kindsEn: Readonly<Record<LaneKind, string>> = { unedited: 'unedited', edited: 'edit', identity: 'identity', 'random-concept': 'random concept', 'shuffled-region': 'shuffled region' };
const kindsJa: typeof kindsEn = { unedited: '編集なし', edited: '編集', identity: '恒等', 'random-concept': '無作為な概念', 'shuffled-region': '領域シャッフル' };
const groupsEn: Readonly<Record<MeasureGroup, string>> = { effect: 'Effect', inside: 'Inside the region', outside: 'Outside the region: harm', whole: 'Whole picture', health: 'Health of the network' };
const groupsJa: typeof groupsEn = { effect: '効果', inside: '領域の内側', outside: '領域の外側(害)', whole: '画像全体', health: 'ネットワークの健全性' };

/** Every text of the panel, once per language. */
const en = {
  ...commonEn,
  // states
  empty: 'This experiment has not run yet.',
  emptyNext: 'Run it: the unedited and the edited run then stand here side by side, with their controls.',
  run: 'Run experiment',
  faults: (n: number) => (n === 1 ? '1 run failed; the others stand.' : `${n} runs failed; the others stand.`),
  faultOf: (run: string, seed: string, fault: string) => `${run}, ${seed}: ${fault}`,
  pairMissing: (fault: string) => `These two runs cannot be compared: ${fault}`,
  pairLoading: 'Reading both runs …',
  cost: (calls: string, naive: string) => `${calls} of ${naive} U-Net calls, the rest shared`,
  // while it runs
  shown: 'Shown', liveRun: 'this run', lastResult: 'last result',
  seedOf: (seed: number, at: number, of: number) => (of === 1 ? `seed ${seed}` : `seed ${seed} (${at} of ${of})`),
  conceptsLater: 'Concepts and measures follow when the experiment has ended.',
  measuresOfLast: 'Of the last result: this run replaces them when it has ended.',
  // choices
  seeds: 'Seed', failedSeed: (seed: string) => `${seed} (failed)`,
  beside: 'Beside the unedited run', draw: (name: string, draw: number) => `${name}, draw ${draw}`,
  kinds: kindsEn,
  differsBy: 'What differs',
  // verdicts
  verdicts: (passed: number, all: number) => `${passed} of ${all} expectations hold`,
  expectations: 'Expectations',
  pass: 'holds', fail: 'fails',
  atLeast: (value: string) => `≥ ${value}`, atMost: (value: string) => `≤ ${value}`,
  identityHolds: 'identity: bit for bit the same', identityBroken: 'identity: the splice alone changes the picture',
  identityHint: 'The splice with nothing to do must leave the prediction as it is.',
  withoutControl: (name: string, reason: string) => `without ${name}: ${reason}`,
  // time
  timeline: 'Both runs, step by step',
  difference: 'difference', differenceOfColour: 'difference of colour', ofFullScale: 'of full scale',
  differenceHint: 'Mean difference of red, green and blue at each pixel of the predicted picture',
  editActs: 'edit acts',
  editWindow: (name: string, first: number, last: number) => (first === last ? `${name}: step ${first}` : `${name}: steps ${first} to ${last}`),
  parts: (step: string) => `They part at ${step}.`, partsShort: 'part', neverPart: 'Both runs are the same in every pixel.',
  partsHint: 'First step whose predicted pictures differ in any pixel',
  // concepts
  concepts: 'Concepts, the most changed first',
  site: 'Site', allSites: 'all sites',
  changedConcepts: (n: number) => `${n} changed`,
  noConcepts: 'No concept changed.', noTraces: 'These runs share no traced site: pictures, but no concepts.',
  measuring: 'Reading the traces …',
  more: (n: number) => `${n} more`, fewer: 'Show fewer',
  change: 'change', unitPicture: 'of picture', atStep: 'at step', from: 'unedited', to: 'edit',
  edited: 'edited', editedHint: 'The edit changes this concept itself',
  option: (name: string, site: string, change: string, step: string, from: string, to: string) => `${name} at ${site}: ${change} of the picture at ${step}, ${from} to ${to}`,
  legendCourses: 'dotted: unedited, solid: beside it',
  legendChange: 'change of strength', legendChangeHint: 'strength: share of the picture filled at the usual activation; edited minus unedited',
  // stage
  slider: 'Left unedited, right edited', sliderText: (share: string) => `line at ${share}`,
  swipe: (subject: string, step: string) => `Left of the line the unedited picture, right of it: ${subject}; ${step}`,
  differenceMap: (step: string) => `Where both pictures differ, ${step}`,
  region: 'region of the edit', regionEverywhere: 'acts everywhere', regionPainted: 'acts in a painted mask, which is not drawn here', mapsOf: (name: string) => `${name}: dotted unedited, solid edited`,
  meanDifference: (value: string) => `${value} on average`,
  // measures
  measures: 'Measures', groups: groupsEn, noMeasures: 'This experiment measures nothing.',
  gain: (value: string, interval: string) => `${value} against unedited (${interval})`,
  interval: (low: string, high: string) => `${low} to ${high}`,
  n: (n: number) => `n ${n}`,
  nothingMeasured: 'no value',
  lane: (kind: string, value: string, interval: string, n: string) => `${kind} ${value} (${interval}, ${n})`,
  legendMeasures: 'dot: mean · line: 95 % interval, bootstrap over seeds (and draws) · ticks: single seeds · shade: expected',
};

const ja: typeof en = {
  ...commonJa,
  empty: 'この実験はまだ実行されていません。',
  emptyNext: '実行すると、編集なしと編集ありの生成が対照と共にここに並びます。',
  run: '実験を実行',
  faults: (n) => `${n} 回の実行が失敗しました。他の結果は有効です。`,
  faultOf: (run, seed, fault) => `${run}、${seed}: ${fault}`,
  pairMissing: (fault) => `この 2 つの実行は比較できません: ${fault}`,
  pairLoading: '2 つの実行を読み込んでいます…',
  cost: (calls, naive) => `U-Net 呼び出し ${naive} 回中 ${calls} 回(残りは共有)`,
  shown: '表示', liveRun: '今回の実行', lastResult: '前回の結果',
  seedOf: (seed, at, of) => (of === 1 ? `シード ${seed}` : `シード ${seed}(${of} 個中 ${at} 個目)`),
  conceptsLater: '概念と測定は実験の終了後に表示されます。',
  measuresOfLast: '前回の結果です。今回の実行が終わると置き換わります。',
  seeds: 'シード', failedSeed: (seed) => `${seed}(失敗)`,
  beside: '編集なしと並べるもの', draw: (name, draw) => `${name} ${draw} 回目`,
  kinds: kindsJa,
  differsBy: '違い',
  verdicts: (passed, all) => `期待 ${all} 件中 ${passed} 件が成立`,
  expectations: '期待',
  pass: '成立', fail: '不成立',
  atLeast: (value) => `≥ ${value}`, atMost: (value) => `≤ ${value}`,
  identityHolds: '恒等: ビット単位で同じ', identityBroken: '恒等: 差し込みだけで画像が変わる',
  identityHint: '何もしない差し込みは予測を変えてはなりません。',
  withoutControl: (name, reason) => `${name}なし: ${reason}`,
  timeline: '2 つの実行をステップごとに',
  difference: '差', differenceOfColour: '色の差', ofFullScale: '最大値比',
  differenceHint: '予測画像の各画素における赤・緑・青の差の平均',
  editActs: '編集中',
  editWindow: (name, first, last) => (first === last ? `${name}: ステップ ${first}` : `${name}: ステップ ${first}〜${last}`),
  parts: (step) => `${step}で分かれます。`, partsShort: '分岐', neverPart: '2 つの実行は全画素で同じです。',
  partsHint: '予測画像のどこかの画素が異なる最初のステップ',
  concepts: '概念(変化の大きい順)',
  site: '位置', allSites: 'すべての位置',
  changedConcepts: (n) => `${n} 個が変化`,
  noConcepts: '変化した概念はありません。', noTraces: '共通に記録された位置がないため、画像のみを表示します。',
  measuring: '記録を読んでいます…',
  more: (n) => `他 ${n} 個`, fewer: '減らす',
  change: '変化', unitPicture: '画像比', atStep: 'ステップ', from: '編集なし', to: '編集',
  edited: '編集対象', editedHint: '編集がこの概念自体を変えます',
  option: (name, site, change, step, from, to) => `${name}(${site}): ${step}で画像の ${change}、${from} から ${to}`,
  legendCourses: '点線: 編集なし、実線: 並べたもの',
  legendChange: '強さの変化', legendChangeHint: '強さ: 普段の活性で画像を満たす割合。編集 − 編集なし',
  slider: '左が編集なし、右が編集', sliderText: (share) => `境界 ${share}`,
  swipe: (subject, step) => `線の左は編集なし、右は${subject}。${step}`,
  differenceMap: (step) => `2 つの画像の違い、${step}`,
  region: '編集の領域', regionEverywhere: '全体に作用', regionPainted: '塗られたマスクに作用(ここでは描きません)', mapsOf: (name) => `${name}: 点線は編集なし、実線は編集`,
  meanDifference: (value) => `平均 ${value}`,
  measures: '測定', groups: groupsJa, noMeasures: 'この実験は何も測定しません。',
  gain: (value, interval) => `編集なしに対して ${value}(${interval})`,
  interval: (low, high) => `${low}〜${high}`,
  n: (n) => `n ${n}`,
  nothingMeasured: '値なし',
  lane: (kind, value, interval, n) => `${kind} ${value}(${interval}、${n})`,
  legendMeasures: '点: 平均 · 線: 95 % 区間(シードと抽選のブートストラップ) · 目盛: 各シード · 網掛け: 期待',
};

export type CompareTexts = typeof en;

export function textsOf(language: Language): CompareTexts {
  return language === 'ja' ? ja : en;
}
