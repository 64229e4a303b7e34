/* Dragging for the swipe deck. Decides nothing itself: it dispatches "deck:decide" on the card.

   A decision falls at 35 % of the card's width or at a fast flick. The stamp fades in with the very
   value that decides. The drag locks to the horizontal after ten pixels so that the page still scrolls. */

const COMMIT_AT = 0.35;
const FLICK_PX_PER_MS = 0.5;
const FLICK_MIN_PX = 40;
const FLICK_WINDOW_MS = 90;
const LOCK_PX = 10;
const TILT_DEG = 9;
const STORED_AS = "giftsync.buttons-only";

const slot = document.querySelector("[data-deck-slot]");
const buttonsOnly = document.querySelector("[data-buttons-only]");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

let drag = null;

/* Storage may be refused (private windows, policies); the switch then lasts as long as the page. */
const stored = (value) => {
  try {
    if (value === undefined) return localStorage.getItem(STORED_AS) === "yes";
    localStorage.setItem(STORED_AS, value ? "yes" : "no");
  } catch {
    return false;
  }
  return value;
};

/* -1 is a full pass, 1 a full like; at either end a decision falls on release. */
const value = (dx, width) => Math.max(-1, Math.min(1, dx / (width * COMMIT_AT)));

const paint = (card, dx, strength) => {
  const tilt = calm.matches ? 0 : strength * TILT_DEG;
  card.style.transform = dx === 0 ? "" : `translateX(${dx}px) rotate(${tilt}deg)`;
  card.querySelector('[data-stamp="like"]').style.opacity = dx === 0 ? "" : String(Math.max(0, strength));
  card.querySelector('[data-stamp="dislike"]').style.opacity = dx === 0 ? "" : String(Math.max(0, -strength));
};

const speed = (points, now) => {
  const recent = points.filter((point) => now - point.time <= FLICK_WINDOW_MS);
  if (recent.length < 2) return 0;
  const [first, last] = [recent[0], recent.at(-1)];
  return (last.x - first.x) / Math.max(1, last.time - first.time);
};

const start = (event) => {
  const card = event.target.closest("[data-card]");
  const control = event.target.closest("a, button, input, summary, details, form");
  if (!card || control || card.inert || buttonsOnly.checked || drag) return;
  if (event.button !== 0 || !event.isPrimary) return;
  drag = { card, id: event.pointerId, x: event.clientX, y: event.clientY, locked: false, points: [] };
};

const move = (event) => {
  if (!drag || event.pointerId !== drag.id) return;
  const dx = event.clientX - drag.x;
  const dy = event.clientY - drag.y;
  if (!drag.locked) {
    if (Math.abs(dy) > LOCK_PX && Math.abs(dy) > Math.abs(dx)) return release();
    if (Math.abs(dx) < LOCK_PX) return;
    drag.locked = true;
    drag.width = drag.card.offsetWidth;
    drag.card.setPointerCapture(drag.id);
    drag.card.dataset.dragged = "";
    drag.card.parentElement.setAttribute("data-dragging", "");
  }
  drag.points.push({ x: event.clientX, time: event.timeStamp });
  paint(drag.card, dx, value(dx, drag.width));
};

/* Lets go of the card where it is; the caller says what becomes of it. */
const release = () => {
  const { card } = drag;
  drag = null;
  delete card.dataset.dragged;
  card.parentElement?.removeAttribute("data-dragging");
  return card;
};

const springBack = () => {
  const card = release();
  paint(card, 0, 0);
  card.dispatchEvent(new CustomEvent("deck:dragend", { bubbles: true }));
};

const end = (event) => {
  if (!drag || event.pointerId !== drag.id) return;
  if (!drag.locked) return void release();
  const dx = event.clientX - drag.x;
  const pace = speed(drag.points, event.timeStamp);
  const flicked = Math.abs(pace) >= FLICK_PX_PER_MS && Math.abs(dx) >= FLICK_MIN_PX && pace * dx > 0;
  if (!flicked && Math.abs(value(dx, drag.width)) < 1) return springBack();
  const card = release();
  card.style.transform = "";
  const direction = dx > 0 ? "like" : "dislike";
  card.dispatchEvent(new CustomEvent("deck:decide", { bubbles: true, detail: { direction } }));
};

const cancel = (event) => {
  if (drag && event.pointerId === drag.id) springBack();
};

const setButtonsOnly = () => slot.toggleAttribute("data-still", buttonsOnly.checked);

slot.addEventListener("pointerdown", start);
slot.addEventListener("pointermove", move);
slot.addEventListener("pointerup", end);
slot.addEventListener("pointercancel", cancel);
slot.addEventListener("dragstart", (event) => event.preventDefault());

buttonsOnly.checked = stored();
buttonsOnly.addEventListener("change", () => {
  stored(buttonsOnly.checked);
  setButtonsOnly();
});
setButtonsOnly();
