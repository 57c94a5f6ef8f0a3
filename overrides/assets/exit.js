(function(w,d){
var n=0,ok,t,old,h=d.documentElement;
function at(a){return $("").getAttribute("data-"+a)}
function $(s){return d.getElementById("exit"+s)}
function say(s){$("-said").textContent=s}
function reset(){n=0;say("")}
function on(e,f){d.addEventListener(e,f)}
function leave(){
old=d.title;d.title="\u00a0";h.hidden=true;
try{at("wipe")&&navigator.sendBeacon(at("wipe"))}catch(e){}
w.location.replace(at("to")||$("").href)}
on("click",function(e){if(e.target.id=="exit"){e.preventDefault();leave()}});
on("keydown",function(e){if(e.keyCode!=16){ok=0;n&&reset()}else if(!e.repeat)ok=1});
on("keyup",function(e){
var x=e.target;
if(e.keyCode==16&&ok&&(!/^(INPUT|TEXTAREA|SELECT)$/.test(x.tagName)||/radio|checkbox/.test(x.type))){
clearTimeout(t);t=setTimeout(reset,5000);
if(++n>2)leave();else say(at("words").split("|")[n-1])}});
w.addEventListener("pageshow",function(e){
if(e.persisted){if(at("to"))location.reload();else if(old){d.title=old;h.hidden=false}}})
})(window,document)
