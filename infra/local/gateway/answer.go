package gateway

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// answer is what a function says, decoded.
type answer struct {
	status  int
	headers map[string]string
	cookies []string
	body    []byte
}

// decode reads a function's answer. Without a statusCode the whole of it is
// the body of a 200 in JSON ("inferred" format). Fields of format 1.0, such as
// multiValueHeaders, are ignored, as API Gateway does.
func decode(raw []byte) (answer, error) {
	if !json.Valid(raw) {
		return answer{}, errors.New("answer is not JSON")
	}
	var a struct {
		StatusCode      json.RawMessage            `json:"statusCode"`
		Headers         map[string]json.RawMessage `json:"headers"`
		Cookies         []string                   `json:"cookies"`
		Body            string                     `json:"body"`
		IsBase64Encoded bool                       `json:"isBase64Encoded"`
	}
	inferred := answer{status: http.StatusOK, headers: map[string]string{"content-type": "application/json"}, body: raw}
	if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		return inferred, nil
	}
	var probe struct {
		StatusCode json.RawMessage `json:"statusCode"`
	}
	if err := json.Unmarshal(raw, &probe); err != nil || probe.StatusCode == nil {
		return inferred, nil
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		return answer{}, fmt.Errorf("answer: %w", err)
	}
	status, err := strconv.Atoi(scalar(a.StatusCode))
	if err != nil || status < 200 || status > 599 {
		return answer{}, fmt.Errorf("answer: statusCode %s", a.StatusCode)
	}
	body := []byte(a.Body)
	if a.IsBase64Encoded {
		if body, err = base64.StdEncoding.DecodeString(a.Body); err != nil {
			return answer{}, fmt.Errorf("answer: body: %w", err)
		}
	}
	headers := make(map[string]string, len(a.Headers))
	for k, v := range a.Headers {
		headers[k] = scalar(v)
	}
	return answer{status, headers, a.Cookies, body}, nil
}

// scalar is the text of a JSON string, number or boolean.
func scalar(v json.RawMessage) string {
	var s string
	if json.Unmarshal(v, &s) == nil {
		return s
	}
	return string(v)
}

// dropped are the headers that belong to the connection: API Gateway makes
// its own.
var dropped = map[string]bool{
	"Connection": true, "Content-Length": true, "Keep-Alive": true, "Transfer-Encoding": true, "Upgrade": true, "Trailer": true,
}

func (a answer) write(w http.ResponseWriter) {
	h := w.Header()
	for k, v := range a.headers {
		if k = http.CanonicalHeaderKey(k); !dropped[k] {
			h.Set(k, v)
		}
	}
	for _, c := range a.cookies {
		h.Add("Set-Cookie", c)
	}
	if h.Get("Content-Type") == "" && len(a.body) > 0 {
		h.Set("Content-Type", "text/plain;charset=UTF-8")
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // the client may be gone; a 204 or 304 takes none
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
