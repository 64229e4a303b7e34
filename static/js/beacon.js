/* Reports a click on a paid link while the browser follows it. It never delays or changes the navigation. */

const report = (link) => {
  const { clickBeacon, product, placement, position, recommendation, swipeSession } = link.dataset;
  const { store, campaign, experimentArm } = link.dataset; // undefined, and so not sent, on most links
  const body = JSON.stringify({
    product_id: product,
    placement,
    position: position ? Number(position) : null,
    recommendation_id: recommendation || null,
    swipe_session_id: swipeSession || null,
    marketplace: store,
    campaign,
    experiment_arm: experimentArm,
    idempotency_key: newKey(),
  });
  const queued = navigator.sendBeacon?.(clickBeacon, new Blob([body], { type: "application/json" }));
  if (!queued) post(clickBeacon, body, 1);
};

/* randomUUID exists on secure origins only; plain http on a home network still gets a good key. */
const newKey = () => {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
};

/* The same body and so the same key: the server counts the click once however often it arrives. */
const post = async (url, body, retries) => {
  try {
    const answer = await fetch(url, {
      method: "POST",
      body,
      headers: { "Content-Type": "application/json" },
      credentials: "same-origin",
      keepalive: true,
    });
    if (answer.status >= 500) throw new Error(`click beacon: ${answer.status}`);
  } catch {
    if (retries > 0) await post(url, body, retries - 1);
  }
};

const onClick = (event) => {
  const link = event.target.closest?.("[data-click-beacon]");
  const opens = event.type === "click" || event.button === 1;
  if (link && opens) report(link);
};

/* Enter on a focused link arrives as a click; auxclick is the middle button. */
document.addEventListener("click", onClick, { capture: true });
document.addEventListener("auxclick", onClick, { capture: true });
