"""Data-parallel training over single-threaded processes.

On a few CPU cores this beats one process with as many threads: processes meet once a step, threads at every operation,
where each waits for the other's core if another program holds it. On a GPU, or with one core, there is one process.
"""
import os
import signal
import tempfile

import torch
import torch.distributed as dist
import torch.multiprocessing as multiprocessing


def _run(rank, count, meeting, function, options):
    if count > 1:
        signal.signal(signal.SIGINT, signal.default_int_handler)   # how PyTorch ends a process whose parent is gone; nohup ignores it
        torch.set_num_threads(1)
        dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=count)
    function(rank, count, options)
    if count > 1:
        dist.destroy_process_group()


def launch(function, options, count=None):
    """Runs `function(rank, count, options)` in `count` processes: one per core up to four, one with a GPU."""
    if count is None:
        count = 1 if torch.cuda.is_available() else min(4, os.cpu_count() or 1)
    if count == 1:
        return _run(0, 1, None, function, options)
    with tempfile.TemporaryDirectory() as folder:
        multiprocessing.spawn(_run, (count, os.path.join(folder, "meeting"), function, options), nprocs=count)


def average_gradients(parameters, count):
    """Replaces every gradient by its mean over the processes, in one exchange."""
    if count > 1:
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([g.flatten() for g in gradients])
        dist.all_reduce(flat)
        flat /= count
        for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients])):
            gradient.copy_(part.view_as(gradient))
