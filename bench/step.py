"""The training step in PyTorch with transformers, one process: `step.py SETTING`, the JSON that workers.ts writes.

"published" pads every text to the context's length and trains as the paper's code does; "trimmed" pads each batch to
its own longest text. Each line on the standard input is an order, answered by one line; it may name another recipe, and
whether the GPU may compute products with TF32.
"""

import copy
import json
import resource
import sys
import time

import numpy as np
import torch
from safetensors.torch import load_file
from transformers import CLIPTextModelWithProjection

setting = json.loads(sys.argv[1])
# What libraries print must not be taken for an answer.
answers, sys.stdout = sys.stdout, sys.stderr


def answer(value):
    print(json.dumps(value), file=answers, flush=True)


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


device = torch.device(setting["device"])
on_gpu = device.type == "cuda"
temperature = 0.07
torch.zeros(1, device=device)
before, started = peak(), time.perf_counter()
student = CLIPTextModelWithProjection.from_pretrained(setting["folder"], dtype=torch.float32).train().to(device)
load, tower = time.perf_counter() - started, sum(p.numel() for p in student.parameters()) * 4
load_peak = peak() - before
teacher = copy.deepcopy(student).eval().requires_grad_(False)
phi = {name: value.to(device) for name, value in load_file(f"{setting['folder']}/phi.safetensors").items()}
steps = json.load(open(setting["steps"]))["steps"]
B, P = setting["batch"], student.config.projection_dim
noise = np.fromfile(setting["noise"], np.float32)
optimizer = torch.optim.AdamW(student.parameters(), lr=1e-5, weight_decay=0.01)
inserted = None


def insert(_module, _inputs, embeddings):
    if inserted is None:
        return embeddings
    mask, words = inserted
    return torch.where(mask[:, :, None], words[:, None, :], embeddings)


student.text_model.embeddings.token_embedding.register_forward_hook(insert)


recipe = setting["recipe"]


def padded(rows):
    longest = setting["context"] if recipe == "published" else max(map(len, rows))
    return torch.tensor([row + row[-1:] * (longest - len(row)) for row in rows], device=device)


def encode(model, rows, words=None, placeholder=None):
    global inserted
    ids = padded(rows)
    inserted = None if words is None else (ids == placeholder, words)
    features = model(input_ids=ids).text_embeds
    inserted = None
    return features


known = {}


def frozen_features(rows, anew):
    keys = [tuple(row) for row in rows]
    if anew or any(key not in known for key in keys):
        known.update(zip(keys, encode(teacher, rows)))
    return torch.stack([known[key] for key in keys])


def pseudo_tokens(x):
    linear = torch.nn.functional.linear
    for name in ("layers.0", "layers.3"):
        x = torch.nn.functional.gelu(linear(x, phi[f"{name}.weight"], phi[f"{name}.bias"]))
    return linear(x, phi["layers.6.weight"], phi["layers.6.bias"])


def tf32(allowed):
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = allowed


def wait():
    if on_gpu:
        torch.cuda.synchronize()


def best_product():
    best = {"gigaflops": 0, "side": 0}
    for side in (2048, 4096, 8192) if on_gpu else (512, 1024, 2048):
        a, b = torch.rand(side, side, device=device), torch.rand(side, side, device=device)
        for repeat in range(5):
            wait()
            start = time.perf_counter()
            a @ b
            wait()
            rate = 2 * side**3 / (time.perf_counter() - start) / 1e9
            if repeat > 0 and rate > best["gigaflops"]:
                best = {"gigaflops": rate, "side": side}
    return best


name = torch.cuda.get_device_name() if on_gpu else f"{torch.get_num_threads()} CPU threads"
answer({"device": f"PyTorch {torch.__version__}, {name}", "gpu": on_gpu, "load": load, "tower": tower, "loadPeak": load_peak})
taken = 0
for line in sys.stdin:
    order = json.loads(line)
    if order["do"] == "product":
        tf32(order.get("tf32", False))
        answer(best_product())
        continue
    recipe = order.get("recipe", setting["recipe"])
    tf32(order.get("tf32", False))
    wait()
    if on_gpu:
        torch.cuda.reset_peak_memory_stats()
    start, cpu = time.perf_counter(), time.process_time()
    step = steps[order["step"]]
    with torch.no_grad():
        references, targets = (frozen_features(step["ids"][part], order["teacher"]) for part in ("references", "targets"))
    wait()
    teacher_seconds = time.perf_counter() - start
    with torch.no_grad():
        words = pseudo_tokens(references + torch.from_numpy(noise[taken * B * P:(taken + 1) * B * P].reshape(B, P)).to(device))
    queries = torch.cat([encode(student, step["ids"][part], words, step["placeholder"]) for part in ("composed", "refined")])
    stack = torch.nn.functional.normalize(torch.cat([targets, references, queries]), dim=1)
    logits = (stack @ stack.T / temperature).masked_fill(torch.eye(len(stack), dtype=torch.bool, device=device), float("-inf"))
    positive = (stack[:2 * B] * stack[2 * B:]).sum(1) / temperature
    loss = torch.logsumexp(logits, 1).mean() - positive.mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    value = loss.item()
    wait()
    taken += 1
    answer({
        "seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu, "teacher": teacher_seconds,
        "loss": value, "peak": peak(), **({"tensorPeak": torch.cuda.max_memory_allocated()} if on_gpu else {}),
    })
