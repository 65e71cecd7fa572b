"""The step of bench/step.ts in PyTorch with transformers: times in seconds, as JSON."""

import json
import statistics
import sys
import time

import torch
from transformers import CLIPTextConfig, CLIPTextModelWithProjection

setting = json.loads(sys.argv[1])
torch.manual_seed(1)
model = CLIPTextModelWithProjection(CLIPTextConfig(
    vocab_size=setting["vocabulary"], hidden_size=setting["width"], num_hidden_layers=setting["layers"],
    num_attention_heads=setting["heads"], intermediate_size=setting["mlpWidth"], projection_dim=setting["width"],
    max_position_embeddings=77, hidden_act=setting["activation"], bos_token_id=0, eos_token_id=1, pad_token_id=1)).train()
rows, width = setting["rows"], setting["width"]
targets = torch.nn.functional.normalize(torch.randn(rows, width), dim=1)
word = torch.randn(rows, 1, width) * 0.02
inject = model.text_model.embeddings.token_embedding.register_forward_hook(
    lambda _module, _inputs, out: torch.cat([out[:, :4], word, out[:, 5:]], 1))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, weight_decay=0.01)
medians = []
for length in setting["lengths"]:
    ids = torch.randint(4, setting["vocabulary"], (rows, length))
    ids[:, -1] = 1
    times = []
    for repeat in range(setting["repeats"] + 1):
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
    medians.append(statistics.median(times))
print(json.dumps({"padded": medians[0], "trimmed": medians[1]}))
