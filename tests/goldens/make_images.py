"""Pictures that are hard to read alike, and what CLIPImageProcessor on Pillow makes of each.

    .venv/reference/bin/python tests/goldens/make_images.py

Writes `images/NAME` and `images.json`: the 32 x 32 bytes after resize and centre crop, before rescaling.
"""

import base64
import json
import pathlib

import numpy as np
import PIL
import transformers
from PIL import Image
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

HERE = pathlib.Path(__file__).parent
OUT = HERE / "images"
OUT.mkdir(exist_ok=True)
rng = np.random.default_rng(6)


def scene(width, height, channels):
    """Smooth waves with sharp edges and some noise: enough detail to show a wrong filter or a shifted pixel."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [127 + 90 * np.sin(x / (3 + c) + y / (7 - c)) + 60 * ((x // 5 + y // 9 + c) % 2) - 30 for c in range(channels)]
    noisy = np.stack(planes, -1) + rng.normal(0, 12, (height, width, channels))
    return np.clip(noisy, 0, 255).astype(np.uint8)


def save(name, image, **options):
    image.save(OUT / name, **options)


rgb = Image.fromarray(scene(70, 50, 3))
save("rgb.png", rgb)
save("grey.png", Image.fromarray(scene(61, 47, 1)[..., 0]))
save("grey_alpha.png", Image.fromarray(scene(40, 66, 2), "LA"))
save("alpha.png", Image.fromarray(scene(64, 45, 4), "RGBA"))
save("palette.png", rgb.quantize(17))
transparent = rgb.quantize(9)
save("palette_transparent.png", transparent, transparency=3)
save("one_bit.png", Image.fromarray(scene(50, 40, 1)[..., 0]).convert("1"))
save("grey_16.png", Image.fromarray(scene(52, 44, 1)[..., 0].astype(np.uint16) * 257 - 40 * (rng.random((44, 52)) > 0.5)
                                    .astype(np.uint16)))
save("dark_16.png", Image.fromarray((scene(52, 44, 1)[..., 0]).astype(np.uint16) + 60))
save("narrow_1x1000.png", Image.fromarray(scene(1, 1000, 3)))
save("flat_1000x1.png", Image.fromarray(scene(1000, 1, 3)))
save("tiny_7x5.png", Image.fromarray(scene(7, 5, 3)))
save("odd_33x47.png", Image.fromarray(scene(33, 47, 3)))
save("exact_32.png", Image.fromarray(scene(32, 32, 3)))
save("large_601x403.jpg", Image.fromarray(scene(601, 403, 3)), quality=60)
save("photo_420.jpg", rgb, quality=85)
save("photo_444.jpg", rgb, quality=92, subsampling=0)
save("progressive.jpg", rgb, quality=75, progressive=True)
save("grey.jpg", Image.fromarray(scene(55, 39, 1)[..., 0]), quality=80)
save("cmyk.jpg", Image.fromarray(scene(58, 42, 4), "CMYK"), quality=90)
exif = Image.Exif()
exif[0x0112] = 6
save("exif_rotated.jpg", rgb, quality=85, exif=exif)
save("lossy.webp", rgb, quality=70)
save("lossless_alpha.webp", Image.fromarray(scene(64, 45, 4), "RGBA"), lossless=True)

processor = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})


def target_pad(image, ratio=1.25):
    """SEARLE's: pads the short side with black until the long one is at most `ratio` times as long."""
    width, height = image.size
    if max(width, height) / min(width, height) < ratio:
        return image
    longest = max(width, height) / ratio
    across, down = max(int((longest - width) / 2), 0), max(int((longest - height) / 2), 0)
    padded = Image.new("RGB", (width + 2 * across, height + 2 * down))
    padded.paste(image, (across, down))
    return padded


def processed(image, **options):
    pixels = processor(image, do_rescale=False, do_normalize=False, **options)["pixel_values"][0]
    return base64.b64encode(np.ascontiguousarray(np.moveaxis(np.asarray(pixels), 0, -1)).astype(np.uint8)).decode()


cases = []
for path in sorted(OUT.iterdir()):
    image = Image.open(path)
    # By way of an array: a transparent colour would be remembered beside the pixels and laid on white after all.
    rgb = Image.fromarray(np.asarray(image.convert("RGB")))
    cases.append({"name": path.name, "mode": image.mode, "expected": processed(rgb), "padded": processed(target_pad(rgb)),
                  "on_white": processed(image)})
normalised = processor(Image.open(OUT / "rgb.png"))["pixel_values"][0]
content = {
    "made_by": {"pillow": PIL.__version__, "transformers": transformers.__version__},
    "cases": cases,
    "normalised": {"name": "rgb.png", "values": [float(f"{x:.8g}") for x in np.moveaxis(np.asarray(normalised), 0, -1).ravel()[:96]]},
}
(HERE / "images.json").write_text(json.dumps(content) + "\n")
print(len(cases), "images,", sum(p.stat().st_size for p in OUT.iterdir()), "bytes")
