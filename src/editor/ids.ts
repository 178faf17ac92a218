/** Names that package.json and code share; a slip of the pen is a compile error here and a failed test there (test/unit/editor/manifest). */
export const commands = {
  runTrace: 'dmi.runTrace',
  cancel: 'dmi.cancel',
  openTimeline: 'dmi.openTimeline',
  newSpec: 'dmi.newSpec',
  openReport: 'dmi.openReport',
  showJobs: 'dmi.showJobs',
  showLog: 'dmi.showLog',
  restartEngine: 'dmi.restartEngine',
  measureProviders: 'dmi.measureProviders',
  openRun: 'dmi.openRun',
  compareRuns: 'dmi.compareRuns',
  revealRun: 'dmi.revealRun',
  rerun: 'dmi.rerun',
  deleteRun: 'dmi.deleteRun',
  copyRunSnippet: 'dmi.copyRunSnippet',
  refreshRuns: 'dmi.refreshRuns',
  openExperiment: 'dmi.openExperiment',
  openSweep: 'dmi.openSweep',
  newModelSpec: 'dmi.newModelSpec',
  downloadModel: 'dmi.downloadModel',
  setHubToken: 'dmi.setHubToken',
} as const;

/** Commands that other parts of the editor call with arguments; nobody picks them from a list, so the manifest does not name them. */
export const innerCommands = {
  /** Run everything in a spec, or one part of it. */
  runPart: 'dmi.runPart',
  /** Run folders side by side. */
  openComparison: 'dmi.openComparison',
  /** Find out what the SAEs of a spec were trained on. */
  identifySaes: 'dmi.identifySaes',
  /** The next page of stored runs. */
  moreRuns: 'dmi.moreRuns',
} as const;

export const views = { runs: 'dmi.runs', timeline: 'dmi.timeline', compare: 'dmi.compare', sweep: 'dmi.sweep', run: 'dmi.run', report: 'dmi.report' } as const;

export const contextKeys = { busy: 'dmi.busy' } as const;

/** Section of the settings below. */
export const settingsSection = 'dmiLens';

/** Keys below `dmiLens.`. */
export const settings = {
  threads: 'engine.threads', memoryLimit: 'engine.memoryLimitMb', idle: 'engine.idleMinutes', provider: 'engine.provider', nodePath: 'engine.nodePath', cacheLimit: 'cache.limitMb',
} as const;

/** Scheme of the JSON Schema with live enums. */
export const schemaScheme = 'dmi-schema';

/** Files that hold a spec. */
export const specPattern = '**/*.dmi.json';

/** Specs in editors: on the local disk, or not saved yet. */
export const specSelector = [{ scheme: 'file', pattern: specPattern }, { scheme: 'untitled', pattern: specPattern }] as const;
