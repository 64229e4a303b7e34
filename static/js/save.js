/* Saves a gift to the shortlist without leaving the page. Without script the form posts and comes back. */

const status = document.querySelector("[data-save-status]");

const markSaved = (form) => {
  const button = form.querySelector("[data-save-button]");
  const label = form.querySelector("[data-save-label]");
  label.textContent = label.dataset.savedText;
  form.querySelector("[data-save-icon]").hidden = true;
  form.querySelector("[data-saved-icon]").hidden = false;
  button.setAttribute("aria-disabled", "true");
  status.textContent = button.textContent.replace(/\s+/g, " ").trim();
  for (const count of document.querySelectorAll("[data-shortlist-count]")) {
    count.textContent = String(Number(count.textContent) + 1);
  }
};

const save = async (form) => {
  const answer = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { "HX-Request": "true", "X-Requested-With": "XMLHttpRequest" },
    credentials: "same-origin",
  });
  if (answer.status === 429) throw Object.assign(new Error("save: 429"), { words: await answer.text() });
  if (!answer.ok) throw new Error(`save: ${answer.status}`);
  markSaved(form);
};

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-save]");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("[data-save-button]");
  if (button.getAttribute("aria-disabled") === "true" || form.dataset.busy) return;
  form.dataset.busy = "yes";
  try {
    await save(form);
  } catch (error) {
    status.textContent = error.words ?? status.dataset.failed;
    status.classList.remove("visually-hidden");
    status.classList.add("notice", "notice--error");
  } finally {
    delete form.dataset.busy;
  }
});
