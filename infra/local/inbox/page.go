package inbox

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"strings"
)

// Path is where Handler expects to be served, with everything below it.
const Path = "/_local/inbox"

// policy lets a page have styles and data: images. The frame of a mail's HTML
// part inherits it, so that a mail has no more.
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed page.html
var pages string

type handler struct {
	store *Store
	pages *template.Template
}

// Handler serves the list at Path and a message at Path/{id}: HTML, or JSON
// when the Accept header asks for application/json.
func Handler(s *Store) http.Handler {
	h := &handler{s, template.Must(template.New("").Funcs(template.FuncMap{"frame": frame}).Parse(pages))}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path, h.list)
	mux.HandleFunc("GET "+Path+"/{id}", h.message)
	return mux
}

func (h *handler) list(w http.ResponseWriter, r *http.Request) {
	list := h.store.List()
	if wantsJSON(r) {
		writeJSON(w, http.StatusOK, map[string]any{"messages": list})
		return
	}
	h.writePage(w, http.StatusOK, "list", list)
}

func (h *handler) message(w http.ResponseWriter, r *http.Request) {
	m, ok := h.store.Message(r.PathValue("id"))
	switch asJSON := wantsJSON(r); {
	case ok && asJSON:
		writeJSON(w, http.StatusOK, m)
	case ok:
		h.writePage(w, http.StatusOK, "message", m)
	case asJSON:
		writeJSON(w, http.StatusNotFound, map[string]string{"error": "no such message"})
	default:
		h.writePage(w, http.StatusNotFound, "missing", nil)
	}
}

func wantsJSON(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "application/json")
}

// frame is the document of a mail's HTML part. Its links open a new page: the
// frame itself may not go anywhere.
func frame(mail string) string {
	return `<!doctype html><meta charset="utf-8"><base target="_blank">` + mail
}

func setHeaders(w http.ResponseWriter, contentType string) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept")
}

func (h *handler) writePage(w http.ResponseWriter, status int, name string, data any) {
	var b bytes.Buffer
	if err := h.pages.ExecuteTemplate(&b, name, data); err != nil {
		http.Error(w, "The inbox cannot be shown.", http.StatusInternalServerError)
		return
	}
	setHeaders(w, "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		http.Error(w, "The inbox cannot be shown.", http.StatusInternalServerError)
		return
	}
	setHeaders(w, "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n'))
}
