"""Low-rank adaptation in PyTorch: writes lora.json, the adapted weights of one layer and the gradients of A and B."""

import json
import pathlib

import torch

torch.manual_seed(7)
width, rank, alpha = 6, 2, 3.0
x = torch.randn(5, width)
golden = {"rank": rank, "alpha": alpha, "x": None, "matrices": {}}


def array(tensor):
    return {"shape": list(tensor.shape), "values": tensor.detach().flatten().tolist()}


golden["x"] = array(x)
loss = 0
tensors = {}
for name in ("q_proj", "v_proj"):
    weight = torch.randn(width, width)
    a = torch.randn(rank, width, requires_grad=True)
    b = torch.randn(width, rank, requires_grad=True)
    adapted = weight + alpha / rank * b @ a
    loss = loss + torch.sin(torch.nn.functional.linear(x, adapted)).sum()
    tensors[name] = weight, a, b, adapted
loss.backward()
golden["loss"] = loss.item()
for name, (weight, a, b, adapted) in tensors.items():
    golden["matrices"][name] = {
        "weight": array(weight),
        "a": array(a),
        "b": array(b),
        "adapted": array(adapted),
        "a_gradient": array(a.grad),
        "b_gradient": array(b.grad),
    }
pathlib.Path(__file__).with_name("lora.json").write_text(json.dumps(golden) + "\n")
