/** What the page may load: its own script and the document, nothing from elsewhere. */
export const policy = "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; " +
  "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; " +
  "worker-src 'self' blob:; base-uri 'none'; frame-ancestors 'none'"

/** The page that shows the OpenAPI document. It works without internet. */
export const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>AtlasIT Orchestrator: API</title>
  </head>
  <body>
    <div id="api"></div>
    <noscript>The API is described in <a href="/openapi.json">openapi.json</a>.</noscript>
    <script src="/docs/scalar.js"></script>
    <script>
      Scalar.createApiReference("#api", {
        url: "/openapi.json",
        authentication: { preferredSecurityScheme: "apiKey" },
        hideClientButton: true,
        showDeveloperTools: "never",
        withDefaultFonts: false,
        telemetry: false
      })
    </script>
  </body>
</html>
`
