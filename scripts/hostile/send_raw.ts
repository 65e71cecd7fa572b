/** Sends bytes to a port and reads what comes back, as no polite client would. */

/** What came back. */
export interface RawAnswer {
  /** The status; 0 if the connection ended without an answer. */
  status: number;
  /** The whole answer, as text. */
  text: string;
}

/** Most bytes of an answer that are read. */
const mostBytes = 2 ** 20;

/**
 * Sends parts, reads the answer until the connection ends, and gives up after `seconds`.
 *
 * @param breaksOff whether the sending side is closed after the last part
 */
export async function sendRaw(
  port: number,
  parts: readonly Uint8Array[],
  { breaksOff = false, seconds = 3 }: { breaksOff?: boolean; seconds?: number } = {},
): Promise<RawAnswer> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const close = () => {
    try {
      connection.close();
    } catch {
      // The other side was first.
    }
  };
  const timer = setTimeout(close, 1000 * seconds), decoder = new TextDecoder();
  let text = "";
  try {
    for (const part of parts) for (let at = 0; at < part.length;) at += await connection.write(part.subarray(at));
    if (breaksOff) await connection.closeWrite();
    const bytes = new Uint8Array(2 ** 16);
    while (text.length < mostBytes) {
      const count = await connection.read(bytes);
      if (count === null) break;
      text += decoder.decode(bytes.subarray(0, count), { stream: true });
    }
  } catch {
    // A connection that the server ends is an answer too.
  } finally {
    clearTimeout(timer);
    close();
  }
  return { status: Number(text.match(/^HTTP\/1\.[01] (\d{3})/)?.[1] ?? 0), text };
}
