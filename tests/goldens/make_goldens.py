"""Reference values from PyTorch and transformers, written beside this file.

    deno task reference
    .venv/reference/bin/python tests/goldens/make_goldens.py

The same versions give the same files (each records what made it). The loss is written out here from the paper's
formula, in 64-bit floats and without any trick for stability.
"""

import copy
import json
import pathlib

import torch
import transformers
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel

HERE = pathlib.Path(__file__).parent
DATA = HERE.parent.parent / "data" / "emoji-clip"
MADE_BY = {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__}


def numbers(tensor):
    return [float(f"{x:.8g}") for x in tensor.detach().double().flatten().tolist()]


def array(tensor):
    return {"shape": list(tensor.shape), "values": numbers(tensor)}


def write(name, content):
    path = HERE / name
    path.write_text(json.dumps({"made_by": MADE_BY, **content}) + "\n")
    print(path.name, path.stat().st_size, "bytes")


def rtd_loss(targets, queries, temperature):
    """-(1/2N) sum_i log(exp(p_i) / sum_{j != i} exp(<V_i, V_j> / tau)), for small inputs only."""
    n = len(targets)
    rows = torch.cat([targets, queries])
    logits = rows @ rows.T / temperature
    # Subtracting the largest logit of a row changes nothing in exact arithmetic; at tau = 0.01 it avoids infinities.
    largest = logits.max(dim=1, keepdim=True).values
    powers = (logits - largest).exp() * (1 - torch.eye(2 * n, dtype=rows.dtype))
    positive = (targets * queries).sum(1) / temperature
    return (powers.sum(1).log() + largest[:, 0] - torch.cat([positive, positive])).mean()


def losses():
    generator = torch.Generator().manual_seed(1)
    cases = []
    for name, temperature, repeat in [
        ("paper", 0.07, False),
        ("cold", 0.01, False),
        ("identical rows", 0.07, True),
        ("identical rows, cold", 0.01, True),
    ]:
        targets, queries = (
            torch.nn.functional.normalize(torch.randn(6, 8, generator=generator, dtype=torch.float64), dim=1)
            for _ in range(2)
        )
        if repeat:
            targets[3] = targets[0]
            queries[2] = targets[2]
            queries[5] = queries[4]
        # The inputs are what a 32-bit reader sees.
        targets, queries = (x.float().double().requires_grad_() for x in (targets, queries))
        loss = rtd_loss(targets, queries, temperature)
        loss.backward()
        cases.append({
            "name": name,
            "temperature": temperature,
            "targets": array(targets),
            "queries": array(queries),
            "loss": loss.item(),
            "targets_gradient": array(targets.grad),
            "queries_gradient": array(queries.grad),
        })
    write("rtd_loss.json", {"cases": cases})


def adamw():
    generator = torch.Generator().manual_seed(2)
    shapes = {"matrix": (3, 4), "vector": (5,), "scalar": ()}
    start = {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}
    cases = []
    for settings in [
        {"lr": 1e-2, "weight_decay": 0.01},
        {"lr": 3e-4, "weight_decay": 0.1, "betas": (0.9, 0.98)},
        # Pic2Word's choices, with two groups of parameters: matrices decay, vectors and scalars do not.
        {"lr": 1e-2, "weight_decay": 0.1, "betas": (0.9, 0.98), "eps": 1e-6, "decay": "matrices"},
    ]:
        parameters = {name: torch.nn.Parameter(value.clone()) for name, value in start.items()}
        given = {name: value for name, value in settings.items() if name not in ("decay", "weight_decay")}
        spared = [one for one in parameters.values() if one.ndim < 2 and settings.get("decay") == "matrices"]
        decayed = [one for one in parameters.values() if not any(one is other for other in spared)]
        groups = [{"params": decayed, "weight_decay": settings["weight_decay"]}, {"params": spared, "weight_decay": 0}]
        optimizer = torch.optim.AdamW([group for group in groups if group["params"]], **given)
        gradients = []
        for step in range(10):
            drawn = {name: torch.randn(shape, generator=generator) * 10.0 ** -step for name, shape in shapes.items()}
            for name, parameter in parameters.items():
                parameter.grad = drawn[name].clone()
            optimizer.step()
            gradients.append({name: array(value) for name, value in drawn.items()})
        cases.append({
            "settings": {k: list(v) if isinstance(v, tuple) else v for k, v in settings.items()},
            "start": {name: array(value) for name, value in start.items()},
            "gradients": gradients,
            "end": {name: array(value) for name, value in parameters.items()},
        })
    write("adamw.json", {"cases": cases})


