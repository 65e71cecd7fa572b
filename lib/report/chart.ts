/** The data of a chart. */

/** One line, or the bars of one colour. */
export interface Series {
  /** Its name in the legend. */
  name: string;
  /** Numbers for a line, names for bars. */
  x: (number | string)[];
  /** One value for each of `x`. */
  y: number[];
  /** Half the length of the error bar at each of `x`, in the unit of `y`; absent: no error bars. */
  spread?: number[];
}

/** A chart: lines over numbers, or grouped bars over names. */
export interface Chart {
  /** Lines over numbers, or grouped bars over names. */
  kind: "line" | "bar";
  /** Title of the figure. */
  title: string;
  /** Title of the x axis. */
  xTitle: string;
  /** Title of the y axis, with its unit. */
  yTitle: string;
  /** The lines or colours of bars. */
  series: Series[];
}

/** Colours that people with a colour-vision deficiency can distinguish (Okabe and Ito), as hexadecimal RGB. */
export const palette = ["#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#000000"];
