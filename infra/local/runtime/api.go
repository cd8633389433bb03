package runtime

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

const version = "/2018-06-01/runtime"

// api is what the process talks to.
func (p *process) api() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+version+"/invocation/next", p.serveNext)
	mux.HandleFunc("POST "+version+"/invocation/{id}/response", p.serveResponse)
	mux.HandleFunc("POST "+version+"/invocation/{id}/error", p.serveError)
	mux.HandleFunc("POST "+version+"/init/error", p.serveInitError)
	return mux
}

// serveNext holds the process until there is work. A second request before
// the answer to the first is refused: one invocation at a time.
func (p *process) serveNext(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	busy := p.current != nil
	if !p.asked {
		p.asked = true
		close(p.ready)
	}
	p.mu.Unlock()
	if busy {
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "the invocation before has no answer")
		return
	}
	select {
	case <-r.Context().Done(): // the process has ended
	case inv := <-p.next:
		p.mu.Lock()
		p.current = inv
		p.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", p.c.ARN)
		h.Set("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000;Sampled=0")
		_, _ = w.Write(inv.payload)
	}
}

// serveResponse takes an answer. One that is too large fails the invocation;
// a client that takes no 413, as Go's, ends with it.
func (p *process) serveResponse(w http.ResponseWriter, r *http.Request) {
	inv := p.answered(w, r)
	if inv == nil {
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxAnswer+1))
	if err != nil {
		inv.done <- outcome{err: &Error{"Runtime.TruncatedResponse", err.Error()}}
		refuse(w, http.StatusBadRequest, "TruncatedResponse", "the answer was cut")
		return
	}
	if len(body) > MaxAnswer {
		_, _ = io.Copy(io.Discard, r.Body)
		message := fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", MaxAnswer)
		inv.done <- outcome{err: &Error{"Function.ResponseSizeTooLarge", message}}
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", message)
		return
	}
	accept(w)
	inv.done <- outcome{answer: body}
}

func (p *process) serveError(w http.ResponseWriter, r *http.Request) {
	if inv := p.answered(w, r); inv != nil {
		err := readError(r)
		accept(w)
		inv.done <- outcome{err: err}
	}
}

// serveInitError keeps what the process says before it ends.
func (p *process) serveInitError(w http.ResponseWriter, r *http.Request) {
	err := readError(r)
	p.mu.Lock()
	p.failed = err
	p.mu.Unlock()
	accept(w)
}

// answered takes the invocation that a request answers, or refuses it.
func (p *process) answered(w http.ResponseWriter, r *http.Request) *invocation {
	p.mu.Lock()
	defer p.mu.Unlock()
	inv := p.current
	if inv == nil || inv.id != r.PathValue("id") {
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "no such invocation waits for an answer")
		return nil
	}
	p.current = nil
	return inv
}

// readError reads a function's own report.
func readError(r *http.Request) *Error {
	var e struct {
		Message string `json:"errorMessage"`
		Type    string `json:"errorType"`
	}
	if err := json.NewDecoder(io.LimitReader(r.Body, MaxPayload)).Decode(&e); err != nil || e.Type == "" {
		e.Type = "Runtime.Unknown"
	}
	return &Error{e.Type, e.Message}
}

func accept(w http.ResponseWriter) {
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"errorType": kind, "errorMessage": message})
}
