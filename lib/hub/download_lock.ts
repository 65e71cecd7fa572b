/** One download of a file at a time, over all processes that share the cache. */
import { type FileLock, tryLockFile } from "../io/file_lock.ts";
import { inFolder } from "../io/path.ts";
import { hubCache, modelFolderName } from "./cache.ts";
import { bytesSoFar } from "./download.ts";

/** Seconds for which another process's download may receive nothing before waiting for it ends. */
const defaultLockSeconds = 600;

/** Seconds between two attempts to take the lock. */
const retrySeconds = 0.5;

/** Options of {@linkcode lockDownload}. */
export interface LockOptions {
  /** Seconds for which another process's download may receive nothing before waiting for it ends (default 600). */
  lockSeconds?: number;
  /** Called while another process holds the lock, with the number of bytes that it has received. */
  onWait?: (bytes: number) => void;
}

/**
 * Takes the lock of a blob, and waits while another process, or another caller in this one, downloads it. It is the
 * lock that Python takes, `.locks/models--ORG--NAME/HASH.lock` in the cache; it ends with its process, however that
 * ends.
 *
 * @param blob the blob's path; its last part is its hash
 * @throws {Error} if the other download receives nothing for too long, or the disk refuses the lock
 */
export async function lockDownload(
  model: string,
  blob: string,
  hash: string,
  { lockSeconds = defaultLockSeconds, onWait = () => {} }: LockOptions = {},
): Promise<FileLock> {
  const path = inFolder(hubCache(), ".locks", modelFolderName(model), hash), action = `Fetching ${model}`;
  let received = -1, since = performance.now();
  while (true) {
    const lock = await tryLockFile(path, action);
    if (lock) return lock;
    const bytes = await bytesSoFar(blob);
    if (bytes !== received) [received, since] = [bytes, performance.now()];
    else if (performance.now() - since >= 1000 * lockSeconds) {
      throw new Error(
        `${action} failed: another process downloads ${blob} and has received nothing for ${lockSeconds} s (it holds ` +
          `${path}.lock); stop it, or wait for it, and try again.`,
      );
    }
    onWait(bytes);
    await new Promise((resume) => setTimeout(resume, 1000 * retrySeconds));
  }
}
