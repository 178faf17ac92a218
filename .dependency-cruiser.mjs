/** The floors of the house, top first: a room may import only from itself and from rooms below it. */
const floors = [
  '^src/(extension|cli)\\.ts$',
  '^src/(commands|editor)/',
  '^src/engine/',
  '^src/report/',
  '^src/study/',
  '^src/experiment/',
  '^src/concepts/',
  '^src/sae/',
  '^src/judge/',
  '^src/instrument/',
  '^src/diffusion/',
  '^src/onnx/',
  '^src/spec/',
  '^src/hub/',
  '^src/base/',
];

const climbing = floors.slice(1).map((floor, index) => ({
  name: `no-climbing-from-${floor.replace(/\^src\/|\/$/g, '')}`,
  severity: 'error',
  comment: 'Arrows point down the list in ARCHITECTURE.md.',
  from: { path: floor },
  to: { path: floors.slice(0, index + 1) },
}));

export default {
  forbidden: [
    ...climbing,
    {
      name: 'one-door-to-onnxruntime',
      severity: 'error',
      comment: 'ONNX Runtime is native code; only one file loads it.',
      from: { path: '^src/', pathNot: '^src/onnx/session\\.ts$' },
      to: { path: 'onnxruntime' },
    },
    {
      name: 'vscode-stays-upstairs',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(editor/|extension\\.ts$)' },
      to: { path: '^vscode$' },
    },
    {
      name: 'nothing-is-fetched-unasked',
      severity: 'error',
      comment: 'Only what people call by name may reach for the network.',
      from: { path: '^src/', pathNot: '^src/(hub|commands|editor)/' },
      to: { path: '^src/hub/' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.mjs', '.json'] },
  },
};
