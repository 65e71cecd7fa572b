/** The client of Milvus: loaded when an address is used, and its failures in one sentence. */
import type { default as sdk, MilvusClient } from "npm:@zilliz/milvus2-sdk-node@3.0.6";
import { shownReason } from "../io/shown.ts";
import type { MilvusAddress } from "./milvus_address.ts";

/** Milliseconds that one request may take. */
const timeout = 60_000;

/** A connection to a server of Milvus. */
export interface MilvusConnection extends AsyncDisposable {
  /** Where the collection is. */
  address: MilvusAddress;
  /** Types of the fields of a collection. */
  types: typeof sdk.DataType;
  /**
   * Sends a request.
   *
   * @param doing what it does, for the error message, such as "writing images"
   * @throws {Error} if the server does not answer or refuses it
   */
  ask<T>(doing: string, request: (client: MilvusClient) => Promise<T>): Promise<T>;
}

/**
 * Connects to a server. The token of the variable `MILVUS_TOKEN` is sent if there is one.
 *
 * @throws {Error} if the network may not be used, or nothing answers
 */
export async function connectMilvus(address: MilvusAddress): Promise<MilvusConnection> {
  const { server, collection } = address;
  // A name is looked up too, which needs the permission for its host as a whole.
  const host = /^[\d.]+:\d+$|^\[/.test(server) ? server : server.replace(/:\d+$/, "");
  if ((await Deno.permissions.query({ name: "net", host })).state !== "granted") {
    throw new Error(
      `Connecting to Milvus failed: this command may not reach ${host}; start it with --allow-net=${host}.`,
    );
  }
  const { MilvusClient, DataType } = await import("npm:@zilliz/milvus2-sdk-node@3.0.6");
  const client = new MilvusClient({
    // Else it reports to the server every ten seconds how its requests went.
    ...{ address: server, token: token(), timeout, logLevel: "error", telemetry: { enabled: false } },
    // Else a server that did not answer a moment ago is not asked again for a second.
    channelOptions: { "grpc.use_local_subchannel_pool": 1 },
  });
  const ask = async <T>(doing: string, request: (client: MilvusClient) => Promise<T>): Promise<T> => {
    let answer: T;
    try {
      answer = await request(client);
    } catch (error) {
      throw new Error(
        `Milvus at ${server} does not answer (${doing}, collection ${collection}): ${plainReason(error)}; is it ` +
          "running? What it has is kept; run the command again.",
        { cause: error },
      );
    }
    const refusal = refusalOf(answer);
    if (refusal === undefined) return answer;
    throw new Error(`Milvus at ${server} refused (${doing}, collection ${collection}): ${shownReason(refusal)}.`);
  };
  try {
    await ask("connecting", async (client) => await client.connectPromise);
  } catch (error) {
    await client.closeConnection().catch(() => {});
    throw error;
  }
  return {
    address,
    types: DataType,
    ask,
    [Symbol.asyncDispose]: async () => void await client.closeConnection().catch(() => {}),
  };
}

/** The token of the environment, if there is one and it may be read. */
function token(): string | undefined {
  try {
    return Deno.env.get("MILVUS_TOKEN");
  } catch {
    return undefined;
  }
}

/** What a server says that refuses a request; undefined if it did what was asked. */
function refusalOf(answer: unknown): string | undefined {
  const { status, error_code, reason, code } = Object(answer) as Record<string, unknown>;
  if (status !== undefined && typeof status === "object") return refusalOf(status);
  if (error_code === undefined || (error_code === "Success" && !code)) return undefined;
  return String(reason || error_code);
}

/** The reason without the counts of gRPC. */
function plainReason(error: unknown): string {
  return shownReason(error).replace(/^\d+ [A-Z_]+: /, "").replace(/\.? (Resolution note:|\(retried).*$/, "");
}
