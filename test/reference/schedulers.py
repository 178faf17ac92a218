"""Goldens of schedulers: where diffusers' own lead a sample whose "U-Net" is x -> x/2 + c, over a grid of configurations and numbers of steps.

Writes goldens/schedulers.json (class, configuration, numbers of steps, calls of each) and .safetensors: `start` and `constant` [64]; `timesteps`, all runs' one
after the other; `samples` [runs, 3, 16]: of each run the sample half-way, at the end, and x0 as predicted half-way where the class tells it (else zeros), 16
values each, and `sigmas` [runs]: the standard deviation of what a run starts from. Needs scipy beside what the other references need.
"""
import json
import warnings
from pathlib import Path

import diffusers
import numpy as np
import torch
from safetensors.torch import save_file

warnings.filterwarnings("ignore")
diffusers.utils.logging.set_verbosity_error()
HERE = Path(__file__).resolve().parent
SHAPE = (1, 4, 4, 4)
STEPS = [1, 2, 3, 7, 20, 50]
SD = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
V = dict(**SD, prediction_type="v_prediction")
COSINE = dict(beta_schedule="squaredcos_cap_v2")
SNR = dict(**V, rescale_betas_zero_snr=True, timestep_spacing="trailing")
# Keys that other classes of diffusers read, and this one does not
STRANGE = dict(interpolation_type="log_linear", final_sigmas_type="sigma_min", use_lu_lambdas=True)
ENDS = dict(sigma_min=0.1, sigma_max=10.0)
# So steep that the noise level before the last, which is cut, is above it
STEEP = dict(beta_end=0.05, prediction_type="v_prediction", rescale_betas_zero_snr=True)
TRAINED = dict(num_train_timesteps=100, trained_betas=[round(0.001 + 0.0003 * i, 6) for i in range(100)])
SPACINGS = [dict(**SD, timestep_spacing=s, steps_offset=o) for s, o in [("leading", 1), ("leading", 0), ("linspace", 0), ("trailing", 0)]]
KARRAS, EXPONENTIAL, BETA = (dict(**SD, **{f"use_{kind}_sigmas": True}) for kind in ("karras", "exponential", "beta"))
BOUNDS = [dict(clip_sample=True), dict(clip_sample=True, clip_sample_range=0.5), dict(thresholding=True, clip_sample=False, sample_max_value=1.5)]

GRID = {
    "DDIMScheduler": [{}, *SPACINGS, V, SNR, COSINE, TRAINED, *BOUNDS, dict(**SD, clip_sample=False, set_alpha_to_one=False, prediction_type="sample"),
                      dict(**SD, num_train_timesteps=400, clip_sample=False)],
    "DDPMScheduler": [{}, *SPACINGS, V, SNR, COSINE, TRAINED, *BOUNDS, dict(beta_schedule="sigmoid"), dict(beta_schedule="laplace", clip_sample=False),
                      dict(**SD, prediction_type="sample"), dict(**SD, variance_type="fixed_small_log", clip_sample=False), dict(variance_type="fixed_large"), dict(**SD, variance_type=None)],
    "PNDMScheduler": [{}, *SPACINGS, V, COSINE, TRAINED, *[dict(**s, skip_prk_steps=True) for s in SPACINGS], dict(**SD, skip_prk_steps=True, set_alpha_to_one=True),
                      dict(**V, skip_prk_steps=True)],
    "LMSDiscreteScheduler": [{}, *SPACINGS, V, COSINE, TRAINED, KARRAS, EXPONENTIAL, BETA, dict(**SD, prediction_type="sample"), dict(**KARRAS, **ENDS, **STRANGE),
                             dict(**EXPONENTIAL, **ENDS)],
    "EulerDiscreteScheduler": [{}, *SPACINGS, V, SNR, COSINE, TRAINED, KARRAS, EXPONENTIAL, BETA, dict(**SD, prediction_type="sample"),
                               dict(**SD, interpolation_type="log_linear"), dict(**SD, final_sigmas_type="sigma_min"), dict(**KARRAS, sigma_min=0.1, sigma_max=10.0),
                               dict(**SD, timestep_type="continuous"), dict(**V, use_karras_sigmas=True, timestep_spacing="leading", steps_offset=1)],
    "EulerAncestralDiscreteScheduler": [{}, *SPACINGS, V, SNR, COSINE, TRAINED, dict(**SD, **STRANGE, **ENDS)],
    "HeunDiscreteScheduler": [{}, *SPACINGS, V, COSINE, dict(beta_schedule="exp"), TRAINED, KARRAS, EXPONENTIAL, BETA, dict(**SD, prediction_type="sample"),
                              dict(**SD, clip_sample=True, clip_sample_range=2.0), dict(**SD, **STRANGE), dict(**KARRAS, **ENDS)],
    "DPMSolverMultistepScheduler": [
        {}, *SPACINGS, V, SNR, COSINE, TRAINED, KARRAS, EXPONENTIAL, BETA, dict(**COSINE, use_karras_sigmas=True), dict(**SD, use_lu_lambdas=True), dict(**STEEP, use_lu_lambdas=True), dict(**BETA, **ENDS),
        dict(**SD, prediction_type="sample"), dict(**SD, thresholding=True, sample_max_value=1.5), dict(**COSINE, lambda_min_clipped=-5.1),
        dict(**COSINE, lambda_min_clipped=-5.1, timestep_spacing="trailing"), dict(**COSINE, lambda_min_clipped=-5.1, timestep_spacing="leading", steps_offset=1),
        dict(use_flow_sigmas=True, prediction_type="flow_prediction", flow_shift=3.0), dict(**SD, lower_order_final=False), dict(**SD, euler_at_final=True, final_sigmas_type="sigma_min"),
        *[dict(**SD, algorithm_type=a, solver_type=t, solver_order=o, final_sigmas_type="sigma_min") for a in ("dpmsolver", "dpmsolver++", "sde-dpmsolver", "sde-dpmsolver++")
          for t in ("midpoint", "heun") for o in (1, 2, 3) if (a, o) != ("sde-dpmsolver", 3)],
        dict(**SD, algorithm_type="sde-dpmsolver++"), dict(**KARRAS, algorithm_type="sde-dpmsolver++"), dict(**V, solver_order=3),
        dict(**V, algorithm_type="dpmsolver", final_sigmas_type="sigma_min"), dict(**SD, prediction_type="sample", algorithm_type="dpmsolver", final_sigmas_type="sigma_min"),
    ],
    "UniPCMultistepScheduler": [
        {}, *SPACINGS, V, SNR, COSINE, TRAINED, KARRAS, EXPONENTIAL, BETA, dict(**KARRAS, sigma_min=0.1, sigma_max=10.0), dict(**SD, prediction_type="sample"),
        dict(**SD, thresholding=True, sample_max_value=1.5), *[dict(**SD, solver_order=o, predict_x0=p, final_sigmas_type="sigma_min", solver_type=t) for o in (1, 2, 3) for p in (True, False)
                                                               for t in ("bh1", "bh2")],
        dict(**SD, solver_order=3, disable_corrector=[0, 1]), dict(use_flow_sigmas=True, prediction_type="flow_prediction", flow_shift=3.0),
    ],
    "LCMScheduler": [{}, V, SNR, COSINE, *BOUNDS, dict(prediction_type="sample"), dict(original_inference_steps=100, timestep_scaling=5.0)],
    "FlowMatchEulerDiscreteScheduler": [{}, dict(shift=3.0), dict(shift=3.0, shift_terminal=0.1), dict(use_karras_sigmas=True), dict(use_exponential_sigmas=True, shift=2.0),
                                        dict(use_beta_sigmas=True), dict(use_karras_sigmas=True, sigma_min=0.1, sigma_max=0.9), dict(shift=3.0, stochastic_sampling=True)],
}


