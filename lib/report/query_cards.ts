/** Queries with their best images as HTML: one card a query, which wraps on a narrow window. */
import { escapeHtml } from "./display.ts";

/** One query with the rankings of one or two systems. */
export interface QueryCard {
  /** What the query is, such as its kind of edit. */
  kind: string;
  /** The reference image. */
  reference: CardImage;
  /** Its conditioning texts. */
  texts: readonly string[];
  /** A remark below the texts; none by default. */
  note?: string;
  /** The rankings, the frozen system's first. */
  lists: readonly CardList[];
}

/** The best images of one system. */
export interface CardList {
  /** Name of the system, such as "before". */
  name: string;
  /** What is said of its ranking, such as "rank 3". */
  rank: string;
  /** The best images, best first. */
  images: readonly CardImage[];
}

/** An image of a card. */
export interface CardImage {
  /** An image element with an alternative text, or where captions stand for images a caption, as HTML. */
  html: string;
  /** Whether `html` is a caption. */
  caption?: boolean;
  /** Whether it is a correct image: framed and ticked. */
  correct?: boolean;
}

/** Returns the cards as one HTML list. */
export function queryCards(cards: readonly QueryCard[]): string {
  return `<ol class="cards">\n${cards.map(card).join("\n")}\n</ol>`;
}

function card({ kind, reference, texts, note, lists }: QueryCard): string {
  return `<li class="card">
<div class="query">${reference.caption ? "" : reference.html}<div class="about">
<p class="kind">${escapeHtml(kind)}</p>
${reference.caption ? `<p>${reference.html}</p>\n` : ""}${
    texts.map((text) => `<p class="text">+ &quot;${escapeHtml(text)}&quot;</p>`).join("\n")
  }
${note === undefined ? "" : `<p class="note">${escapeHtml(note)}</p>\n`}</div></div>
<div class="lists">
${lists.map(list).join("\n")}
</div></li>`;
}

function list({ name, rank, images }: CardList): string {
  const items = images.map(({ html, correct }) =>
    correct
      ? `<li class="correct">${html}<span class="mark" role="img" aria-label="correct">&#10003;</span></li>`
      : `<li>${html}</li>`
  );
  const captions = images.some(({ caption }) => caption);
  return `<div class="list"><p>${escapeHtml(name)}: <b>${escapeHtml(rank)}</b></p>
<ol class="best${captions ? " captions" : ""}">${items.join("")}</ol></div>`;
}
