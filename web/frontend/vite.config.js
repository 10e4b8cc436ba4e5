// Builds one bundle per file of entries/, and the sprite of the icons the pages use.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const entries = readdirSync(resolve(here, "entries")).filter((name) => name.endsWith(".js"));

// icons.txt: one Tabler icon a line. Only those travel; « filled/name » takes the filled drawing.
function sprite() {
  const names = readFileSync(resolve(here, "icons.txt"), "utf8")
    .split("\n").map((line) => line.trim()).filter((line) => line && !line.startsWith("#"));
  const symbols = [...new Set(names)].sort().map((name) => {
    const filled = name.startsWith("filled/");
    const file = filled ? `${name}.svg` : `outline/${name}.svg`;
    const svg = readFileSync(resolve(root, "node_modules/@tabler/icons/icons", file), "utf8");
    const inside = svg.replace(/<!--[\s\S]*?-->/, "").replace(/^[\s\S]*?<svg[^>]*>|<\/svg>[\s\S]*$/g, "")
      .replace(/\s*\n\s*/g, "").replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "");
    return `<symbol id="${name.replace("/", "-")}" viewBox="0 0 24 24">${inside}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

const icons = {
  name: "hent-icons",
  generateBundle: {
    order: "pre",
    handler() {
      const source = sprite();
      const hash = createHash("sha256").update(source).digest("hex").slice(0, 10);
      this.emitFile({ type: "asset", fileName: `assets/icons-${hash}.svg`, source });
      this.hentSprite = `assets/icons-${hash}.svg`;
      icons.file = this.hentSprite;
    },
  },
};

// The manifest also says where the sprite lies.
const manifest = {
  name: "hent-manifest",
  enforce: "post",
  generateBundle: {
    order: "post",
    handler(_options, bundle) {
      const file = Object.values(bundle).find((one) => one.fileName === "manifest.json");
      if (!file) throw new Error("no manifest to complete");
      const known = JSON.parse(String(file.source));
      known["icons.svg"] = { file: icons.file };
      file.source = JSON.stringify(known, null, 1);
    },
  },
};

export default defineConfig({
  root: here,
  base: "/static/dist/",
  publicDir: false,
  plugins: [icons, manifest],
  resolve: { alias: { "~": resolve(root, "node_modules") } },
  build: {
    outDir: resolve(root, "web/static/dist"),
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0, // a data: address in a style sheet is a hole in the policy
    target: ["chrome105", "firefox110", "safari15.6"],
    chunkSizeWarningLimit: 2500,
    rollupOptions: { input: entries.map((name) => resolve(here, "entries", name)) },
  },
});