# Four small CLIPs that cover what real checkpoints vary: activation, pooling (eos_token_id 2 pools at the largest id),
# towers of different widths and depths, heads of other sizes, an epsilon of its own.
VARIANTS = {
    "quick_gelu": (dict(hidden_act="quick_gelu", eos_token_id=2), dict(hidden_act="quick_gelu")),
    "gelu": (dict(hidden_act="gelu", eos_token_id=38), dict(hidden_act="gelu")),
    "wide_text": (dict(hidden_act="gelu", eos_token_id=2, hidden_size=24, num_attention_heads=3, num_hidden_layers=1),
                  dict(hidden_act="gelu", hidden_size=12, num_attention_heads=2, num_hidden_layers=3)),
    "other_eps": (dict(hidden_act="quick_gelu", eos_token_id=38, layer_norm_eps=1e-3, hidden_size=12,
                       num_attention_heads=4, num_hidden_layers=3),
                  dict(hidden_act="quick_gelu", layer_norm_eps=1e-3, image_size=12, patch_size=3)),
}


def tiny_clip(text, vision):
    """A CLIP of a few thousand weights with every kind of tensor, randomised so that no bias or gain is trivial."""
    torch.manual_seed(3)
    text = {**dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, vocab_size=40,
                   max_position_embeddings=12, bos_token_id=37, pad_token_id=38), **text}
    vision = {**dict(hidden_size=20, num_hidden_layers=2, num_attention_heads=5, intermediate_size=28, image_size=8,
                     patch_size=4), **vision}
    config = CLIPConfig(text_config=text, vision_config=vision, projection_dim=14, attn_implementation="eager")
    model = CLIPModel(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape) * 0.3 + (parameter.ndim == 1) * 0.2)
    return model


def pooled(output):
    return output if isinstance(output, torch.Tensor) else output.pooler_output


def tiny_phi(width, token):
    """SEARLE's and LinCIR's phi, small."""
    layers = [torch.nn.Linear(width, 10), torch.nn.Linear(10, 10), torch.nn.Linear(10, token)]
    gelu = torch.nn.functional.gelu
    return layers, lambda x: layers[2](gelu(layers[1](gelu(layers[0](x)))))


def training(model, end, generator):
    """Five RTD steps with AdamW from given ids and given noise: the loss of each, and the weights at the end."""
    student = copy.deepcopy(model)
    text_parameters = {k: p for k, p in student.named_parameters() if k.startswith("text_")}
    width = model.config.text_config.hidden_size
    layers, phi = tiny_phi(14, width)
    optimizer = torch.optim.AdamW(text_parameters.values(), lr=1e-2, weight_decay=0.01)
    unit = torch.nn.functional.normalize
    frozen = lambda ids: pooled(model.get_text_features(input_ids=torch.tensor(ids))).detach()
    steps, losses = [], []
    for _ in range(5):
        draw = lambda: int(torch.randint(4, 36, (1,), generator=generator))
        references = [[37, draw(), draw(), end] for _ in range(3)]
        targets = [[37, draw(), draw(), draw(), end] for _ in range(3)]
        # Id 3 is the placeholder; "a photo of [$]" and "a photo of [$] that ..." in miniature.
        composed = [[37, 5, 3, draw(), draw(), end] for _ in range(3)]
        refined = [[37, 5, 3, end] for _ in range(3)]
        noise = torch.rand(3, 1, generator=generator) * 0.5 * torch.randn(3, 14, generator=generator)
        words = phi(frozen(references) + noise).detach()
        table = student.text_model.embeddings.token_embedding

        def encode(rows):
            ids = torch.tensor(rows)
            hook = table.register_forward_hook(lambda _m, _i, out: torch.where((ids == 3)[..., None], words[:, None], out))
            features = pooled(student.get_text_features(input_ids=ids))
            hook.remove()
            return features

        queries = unit(torch.cat([encode(composed), encode(refined)]), dim=1)
        anchors = unit(torch.cat([frozen(targets), frozen(references)]), dim=1)
        loss = rtd_loss(anchors, queries, 0.07)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        steps.append({"references": references, "targets": targets, "composed": composed, "refined": refined,
                      "noise": array(noise)})
    return {
        "phi": {f"layers.{3 * i}.{k}": array(p) for i, layer in enumerate(layers) for k, p in layer.named_parameters()},
        "learning_rate": 1e-2,
        "steps": steps,
        "losses": losses,
        "end": {k: array(p) for k, p in text_parameters.items()},
    }


