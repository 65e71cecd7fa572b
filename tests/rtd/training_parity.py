"""RTD's training in PyTorch: training_parity.py SETTING, the JSON that training_parity.ts writes.

Reads the same folder of a CLIP, the same phi and the same file of triplets; cleaning, prompts, tokens, frozen features,
loss, gradients and AdamW are PyTorch's, tokenizers' and this file's own. What was drawn is given: the rows of each step
and the noise. Prints, as JSON, the loss of every step, and how far each weight of the encoder that the toolkit saved is
from the one that was trained here.
"""

import copy
import json
import sys

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import CLIPTextModelWithProjection

setting = json.loads(sys.argv[1])
recipe = setting["recipe"]
student = CLIPTextModelWithProjection.from_pretrained(setting["clip"], dtype=torch.float32).train()
teacher = copy.deepcopy(student).eval().requires_grad_(False)
with safe_open(setting["phi"], "pt") as file:
    form = file.metadata()["input"]
    phi = {name: file.get_tensor(name).float() for name in file.keys()}
tokenizer = Tokenizer.from_file(f"{setting['clip']}/tokenizer.json")
tokenizer.enable_truncation(student.config.max_position_embeddings)
end = tokenizer.token_to_id("<|endoftext|>")
placeholder = tokenizer.token_to_id("$</w>") or tokenizer.token_to_id("$")


def clean(text):
    return (text or "").replace("<PERSON>", "person").lower().replace("$", "").strip()


def triplet(row):
    conditioning = row.get("conditioning", row.get("conditioning_caption"))
    ends = [row[f"{key}_caption"] if f"{key}_caption" in row else row[key] for key in ("reference", "target")]
    return clean(ends[0]), clean(conditioning), clean(ends[1])


lines = [json.loads(line) for line in open(setting["triplets"], encoding="utf-8") if line.strip()]
triplets = [(r, c, t) for r, c, t in map(triplet, lines) if r and t]


def encode(model, texts, pseudo=None):
    """Features [B, P]; the embeddings of the placeholder are replaced by the rows of `pseudo`, [B, D]."""
    rows = [tokenizer.encode(text).ids for text in texts]
    longest = max(map(len, rows))
    ids = torch.tensor([row + [end] * (longest - len(row)) for row in rows])

    def insert(module, args, embeddings):
        if pseudo is not None:
            return torch.where((ids == placeholder)[:, :, None], pseudo[:, None, :], embeddings)

    hook = model.text_model.embeddings.token_embedding.register_forward_hook(insert)
    try:
        return model(input_ids=ids).text_embeds
    finally:
        hook.remove()


def pseudo_tokens(x):
    names = ("layers.0.0", "layers.1.0", "fc_out") if "fc_out.weight" in phi else ("layers.0", "layers.3", "layers.6")
    activation = F.relu if "fc_out.weight" in phi else F.gelu
    linear = lambda x, name: F.linear(x, phi[f"{name}.weight"], phi[f"{name}.bias"])
    return linear(activation(linear(activation(linear(x, names[0])), names[1])), names[2])


def contrastive_loss(targets, queries):
    """Every row is a query of all others; the positive of target i is query i. [N, P] both."""
    rows = F.normalize(torch.cat([targets, queries]), dim=1)
    similarities = rows @ rows.T / recipe["temperature"]
    itself = torch.eye(len(rows), dtype=torch.bool)
    positives = similarities.diagonal(len(targets))
    return similarities.masked_fill(itself, -torch.inf).logsumexp(1).mean() - positives.mean()


options = recipe["optimizer"]
optimizer = torch.optim.AdamW(
    student.parameters(),
    lr=options["learningRate"],
    betas=(options["beta1"], options["beta2"]),
    eps=options["epsilon"],
    weight_decay=options["weightDecay"],
)
B, P, warmup = recipe["batch"], student.config.projection_dim, recipe["schedule"]["warmup"]
noise = torch.from_numpy(np.fromfile(setting["noise"], np.float32)).reshape(-1, B, P)
losses = []
for step, order in enumerate(setting["order"]):
    references, conditions, targets = zip(*(triplets[index] for index in order))
    with torch.no_grad():
        reference_features, target_features = encode(teacher, references), encode(teacher, targets)
        given = F.normalize(reference_features, dim=1) * P**0.5 if form == "unit variance" else reference_features
        pseudo = pseudo_tokens(given + noise[step])
    composed = encode(student, [f"a photo of $ that {text}" for text in conditions], pseudo)
    refined = encode(student, ["a photo of $"] * B, pseudo)
    loss = contrastive_loss(torch.cat([target_features, reference_features]), torch.cat([composed, refined]))
    for group in optimizer.param_groups:
        group["lr"] = options["learningRate"] * min(1, (step + 1) / max(1, warmup))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
    print(f"step {step + 1} of {len(setting['order'])}", file=sys.stderr, flush=True)

theirs, ours, before = student.state_dict(), load_file(setting["saved"]), teacher.state_dict()
trained = {name for name, _ in student.named_parameters()}
if trained != set(ours):
    sys.exit(f"the saved file has other weights: {sorted(trained ^ set(ours))}")
largest = lambda x: x.abs().max().item()
print(json.dumps({
    "losses": losses,
    "weights": {
        name: {
            "shape": list(value.shape),
            "largest": largest(theirs[name]),
            "moved": largest(theirs[name] - before[name]),
            "difference": largest(value - theirs[name]),
            "error": ((value - theirs[name]).norm() / (theirs[name] - before[name]).norm()).item(),
        }
        for name, value in ours.items()
    },
}))
