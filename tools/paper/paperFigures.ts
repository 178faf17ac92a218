import type { WindowName } from './samples.ts';

/** What the paper reports (Tinaz, Fabian and Soltanolkotabi, arXiv 2504.15473): Stable Diffusion v1.4, 50 steps of DDIM, guidance 7.5. */
export const paper: Readonly<Record<WindowName, { placed: string; random: string; clip: string; success: string; lpips: string }>> = {
  early: { placed: '0.80', random: '0.25', clip: '+0.007', success: '0.69', lpips: '0.653' },
  middle: { placed: '0.35', random: '0.25', clip: '+0.021', success: '0.93', lpips: '0.385' },
  late: { placed: '0.23', random: '0.25', clip: '+0.006', success: '0.78', lpips: '0.114' },
};
