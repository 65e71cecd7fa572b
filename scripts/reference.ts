/** `deno task reference`: PyTorch and transformers in `.venv/reference`, for the goldens, the bench and the round trip. */
import { fail } from "../cli/options.ts";
import { environment } from "./python.ts";

try {
  const packages = ["torch==2.13.0", "transformers==5.23.0", "safetensors==0.8.0", "pillow==13.0.0", "numpy==2.4.6"];
  console.log(`ready: ${await environment("reference", packages)}`);
} catch (error) {
  fail(error);
}
