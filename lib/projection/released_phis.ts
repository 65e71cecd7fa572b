/** The phi checkpoints that the methods' authors released, and where each is. */

/** A released phi. */
export interface ReleasedPhi {
  /** The CLIP that it was made for, as the hub names it. */
  clip: string;
  /** Width of that CLIP's embeddings and of its text encoder's token embeddings, which agree for these. */
  width: number;
  /** The file's name. */
  file: string;
  /** Where it is: an address, or a model on the Hugging Face hub; neither if it has to be fetched by hand. */
  from: { url: string } | { model: string } | undefined;
  /** Who names this place. */
  source: string;
  /** Its licence, not read from its file here: the authors' repository decides. */
  licence: string;
  /** What is left to the reader if it cannot be fetched, one step a line. */
  steps: readonly string[];
}

const searle = (backbone: string, clip: string, width: number): ReleasedPhi => ({
  clip,
  width,
  file: `SEARLE_${backbone}.pt`,
  from: { url: `https://github.com/miccunifi/SEARLE/releases/download/weights/SEARLE_${backbone}.pt` },
  source: "hubconf.py of miccunifi/SEARLE; that the file is still there was not verified",
  licence: "CC BY-NC 4.0",
  steps: ["See the release named weights at https://github.com/miccunifi/SEARLE/releases"],
});
const large = "openai/clip-vit-large-patch14", hub = { model: "navervision/zeroshot-cir-models" };

/** The released phis by name. */
export const releasedPhis = {
  "searle-b32": searle("ViT-B32", "openai/clip-vit-base-patch32", 512),
  "searle-l14": searle("ViT-L14", large, 768),
  "lincir-l14": {
    clip: large,
    width: 768,
    file: "lincir_large.pt",
    from: hub,
    source: "the README of navervision/lincir; that the file is still there was not verified",
    licence: "CC BY-NC 4.0",
    steps: ["See https://huggingface.co/navervision/zeroshot-cir-models"],
  },
  "pic2word-l14": {
    clip: large,
    width: 768,
    file: "pic2word_model.pt",
    from: undefined,
    source: "the README of google-research/composed_image_retrieval; others report that the address is gone",
    licence: "Apache 2.0",
    steps: [
      "In a browser open https://drive.google.com/file/d/1IxRi2Cj81RxMu0ViT4q4nkfyjbSHm1dF/view?usp=sharing and press Download.",
      'Where Google Drive warns that it cannot scan the file, press "Download anyway"; what is saved before that is the warning, a web page.',
      "If the address is gone, ask at https://github.com/google-research/composed_image_retrieval/issues",
      "Hand the file to --phi of train or evaluate; a page saved in its place is refused there.",
    ],
  },
} as const satisfies Record<string, ReleasedPhi>;

/** A released phi's name. */
export type ReleasedPhiName = keyof typeof releasedPhis;

/** The names of all released phis. */
export const releasedPhiNames = Object.keys(releasedPhis) as ReleasedPhiName[];
