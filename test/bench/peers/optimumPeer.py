"""A guided generation by optimum's pipeline on ONNX Runtime, nothing traced.

As a program (optimumPeer.py MODEL STEPS THREADS PROMPT) it makes one for every seed of its input, a line each, and answers with
{"stepMs": [...], "latents": the first few of the last step}.
"""
import json
import sys
import time

import onnxruntime
import torch
from diffusers import DDIMScheduler
from optimum.onnxruntime import ORTStableDiffusionPipeline

GUIDANCE = 5.0


def main(answer, model, steps, threads, prompt):
    torch.set_num_threads(threads)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    pipeline = ORTStableDiffusionPipeline.from_pretrained(model, session_options=options, local_files_only=True)
    pipeline.scheduler = DDIMScheduler.from_config(pipeline.scheduler.config)
    pipeline.set_progress_bar_config(disable=True)
    for line in sys.stdin:
        ends, last = [], None

        def ended(_, step, timestep, values):
            nonlocal last
            ends.append(time.perf_counter())
            last = values["latents"]
            return values

        pipeline(prompt, num_inference_steps=steps, guidance_scale=GUIDANCE, negative_prompt="", generator=torch.Generator().manual_seed(int(line)),
                 callback_on_step_end=ended, callback_on_step_end_tensor_inputs=["latents"])
        took = [1000 * (after - before) for before, after in zip(ends, ends[1:])]
        print(json.dumps({"stepMs": took, "latents": last.flatten()[:16].tolist()}), file=answer, flush=True)


if __name__ == "__main__":
    answer, sys.stdout = sys.stdout, sys.stderr
    model, steps, threads, prompt = sys.argv[1:]
    main(answer, model, int(steps), int(threads), prompt)
