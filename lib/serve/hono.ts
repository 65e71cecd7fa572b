/** The router of the page's server: the one file that names it and its version. */
export { type Context, Hono } from "npm:hono@4.13.19";
