import { assertEquals, assertRejects } from "@std/assert";
import { fetchImage } from "../../lib/search/fetch_image.ts";
import { isPublicAddress } from "../../lib/search/public_address.ts";

Deno.test("isPublicAddress: this machine, private and reserved networks are not public, however they are written", () => {
  const reserved = [
    ...["0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1"],
    ...["172.31.255.255", "192.168.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "::ffff:10.0.0.1"],
    ...["::ffff:7f00:1", "64:ff9b::7f00:1", "fc00::1", "fd12::1", "fe80::1", "ff02::1", "2001:db8::1", "2002:7f00:1::"],
    ...["localhost", "", "1"],
  ];
  assertEquals(reserved.filter(isPublicAddress), []);
  const open = [
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "192.167.1.1",
    "2606:4700::1111",
  ];
  assertEquals(open.filter((address) => !isPublicAddress(address)), []);
});

Deno.test("fetchImage: what a person may not have meant is refused before a connection is made", async () => {
  let asked = 0;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
    asked++;
    return new Response("reached");
  });
  const { port } = server.addr;
  const cases: [string, string][] = [
    ["/etc/passwd", "Fetching the image failed: the address does not begin with http:// or https://."],
    ["file:///etc/passwd", "does not begin with http:// or https://."],
    ["data:image/png;base64,AA==", "does not begin with http:// or https://."],
    [`http://a:b@127.0.0.1:${port}/`, "the address holds a user or a password; leave them out."],
    [`http://127.0.0.1:${port}/`, "127.0.0.1 is in a private network; save the image and name its file."],
    [`http://localhost:${port}/`, "localhost is in a private network"],
    [`http://2130706433:${port}/`, "127.0.0.1 is in a private network"],
    [`http://0x7f.1:${port}/`, "127.0.0.1 is in a private network"],
    [`http://[::ffff:127.0.0.1]:${port}/`, "is in a private network"],
    ["http://169.254.169.254/latest/meta-data", "169.254.169.254 is in a private network"],
    ["http://no-such-host.invalid/a.png", "there is no host no-such-host.invalid."],
  ];
  for (const [address, words] of cases) await assertRejects(() => fetchImage(address), Error, words);
  assertEquals(asked, 0);
  await server.shutdown();
});

Deno.test("fetchImage: a redirection is not followed, and size, time and status have bounds", async () => {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/moved") return new Response(null, { status: 302, headers: { location: "http://10.0.0.1/x" } });
    if (pathname === "/large") return new Response(new Uint8Array(3 * 2 ** 20));
    if (pathname === "/slow") {
      await new Promise((go) => setTimeout(go, 700));
      return new Response("late");
    }
    return pathname === "/image" ? new Response("bytes") : new Response("none", { status: 404 });
  });
  const at = (path: string) =>
    fetchImage(`http://127.0.0.1:${server.addr.port}${path}`, { privateAddresses: true, bytes: 2 ** 20, seconds: 0.4 });
  assertEquals(new TextDecoder().decode(await at("/image")), "bytes");
  await assertRejects(() => at("/moved"), Error, "it leads elsewhere, to http://10.0.0.1/x; give that address");
  await assertRejects(() => at("/large"), Error, "it has more than 1 MiB.");
  await assertRejects(() => at("/slow"), Error, "it took longer than 0.4 s.");
  await assertRejects(() => at("/none"), Error, "the host answered 404.");
  await server.shutdown();
});

Deno.test("fetchImage: a host for which there is no permission is named with the flag that gives it", async () => {
  const script = `import { fetchImage } from ${
    JSON.stringify(new URL("../../lib/search/fetch_image.ts", import.meta.url))
  };
    await fetchImage("https://example.org/a.png").catch(({ message }) => console.log(message));`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-net=127.0.0.1", `data:text/javascript,${encodeURIComponent(script)}`],
    env: { NO_COLOR: "1" },
  }).output();
  assertEquals(
    new TextDecoder().decode(stdout),
    "Fetching https://example.org/a.png failed: this command may not reach example.org; start it with " +
      "--allow-net=example.org, or save the image.\n",
  );
});
