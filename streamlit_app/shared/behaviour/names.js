// What `behaviour.js` does about names; `component.py` puts it before that.

// ---- names: what a card's or a row's link opens stands next to it, not in it

const BLOCK = "[data-testid='stVerticalBlock']";
// words, then a link
const WORDS_AND_LINK = "[data-testid='stHorizontalBlock']:has(> [data-testid='stElementContainer']:first-child [data-testid='stMarkdown'])";
const OPEN_MENU = "[data-testid='stExpandSidebarButton']";
const CLOSE_MENU = "[data-testid='stSidebarCollapseButton'] button";
const MENU_LINK = "[data-testid='stSidebarNavLink']";
const MENU = { [OPEN_MENU]: "Open the menu", [CLOSE_MENU]: "Close the menu", "[data-testid='stSidebar']": "Menu" };

const named = new Map(); // element: the name it was given, and the one it had

function nameAll() {
  const names = namesNow();
  for (const [it, [name, before]] of named) {
    if (names.has(it)) continue;
    named.delete(it);
    if (it.getAttribute("aria-label") !== name) continue;
    before === null ? it.removeAttribute("aria-label") : it.setAttribute("aria-label", before);
  }
  for (const [it, name] of names) {
    const now = it.getAttribute("aria-label");
    if (now === name) continue;
    const [given, before] = named.get(it) ?? [];
    named.set(it, [name, now === given ? before : now]);
    it.setAttribute("aria-label", name);
  }
}

function namesNow() {
  const names = new Map();
  const join = (it, subject) => wordsOf(it) && subject && names.set(it, `${wordsOf(it)}: ${subject}`);
  for (const [selector, name] of Object.entries(MENU)) {
    document.querySelectorAll(selector).forEach((it) => names.set(it, name));
  }
  const cards = [...main().querySelectorAll("h3")].map((title) => [title, title.closest(BLOCK)]);
  for (const [title, card] of cards) card.querySelectorAll("a, button").forEach((it) => join(it, textOf(title)));
  for (const row of main().querySelectorAll(WORDS_AND_LINK)) {
    if (cards.some(([, card]) => card.contains(row))) continue;
    row.querySelectorAll("a").forEach((link) => join(link, wordsOf(row)));
  }
  return names;
}

/** The first paragraph of an element, without icons. */
const wordsOf = (element) => textOf(element.querySelector("p")).replace(/\s+/g, " ").trim();

const textOf = (node) => {
  if (!node || node.nodeType === Node.TEXT_NODE) return node?.data ?? "";
  if (node.nodeName === "BR") return " · ";
  return node.matches("[role='img'], [data-testid='stIconMaterial']") ? "" : [...node.childNodes].map(textOf).join("");
};

// ---- a table's title in full, where the pointer is: its canvas cuts it, and has its cells' text in hidden elements

const ROW = 35; // pixels, of the head as well

let titles = null; // where the column of titles begins and ends, in pixels, in a table that is not scrolled sideways

function onPointer(event) {
  const scroller = event.target.closest?.("[data-testid='stDataFrame'] .dvn-scroller");
  if (!scroller) return;
  const { left, top } = scroller.getBoundingClientRect();
  const canvas = scroller.closest("[data-testid='stDataFrame']").querySelector("[data-testid='data-grid-canvas']");
  const row = Math.floor((event.clientY - top - ROW + scroller.scrollTop) / ROW);
  const along = event.clientX - left;
  const isTitle =
    titles &&
    along > titles[0] &&
    along + scroller.scrollLeft < titles[1] &&
    canvas.querySelector("[aria-colindex='1']")?.textContent.startsWith("Title");
  scroller.title = (isTitle && canvas.querySelector(`#glide-cell-1-${row}`)?.textContent) || "";
}

