/* The swipe deck: decisions by button, key or drag, shown at once and sent in the background.

   The page works without this file. With it, every decision posts the same form the buttons post,
   and the answer, the deck's own HTML, replaces the deck once nothing more is under way. Dragging
   lives in deck-drag.js, which only dispatches "deck:decide" and marks the stack while it drags. */

const slot = document.querySelector("[data-deck-slot]");
const status = document.querySelector("[data-deck-status]");
const failed = document.querySelector("[data-deck-failed]");
const words = slot.dataset;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const SAY_WAITING_AFTER_MS = 4000;
const FLIGHT_MS = 260;

const decided = new Set();
let queue = Promise.resolve();
let underWay = 0;
let latest = null;

const deck = () => slot.querySelector("[data-deck]");
const stack = () => slot.querySelector("[data-deck-stack]");
const cards = () => [...slot.querySelectorAll("[data-card]:not([data-leaving])")];
const current = () => cards()[0];

const say = (text) => {
  status.textContent = "";
  requestAnimationFrame(() => { status.textContent = text; });
};

const fail = (text) => {
  failed.textContent = text;
  failed.hidden = false;
};

/* Cards in order; only the first one can be read, reached and dragged. */
const arrange = () => {
  cards().forEach((card, place) => {
    card.inert = place > 0;
    card.toggleAttribute("aria-hidden", false);
    if (place > 0) card.setAttribute("aria-hidden", "true");
    if (place > 0) card.removeAttribute("tabindex");
    else card.tabIndex = 0;
    card.id = place > 0 ? "" : "current-card";
  });
  const field = slot.querySelector(".deck__bar [name=product_id]");
  if (field) field.value = current()?.dataset.product ?? "";
  stack()?.classList.toggle("deck__stack--empty", cards().length === 0);
};

const focusCurrent = () => {
  const target = current() ?? slot.querySelector("[data-deck-done]");
  target?.focus({ preventScroll: true });
};

/* Sends the card away; returns what brings it back when the server refuses the decision. */
const leave = (card, direction) => {
  card.dataset.leaving = direction;
  card.inert = true;
  if (calm.matches) card.hidden = true;
  const gone = setTimeout(() => { card.hidden = true; }, FLIGHT_MS);
  return (movedOn) => {
    clearTimeout(gone);
    delete card.dataset.leaving;
    card.hidden = false;
    card.style.transform = "";
    for (const stamp of card.querySelectorAll("[data-stamp]")) stamp.style.opacity = "";
    if (movedOn) stack().querySelector("[data-deck-waiting]").before(card);
  };
};

const send = async (url, body) => {
  const answer = await fetch(url, {
    method: "POST",
    body,
    headers: { "HX-Request": "true", "X-Requested-With": "XMLHttpRequest" },
    credentials: "same-origin",
  });
  if (answer.status === 429) throw Object.assign(new Error("deck: 429"), { words: await answer.text() });
  if (!answer.ok) throw new Error(`deck: ${answer.status}`);
  return answer.text();
};

/* Waits its turn, so that decisions reach the server in the order they were made. */
const enqueue = (url, body) => {
  underWay += 1;
  const turn = queue.then(() => send(url, body)).finally(() => { underWay -= 1; });
  queue = turn.catch(() => {});
  return turn;
};

const parse = (html) => new DOMParser().parseFromString(html, "text/html").querySelector("[data-deck]");

/* Puts the server's deck in place, keeping the card in view on top: it must not change under the finger. */
const swap = () => {
  if (latest === null || underWay > 0 || stack()?.hasAttribute("data-dragging")) return;
  const next = parse(latest.html);
  const keep = latest.keepTop ? current()?.dataset.product : undefined;
  const hadFocus = slot.contains(document.activeElement);
  latest = null;
  if (!next) return location.reload();
  const opened = Boolean(keep) && current().querySelector("details[open]") !== null;
  const dealt = [...next.querySelectorAll("[data-card]")];
  const same = dealt.find((card) => card.dataset.product === keep);
  if (keep && dealt.length > 0) {
    if (!same) dealt.at(-1).remove();
    next.querySelector("[data-deck-stack]").prepend(same && !opened ? same : current());
  }
  deck().replaceWith(document.adoptNode(next));
  hideOfferOnceAnswered();
  arrange();
  slot.dispatchEvent(new CustomEvent("deck:dealt", { bubbles: true }));
  if (hadFocus || document.activeElement === document.body) focusCurrent();
};

