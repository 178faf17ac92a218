"""Goldens of random configurations: what diffusers' schedulers make of each, or that they raise an error or come to NaN.

`schedulerFuzz.py [COUNT [SEED]]` writes goldens/schedulerFuzz.json (name here, configuration, number of steps; for those that fail, why) and .safetensors: `start` and `constant` [64]; `timesteps`, all
runs' one after the other; `samples` [calls, 8]: of every call the scaled input and the sample after it, every 16th value. The "U-Net" is x -> x/2 + c, with c rolled by one value a call. Keys are drawn from
those of all classes. Square roots, logarithms and exponentials are rounded correctly here, as they are not in every build of torch and numpy: their last bit moves timesteps that are cut off to whole
numbers, and shows where a small difference is left of large numbers. Needs scipy.
"""
import json
import random
import sys
import warnings
from pathlib import Path

import diffusers
import numpy as np
import torch
from safetensors.torch import save_file

from schedulerPictures import CLASSES

warnings.filterwarnings("ignore")
np.seterr(all="ignore")
diffusers.utils.logging.set_verbosity_error()
HERE = Path(__file__).resolve().parent
SHAPE = (1, 4, 4, 4)
NAMES = {**CLASSES, "flow-euler": "FlowMatchEulerDiscreteScheduler"}
SD = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
SPACINGS = [f"use_{kind}" for kind in ("karras_sigmas", "exponential_sigmas", "beta_sigmas", "lu_lambdas", "flow_sigmas")]
BOOLEANS = ["clip_sample", "set_alpha_to_one", "lower_order_final", "euler_at_final", "predict_x0", "stochastic_sampling", "skip_prk_steps"]
VALUES = {
    "prediction_type": ["epsilon", "epsilon", "v_prediction", "v_prediction", "sample", "flow_prediction"], "timestep_spacing": ["linspace", "leading", "trailing"],
    "steps_offset": [0, 1, 1, 2, 7], "clip_sample_range": [0.5, 1.0, 2.0], "thresholding": [True, False, False], "dynamic_thresholding_ratio": [0.0, 0.5, 0.9, 0.995, 1.0],
    "sample_max_value": [0.5, 1.0, 1.5, 10.0], "rescale_betas_zero_snr": [True, False], "final_sigmas_type": ["zero", "sigma_min"], "solver_order": [1, 2, 3, 3, 4, 5],
    "solver_type": ["midpoint", "heun", "bh1", "bh2", "logrho"], "algorithm_type": ["dpmsolver", "dpmsolver++", "sde-dpmsolver", "sde-dpmsolver++", "deis"], "lambda_min_clipped": [-5.1, -3.0, -10.0, 0.0],
    "variance_type": ["fixed_small", "fixed_small_log", "fixed_large", "fixed_large_log", "learned", None], "interpolation_type": ["linear", "log_linear"], "timestep_type": ["discrete", "continuous"],
    "sigma_min": [None, 0.002, 0.1], "sigma_max": [None, 80.0, 10.0, 0.9], "disable_corrector": [[], [0], [0, 1], [3, 50], [-1]], "original_inference_steps": [50, 100, 25, 7, 1000], "timestep_scaling": [10.0, 5.0, 1.0],
    "shift": [1.0, 3.0, 0.5, 7], "shift_terminal": [None, 0.1, 0.02], "invert_sigmas": [False, False, True], "use_dynamic_shifting": [False, False, False, True], "flow_shift": [1.0, 3.0, 0.7],
    **{key: [True, False] for key in BOOLEANS},
}
OFTEN = {"prediction_type": 0.5, "timestep_spacing": 0.6, "steps_offset": 0.4, "rescale_betas_zero_snr": 0.15, "use_dynamic_shifting": 0.08, "invert_sigmas": 0.1}


def round_correctly():
    def correct(name, function):
        torch_own = getattr(torch, name)

        def rounded(x):
            return torch.from_numpy(np.asarray(function(x.double().numpy()))).float().reshape(x.shape) if x.dtype == torch.float32 else torch_own(x)
        setattr(torch, name, rounded)
        setattr(torch.Tensor, name, rounded)
    for name in ("sqrt", "log", "exp", "expm1"):
        correct(name, getattr(np, name))
    power, log = torch.Tensor.__pow__, np.log
    torch.Tensor.__pow__ = lambda x, by: torch.sqrt(x) if isinstance(by, float) and by == 0.5 else power(x, by)
    np.log = lambda x: log(x.astype(np.float64)).astype(np.float32) if getattr(x, "dtype", None) == np.float32 else log(x)


