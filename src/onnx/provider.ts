/** What computes where nothing is said: the execution provider that every build of ONNX Runtime has. */
export const defaultProvider = 'cpu';
