/* Chips and examples that write into the brief. Without script they stay hidden and the field works alone. */

const field = document.querySelector("[data-brief-field]");

const write = (text) => {
  field.value = text;
  field.focus();
  field.setSelectionRange(text.length, text.length);
};

const insert = (words) => {
  const written = field.value.trim();
  if (words === "" || written.toLowerCase().includes(words.toLowerCase())) {
    write(field.value);
    return;
  }
  write(written === "" ? `${words}, ` : `${written.replace(/[,.]$/, "")}, ${words}, `);
};

if (field) {
  for (const part of document.querySelectorAll("[data-needs-script]")) part.hidden = false;
  document.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-insert]");
    const example = event.target.closest("[data-example]");
    if (chip) insert(chip.dataset.insert);
    if (example) {
      write(example.textContent.trim());
      field.scrollIntoView({ block: "center" });
    }
  });
}