def draw(rng, name):
    count = rng.choice([1000] * 6 + [100, 400, 999, 2000, 50, 25])
    config = {key: rng.choice(values) for key, values in VALUES.items() if rng.random() < OFTEN.get(key, 0.3)}
    betas = rng.random()
    if betas < 0.45:
        config |= SD
    elif betas < 0.93 or count > 100:
        config["beta_schedule"] = rng.choice(["linear", "scaled_linear", "squaredcos_cap_v2", "squaredcos_cap_v2", "sigmoid", "laplace", "exp"])
        if rng.random() < 0.5:
            config |= dict(beta_start=rng.choice([0.0001, 0.001, 0.00085]), beta_end=rng.choice([0.02, 0.03, 0.012]))
    else:
        config["trained_betas"] = [round(rng.uniform(0.0001, 0.02), 4) for _ in range(count)]
    config |= {key: True for key in rng.sample(SPACINGS, rng.choice([0] * 9 + [1] * 10 + [2]))}
    if config.get("use_flow_sigmas") and rng.random() < 0.8:
        config["prediction_type"] = "flow_prediction"
    own = NAMES[name] if name == "flow-euler" or rng.random() < 0.6 else rng.choice(list(CLASSES.values()))
    return {"_class_name": own, "num_train_timesteps": count, **config}


def make(name, config):
    given = config.get("algorithm_type", "dpmsolver++")
    other = name.startswith("dpmpp") and given.startswith("sde-") != (name == "dpmpp-2m-sde")
    return getattr(diffusers, NAMES[name]).from_config(dict(config), **(dict(algorithm_type="sde-dpmsolver++" if name == "dpmpp-2m-sde" else "dpmsolver++") if other else {}))


def run(scheduler, steps, start, constant):
    scheduler.set_timesteps(steps)
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(0)
    generator = torch.Generator().manual_seed(7)
    torch.randn(SHAPE, generator=generator)
    extra = dict(generator=generator) if "generator" in scheduler.step.__code__.co_varnames else {}
    sample, rows = start * float(getattr(scheduler, "init_noise_sigma", 1.0)), []
    for index, timestep in enumerate(scheduler.timesteps):
        scaled = scheduler.scale_model_input(sample, timestep) if hasattr(scheduler, "scale_model_input") else sample
        sample = scheduler.step(0.5 * scaled + torch.roll(constant, -index), timestep, sample, **extra).prev_sample
        rows.append(torch.cat([scaled.flatten()[::16], sample.flatten()[::16]]))
    return scheduler.timesteps.double(), torch.stack(rows)


def main(count=240, seed=1):
    round_correctly()
    rng = random.Random(seed)
    start, constant = (torch.randn(SHAPE, generator=torch.Generator().manual_seed(number)) for number in (0, 1))
    cases, timesteps, samples = [], [], []
    for index in range(count):
        name = list(NAMES)[index % len(NAMES)]
        config, steps = draw(rng, name), rng.choice([1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 15, 16, 20, 25, 30, 40, 49, 50])
        case = dict(name=name, config=config, steps=steps)
        try:
            visited, rows = run(make(name, config), steps, start, constant)
        except Exception as error:
            case["fails"] = f"{type(error).__name__}: {str(error)[:80]}"
        else:
            if torch.isfinite(rows).all():
                case["calls"] = len(visited)
                timesteps.append(visited)
                samples.append(rows)
            else:
                case["fails"] = "not finite"
        cases.append(case)
    save_file({"start": start.flatten(), "constant": constant.flatten(), "timesteps": torch.cat(timesteps), "samples": torch.cat(samples)}, HERE / "goldens/schedulerFuzz.safetensors")
    (HERE / "goldens/schedulerFuzz.json").write_text(json.dumps({"diffusers": diffusers.__version__, "cases": cases}) + "\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