def towers():
    for variant, settings in VARIANTS.items():
        name = f"tiny_clip_{variant}"
        model = tiny_clip(*settings)
        weights = {k: v.detach().contiguous() for k, v in model.state_dict().items() if "position_ids" not in k}
        save_file(weights, HERE / f"{name}.safetensors", {"format": "pt"})
        (HERE / f"{name}.safetensors").chmod(0o644)
        generator = torch.Generator().manual_seed(4)
        text = model.config.text_config
        side = model.config.vision_config.image_size
        end = 39 if text.eos_token_id == 2 else 38
        rows = [[37, 5, 9, 3, end, end, end], [37, 30, 31, 3, 7, 8, end]]
        ids = torch.tensor(rows)
        word = torch.randn(2, text.hidden_size, generator=generator)
        picture = torch.randn(2, side, side, 3, generator=generator)
        features = pooled(model.get_text_features(input_ids=ids))
        # The pseudo-token stands in the place of id 3; the embedding table is replaced by the injected rows.
        table = model.text_model.embeddings.token_embedding
        hook = table.register_forward_hook(lambda _m, _i, out: torch.where((ids == 3)[..., None], word[:, None], out))
        injected = pooled(model.get_text_features(input_ids=ids))
        # A gradient that reaches every text parameter: the RTD loss of the injected features against others.
        unit = torch.nn.functional.normalize
        anchors = unit(torch.randn(2, 14, generator=generator), dim=1)
        loss = rtd_loss(anchors, unit(injected, dim=1), 0.07)
        loss.backward()
        hook.remove()
        gradients = {k: array(p.grad) for k, p in model.named_parameters() if k.startswith("text_")}
        images = pooled(model.get_image_features(pixel_values=picture.permute(0, 3, 1, 2)))
        write(f"{name}.json", {
            "config": json.loads(model.config.to_json_string(use_diff=False)),
            "ids": rows,
            "end_at": [4, 6],
            "pseudo_id": 3,
            "word": array(word),
            "picture": array(picture),
            "anchors": array(anchors),
            "text_features": array(features),
            "injected_features": array(injected),
            "image_features": array(images),
            "loss": loss.item(),
            "gradients": gradients,
            "training": training(model, end, generator),
        })


def embedded():
    """The committed model as transformers reads it."""
    if not (DATA / "model.safetensors").exists():
        print("data/emoji-clip is absent: its golden is left as it is")
        return
    model = CLIPModel.from_pretrained(DATA, attn_implementation="eager").eval().float()
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(DATA / "tokenizer.json"))
    texts = ["woman running: dark skin tone", "red apple", "a photo of a man's shoe", "Piñata!", "zorg"]
    ids = [tokenizer(text)["input_ids"] for text in texts]
    features = torch.cat([pooled(model.get_text_features(input_ids=torch.tensor([row]))) for row in ids])
    picture = torch.linspace(-1, 1, 32 * 32 * 3).reshape(1, 32, 32, 3)
    image = pooled(model.get_image_features(pixel_values=picture.permute(0, 3, 1, 2)))
    write("embedded_clip.json", {"texts": texts, "ids": ids, "text_features": array(features),
                                 "image_features": array(image)})


if __name__ == "__main__":
    losses()
    adamw()
    towers()
    embedded()
