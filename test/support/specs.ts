/** The whole example of format 1: every part of it, comments and trailing commas included. */
export const fullSpec = `{
  "dmi": 1,
  "model": "builtin:scenes",              // or a folder, relative to this file (diffusers layout, ONNX files)
  "saes": ["builtin:scenes"],             // folders of SAEs; left out: those that lie beside the model
  "judge": "builtin:scenes",              // what measures images; left out: the model's own, if it has one

  "sample": {
    "prompt": "a red house left and a blue tree right, meadow",
    "negativePrompt": "",
    "seeds": [0, 1, 2],                   // CPU seeds of torch.Generator: same seed, same latents as diffusers
    "scheduler": "ddim", "steps": 30, "guidanceScale": 5
  },

  "trace": {                              // left out: all sites that have an SAE, every step, cond branch
    "sites": ["mid_block.attentions.0"],
    "branch": "cond",                     // cond | uncond | both
    "steps": "all",                       // or [0, 10, 29]
    "concepts": { "top": 24, "always": [312, "red house"] }
  },

  "experiments": {
    "house-to-the-right": {
      "why": "does the early mid block decide where things stand?",
      "edits": [
        { "site": "mid_block.attentions.0",
          "concept": "house",             // a number, a label (all concepts that bear it), or a list of either
          "add": 6, "unit": "mean",       // one of add | scale | set | ablate:true
          "where": "right",               // see below
          "elsewhere": "ablate",          // optional: what happens outside \`where\` (keep | ablate)
          "during": "early",              // early | middle | late | all | {"from":1,"to":0.6} | {"steps":[0,12]}
          "branch": "cond" }              // cond | uncond | both | contrast (add to cond, subtract from uncond)
      ],
      "controls": ["identity", "random-concept", "shuffled-region"],
      "measure": ["presence:house", "iou:house", "outside.perceptual", "clip"],
      "expect": { "presence:house": { "min": 0.5 }, "outside.ssim": { "min": 0.85 } }
    }
  },

  "sweeps":   { "when": { "of": "house-to-the-right", "vary": { "/edits/0/during": ["early", "middle", "late"], "/edits/0/add": [2, 4, 8] } } },
  "searches": { "cheapest": { "of": "house-to-the-right", "over": { "/edits/0/add": { "from": 0.5, "to": 32, "log": true } },
                "maximize": "presence:house", "subjectTo": { "outside.perceptual": { "max": 0.25 } }, "budget": { "runs": 64 } } },
  "studies":  { "layout": { "kind": "composition", "prompts": "prompts.txt", "seeds": 4 } },
}
`;

/** A small valid spec with top-level parts replaced or added. */
export function specWith(parts: object): object {
  return { dmi: 1, model: 'models/any', sample: { prompt: 'a house', scheduler: 'ddim' }, ...parts };
}
