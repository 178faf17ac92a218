import { conceptColours, divergingRamp, ramp } from '../../../src/report/ramp.ts';

/** Colours of everything that is painted. Data has its ramps; all else comes from the theme. */
export interface Palette {
  readonly dark: boolean;
  /** Outlines and patterns say what colour says elsewhere. */
  readonly highContrast: boolean;
  /** Strength, from none to most. */
  readonly ramp: readonly string[];
  /** Differences, from the greatest loss to the greatest gain. */
  readonly diverging: readonly string[];
  /** Of ticked concepts, as numbers of `conceptColours`. */
  readonly concepts: readonly string[];
  readonly foreground: string;
  readonly quiet: string;
  readonly background: string;
  readonly rule: string;
  readonly accent: string;
}

/** The palette of the theme that the page has now. */
export function readPalette(body: HTMLElement): Palette {
  const style = getComputedStyle(body);
  const variable = (name: string, otherwise: string): string => style.getPropertyValue(`--vscode-${name}`).trim() || otherwise;
  const dark = !body.classList.contains('vscode-light') && !body.classList.contains('vscode-high-contrast-light');
  const foreground = variable('editor-foreground', dark ? '#cccccc' : '#1f1f1f');
  return {
    dark,
    highContrast: body.classList.contains('vscode-high-contrast') || body.classList.contains('vscode-high-contrast-light'),
    ramp: ramp(dark ? 'dark' : 'light'),
    diverging: divergingRamp(dark ? 'dark' : 'light'),
    concepts: conceptColours,
    foreground,
    quiet: variable('descriptionForeground', foreground),
    background: variable('editor-background', dark ? '#1f1f1f' : '#ffffff'),
    rule: variable('contrastBorder', '') || variable('editorWidget-border', dark ? '#454545' : '#c8c8c8'),
    accent: variable('focusBorder', '#0078d4'),
  };
}

/** Call `changed` whenever the theme does: VS Code then writes the body's class and the variables on the root. */
export function watchTheme(changed: () => void): void {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributeFilter: ['class'] });
  observer.observe(document.documentElement, { attributeFilter: ['style', 'class'] });
}
