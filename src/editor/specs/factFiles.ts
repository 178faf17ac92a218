/**
 * Names of the files that the facts of a spec are read from, and of those that a spec may name: networks, configurations and weights of SAEs in every format (`sae/formats`), what
 * stands beside them, judges, masks and lists of prompts.
 */
export const factFiles = /^(?:(?:dmi-sae|dmi-labels|dmi-sites|cfg|config|hyperparameters|activation_scaler|scheduler_config|model_index|judge)\.json|.+\.(?:safetensors|pth?|onnx|png|txt))$/;