def predict(sample, constant):
    return 0.5 * sample + constant


def run(scheduler, steps, start, constant, seed):
    scheduler.set_timesteps(steps)
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(0)  # else it counts from 1 where the first timestep comes twice, and ends beyond its levels
    generator = torch.Generator().manual_seed(seed)
    torch.randn(SHAPE, generator=generator)  # what a pipeline draws its latents with
    extra = dict(generator=generator) if "generator" in scheduler.step.__code__.co_varnames else {}
    sigma = float(getattr(scheduler, "init_noise_sigma", 1.0))  # a flow starts from plain noise
    sample, middle = start * sigma, None
    for index, timestep in enumerate(scheduler.timesteps):
        scaled = scheduler.scale_model_input(sample, timestep) if hasattr(scheduler, "scale_model_input") else sample
        output = scheduler.step(predict(scaled, constant), timestep, sample, **extra)
        sample = output.prev_sample
        if index == len(scheduler.timesteps) // 2:
            original = getattr(output, "pred_original_sample", None)
            middle = sample, original if original is not None else torch.zeros(SHAPE)
    return sigma, scheduler.timesteps.double(), [middle[0], sample, middle[1]]


def main():
    start, constant = (torch.randn(SHAPE, generator=torch.Generator().manual_seed(seed)) for seed in (0, 1))
    cases, timesteps, samples, sigmas = [], [], [], []
    for name, configs in GRID.items():
        for config in configs:
            done = {}
            for steps in STEPS:
                try:
                    sigma, visited, kept = run(getattr(diffusers, name).from_config(config), steps, start, constant, seed=7)
                except (ValueError, IndexError, AssertionError) as error:
                    print("refused", name, list(config)[-2:], steps, error)
                    continue
                if not all(torch.isfinite(part).all() for part in kept):
                    print("not finite", name, list(config)[-2:], steps)
                    continue
                done[steps] = len(visited)
                timesteps.append(visited)
                samples.append(torch.stack([part.flatten()[::4] for part in kept]))
                sigmas.append(sigma)
            cases.append({"class": name, "config": config, "calls": done})
    save_file({"start": start.flatten(), "constant": constant.flatten(), "timesteps": torch.cat(timesteps), "samples": torch.stack(samples), "sigmas": torch.tensor(sigmas, dtype=torch.float64)},
              HERE / "goldens/schedulers.safetensors")
    (HERE / "goldens/schedulers.json").write_text(json.dumps({"diffusers": diffusers.__version__, "numpy": np.__version__, "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
