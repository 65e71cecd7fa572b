/** Fetches a released phi and reads it, so that what is kept can be used. */
import { announced, fileUrl, hubModel } from "../hub/hub_client.ts";
import { downloadUnlisted } from "../hub/download_unlisted.ts";
import type { TimeLimits } from "../hub/request.ts";
import { tidyIfFailed } from "../io/made_folders.ts";
import { inFolder, type Path } from "../io/path.ts";
import type { FileClip } from "./clip_origin.ts";
import { readPhi } from "./phi_file.ts";
import type { ReleasedPhi } from "./released_phis.ts";

/** Options of {@linkcode fetchPhi}. */
export interface FetchPhiOptions extends TimeLimits {
  /** Address in place of `https://github.com`, without a last slash; the hub's is `HF_ENDPOINT`. */
  endpoint?: string;
  /** Called as bytes arrive. */
  onBytes?: (bytes: number, size: number) => void;
}

/**
 * Downloads a released phi into `folder`, unless it is there, resumes what was interrupted, and reads it as `loadPhi`
 * does. No sum of these files is published: the SHA-256 of what arrived first is recorded in a file beside it, and
 * compared from then on. Where nothing arrived, a folder that was made for it goes again.
 *
 * @returns the file, and whether it was downloaded
 * @throws {Error} if it has to be fetched by hand, the server refuses or sends something else (which is thrown away),
 *   or the file is not the recorded one or no phi for its CLIP
 */
export async function fetchPhi(
  phi: ReleasedPhi,
  folder: Path,
  { endpoint = "https://github.com", onBytes, ...limits }: FetchPhiOptions = {},
): Promise<{ file: string; downloaded: boolean }> {
  const { from } = phi, file = inFolder(folder, phi.file);
  if (from === undefined) throw new Error(`Fetching ${phi.file} failed: it has no address that a program can use.`);
  const options = { check: (path: string) => readPhi(clipOf(phi), path), onBytes, ...limits };
  const downloaded = await tidyIfFailed(folder, async () => {
    if ("url" in from) {
      return await downloadUnlisted(from.url.replace(/^https:\/\/github\.com/, endpoint), file, options);
    }
    const hub = hubModel(from.model, limits), url = fileUrl(hub, "main", phi.file), { headers } = hub;
    return await downloadUnlisted(url, file, { announced: () => announced(hub, url), headers, ...options });
  });
  return { file, downloaded };
}

/** What is known of a phi's CLIP without having it: its widths. */
function clipOf({ width }: ReleasedPhi): FileClip {
  return { config: { projectionWidth: width, text: { width } } } as FileClip;
}
