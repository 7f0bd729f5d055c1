// Improves pages that are complete without it. Eight things, each optional.
const one = (selector, root = document) => root.querySelector(selector)
const all = (selector, root = document) => [...root.querySelectorAll(selector)]
const say = words => { const region = one("#announcements"); if (region) region.textContent = words }
const stored = name => { try { return localStorage.getItem(name) } catch { return null } }

// 1. Shortcuts: / goes to the search box, Escape leaves it, ? opens the list. Off in fields and with modifiers.
document.addEventListener("keydown", event => {
  const inField = event.target.closest("input, select, textarea, [contenteditable]")
  if (event.key === "Escape" && inField?.type === "search") return inField.blur()
  if (inField || event.ctrlKey || event.metaKey || event.altKey || stored("shortcuts") === "off") return
  if (event.key === "/") {
    const box = one("main input[type=search]") || one("input[type=search]")
    if (box) { event.preventDefault(); box.focus(); box.select() }
  } else if (event.key === "?") location.assign("/accessibility#shortcuts")
})
for (const box of all("[data-shortcuts]")) {
  box.hidden = false
  const input = one("input", box)
  input.checked = stored("shortcuts") !== "off"
  input.addEventListener("change", () => {
    try { localStorage.setItem("shortcuts", input.checked ? "on" : "off") } catch { /* private browsing */ }
    say(input.checked ? "Shortcuts are on" : "Shortcuts are off")
  })
}

// 2. Copy buttons appear only when they can work.
const showCopy = () => { for (const button of all("[data-copy]")) button.hidden = !navigator.clipboard }
showCopy()
document.addEventListener("htmx:after:swap", showCopy)
document.addEventListener("click", async event => {
  const button = event.target.closest("[data-copy]")
  if (!button) return
  const of = button.dataset.copy  // a selector of what to copy the text of; empty for the address of the link before the button
  await navigator.clipboard.writeText(of ? one(of)?.textContent.trim() ?? "" : button.previousElementSibling.href)
  say("Copied")
  button.textContent = "Copied"
})

// 3. While a region is fetched it is busy; afterwards its count is announced.
let late
document.addEventListener("htmx:before:request", event => {
  const region = event.target.closest("[data-region]")
  if (!region) return
  region.setAttribute("aria-busy", "true")
  late = setTimeout(() => region.classList.add("app-late"), 400)
})
document.addEventListener("htmx:finally:request", () => {
  clearTimeout(late)
  for (const region of all("[data-region]")) { region.removeAttribute("aria-busy"); region.classList.remove("app-late") }
})
document.addEventListener("htmx:response:error", event => event.target.closest("form[hx-get]")?.submit())
document.addEventListener("htmx:after:swap", () => {
  const count = one("[data-count]")
  if (count) say(count.textContent.trim())
})

// 4. The error summary is what must be read first.
one(".govuk-error-summary")?.focus()

// 5. Leaving a page with unsaved text asks once.
for (const form of all("form[data-unsaved]")) {
  form.addEventListener("input", () => { form.dataset.unsaved = "yes" })
  form.addEventListener("submit", () => { form.dataset.unsaved = "" })
  addEventListener("beforeunload", event => { if (form.dataset.unsaved) event.preventDefault() })
}

// 6. "3 days ago" beside a date that stays in full.
const days = new Intl.RelativeTimeFormat("en-GB", { numeric: "auto" })
for (const time of all("time[data-ago]")) {
  const past = Math.round((new Date(time.dateTime) - Date.now()) / 864e5)
  if (past <= 0 && past > -60) time.after(` (${days.format(past, "day")})`)
}

// 7. Passkeys: a form for them is shown where the browser has them; it asks for the options, lets the device answer, and is sent.
const keys = window.PublicKeyCredential
for (const form of keys?.parseCreationOptionsFromJSON ? all("form[data-passkey]") : []) {
  const kind = form.dataset.passkey
  form.hidden = false
  form.addEventListener("submit", async event => {
    event.preventDefault()
    const status = one("[role=status]", form)
    status.textContent = ""
    try {
      const answer = await fetch(form.action + "/options", { method: "POST", body: new URLSearchParams(new FormData(form)) })
      if (answer.redirected) return location.assign(answer.url)
      const options = await answer.json()
      const publicKey = kind === "create" ? keys.parseCreationOptionsFromJSON(options) : keys.parseRequestOptionsFromJSON(options)
      form.elements.credential.value = JSON.stringify(await navigator.credentials[kind]({ publicKey }))
      form.submit()
    } catch { status.textContent = "No passkey was used. Try again, or go on without one." }
  })
}

// 8. What is typed into a long form is saved within twenty seconds; Continue does the same and says what to mend.
for (const form of all("form[data-autosave]")) {
  const note = one("[data-saved]", form)
  let due
  const save = async () => {
    due = undefined
    const body = new FormData(form)
    body.set("background", "1")
    form.dataset.unsaved = ""
    try {
      const answer = await fetch(form.action, { method: "POST", body })
      const found = await answer.json()
      if (!answer.ok) throw new Error(found.detail)
      form.elements.version.value = found.version
      for (const [key, count] of Object.entries(found.words)) {
        const words = one(`[data-words="${key}"]`, form)
        if (words) words.textContent = words.textContent.replace(/^(At most|[\d,]+ of)/, `${count} of`)
      }
      note.textContent = found.unsaved.length ? "Saved, but for what needs to be mended. Press Continue to see it." : "Saved."
    } catch (error) {
      form.dataset.unsaved = "yes"
      note.textContent = `Not saved. ${error instanceof TypeError ? "The connection is down." : error.message} Press Continue.`
    }
  }
  form.addEventListener("input", () => { due ??= setTimeout(save, 15000) })
  form.addEventListener("submit", () => clearTimeout(due))
}
