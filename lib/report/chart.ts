/** The data of a chart. */

/** One line, the bars of one colour, or the points of one colour. */
export interface Series {
  /** Its name in the legend. */
  name: string;
  /** Numbers for a line and for points, names for bars. */
  x: (number | string)[];
  /** One value for each of `x`. */
  y: number[];
  /** Half the length of the error bar at each of `x`, in the unit of `y`; absent: no error bars. */
  spread?: number[];
  /** The same along the x axis, for curves alone. */
  xSpread?: number[];
  /** The name of each point of a curve, "" for one without; absent: none is named. */
  labels?: string[];
}

/** A chart: lines over numbers, grouped bars over names, or points on a plane. */
export interface Chart {
  /**
   * Lines over numbers, grouped bars over names, or points on a plane, whose axes need not begin at zero; "curves" are
   * points that are joined in their order, with error bars in both directions.
   */
  kind: "line" | "bar" | "scatter" | "curves";
  /** Title of the figure. */
  title: string;
  /** Title of the x axis. */
  xTitle: string;
  /** Title of the y axis, with its unit. */
  yTitle: string;
  /** The lines, colours of bars, or colours of points. */
  series: Series[];
  /** Whether a thin line joins the points of two series of equal length, the first with the first and so on. */
  joined?: boolean;
}

/** Colours that people with a colour-vision deficiency can distinguish (Okabe and Ito), as hexadecimal RGB. */
export const palette = ["#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#000000"];
