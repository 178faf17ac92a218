/** Version of the engine; part of what defines a run, so that a change of its results never meets older ones. */
export const engineVersion = '0.3.0';
