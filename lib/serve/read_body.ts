/** Reads the body of a request within bounds of bytes and time. */
import { Refusal } from "./refusal.ts";

/** Bounds of a body. */
export interface BodyBounds {
  /** Most bytes. */
  bytes: number;
  /** Most seconds until the last byte is there. */
  seconds: number;
}

/**
 * Reads a body; what exceeds the bounds is neither kept nor awaited.
 *
 * @throws {Refusal} if it is too long, too slow, empty or broken off
 */
export async function readBody(request: Request, { bytes, seconds }: BodyBounds): Promise<Uint8Array> {
  const tooLong = () => new Refusal(413, `The request has more than ${Math.floor(bytes / 1024)} kB; send less.`);
  if (Number(request.headers.get("content-length") ?? 0) > bytes) throw tooLong();
  const reader = request.body?.getReader();
  if (!reader) throw new Refusal(400, "The request has no content.");
  const parts: Uint8Array[] = [];
  let length = 0, timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Refusal(408, `The request took longer than ${seconds} s; send it again.`)),
      1000 * seconds,
    );
  });
  try {
    while (true) {
      const { done, value } = await Promise.race([reader.read(), late]);
      if (done) break;
      length += value.length;
      if (length > bytes) throw tooLong();
      parts.push(value);
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    if (error instanceof Refusal) throw error;
    throw new Refusal(400, "The request broke off; send it again.");
  } finally {
    clearTimeout(timer);
  }
  if (length === 0) throw new Refusal(400, "The request has no content.");
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
