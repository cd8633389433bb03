package gateway

import (
	"context"
	"net/http/httptest"
	"testing"
)

// Whatever a function says, the client gets one answer: its own or a 500.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{`{"statusCode":200,"body":"x"}`, `{"statusCode":"204","headers":{"a\r\nb":1},"cookies":["a\n"]}`, `null`, `"x"`, `{"statusCode":1e2}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		h, err := New(Config{
			Template:  []byte(one),
			Functions: map[string]Function{"Fn": func(context.Context, []byte) ([]byte, error) { return said, nil }},
		})
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/files/x", nil))
		if w.Code < 200 || w.Code > 599 {
			t.Errorf("status = %d", w.Code)
		}
	})
}

// A path that matches has every variable of its route, and only those.
func FuzzMatch(f *testing.F) {
	for _, s := range []string{"/pets/dog/1", "/pets//", "/owners/a%2Fb/pets/%", "", "*"} {
		f.Add("GET", s)
	}
	routes, err := readRoutes([]byte(withDefault))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, method, path string) {
		r, vars, ok := match(routes, method, path)
		if !ok {
			t.Fatalf("%q has no route although there is a default", path)
		}
		want := 0
		for _, s := range r.segments {
			if kind(s) != literal && !r.isDefault() {
				want++
			}
		}
		if len(vars) != want {
			t.Errorf("%q on %s has variables %v", path, r.key, vars)
		}
	})
}
