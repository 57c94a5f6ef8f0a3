(function(d){
var n=0,ok,t,old,h=d.documentElement;
function $(s){return d.getElementById("exit"+s)}
function at(a){return $("").getAttribute("data-"+a)}
function say(s){$("-said").textContent=s}
function reset(){n=0;say("")}
function on(e,f){d.addEventListener(e,f)}
function go(u){location.replace(u||at("to")||$("").href)}
function leave(){
var u=at("wipe");
old=d.title;d.title="\xa0";h.hidden=1;
try{u&&navigator.sendBeacon(u)&&(u=0)}catch(e){}
go(u);u&&setTimeout(go,2e3)}
on("click",function(e){e.target.id=="exit"&&(e.preventDefault(),leave())});
function key(e){e.keyCode==16?e.repeat||(ok=1):(ok=0,n&&reset())}
on("mousedown",key);
on("keydown",key);
on("keyup",function(e){
var x=e.target;
if(e.keyCode==16&&ok&&(!/^(INPUT|TEXTAREA|SELECT)/.test(x.tagName)||/radio|checkbox/.test(x.type))){
clearTimeout(t);t=setTimeout(reset,5e3);
++n>2?leave():say(at("words").split("|")[n-1])}});
addEventListener("pageshow",function(e){
e.persisted&&(at("to")?location.reload():old&&(d.title=old,h.hidden=0))})
})(document)
