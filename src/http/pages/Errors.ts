import { problems } from "../api/Errors.ts"

/** The page loads nothing but its own styles. */
export const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"

const markup = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replace(/`([^`]*)`/g, "<code>$1</code>")

const sections = Object.entries(problems).map(([code, { statuses, title }]) => `
    <section id="${code}">
      <h2>${code}: ${markup(title)}</h2>
      <ul>${
  Object.entries(statuses).map(([status, when]) => `
        <li>${status}: ${markup(when)}</li>`).join("")
}
      </ul>
    </section>`)

/** The page that the `type` of a problem leads to: every code, and when it comes. */
export const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>AtlasIT Orchestrator: errors</title>
    <style>body { font: 1rem/1.5 system-ui, sans-serif; max-width: 45rem; margin: 2rem auto; padding: 0 1rem }</style>
  </head>
  <body>
    <h1>Errors</h1>
    <p>Every error is an RFC 9457 problem. Its <code>code</code> is one of these.</p>${sections.join("")}
  </body>
</html>
`
