// The address of a page that was loaded again lacks its token: the browser's
// tab remembers it.
const id = location.pathname.split("/").pop();
const token = sessionStorage.getItem("latchkey:" + id);
if (token) location.replace(location.pathname + "?token=" + encodeURIComponent(token) + location.hash);
