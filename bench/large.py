"""The load and the step of bench/large.ts in PyTorch with transformers, from the same folder: JSON."""

import json
import resource
import statistics
import sys
import time

import torch
from transformers import CLIPTextModelWithProjection

folder, length = sys.argv[1], int(sys.argv[2])
start = time.perf_counter()
model = CLIPTextModelWithProjection.from_pretrained(folder, dtype=torch.float32).train()
load = time.perf_counter() - start
rows, width = 256, 768
torch.manual_seed(1)
targets = torch.nn.functional.normalize(torch.randn(rows, width), dim=1)
word = torch.randn(rows, 1, width) * 0.02
model.text_model.embeddings.token_embedding.register_forward_hook(
    lambda _module, _inputs, out: torch.cat([out[:, :4], word, out[:, 5:]], 1))
ids = torch.randint(0, 49000, (rows, length))
ids[:, -1] = 49407
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, weight_decay=0.01)
times = []
for repeat in range(4):
    start = time.perf_counter()
    queries = torch.nn.functional.normalize(model(input_ids=ids).text_embeds, dim=1)
    stack = torch.cat([targets, queries])
    logits = (stack @ stack.T / 0.07).masked_fill(torch.eye(2 * rows, dtype=torch.bool), float("-inf"))
    loss = torch.logsumexp(logits, 1).mean() - (targets * queries).sum(1).mean() / 0.07
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if repeat > 0:
        times.append(time.perf_counter() - start)
print(json.dumps({"load": load, "step": statistics.median(times),
                  "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1000}))
