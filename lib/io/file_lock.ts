/** Locks between processes: the operating system releases them when their process ends, however it ends. */
import { dirname } from "node:path";
import { filePath, type Path } from "./path.ts";

/** A lock that is held; disposing of it releases it. */
export interface FileLock extends Disposable {
  /** Releases the lock and removes its file. */
  release(): void;
}

/**
 * Takes the lock of a path, the file `PATH.lock`, or fails at once.
 *
 * @param action what the caller is about to do, for the error message, such as "Training"
 * @throws {Error} if another process, or another caller in this one, holds it
 * @example
 * ```ts ignore
 * using _lock = await lockFile("results/checkpoint.safetensors", "Training");
 * ```
 */
export async function lockFile(path: Path, action: string): Promise<FileLock> {
  const name = `${filePath(path)}.lock`;
  await Deno.mkdir(dirname(name), { recursive: true });
  while (true) {
    const file = await Deno.open(name, { write: true, create: true });
    if (!await file.tryLock(true)) {
      file.close();
      throw new Error(
        `${action} failed: another process is at work on ${filePath(path)} (it holds ${name}); wait for it, stop it, ` +
          "or choose another path.",
      );
    }
    // A holder removes its file before it lets go, so this one may be a file that is no longer there: then try again.
    const [held, present] = [await file.stat(), await Deno.stat(name).catch(() => undefined)];
    if (held.ino === present?.ino) return heldLock(file, name);
    file.close();
  }
}

function heldLock(file: Deno.FsFile, name: string): FileLock {
  let held = true;
  const release = () => {
    if (!held) return;
    held = false;
    Deno.removeSync(name);
    file.close();
  };
  return { release, [Symbol.dispose]: release };
}
