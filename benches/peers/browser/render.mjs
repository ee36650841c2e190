// The simple scene by a browser, frame by frame: a page is set to a time, photographed, and the
// photograph is given to ffmpeg. That is how programs work that make films of web pages.
//
//     node render.mjs FILM.mp4 CHROMIUM
//
// Needs puppeteer-core, a Chromium and ffmpeg.

import { spawn } from "node:child_process";
import { once } from "node:events";
import puppeteer from "puppeteer-core";

const [film, executablePath] = process.argv.slice(2);
const [fps, lengthS] = [30, 10];

const browser = await puppeteer.launch({ executablePath, headless: true, args: ["--no-sandbox", "--hide-scrollbars"] });
const page = await browser.newPage();
await page.setViewport({ width: 1920, height: 1080 });
await page.goto(new URL("scene.html", import.meta.url).href);
await page.evaluate(() => document.fonts.ready.then(() => null));
const session = await page.createCDPSession();

const input = ["-f", "image2pipe", "-c:v", "mjpeg", "-framerate", `${fps}`, "-i", "-"];
const output = ["-c:v", "libx264", "-crf", "18", "-pix_fmt", "yuv420p", film];
const ffmpeg = spawn("ffmpeg", ["-loglevel", "error", "-y", ...input, ...output], { stdio: ["pipe", "inherit", "inherit"] });
for (let frame = 0; frame < fps * lengthS; frame++) {
  await page.evaluate((timeS) => seek(timeS), frame / fps);
  const photo = await session.send("Page.captureScreenshot", { format: "jpeg", quality: 80, optimizeForSpeed: true });
  if (!ffmpeg.stdin.write(Buffer.from(photo.data, "base64"))) await once(ffmpeg.stdin, "drain");
}
ffmpeg.stdin.end();
const [code] = await once(ffmpeg, "close");
await browser.close();
process.exit(code);
