// Search in the pages: every word that is typed must be somewhere; names count more than text.
const input = document.querySelector("#find");
const list = document.querySelector("#found");
const base = document.body.dataset.base;
const MOST = 12;
let entries;

input.addEventListener("focus", () => void load());
input.addEventListener("input", show);
input.addEventListener("keydown", ({ key }) => {
  if (key === "Enter") list.querySelector("a")?.click();
  if (key === "Escape") {
    input.value = "";
    show();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target === input) return;
  event.preventDefault();
  input.focus();
});
if (matchMedia("(max-width: 900px)").matches) document.querySelector(".contents details").open = false;

async function load() {
  const answer = await fetch(`${base}/search.json`);
  entries ??= await answer.json();
  show();
}

function show() {
  const words = input.value
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  list.replaceChildren();
  if (entries === undefined || words.length === 0) return;
  const found = entries
    .map((entry) => ({ entry, rank: rankOf(entry, words) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank)
    .slice(0, MOST);
  if (found.length === 0)
    list.append(Object.assign(document.createElement("p"), { textContent: "Nothing says that." }));
  for (const {
    entry: [address, page, part, text],
  } of found) {
    const link = Object.assign(document.createElement("a"), { href: `${base}/${address}` });
    const name = Object.assign(document.createElement("b"), { textContent: part === "" ? page : `${page}: ${part}` });
    const at = Math.max(0, text.toLowerCase().indexOf(words[0]) - 40);
    link.append(name, Object.assign(document.createElement("span"), { textContent: text.slice(at, at + 140) }));
    list.append(link);
  }
}

function rankOf([, page, part, text], words) {
  let rank = 0;
  for (const word of words) {
    const own =
      (part.toLowerCase().includes(word) ? 6 : 0) +
      (page.toLowerCase().includes(word) ? 4 : 0) +
      (text.toLowerCase().includes(word) ? 1 : 0);
    if (own === 0) return 0;
    rank += own;
  }
  return rank;
}
