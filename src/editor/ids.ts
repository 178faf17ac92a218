/** Names that package.json and code share; a slip of the pen is a compile error here and a failed test there (test/unit/manifest). */
export const commands = {
  runTrace: 'dmi.runTrace',
  cancel: 'dmi.cancel',
  openTimeline: 'dmi.openTimeline',
  newSpec: 'dmi.newSpec',
  openReport: 'dmi.openReport',
  showLog: 'dmi.showLog',
  restartEngine: 'dmi.restartEngine',
  openRun: 'dmi.openRun',
  compareRuns: 'dmi.compareRuns',
  revealRun: 'dmi.revealRun',
  rerun: 'dmi.rerun',
  deleteRun: 'dmi.deleteRun',
  copyRunSnippet: 'dmi.copyRunSnippet',
  refreshRuns: 'dmi.refreshRuns',
} as const;

export const views = { runs: 'dmi.runs', timeline: 'dmi.timeline', run: 'dmi.run' } as const;

export const contextKeys = { busy: 'dmi.busy' } as const;

/** Keys below `dmiLens.`. */
export const settings = {
  threads: 'engine.threads', memoryLimit: 'engine.memoryLimitMb', idle: 'engine.idleMinutes', provider: 'engine.provider', nodePath: 'engine.nodePath', cacheLimit: 'cache.limitMb',
} as const;

/** Scheme of the JSON Schema with live enums. */
export const schemaScheme = 'dmi-schema';
