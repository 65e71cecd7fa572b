/** Converts code points as packages write them to the codes of this toolkit: in upper case, without FE0F. */
export function imageCode(hexcode: string): string {
  return hexcode.toUpperCase().split("-").filter((point) => point !== "FE0F").join("-");
}
