/**
 * `deno task reference`: PyTorch and transformers in `.venv/reference`, for the goldens, the bench and the round trip;
 * Milvus Lite in `.venv/milvus`, for the tests of `lib/search` that speak to a server.
 */
import { command, runCommand } from "../cli/command.ts";
import { environment } from "./python.ts";

const packages = [
  ...["torch==2.13.0", "transformers==5.23.0", "safetensors==0.8.0", "pillow==13.0.0", "numpy==2.4.6"],
  "pytrec_eval-terrier==0.5.11", // MTEB's scorer
];

const server = ["milvus-lite==3.2.2", "pymilvus==3.0.2"];

const reference = command(
  "reference",
  `Makes .venv/reference with ${packages.join(", ")} and .venv/milvus with ${server.join(", ")}, once.`,
  ["deno task reference"],
);

await runCommand(reference, async () => {
  console.log(`ready: ${await environment("reference", packages)}`);
  console.log(`ready: ${await environment("milvus", server)}`);
});
