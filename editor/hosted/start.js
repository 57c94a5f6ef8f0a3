// The editor waits until the file formats, the writing surface and the preview are known: preview.js starts it.
window.CMS_MANUAL_INIT = true;
