/** Samplers by their names in a spec, each with a few words in English and Japanese. */
const descriptions = {
  'ddim': ['DDIM: deterministic, one call a step', 'DDIM: 決定的、1 ステップにつき 1 回'],
  'ddpm': ['DDPM: fresh noise at every step', 'DDPM: 各ステップで新しいノイズを加える'],
  'pndm': ['PNDM (PLMS): goes by the last four predictions', 'PNDM(PLMS): 直近 4 回の予測を使う'],
  'lms': ['Linear multistep over noise levels', '線形多段法(ノイズレベル上)'],
  'euler': ["Euler's method over noise levels", 'オイラー法(ノイズレベル上)'],
  'euler-ancestral': ["Euler's method with fresh noise at every step", '各ステップで新しいノイズを加えるオイラー法'],
  'heun': ["Heun's method: every step but the last asks the U-Net twice", 'ホイン法: 最後を除き各ステップで U-Net を 2 回呼ぶ'],
  'dpmpp-2m': ['DPM-Solver++ multistep; order and Karras sigmas by the pipeline', 'DPM-Solver++ 多段法。次数や Karras シグマはパイプラインの設定による'],
  'dpmpp-2m-sde': ['DPM-Solver++ multistep with fresh noise at every step', '各ステップで新しいノイズを加える DPM-Solver++ 多段法'],
  'unipc': ['UniPC: predictor and corrector', 'UniPC: 予測子・修正子法'],
  'lcm': ['LCM: few steps, for latent consistency models', 'LCM: 潜在一貫性モデル用、少ないステップ'],
  'flow-euler': ["Euler's method for flow-matching models", 'フローマッチングモデル用のオイラー法'],
} as const;

export type SchedulerName = keyof typeof descriptions;
export const schedulerNames = Object.keys(descriptions) as readonly SchedulerName[];

/** In the order of the names. */
export const schedulerTexts: { readonly en: readonly string[]; readonly ja: readonly string[] } = {
  en: schedulerNames.map((name) => descriptions[name][0]),
  ja: schedulerNames.map((name) => descriptions[name][1]),
};

/** How often a U-Net is asked in so many steps, at least and at most. @param scheduler undefined: any */
export function callsOf(scheduler: SchedulerName | undefined, steps: number): readonly [least: number, most: number] {
  switch (scheduler) {
    case 'heun': return [2 * steps - 1, 2 * steps - 1];
    case 'pndm': return steps === 1 ? [1, 1] : [steps + 1, steps + 9]; // without Runge and Kutta's steps, and with them
    case undefined: return [steps, Math.max(2 * steps - 1, steps + 9)];
    default: return [steps, steps];
  }
}
