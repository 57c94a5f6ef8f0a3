// The writing surface for Decap CMS: the same as with `make edit`, as a widget called "words".
import { fill, h } from "./dom.js";
import { createSurface } from "./surface.js";
import { toolbar } from "./toolbar.js";

window.SURFACE = { createSurface, toolbar, fill, h };
