// The writing surface as a widget of Decap CMS: the same as with `make edit`.
(function () {
  "use strict";
  var h = window.h, createClass = window.createClass;

  var Words = createClass({
    componentDidMount: function () {
      var self = this, head = this.props.entry && this.props.entry.getIn(["data", "head"]);
      this.surface = window.SURFACE.createSurface({
        parent: this.box, text: this.props.value || "", label: "Words of the page",
        firstLine: head ? head.split("\n").length : 1,
        onChange: function (text) { self.props.onChange(text); }
      });
      fetch("facts.json").then(function (answer) { return answer.json(); }, function () { return {}; }).then(function (known) {
        var bar = window.SURFACE.toolbar(self.surface, { facts: known.facts, pages: known.pages });
        var picture = window.SURFACE.h("button", { type: "button", onclick: self.picture }, "Picture");
        bar.append(picture);
        self.tools.replaceChildren(bar);
      });
    },
    componentWillUnmount: function () { this.surface.destroy(); },
    // Asked by Decap too, which would otherwise not tell of a picture that was chosen.
    shouldComponentUpdate: function () { return true; },
    componentDidUpdate: function () {
      var id = this.props.forID, chosen = this.props.mediaPaths && this.props.mediaPaths.get(id), value = this.props.value || "";
      if (value !== this.surface.text()) this.surface.replace(value);
      if (!chosen) return;
      this.props.onRemoveInsertedMedia(id);
      window.SURFACE.insertPicture(this.surface.view, String(chosen).replace(/^\//, ""));
    },
    picture: function () {
      this.props.onOpenMediaLibrary({ controlID: this.props.forID, forImage: true, value: "", allowMultiple: false, field: this.props.field });
    },
    render: function () {
      var self = this;
      return h("div", { className: this.props.classNameWrapper + " words" },
        h("div", { ref: function (box) { self.tools = box; } }),
        h("div", { ref: function (box) { self.box = box; } }));
    }
  });
  window.CMS.registerWidget("words", Words);
})();