/* Fills "{title}" and "{left}" in a translated sentence. */
const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

const outcome = { like: words.liked, dislike: words.passed, save: words.saved };

const decide = async (card, direction, reason) => {
  const id = card?.dataset.product;
  if (!id || decided.has(id)) return;
  decided.add(id);
  failed.hidden = true;
  const form = slot.querySelector("[data-deck-form]");
  const body = new FormData(form);
  body.set("product_id", id);
  body.set("direction", direction);
  if (reason) body.set("reason", reason);
  const left = Math.max(0, Number(deck().dataset.left) - 1);
  deck().dataset.left = String(left);
  const undoButton = slot.querySelector("[form=deck-undo]");
  if (undoButton) undoButton.disabled = false;
  const bringBack = leave(card, direction);
  const following = current()?.dataset.product;
  arrange();
  focusCurrent();
  const said = fill(outcome[direction], { title: card.dataset.title });
  say(`${said} ${left > 0 ? fill(words.left, { left }) : words.done}`);
  const slow = setTimeout(() => {
    if (!current() && left > 0) say(words.waiting);
  }, SAY_WAITING_AFTER_MS);
  try {
    const html = await enqueue(form.action, body);
    latest = { html, keepTop: true };
  } catch (error) {
    decided.delete(id);
    deck().dataset.left = String(Number(deck().dataset.left) + 1);
    bringBack(current() !== undefined && current().dataset.product !== following);
    arrange();
    focusCurrent();
    fail(error.words ?? words.failed);
  } finally {
    clearTimeout(slow);
    swap();
  }
};

const undo = async () => {
  const form = slot.querySelector("[data-deck-undo]");
  if (!form || slot.querySelector("[form=deck-undo]")?.disabled) return;
  failed.hidden = true;
  try {
    const html = await enqueue(form.action, new FormData(form));
    latest = { html, keepTop: false };
    decided.clear();
    swap();
    say(fill(words.undone, { title: current()?.dataset.title }));
  } catch {
    fail(words.failedUndo);
  }
};

/* "Keep swiping" answers the offer until there is one more good card to speak of. */
const hideOfferOnceAnswered = () => {
  const offer = slot.querySelector("[data-deck-offer]");
  if (offer && Number(offer.dataset.deckOffer) <= Number(slot.dataset.keptAt ?? -1)) offer.hidden = true;
};

slot.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-deck-undo]")) {
    event.preventDefault();
    undo();
  } else if (form.matches("[data-deck-form]")) {
    event.preventDefault();
    const chosen = new FormData(form, event.submitter);
    decide(current(), chosen.get("direction"), chosen.get("reason"));
  }
});

slot.addEventListener("click", (event) => {
  const keepSwiping = event.target.closest("[data-deck-keep]");
  if (!keepSwiping) return;
  event.preventDefault();
  slot.dataset.keptAt = keepSwiping.closest("[data-deck-offer]").dataset.deckOffer;
  hideOfferOnceAnswered();
  focusCurrent();
});

slot.addEventListener("deck:decide", (event) => decide(event.target, event.detail.direction));
slot.addEventListener("deck:dragend", swap);

const keys = {
  ArrowLeft: () => decide(current(), "dislike"),
  ArrowRight: () => decide(current(), "like"),
  ArrowUp: () => decide(current(), "save"),
  Backspace: undo,
  u: undo,
  "?": () => {
    const list = document.querySelector("[data-deck-keys]");
    list.open = !list.open;
    list.scrollIntoView({ block: "nearest" });
    say(list.innerText);
  },
};

/* Listening on the slot keeps the keys to the deck, as WCAG 2.1.4 asks. */
slot.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.key === "Enter" && event.target === current()) {
    event.preventDefault();
    current().querySelector("[data-card-details]").click();
    return;
  }
  const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || event.target.closest("input, textarea, select")) return;
  event.preventDefault();
  act();
});

for (const part of document.querySelectorAll("[data-needs-script]")) part.hidden = false;
arrange();
