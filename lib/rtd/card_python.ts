/** The Python lines of a model card: they load a fine-tuned text encoder and put phi's pseudo-token into a query. */
import { type Phi, phiLayerNames } from "../projection/phi.ts";

/** Returns the lines; they run in the encoder's folder, with torch and transformers. */
export function cardPython({ weights, input }: Pick<Phi, "weights" | "input">): string {
  const relu = weights["fc_out.weight"] !== undefined, activation = relu ? "relu" : "gelu";
  const [first, second, last] = phiLayerNames[activation];
  const prepared = input === "raw" ? "feature" : "F.normalize(feature, dim=-1) * feature.shape[-1] ** 0.5";
  return `import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from transformers import AutoTokenizer, CLIPTextModelWithProjection

text_encoder = CLIPTextModelWithProjection.from_pretrained(".")
tokenizer = AutoTokenizer.from_pretrained(".")
phi = load_file("phi.safetensors")
placeholder = tokenizer("$").input_ids[1]


def linear(x, layer):
    return F.linear(x, phi[layer + ".weight"], phi[layer + ".bias"])


def pseudo_token(feature):
    """[B, P] features of images, as CLIP's image encoder projects them, not normalised, to [B, D] embeddings."""
    x = ${prepared}
    x = F.${activation}(linear(x, "${first}"))
    x = F.${activation}(linear(x, "${second}"))
    return linear(x, "${last}")


def encode_queries(texts, features):
    """Normalised features [B, P] of the queries "a photo of $ that TEXT"."""
    queries = [f"a photo of $ that {text.lower().replace('$', '')}" for text in texts]
    batch = tokenizer(queries, return_tensors="pt", padding=True, truncation=True)
    pseudo = pseudo_token(features)

    def insert(module, args, embeddings):
        rows = pseudo[:, None, :].expand_as(embeddings)
        return torch.where((args[0] == placeholder)[..., None], rows, embeddings)

    hook = text_encoder.text_model.embeddings.token_embedding.register_forward_hook(insert)
    try:
        return F.normalize(text_encoder(**batch).text_embeds, dim=-1)
    finally:
        hook.remove()


# features = CLIPVisionModelWithProjection.from_pretrained("CLIP")(**processor(images=images)).image_embeds
# similarities = encode_queries(["is green"], features) @ F.normalize(gallery, dim=-1).T`;
}
