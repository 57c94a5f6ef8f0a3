// The real site beside the text: every pause in typing has the real build make the page with the unsaved words.
(function () {
  "use strict";
  var h = window.h, createClass = window.createClass, PAUSE = 600;

  function problem(text, index) { return h("li", { key: index }, text); }

  var Preview = createClass({
    getInitialState: function () { return { address: "", built: 0, problems: [], state: "Building the page …" }; },
    componentDidMount: function () { this.build(); },
    componentDidUpdate: function (before) {
      if (before.entry.get("data") !== this.props.entry.get("data")) {
        clearTimeout(this.timer);
        this.timer = setTimeout(this.build, PAUSE);
      }
    },
    componentWillUnmount: function () { clearTimeout(this.timer); this.gone = true; },
    build: function () {
      var self = this, entry = this.props.entry, format = this.props.format;
      var path = entry.get("path"), body;
      try { body = { path: path, slug: entry.get("slug"), text: window.FILES[format].toFile(entry.get("data").toJS()) }; } catch (error) { return; }
      var turn = (this.turn = (this.turn || 0) + 1);
      this.setState({ state: "Building the page …" });
      fetch("preview", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })
        .then(function (answer) { if (!answer.ok) throw new Error(); return answer.json(); })
        .then(function (made) {
          if (self.gone || turn !== self.turn) return;
          self.setState({ address: made.address, built: self.state.built + 1, problems: made.problems, state: "" });
        }, function () {
          if (!self.gone) self.setState({ state: "The page could not be built. Is the editor (make edit) still running?" });
        });
    },
    render: function () {
      var state = this.state, many = state.problems.length;
      return h("div", { className: "preview" },
        h("div", { className: "preview-note" + (many ? " preview-bad" : ""), role: "status" },
          many ? h("div", {}, h("strong", {}, many === 1 ? "One thing to mend before this can be published" : many + " things to mend before this can be published"),
                   h("ul", {}, state.problems.map(problem)))
               : state.state || "This is how the page will look. Nothing to mend."),
        state.address && h("iframe", { key: state.built, title: "The page as it will look", src: state.address + "?" + state.built,
          sandbox: /\.pdf$/.test(state.address) ? undefined : "allow-same-origin" }));
    }
  });

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

  function preview(format) {
    if (!window.ON_THIS_MACHINE) return Later;
    return function (props) { return h(Preview, Object.assign({}, props, { format: format })); };
  }
  window.CMS.registerPreviewTemplate("pages", preview("page"));
  ["leaflet", "easy-read", "paper-form"].forEach(function (name) { window.CMS.registerPreviewTemplate(name, preview("leaflet")); });
  ["contact", "statistics", "review"].forEach(function (name) { window.CMS.registerPreviewTemplate(name, preview("service")); });
  window.CMS.registerPreviewStyle("editor.css");
  window.CMS.init();
})();
