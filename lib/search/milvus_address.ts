/** The address of a collection in Milvus: `milvus://HOST:PORT/COLLECTION`. */

/** Where a collection is. */
export interface MilvusAddress {
  /** Host and port, as the client takes them and as a permission names them. */
  server: string;
  /** Name of the collection. */
  collection: string;
}

/** Milvus' port where an address names none. */
const defaultPort = 19530;

/**
 * Reads an address. What is secret does not belong into it: a token is read from the variable `MILVUS_TOKEN`.
 *
 * @throws {Error} if it is none, saying what is wrong with it
 */
export function milvusAddress(text: string): MilvusAddress {
  const refuse = (why: string): never => {
    throw new Error(
      `Reading an address failed: ${JSON.stringify(text)} is none of a Milvus collection (${why}); write ` +
        `milvus://HOST:${defaultPort}/NAME.`,
    );
  };
  const url = URL.parse(text);
  if (url?.protocol !== "milvus:" || url.hostname === "") return refuse("it does not begin with milvus://HOST");
  if (url.username || url.password) return refuse("a password in it would be seen: set MILVUS_TOKEN instead");
  if (url.search || url.hash) return refuse("something follows the name");
  const collection = url.pathname.slice(1);
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(collection)) {
    return refuse("the name has other signs than letters, digits and _, begins with a digit, is missing or too long");
  }
  // By number, so that no name has to be looked up, which a permission for one port does not cover.
  const host = url.hostname === "localhost" ? "127.0.0.1" : url.hostname;
  return { server: `${host}:${url.port || defaultPort}`, collection };
}
