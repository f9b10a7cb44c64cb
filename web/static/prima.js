// What makes the pages quicker; all of them work without it.

const REFRESH_SECONDS = 30;

// The error summary gets the reader's attention first.
document.querySelector(".error-summary")?.focus();

for (const element of document.querySelectorAll("[data-with-script]")) {
  element.hidden = false;
}

// A second click on the way sends nothing (and would do nothing: the form carries its command's id).
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]") || event.defaultPrevented) {
    return;
  }
  if (form.dataset.sent === "true") {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "true";
  window.addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
});

// Lists follow what others do, while somebody looks at them.
setInterval(() => {
  if (document.hidden) {
    return;
  }
  for (const element of document.querySelectorAll("[data-refresh]")) {
    element.dispatchEvent(new CustomEvent("prima:refresh"));
  }
}, REFRESH_SECONDS * 1000);

// j and k go down and up the list, c takes and opens; Enter follows the link that has the focus.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !document.querySelector("[data-list]")) {
    return;
  }
  const links = [...document.querySelectorAll("[data-list] [data-open]")];
  const row = document.activeElement?.closest("[data-list] > li");
  const at = links.findIndex((link) => row?.contains(link));
  if (event.key === "j") {
    links[Math.min(at + 1, links.length - 1)]?.focus();
  } else if (event.key === "k") {
    links[Math.max(at - 1, 0)]?.focus();
  } else if (event.key === "c") {
    row?.querySelector("[data-claim]")?.click();
  }
});
