// The editor waits until the file formats, the text box and the preview are known: preview.js starts it.
window.CMS_MANUAL_INIT = true;
// On one's own machine (`make edit`) there is nobody to log in as, and the real build is at hand.
window.ON_THIS_MACHINE = /^(127\.0\.0\.1|localhost)$/.test(location.hostname);
if (window.ON_THIS_MACHINE) {
  localStorage.setItem("decap-cms-user", JSON.stringify({ backendName: "proxy" }));
}
