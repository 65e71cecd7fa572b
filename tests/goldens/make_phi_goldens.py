"""Reference values for the trainings of phi: each method's loss, one optimiser step, and ten steps of inversion.

    deno task reference
    .venv/reference/bin/python tests/goldens/make_phi_goldens.py

Everything is written out here from the methods' formulas on one of the small CLIPs of make_goldens.py; texts are token
ids, id 3 stands for the placeholder.
"""

import torch
from make_goldens import VARIANTS, array, pooled, rtd_loss, tiny_clip, write

unit = torch.nn.functional.normalize
generator = torch.Generator().manual_seed(7)
model = tiny_clip(*VARIANTS["quick_gelu"])
model.requires_grad_(False)
WIDTH, TOKEN, MIDDLE, END = 14, model.config.text_config.hidden_size, 10, 39


def draw():
    return int(torch.randint(4, 36, (1,), generator=generator))


def encode(rows, words=None):
    longest = max(map(len, rows))
    ids = torch.tensor([row + [END] * (longest - len(row)) for row in rows])
    if words is None:
        return pooled(model.get_text_features(input_ids=ids))
    table = model.text_model.embeddings.token_embedding
    hook = table.register_forward_hook(lambda _m, _i, out: torch.where((ids == 3)[..., None], words[:, None], out))
    features = pooled(model.get_text_features(input_ids=ids))
    hook.remove()
    return features


def cosine_loss(a, b):
    return (1 - torch.nn.functional.cosine_similarity(a, b)).mean()


def phi(names, activation):
    widths = [WIDTH, MIDDLE, MIDDLE, TOKEN]
    layers = {}
    for name, (start, end) in zip(names, zip(widths, widths[1:])):
        layers[name] = torch.nn.Linear(start, end)
        with torch.no_grad():
            for parameter in layers[name].parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.4)

    def apply(x):
        first, second, last = layers.values()
        return last(activation(second(activation(first(x)))))

    parameters = {f"{name}.{kind}": p for name, layer in layers.items() for kind, p in layer.named_parameters()}
    return parameters, apply


def one_step(parameters, loss, weight_decay):
    start = {name: array(p) for name, p in parameters.items()}
    value = loss()
    value.backward()
    torch.optim.AdamW(parameters.values(), lr=1e-2, weight_decay=weight_decay).step()
    return {"start": start, "loss": value.item(), "end": {name: array(p) for name, p in parameters.items()}}


GELU = ["layers.0", "layers.3", "layers.6"]
RELU = ["layers.0.0", "layers.1.0", "fc_out"]
B = 4


def lincir():
    whole = [[37, draw(), draw(), draw(), END] for _ in range(B)]
    masked = [[37, draw(), 3, draw(), END] for _ in range(B - 1)] + [[37, 3, draw(), 3, draw(), END]]
    uniform = torch.rand(B, 1, generator=generator)
    normal = torch.randn(B, WIDTH, generator=generator)
    parameters, apply = phi(GELU, torch.nn.functional.gelu)
    original = encode(whole)
    loss = lambda: ((encode(masked, apply(original + 1.0 * uniform * normal)) - original) ** 2).mean()
    return {"whole": whole, "masked": masked, "uniform": array(uniform), "normal": array(normal),
            **one_step(parameters, loss, 0.01)}


def pic2word():
    images = torch.randn(B, WIDTH, generator=generator)
    prompt = [37, 5, 3, END]
    parameters, apply = phi(RELU, torch.relu)

    def loss():
        logits = model.logit_scale.exp() * unit(images, dim=1) @ unit(encode([prompt] * B, apply(images)), dim=1).T
        right = torch.arange(B)
        cross_entropy = torch.nn.functional.cross_entropy
        return (cross_entropy(logits, right) + cross_entropy(logits.T, right)) / 2

    return {"pictures": array(images), "prompt": prompt, **one_step(parameters, loss, 0.1)}


def searle():
    images = torch.randn(B, WIDTH, generator=generator)
    inverted = torch.randn(B, TOKEN, generator=generator)
    phrases = [[37, draw(), draw(), draw(), END] for _ in range(B)]
    masked = [[row[0], row[1], 3, row[3], END] for row in phrases]
    parameters, apply = phi(GELU, torch.nn.functional.gelu)

    def loss():
        words = apply(images)
        contrast = rtd_loss(unit(inverted, dim=1), unit(words, dim=1), 0.25)
        return contrast + 0.75 * cosine_loss(encode(masked, words), encode(phrases))

    return {"pictures": array(images), "inverted": array(inverted), "phrases": phrases, "masked": masked,
            **one_step(parameters, loss, 0.01)}


def inversion():
    steps = 10
    images = torch.randn(B, WIDTH, generator=generator)
    templates = [[37, 5, 3, END], [37, 6, 7, 3, END], [37, 3, END]]
    normal = torch.randn(B, TOKEN, generator=generator)
    words = torch.nn.Parameter(0.02 * normal.clone())
    average = words.detach().clone()
    optimizer = torch.optim.AdamW([words], lr=2e-2, weight_decay=0.01)
    chosen, phrases, losses, trajectory = [], [], [], []
    for _ in range(steps):
        choice = torch.randint(0, len(templates), (B,), generator=generator).tolist()
        drawn = [[37, draw(), draw(), draw(), END] for _ in range(B)]
        masked = [[row[0], row[1], 3, row[3], END] for row in drawn]
        shown = cosine_loss(encode([templates[i] for i in choice], words), images)
        said = cosine_loss(encode(masked, words), encode(drawn))
        loss = (1.0 * shown + 0.5 * said) / 1.5
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        average = 0.99 * average + 0.01 * words.detach()
        chosen.append(choice)
        phrases.append(drawn)
        losses.append(loss.item())
        trajectory.append(array(average))
    return {"pictures": array(images), "templates": templates, "normal": array(normal), "chosen": chosen,
            "phrases": phrases, "losses": losses, "averages": trajectory}


write("phi_training.json", {"lincir": lincir(), "pic2word": pic2word(), "searle": searle(), "inversion": inversion()})
