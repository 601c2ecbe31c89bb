// What no widget does. `component.py` mounts it; Streamlit calls the default export with each new `data`.

const NARROW = matchMedia("(max-width: 640px)");
const BELOW_HEADER = 68; // pixels
const EDITABLE = "input, textarea, select, [contenteditable='true']";
const FOCUSABLE = "a[href], button:not(:disabled), input:not(:disabled), textarea, select, [tabindex]:not([tabindex='-1'])";
const SEARCH = "input[type='search'], [data-testid='stChatInputTextArea']";
const QUESTION = "[data-testid='stChatMessage']:has([aria-label='Chat message from user'])";
const MODIFIERS = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta"]);
const SCROLL_KEYS = new Set(["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", " "]);

let place = null;
let part = null;
let turn = null; // the turn whose question was brought into view
let following = false;
let subject = null; // what was announced
let searching = false; // on the way to a page with a search box
let wanted = ""; // the selector of what gets the focus as soon as it is drawn
let shortlist = null; // the address's parameter
let printing = false; // whether the page is made to be printed

export default function ({ data, parentElement, setStateValue }) {
  parentElement.closest("[data-testid='stElementContainer']")?.style.setProperty("display", "none");
  if (data.turn) follow(data.turn);
  if (data.subject) announce(data.subject, data.text);
  if (data.place !== undefined) {
    shortlist = data.shortlist;
    keepShortlist();
    printOnce(data.printing);
    arrive(data.place, data.part);
  }
  if (data.titles) titles = data.titles;
  if (data.narrow === undefined) return;
  const report = () => {
    if (NARROW.matches !== data.narrow) setStateValue("narrow", NARROW.matches);
  };
  report();
  NARROW.addEventListener("change", report);
  return () => NARROW.removeEventListener("change", report);
}

// ---- the shortlist in the address, without a step in the browser's history

function keepShortlist() {
  if (shortlist === null) return;
  const address = new URL(location.href);
  if ((address.searchParams.get("shortlist") ?? "") === shortlist) return;
  if (shortlist) address.searchParams.set("shortlist", shortlist);
  else address.searchParams.delete("shortlist");
  history.replaceState(history.state, "", address);
}

// ---- the dialog of a page that is made to be printed

function printOnce(isWanted) {
  if (isWanted && !printing) setTimeout(() => print(), 300); // once the page is drawn
  printing = isWanted;
}

const main = () => document.querySelector("[data-testid='stMain']");

// ---- focus and view after navigation

function arrive(newPlace, newPart) {
  const [elsewhere, onward] = [place !== null && place !== newPlace, part !== null && part !== newPart];
  [place, part] = [newPlace, newPart];
  if (!location.pathname.endsWith("/ask")) [turn, following] = [null, false];
  if (elsewhere && searching) {
    searching = false;
    focusOn(SEARCH);
  } else if (elsewhere || (onward && !isEditing())) {
    if (!following) main().scrollTo({ top: 0 });
    focusHeading();
  }
}

function focusHeading() {
  const heading = main().querySelector("h1");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

const isEditing = () =>
  document.activeElement.matches(EDITABLE) || document.activeElement.closest("[data-testid='stPopoverBody']") !== null;

function focusOn(selector) {
  wanted = selector;
  const found = document.querySelector(selector);
  if (!found) return;
  wanted = "";
  found.focus();
  found.select?.();
}

/** What has not been drawn before the visitor does something else gets no focus any more. */
const expectNothing = () => ([wanted, searching] = ["", false]);

// ---- the conversation's last question stays in view while its answer grows

function follow(newTurn) {
  if (turn === newTurn) return;
  [turn, following] = [newTurn, true];
  align();
}

function align() {
  if (!following) return;
  const asked = [...document.querySelectorAll(QUESTION)].at(-1);
  if (asked) main().scrollBy({ top: asked.getBoundingClientRect().top - BELOW_HEADER });
}

const letGo = () => (following = false);

// ---- announcements

function announce(newSubject, text) {
  if (subject === newSubject) return;
  subject = newSubject;
  region().textContent = text;
}

function region() {
  const known = document.getElementById("announcements");
  if (known) return known;
  const made = document.createElement("div");
  made.id = "announcements";
  made.setAttribute("role", "status");
  made.style.cssText = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap";
  document.body.append(made);
  return made;
}

// ---- keys

function onKey(event) {
  if (!MODIFIERS.has(event.key)) expectNothing();
  if (SCROLL_KEYS.has(event.key) && !event.target.matches(EDITABLE)) letGo();
  if (event.key === "Tab" && !event.altKey && !event.ctrlKey && !event.metaKey) tabThroughPopover(event);
  if (event.key === "/" && !event.altKey && !event.ctrlKey && !event.metaKey && !isEditing()) {
    event.preventDefault();
    document.querySelector(SEARCH) ? focusOn(SEARCH) : goAndSearch();
  }
}

function goAndSearch() {
  const explore = document.querySelector("[data-testid$='NavLink'][href$='/explore']");
  searching = explore !== null;
  explore?.click();
}

// Streamlit draws an open popover at the end of the document: its content follows its button all the same.
function tabThroughPopover(event) {
  const body = document.querySelector("[data-testid='stPopoverBody']");
  const button = document.querySelector("[data-testid='stPopoverButton'][aria-expanded='true']");
  if (!body || !button) return;
  const stops = [...body.querySelectorAll(FOCUSABLE)].filter((stop) => stop.offsetParent !== null && stop.tabIndex >= 0);
  if (document.activeElement === button && !event.shiftKey && !body.innerText.trim()) {
    event.preventDefault(); // its content is still to come
    wanted = `[data-testid='stPopoverBody'] :is(${FOCUSABLE})`;
    return;
  }
  if (stops.length === 0) return;
  if (document.activeElement === button && !event.shiftKey) {
    event.preventDefault();
    stops[0].focus();
  } else if (document.activeElement === stops[0] && event.shiftKey) {
    event.preventDefault();
    button.focus();
  } else if (document.activeElement === stops.at(-1) && !event.shiftKey) {
    button.focus(); // and on from there, by the browser
  }
}

// ---- the menu of a narrow screen: it closes after a choice, and the focus goes with it

function onClick({ target }) {
  if (target.closest(OPEN_MENU)) wanted = MENU_LINK;
  if (target.closest(CLOSE_MENU)) wanted = OPEN_MENU;
  if (target.closest(MENU_LINK)) setTimeout(() => document.querySelector(CLOSE_MENU)?.click());
}

// ---- once a document

let drawing = 0;
const onDrawn = () => {
  cancelAnimationFrame(drawing);
  drawing = requestAnimationFrame(() => {
    align();
    nameAll();
    keepShortlist();
    if (wanted) focusOn(wanted);
  });
};

new MutationObserver(onDrawn).observe(document.body, { childList: true, subtree: true, characterData: true });
document.addEventListener("keydown", onKey, true);
document.addEventListener("pointerdown", expectNothing, true);
document.addEventListener("click", onClick, true);
document.addEventListener("pointermove", onPointer, { passive: true });
for (const moved of ["wheel", "touchmove", "pointerdown"]) document.addEventListener(moved, letGo, { passive: true });
onDrawn();
