/** Returns an environment variable; undefined where reading it is not permitted, without asking for the permission. */
export function environment(variable: string): string | undefined {
  return Deno.permissions.querySync({ name: "env", variable }).state === "granted" ? Deno.env.get(variable) : undefined;
}
