// The text box: plain Markdown with buttons, so that nothing an editor did not touch is ever rewritten.
(function () {
  "use strict";
  var h = window.h, createClass = window.createClass;

  var BUTTONS = [
    ["Heading", "\n## ", "\n"], ["Bold", "**", "**"], ["List", "\n- ", "\n"], ["Link", "[", "](contact.md)"]
  ];

  var Words = createClass({
    getInitialState: function () { return { facts: [], line: 1 }; },
    componentDidMount: function () {
      var self = this;
      fetch("facts.json").then(function (answer) { return answer.json(); })
        .then(function (facts) { self.setState({ facts: facts }); }, function () {});
      this.grow();
      this.where();
    },
    // Asked by Decap too, which would otherwise not tell of a picture that was chosen.
    shouldComponentUpdate: function () { return true; },
    componentDidUpdate: function () {
      this.grow();
      var id = this.props.forID, chosen = this.props.mediaPaths && this.props.mediaPaths.get(id);
      if (!chosen) return;
      this.props.onRemoveInsertedMedia(id);
      this.insert("![", "](" + String(chosen).replace(/^\//, "") + ")", "what it shows");
    },
    picture: function () {
      this.props.onOpenMediaLibrary({ controlID: this.props.forID, forImage: true, value: "", allowMultiple: false, field: this.props.field });
    },
    grow: function () {
      // As tall as its text, so that the page scrolls and not a box inside it.
      if (this.box) { this.box.style.height = "auto"; this.box.style.height = this.box.scrollHeight + 4 + "px"; }
    },
    headLines: function () {
      var head = this.props.entry && this.props.entry.getIn(["data", "head"]);
      return head ? head.split("\n").length - 1 : 0;
    },
    where: function () {
      this.setState({ line: this.headLines() + this.box.value.slice(0, this.box.selectionStart).split("\n").length });
    },
    insert: function (before, after, words) {
      var box = this.box, from = box.selectionStart, to = box.selectionEnd, text = box.value;
      var chosen = text.slice(from, to) || (after === "" ? "" : words || "words");
      this.props.onChange(text.slice(0, from) + before + chosen + after + text.slice(to));
      setTimeout(function () {
        box.focus();
        box.setSelectionRange(from + before.length, from + before.length + chosen.length);
      });
    },
    render: function () {
      var self = this;
      var tools = BUTTONS.map(function (button) {
        return h("button", { type: "button", key: button[0], onClick: function () { self.insert(button[1], button[2]); } }, button[0]);
      });
      // With `make edit` the preview would miss a picture until the page is published: it is sent under Media first.
      if (!window.ON_THIS_MACHINE) tools.push(h("button", { type: "button", key: "Picture", onClick: this.picture }, "Picture"));
      var facts = h("select", {
        key: "facts", "aria-label": "Put a fact of the service here", value: "",
        onChange: function (event) { if (event.target.value) self.insert("{{ " + event.target.value + " }}", ""); }
      }, [h("option", { key: "", value: "" }, "Put in a fact…")].concat(this.state.facts.map(function (fact) {
        return h("option", { key: fact[0], value: fact[0] }, fact[0] + (fact[1] && ": " + fact[1]));
      })));
      return h("div", { className: this.props.classNameWrapper + " words" },
        h("div", { className: "words-tools" }, tools, facts, h("span", { className: "words-line" }, "Line " + this.state.line)),
        h("textarea", {
          id: this.props.forID, value: this.props.value || "", spellCheck: true, lang: "en-GB",
          ref: function (box) { self.box = box; },
          onChange: function (event) { self.props.onChange(event.target.value); },
          onSelect: this.where, onFocus: this.props.setActiveStyle, onBlur: this.props.setInactiveStyle
        }));
    }
  });
  window.CMS.registerWidget("words", Words);
})();
