/**
 * A spec to start from with a model that was just downloaded: SAEs come later.
 * @param model as the spec names it
 */
export function modelSpec(model: string): string {
  return `{
  "dmi": 1,
  "model": ${JSON.stringify(model)},

  "sample": {
    "prompt": "a photograph of an astronaut riding a horse",
    "seeds": [0],
    "steps": 20,
    "guidanceScale": 7.5
  }
}
`;
}
