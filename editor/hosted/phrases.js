// Decap's own words, where they would leave somebody standing.
(function () {
  "use strict";
  var words = window.CMS.getLocale("en"), toast = words.ui.toast;
  // After a login that failed Decap says so for eight seconds, and its button stays at this until the page is reloaded.
  words.auth.loggingIn = "Logging in … If it stays like this, reload the page.";
  toast.onFailToAuth = "%{details} Ask whoever looks after the site to let you in, or reload the page to log in as somebody else.";
  toast.onLoggedOut = "You are logged out, or may no longer edit this site. Copy what you have not saved, then reload the page.";
  // Decap's is so long that the link to the preview is pressed together beside it.
  words.editor.editorToolbar.deleteUnpublishedChanges = "Drop this change";
  window.CMS.registerLocale("en", words);
})();
