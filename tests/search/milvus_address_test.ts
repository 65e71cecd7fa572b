import { assertEquals, assertThrows } from "@std/assert";
import { milvusAddress } from "../../lib/search/milvus_address.ts";

Deno.test("milvusAddress: server and collection, the usual port where none is named", () => {
  assertEquals(milvusAddress("milvus://db.example.org/photos"), {
    server: "db.example.org:19530",
    collection: "photos",
  });
  assertEquals(milvusAddress("milvus://localhost:1234/_a1"), { server: "127.0.0.1:1234", collection: "_a1" });
  assertEquals(milvusAddress("milvus://[::1]:1234/a").server, "[::1]:1234");
});

Deno.test("milvusAddress: what is none is refused, with what is wrong with it", () => {
  const refused: [string, string][] = [
    ["http://localhost/photos", "it does not begin with milvus://HOST"],
    ["milvus:photos", "it does not begin with milvus://HOST"],
    ["milvus://me:secret@localhost/photos", "set MILVUS_TOKEN instead"],
    ["milvus://localhost/photos?a=1", "something follows the name"],
    ["milvus://localhost", "is missing or too long"],
    ["milvus://localhost/a-b", "other signs than letters, digits and _"],
    ["milvus://localhost/a/b", "other signs than letters, digits and _"],
    ["milvus://localhost/1a", "begins with a digit"],
  ];
  for (const [text, why] of refused) assertThrows(() => milvusAddress(text), Error, why);
});
