// Package invoke is as much of Lambda's API as whoever calls functions
// directly needs: Invoke, and the reserved concurrency of 0 that holds a
// function back (Lambda API Reference). It refuses everything else, and leaves
// it to its caller what becomes of asynchronous invocations.
package invoke

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"latchkey/infra/local/runtime"
)

// maxEvent bounds an asynchronous invocation (Developer Guide, "Lambda quotas").
const maxEvent = 1 << 20

// Paths begin with the date of an API's version.
const (
	functionsPath   = "/2015-03-31/functions/"
	concurrencyPath = "/2017-10-31/functions/"
)

// Function is one that can be called.
type Function struct {
	*runtime.Function
	Later      func(ctx context.Context, payload []byte) error // keeps an asynchronous invocation
	Qualifiers []string                                        // names of its versions and aliases
}

// Is reports whether a path is one of this API.
func Is(path string) bool {
	return strings.HasPrefix(path, functionsPath) || strings.HasPrefix(path, concurrencyPath)
}

// Handler serves functions, which are found by name.
func Handler(functions map[string]Function) http.Handler {
	find := func(serve func(Function, http.ResponseWriter, *http.Request)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			name, qualifier := named(r)
			f, ok := functions[name]
			switch {
			case !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 "): // which no web page can send
				refuse(w, http.StatusForbidden, "MissingAuthenticationTokenException", "Missing Authentication Token")
			case !ok || qualifier != "" && !slices.Contains(f.Qualifiers, qualifier):
				refuse(w, http.StatusNotFound, "ResourceNotFoundException", "Function not found: "+name+":"+qualifier)
			default:
				serve(f, w, r)
			}
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+functionsPath+"{name}/invocations", find(Function.serveInvoke))
	mux.HandleFunc("PUT "+concurrencyPath+"{name}/concurrency", find(Function.serveHold))
	mux.HandleFunc("DELETE "+concurrencyPath+"{name}/concurrency", find(Function.serveRelease))
	return mux
}

// named returns the function's name and its version's or alias's, of
// NAME[:QUALIFIER][?Qualifier=QUALIFIER].
func named(r *http.Request) (name, qualifier string) {
	name, qualifier, _ = strings.Cut(r.PathValue("name"), ":")
	if q, err := url.QueryUnescape(r.URL.Query().Get("Qualifier")); err == nil && q != "" {
		qualifier = q
	}
	return name, qualifier
}

func (f Function) serveInvoke(w http.ResponseWriter, r *http.Request) {
	payload, err := io.ReadAll(io.LimitReader(r.Body, runtime.MaxPayload+1))
	if err != nil {
		refuse(w, http.StatusBadRequest, "InvalidRequestContentException", "The request body could not be read")
		return
	}
	if len(payload) <= runtime.MaxPayload && !json.Valid(payload) {
		refuse(w, http.StatusBadRequest, "InvalidRequestContentException", "Could not parse request body into json")
		return
	}
	switch kind := r.Header.Get("X-Amz-Invocation-Type"); kind {
	case "", "RequestResponse":
		f.now(w, r, payload)
	case "Event":
		f.later(w, r, payload)
	default:
		refuse(w, http.StatusBadRequest, "InvalidParameterValueException", "The invocation type "+kind+" is not served here")
	}
}

// now answers with what the function does.
func (f Function) now(w http.ResponseWriter, r *http.Request, payload []byte) {
	answer, err := f.Invoke(r.Context(), payload)
	var failed *runtime.Error
	switch {
	case err == nil:
		_, _ = w.Write(answer)
	case !errors.As(err, &failed):
		refuse(w, http.StatusInternalServerError, "ServiceException", err.Error())
	case failed.Type == runtime.Throttled:
		refuse(w, http.StatusTooManyRequests, failed.Type, failed.Message)
	case failed.Type == runtime.TooLarge:
		refuse(w, http.StatusRequestEntityTooLarge, failed.Type, failed.Message)
	default:
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		_, _ = w.Write(failed.Payload())
	}
}

func (f Function) later(w http.ResponseWriter, r *http.Request, payload []byte) {
	if len(payload) > maxEvent {
		refuse(w, http.StatusRequestEntityTooLarge, runtime.TooLarge,
			fmt.Sprintf("%d byte payload is too large for the Event invocation type (limit %d bytes)", len(payload), maxEvent))
		return
	}
	if err := f.Later(r.Context(), payload); err != nil {
		refuse(w, http.StatusInternalServerError, "ServiceException", err.Error())
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

func (f Function) serveHold(w http.ResponseWriter, r *http.Request) {
	var in struct{ ReservedConcurrentExecutions *int }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.ReservedConcurrentExecutions == nil || *in.ReservedConcurrentExecutions != 0 {
		refuse(w, http.StatusBadRequest, "InvalidParameterValueException", "ReservedConcurrentExecutions can be 0 here and nothing else")
		return
	}
	f.Hold(true)
	_, _ = io.WriteString(w, `{"ReservedConcurrentExecutions":0}`)
}

func (f Function) serveRelease(w http.ResponseWriter, _ *http.Request) {
	f.Hold(false)
	w.WriteHeader(http.StatusNoContent)
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", kind)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"Type": "User", "Message": message}) // the client may be gone
}
