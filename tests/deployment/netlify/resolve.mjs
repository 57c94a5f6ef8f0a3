// Ask Netlify's own packages what netlify.toml, _headers and _redirects come to.
//   node resolve.mjs PROJECT CONTEXT PATH...   → JSON: the build's settings, and for each path its rule and headers
import path from "node:path";
import { resolveConfig } from "@netlify/config";
import { HeadersHandler } from "@netlify/headers";
import { RedirectsHandler } from "@netlify/redirects";

const [projectDir, context, ...paths] = process.argv.slice(2);
const { config, configPath } = await resolveConfig({
  cwd: projectDir, repositoryRoot: projectDir, context, branch: context, offline: true, mode: "cli", buffer: true,
});
const publishDir = path.resolve(projectDir, config.build.publish);
const redirects = new RedirectsHandler({
  configRedirects: config.redirects, projectDir, publicDir: publishDir,
  jwtSecret: "not-used", jwtRoleClaim: "app_metadata.authorization.roles", siteURL: "https://restorative.example.org.uk",
});
const headers = new HeadersHandler({
  configPath, configHeaders: config.headers, projectDir, publishDir, logger: { error: (text) => { throw new Error(text); } },
});

const answers = {};
for (const asked of paths) {
  const request = new Request(`https://restorative.example.org.uk${asked}`);
  const match = await redirects.match(request);
  answers[asked] = {
    rule: match && {
      status: match.statusCode, target: String(match.target), force: match.force, sent: match.headers,
      error: match.error && match.error.message,
    },
    headers: await headers.apply(request),
  };
}
console.log(JSON.stringify({ build: config.build, answers }));
