/** Locks between processes: the operating system releases them when their process ends, however it ends. */
import { dirname } from "node:path";
import { shownReason } from "./shown.ts";
import { filePath, type Path } from "./path.ts";

/** A lock that is held; disposing of it releases it. */
export interface FileLock extends Disposable {
  /** Releases the lock and removes its file, if that can be removed; does not throw. */
  release(): void;
}

/**
 * Takes the lock of a path, the file `PATH.lock`, or fails at once.
 *
 * @param action what the caller is about to do, for the error message, such as "Training"
 * @throws {Error} if another process, or another caller in this one, holds it, or the disk refuses it
 * @example
 * ```ts ignore
 * using _lock = await lockFile("results/checkpoint.safetensors", "Training");
 * ```
 */
export async function lockFile(path: Path, action: string): Promise<FileLock> {
  const lock = await tryLockFile(path, action);
  if (lock) return lock;
  const file = filePath(path);
  throw new Error(
    `${action} failed: another process is at work on ${file} (it holds ${file}.lock); wait for it, stop it, or choose ` +
      "another path.",
  );
}

/**
 * Takes the lock of a path as {@linkcode lockFile} does, or returns undefined if it is held.
 *
 * @throws {Error} if the disk refuses it
 */
export async function tryLockFile(path: Path, action: string): Promise<FileLock | undefined> {
  const name = `${filePath(path)}.lock`;
  try {
    return await takeLock(name);
  } catch (error) {
    throw new Error(`${action} failed: the lock ${name} cannot be taken: ${shownReason(error)}; may it be written?`, {
      cause: error,
    });
  }
}

async function takeLock(name: string): Promise<FileLock | undefined> {
  await Deno.mkdir(dirname(name), { recursive: true });
  while (true) {
    const file = await Deno.open(name, { write: true, create: true });
    try {
      if (!await file.tryLock(true)) {
        file.close();
        return undefined;
      }
      // A holder removes its file before it lets go, so this one may be a file that is no longer there: then try again.
      const [held, present] = [await file.stat(), await Deno.stat(name).catch(() => undefined)];
      if (held.ino === present?.ino) return heldLock(file, name);
    } catch (error) {
      file.close();
      throw error;
    }
    file.close();
  }
}

function heldLock(file: Deno.FsFile, name: string): FileLock {
  let held = true;
  const release = () => {
    if (!held) return;
    held = false;
    try {
      Deno.removeSync(name);
    } catch {
      // The lock ends with the handle, and a file that stays locks nothing; an error here would hide the caller's own.
    } finally {
      file.close();
    }
  };
  return { release, [Symbol.dispose]: release };
}
