// What stands beside the words: nothing here can build the page, so it says where the finished page will be seen.
(function () {
  "use strict";
  var h = window.h;

  // On an address of the editor's own nothing can build the page: the hosting does, once the change is saved.
  var PICTURE = /!\[([^\]]*)\]\(pictures\/([^)\s]+)\)/g;

  function Later(props) {
    var b = function (words) { return h("strong", {}, words); };
    return h("div", { className: "preview" },
      h("div", { className: "preview-note" }, "The finished page is not shown here. You see it once your change is saved."),
      h("ol", { className: "preview-later" },
        h("li", {}, b("Save"), " keeps your change as a draft. The public site stays as it is."),
        h("li", {}, b("Check for Preview"), ", at the top, turns into ", b("View Preview"), " after a few minutes; press it if it takes longer. ",
          "It opens the site with your change in it."),
        h("li", {}, "If it never does, a word may need mending, or your site’s hosting makes no previews: ask whoever looks after the site."),
        h("li", {}, "Is it as you want it? Set ", b("Status"), " to ", b("In review"), " and tell a colleague. They read it, set it to ",
          b("Ready"), " and press ", b("Publish"), ".")),
      Array.from((props.entry.getIn(["data", "body"]) || "").matchAll(PICTURE), function (found, index) {
        return h("figure", { key: index }, h("img", { src: String(props.getAsset("pictures/" + found[2])), alt: found[1] }), h("figcaption", {}, found[1]));
      }));
  }

  ["pages", "leaflet", "easy-read", "paper-form", "contact", "statistics", "review"].forEach(function (name) {
    window.CMS.registerPreviewTemplate(name, Later);
  });
  window.CMS.registerPreviewStyle("editor.css");
  window.CMS.init();
})();
